"""What makes a model ready on this computer: downloads, then training where the lab ships no weights. Each is a desk call."""

from __future__ import annotations

from concurrent.futures import Future
from dataclasses import dataclass

from tinyml_core import plan, plan_making
from tinyml_core.call import Call, Reply
from tinyml_core.chain import done, then
from tinyml_core.dataset import Dataset
from tinyml_core.desk import Desk
from tinyml_core.fetched import has_base_weights, is_present, is_trained, missing_files, size_words
from tinyml_core.model import Model
from tinyml_core.outcome import Failure


@dataclass(frozen=True, slots=True)
class Step:
    """One thing to be done before a model can be used; whoever asks for it while it runs finds it running.

    Attributes:
        why: One sentence for a person.
        action: What the button says.
        call: The call whose progress is shown.
    """

    why: str
    action: str
    call: Call


def next_step(model: Model, dataset: Dataset | None) -> Step | None:
    """What has to be done next; None if the model is ready."""
    if dataset is not None and not is_present(dataset):
        files = dataset.fetched_files
        next_one = ""
        if not has_base_weights(model):
            next_one += (
                f" After that come the weights the model starts from ({size_words(missing_files(model, None))})."
            )
        if not is_trained(model):
            next_one += " Then the model is trained on this computer."
        why = f"The data set {dataset.title} is not on this computer yet. It is fetched once and kept.{next_one}"
        return Step(why, f"Fetch it ({size_words(files)})", plan.fetch_call("dataset", dataset.name))
    if not has_base_weights(model):
        why = f"The model {model.title} starts from weights that are not on this computer yet."
        action = f"Fetch them ({size_words(missing_files(model, None))})"
        return Step(why, action, plan.fetch_call("model", model.name))
    if not is_trained(model) and model.training is not None:
        why = (
            f"No trained weights come with the model {model.title}: it is trained on this computer, once, "
            f"in {model.training.epochs} epochs. That can take an hour; it can be stopped."
        )
        return Step(why, "Train it here", plan_making.train_call(model.name, None, "train_here"))
    return None


def begin(desk: Desk, step: Step, model: Model, dataset: Dataset | None, asker: str = "") -> Future[Reply]:
    """Do a step; one that failed or was stopped is done anew. Returns at once."""
    desk.forget(step.call.fingerprint)
    if step.call.step != "train_here" or dataset is None:
        return desk.ask(step.call, asker)

    def train(reply: Reply) -> Future[Reply]:
        if isinstance(reply, Failure):
            return done(reply)
        return desk.ask(plan_making.train_call(model.name, reply.blobs["arrays"], "train_here"), asker)

    return then(desk.ask(plan.dataset_call(dataset.name), asker), train)
