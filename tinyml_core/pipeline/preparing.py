"""What makes a model ready on this computer: downloads, then training where the lab ships no weights. Each is asked at the desk."""

from __future__ import annotations

from concurrent.futures import Future
from dataclasses import dataclass
from typing import Any

from tinyml_core.domain.dataset import Dataset
from tinyml_core.domain.model import Model
from tinyml_core.engine.call import Reply
from tinyml_core.engine.desk import Desk
from tinyml_core.pipeline.files import fetched, trained
from tinyml_core.pipeline.graph import Asker, Want
from tinyml_core.pipeline.steps import TRAIN_HERE
from tinyml_core.zoo.fetch import has_base_weights, is_present, is_trained, missing_files, size_words


@dataclass(frozen=True, slots=True)
class Preparation:
    """One thing to be done before a model can be used; whoever asks for it while it runs finds it running.

    `why` is one sentence for a person, `action` what the button says; the fingerprint of `want` tells how far it is.
    """

    why: str
    action: str
    want: Want[Any]


def next_step(model: Model, dataset: Dataset | None) -> Preparation | None:
    """What has to be done next; None if the model is ready."""
    if dataset is not None and not is_present(dataset):
        why = f"The data set {dataset.title} is not on this computer yet. It is fetched once and kept."
        if not has_base_weights(model):
            why += f" After that come the weights the model starts from ({size_words(missing_files(model, None))})."
        if not is_trained(model):
            why += " Then the model is trained on this computer."
        return Preparation(why, f"Fetch it ({size_words(dataset.fetched_files)})", fetched(dataset))
    if not has_base_weights(model):
        why = f"The model {model.title} starts from weights that are not on this computer yet."
        action = f"Fetch them ({size_words(missing_files(model, None))})"
        return Preparation(why, action, fetched(model))
    if not is_trained(model) and model.training is not None and dataset is not None:
        why = (
            f"No trained weights come with the model {model.title}: it is trained on this computer, once, "
            f"in {model.training.epochs} epochs. That can take an hour; it can be stopped."
        )
        return Preparation(why, "Train it here", trained(model, dataset, TRAIN_HERE))
    return None


def begin(desk: Desk, step: Preparation, asker: str = "") -> Future[Reply]:
    """Do it; what failed or was stopped is done anew. Returns at once."""
    desk.forget(step.want.fingerprint)
    return Asker(desk, asker).ask(step.want)
