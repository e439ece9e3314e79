"""Of what a job's `.tflite` is made: the graph of training, converting, quantizing and packing, down to what is there."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import asdict, dataclass, replace
from typing import Any

import cattrs

from tinyml_core import catalog
from tinyml_core.analysis.samples import Samples
from tinyml_core.catalog import impossible, not_for
from tinyml_core.compress import techniques
from tinyml_core.compress.techniques import name_of
from tinyml_core.domain.dataset import Dataset
from tinyml_core.domain.model import Model
from tinyml_core.domain.outcome import Failure, TrainingFacts
from tinyml_core.domain.technique import UNCHANGED, Job, NumberFormat, Technique
from tinyml_core.engine import fingerprint
from tinyml_core.engine.call import Answer, Blob
from tinyml_core.pipeline import steps
from tinyml_core.pipeline.graph import Need, Step, Want
from tinyml_core.uploads.library import brought_file
from tinyml_core.zoo import identity
from tinyml_core.zoo.fetch import fetched_folder, not_fetched, not_ready
from tinyml_core.zoo.weights import kept_float32

FLOAT32 = "float32"
NOTHING_TOLD = cattrs.unstructure(TrainingFacts())
Source = Want[Any] | Blob | Failure


@dataclass(frozen=True, slots=True)
class Made:
    """A job whose names are looked up, once."""

    job: Job
    technique: Technique
    model: Model
    dataset: Dataset | None

    @staticmethod
    def of(job: Job) -> Made:
        """Look up its names."""
        technique, model = techniques.technique(job.technique), catalog.model(job.model)
        return Made(job, technique, model, catalog.dataset_or_none(job.dataset))

    def as_technique(self, name: str) -> Made:
        """The same model, data and settings with another technique."""
        return replace(self, technique=techniques.technique(name))

    @property
    def title(self) -> str:
        """For messages: `int8 of digits`."""
        return f"{self.technique.name} of {self.model.name}"

    @property
    def packed(self) -> bool:
        """True if only TFLM can read its file."""
        return self.technique.packing != "none"

    @property
    def brought(self) -> dict[str, Any]:
        """Of what was brought."""
        return brought_of(self.model, self.dataset)

    def cannot(self, *others: str) -> Failure | None:
        """Why it cannot be made, or the files of other techniques beside it; None if nothing is known against it."""
        found = impossible(self.technique, self.model)
        # The files beside it may be steps on the way that nobody can ask for, but a finished file has none at all.
        for name in others:
            found = found or not_for(techniques.technique(name), self.model)
        return found or not_ready(self.model, self.dataset)


def brought_of(*members: Model | Dataset | None) -> dict[str, Any]:
    """Those that were brought, as data, by name."""
    return {one.name: cattrs.unstructure(one.brought) for one in members if one is not None and one.brought is not None}


# ---- data --------------------------------------------------------------------------------------------------------


def arrays(dataset: Dataset | None) -> dict[str, Need]:
    """The data as a need of a step; none for a model without data."""
    return {} if dataset is None else {"arrays": Need(data(dataset), "arrays")}


def data(dataset: Dataset) -> Source:
    """The arrays of a data set: loaded by its own code, or read when they were brought."""
    if dataset.brought is not None:
        return brought_file(dataset, "arrays")
    given, known = {"dataset": dataset.name}, identity.of_dataset(dataset)
    folder = str(fetched_folder(dataset)) if dataset.fetched_files else None
    return Want(steps.LOAD, f"data of {dataset.name}", given, identity=known, also={"folder": folder})


def inputs(made: Made, samples: int) -> dict[str, Any]:
    """What a want says of its inputs: the data, or so many synthetic ones, which follow from the model.

    Made-up inputs are drawn one after the other: who wants fewer finds the same at the beginning.
    """
    if made.dataset is not None:
        return {"needs": arrays(made.dataset)}
    known = {"model": identity.of_model(made.model), "synthetic": fingerprint.sources("tinyml_core.domain.model")}
    return {"given": {"model": made.model.name, "synthetic_samples": samples}, "identity": known}


def samples_of(dataset: Dataset) -> Want[tuple[Samples, bytes]] | Failure:
    """A few real samples for a thumbnail, and a PNG of them; empty bytes where they are no pictures."""

    def read(answer: Answer) -> tuple[Samples, bytes]:
        png = answer.blobs["png"].read() if "png" in answer.blobs else b""
        return cattrs.structure(answer.body, Samples), png

    given, known = {"dataset": dataset.name}, identity.of_dataset(dataset)
    title, needs = f"samples of {dataset.name}", arrays(dataset)
    return not_fetched(dataset) or Want(
        steps.SAMPLES, title, given, needs, known, brought=brought_of(dataset), read=read
    )


def fetched(member: Model | Dataset) -> Want[None]:
    """What a data set or a model needs from the internet; whoever asks while it runs waits for the same download."""
    kind = "model" if isinstance(member, Model) else "dataset"
    return Want(steps.FETCH, f"download for {member.name}", given={kind: member.name})


def trained(model: Model, dataset: Dataset, step: Step = steps.TRAIN) -> Want[Any]:
    """A model of the zoo, trained by its recipe; `TRAIN_HERE` also keeps the weights on this computer."""
    given, known = {"model": model.name, "number_format": FLOAT32}, identity.of_model(model)
    title, limit_s = f"training of {model.name}", model.time_limit_s
    return Want(step, title, given, arrays(dataset), known, time_limit_s=limit_s)


# ---- files -------------------------------------------------------------------------------------------------------


def tflite(made: Made) -> Source:
    """The file of a job."""
    technique = made.technique
    if technique.name == UNCHANGED:
        return brought_file(made.model, "tflite")
    if not made.packed:
        return _written(made)
    plain = made.as_technique(name_of(technique.training, technique.number_format))
    packing = techniques.packings()[technique.packing]
    needs = {"tflite": Need(_written(plain), "tflite")} | arrays(made.dataset)
    given, known = {"packing": packing.name}, _code(packing.pack)
    return Want(steps.PACK, made.title, given, needs, known, also={"training": NOTHING_TOLD})


def file_of(technique: str, made: Made) -> Need:
    """The file of another technique of the same model, data and settings, by its bytes."""
    return Need(tflite(made.as_technique(technique)), "tflite", by_content=True)


def _written(made: Made) -> Source:
    """Its training stage, written in its number format."""
    training, number_format = made.technique.training, techniques.number_formats()[made.technique.number_format]
    if number_format.requantize is not None:
        float32 = _written(made.as_technique(name_of(training, FLOAT32)))
        return _in_format(steps.REQUANTIZE, made, number_format, {"tflite": Need(float32, "tflite")})
    kept = _kept(made.model) if made.technique.name == FLOAT32 else None
    if kept is not None:
        return kept
    return _in_format(steps.CONVERT, made, number_format, {"saved_model": Need(_saved_model(made), "saved_model")})


def _in_format(step: Step, made: Made, number_format: NumberFormat, needs: dict[str, Need]) -> Want[TrainingFacts]:
    settings = asdict(made.job.settings)
    names = [*number_format.settings]
    taken: dict[str, Any] = {}
    if number_format.needs_calibration:
        names.append("calibration_samples")
        taken = inputs(made, made.job.settings.calibration_samples)
    write = number_format.requantize or number_format.configure
    assert write is not None, number_format.name
    given = {"number_format": number_format.name} | taken.get("given", {})
    known = {"settings": {name: settings[name] for name in names}} | _code(write) | taken.get("identity", {})
    also = {"settings": settings, "training": NOTHING_TOLD}
    return Want(step, made.title, given, needs | taken.get("needs", {}), known, also, made.brought)


def _code(function: Callable[..., Any]) -> dict[str, Any]:
    """The code of what a member of the catalog does: the step that does it knows no member."""
    return {"code": fingerprint.sources(fingerprint.module_of(function))}


def _kept(model: Model) -> Blob | None:
    """A float32 file that need not be made: it lies beside a zoo model's weights, or was made when the model was brought."""
    if model.brought is None:
        return kept_float32(model)
    found = brought_file(model, "tflite") if model.brought.quantizable else None
    return found if isinstance(found, Blob) else None


def _saved_model(made: Made) -> Source:
    """What the converter starts from."""
    if made.technique.training != "none":
        return _trained_on(made, made.technique.training)
    if made.model.brought is not None:
        return brought_file(made.model, "saved_model")
    given, known = {"model": made.model.name}, identity.of_model(made.model)
    return Want(steps.EXPORT, f"export of {made.model.name}", given, identity=known)


def _trained_on(made: Made, name: str) -> Want[TrainingFacts]:
    """A training stage, on the weights of the stage that it comes after, or of a brought model; the zoo's are known."""
    stage, settings = techniques.stages()[name], asdict(made.job.settings)
    needs = arrays(made.dataset)
    if stage.after != "none":
        needs["weights"] = Need(_trained_on(made, stage.after), "weights")
    elif made.model.brought is not None:
        needs["weights"] = Need(brought_file(made.model, "weights"), "weights")
    used = {each: settings[each] for each in stage.settings}
    known = {"model": identity.of_model(made.model), "settings": used} | _code(stage.apply)
    given, also = {"model": made.model.name, "stage": name}, {"settings": settings, "before": NOTHING_TOLD}
    title, limit_s = f"{stage.title} of {made.model.name}", made.model.time_limit_s
    return Want(steps.TRAIN_ON, title, given, needs, known, also, made.brought, limit_s)
