"""Does a step in a worker: looks up what the call names, once, and gives a plain function the objects that it asks for.

A function gets each argument by the name of its parameter: bytes and values of the call as they are; `model`, `dataset`,
`stage` and the like as the members of the catalog; `arrays` unpacked, or synthetic where no data came; `settings` and other
records structured. It gives a value, or a value and bytes by name.
"""

from __future__ import annotations

import inspect
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import cattrs

from tinyml_core import catalog
from tinyml_core.compress import techniques
from tinyml_core.domain.dataset import Arrays, Task, unpack
from tinyml_core.domain.model import synthetic_inputs
from tinyml_core.domain.outcome import Failure, Report
from tinyml_core.engine.call import Expected, named
from tinyml_core.uploads import library

WORK = "tinyml_core.pipeline.work:work"
RECORDS = {
    "settings": "tinyml_core.domain.technique:Settings",
    "before": "tinyml_core.domain.outcome:TrainingFacts",
    "training": "tinyml_core.domain.outcome:TrainingFacts",
    "given": "tinyml_core.analysis.try_one:Given",
    "taker": "tinyml_core.uploads.data.given:Taker",
}
"""Parameters whose values travel as plain records, and what they are."""


@dataclass(frozen=True, slots=True)
class Parcel:
    """What came with a call."""

    body: Mapping[str, Any]
    blobs: Mapping[str, bytes]
    report: Report


def work(body: Mapping[str, Any], blobs: Mapping[str, bytes], report: Report) -> tuple[Any, dict[str, bytes]]:
    """Do what a call says: `do` names the function, `says` what a person is told meanwhile, `brought` what was brought.

    Raises:
        Expected: The function gave a failure or raised one.
    """
    if body["brought"]:
        library.lend(body["brought"])
    if body["says"]:
        report(body["says"])
    function = named(body["do"])
    given = function(**_arguments(function, Parcel(body, blobs, report)))
    value, made = given if isinstance(given, tuple) and len(given) == 2 and isinstance(given[1], dict) else (given, {})
    if isinstance(value, Failure):
        raise Expected(value)
    return ({} if value is None else cattrs.unstructure(value)), made


def _arguments(function: Callable[..., Any], parcel: Parcel) -> dict[str, Any]:
    """The function's arguments by name; those that the call does not have keep what the function says itself."""
    found = {}
    for name in inspect.signature(function).parameters:
        if name in LOOKED_UP:
            found[name] = LOOKED_UP[name](parcel)
        elif name in parcel.blobs:
            found[name] = parcel.blobs[name]
        elif name in RECORDS:
            found[name] = cattrs.structure(parcel.body[name], named(RECORDS[name]))
        elif name in parcel.body:
            found[name] = parcel.body[name]
    return found


def _model(parcel: Parcel) -> Any:
    return catalog.model(parcel.body["model"]) if parcel.body.get("model") else None


def _dataset(parcel: Parcel) -> Any:
    return catalog.dataset_or_none(parcel.body.get("dataset"))


def _arrays(parcel: Parcel) -> Arrays | None:
    """The data; synthetic inputs where none came and the call says how many it takes; else None."""
    if "arrays" in parcel.blobs:
        return unpack(parcel.blobs["arrays"])
    samples = parcel.body.get("synthetic_samples")
    return None if samples is None else synthetic_inputs(_model(parcel), samples)


LOOKED_UP: Mapping[str, Callable[[Parcel], Any]] = {
    "report": lambda parcel: parcel.report,
    "model": _model,
    "dataset": _dataset,
    "member": lambda parcel: _model(parcel) or _dataset(parcel),
    "arrays": _arrays,
    "synthetic": lambda parcel: "arrays" not in parcel.blobs,
    "task": lambda parcel: Task(parcel.body["task"]) if parcel.body.get("task") else None,
    "stage": lambda parcel: techniques.stages()[parcel.body["stage"]],
    "number_format": lambda parcel: techniques.number_formats()[parcel.body["number_format"]],
    "packing": lambda parcel: techniques.packings()[parcel.body["packing"]],
}
"""Parameters that stand for something other than what travels."""
