"""A model that holds other models, as one flat graph of layers: TensorFlow's optimization tool cannot train on nested ones."""

from __future__ import annotations

import copy
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from tinyml_core.uploads import allowed
from tinyml_core.uploads.keras_config import Config
from tinyml_core.uploads.legacy_form import NotRebuilt

End = list[Any]
"""Where a layer's input comes from: `[layer, call, output, further arguments]`."""


def flat(config: Config) -> Config:
    """A configuration in legacy Keras's form with all layers of the models inside at the top; as it is if there are none.

    Raises:
        NotRebuilt: A model inside is called several times, has several inputs or outputs, or two layers have one name.
    """
    if not any(entry["class_name"] in allowed.MODELS for entry in config["config"]["layers"]):
        return config
    graph = _graph(copy.deepcopy(config))
    twice = [name for name, times in Counter(entry["name"] for entry in graph.layers).items() if times > 1]
    if twice:
        raise _same_name(twice[0])
    start = next(entry for entry in graph.layers if entry["class_name"] == "InputLayer")
    ends = {"input_layers": [[start["name"], 0, 0]], "output_layers": [graph.output[:3]]}
    return {"class_name": "Functional", "config": {"name": config["config"]["name"], "layers": graph.layers, **ends}}


@dataclass(slots=True)
class _Graph:
    layers: list[Config]
    output: End


def _graph(model: Config) -> _Graph:
    """The layers of a model with one input and one output, those of models inside put in their place."""
    layers: list[Config] = []
    moved: dict[str, End] = {}
    if model["class_name"] == "Sequential":
        _chain(model["config"])
    for entry in model["config"]["layers"]:
        if entry["class_name"] not in allowed.MODELS:
            layers.append(entry)
            continue
        calls = entry["inbound_nodes"]
        if len(calls) != 1 or len(calls[0]) != 1:
            raise NotRebuilt(f"The model holds another model ('{entry['name']}') that is used several times.")
        inner = _graph(entry)
        start = [held for held in inner.layers if held["class_name"] == "InputLayer"]
        if len(start) != 1:
            raise NotRebuilt(f"The model holds another model ('{entry['name']}') that has not exactly one input.")
        inner.layers.remove(start[0])
        given, where = start[0]["name"], calls[0][0][:3]
        _redirect(inner.layers, lambda end, given=given, where=where: where if end[0] == given else end)  # type: ignore[misc]
        moved[entry["name"]] = where if inner.output[0] == given else inner.output
        layers.extend(inner.layers)
    for entry in layers:
        if entry["name"] in moved:
            raise _same_name(entry["name"])
    ends = model["config"]["output_layers"]
    if len(ends) != 1:
        raise NotRebuilt("The model holds another model with several outputs.")
    _redirect(layers, lambda end: _followed(end, moved))
    return _Graph(layers, _followed(ends[0][:3], moved))


def _same_name(name: str) -> NotRebuilt:
    return NotRebuilt(f"The model holds another model, and the name '{name}' is given in both.")


def _chain(config: Config) -> None:
    """Write a sequential model as a graph, in place."""
    before: End | None = None
    for entry in config["layers"]:
        entry["name"] = entry["config"]["name"]
        entry["inbound_nodes"] = [[[*before, {}]]] if before else []
        before = [entry["name"], 0, 0]
    config["output_layers"] = [before]


def _redirect(layers: list[Config], to: Callable[[End], End]) -> None:
    """Let what came from a model inside, or from its input, come from where it is now."""
    for entry in layers:
        for call in entry["inbound_nodes"]:
            for place, end in enumerate(call):
                call[place] = [*to(end[:3]), *end[3:]]


def _followed(end: End, moved: dict[str, End]) -> End:
    """Where an output is found now; it has moved more than once if a model inside passes its input on."""
    for _ in range(len(moved) + 1):
        if end[0] not in moved:
            return end
        end = moved[end[0]]
    raise _same_name(end[0])
