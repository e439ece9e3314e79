"""Which layers suffer most from int8, and int8 with the worst of them kept in more bits."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from typing import Any, Literal

from tinyml_core.compress.quantizer import INT8, Entry, Ranges, Recipe, layer_name, observe, write
from tinyml_core.domain.dataset import Arrays
from tinyml_core.domain.technique import Calibration, NumberFormat, Settings

Kept = Literal["float32", "int16"]
"""`float32` keeps a layer as it is. `int16` gives it 16-bit activations and leaves its weights in 8 bits."""


@dataclass(frozen=True, slots=True)
class LayerDamage:
    """What quantizing one layer alone does to the output.

    Attributes:
        layer: Its short name, unique in the model.
        operator: As in the schema, `CONV_2D`.
        damage: Mean squared error of the model's output against float32's, in percent of the mean square of float32's
            output, over the calibration samples.
        rank: 1 for the layer that does most damage.
        scope: How the quantizer names the layer: the names of its output tensors.
    """

    layer: str
    operator: str
    damage: float
    rank: int
    scope: str


Ranking = tuple[LayerDamage, ...]
"""The layers with weights, the one that suffers most first."""


def rank_on(float_tflite: bytes, arrays: Arrays, calibration_samples: int) -> Ranking:
    """The layers with weights, the one that suffers most from int8 first; calibrated on the first training samples.

    Each layer is quantized alone, weights and activations, as the static int8 recipe would; all others stay float32.

    Raises:
        Expected: The quantizer or LiteRT refuses the model.
    """
    from tinyml_core.compress.converter import calibration

    inputs = calibration(arrays, calibration_samples)
    return rank(float_tflite, inputs, observe(float_tflite, INT8, inputs))


def rank(float_tflite: bytes, calibration: Calibration, ranges: Ranges) -> Ranking:
    """As `rank_on`, with ranges that were observed before."""
    import numpy as np

    from tinyml_core.measure import litert

    def outputs(content: bytes) -> Any:
        return litert.answers(content, samples, 1.0).astype(np.float64)

    samples = np.concatenate([inputs[0] for inputs in calibration()])
    expected = outputs(float_tflite)
    power = float(np.mean(expected**2)) or 1.0

    def damage(scope: str) -> float:
        error = outputs(write(float_tflite, int8_in(scope), ranges)) - expected
        return 100 * float(np.mean(error**2)) / power

    found = [(damage(scope), name, operator, scope) for name, operator, scope in layers(float_tflite)]
    worst_first = enumerate(sorted(found, key=lambda layer: -layer[0]), start=1)
    return tuple(
        LayerDamage(name, operator, done, place, scope) for place, (done, name, operator, scope) in worst_first
    )


def layers(float_tflite: bytes) -> list[tuple[str, str, str]]:
    """Layers with weights in order of execution: short name, operator, and the quantizer's name for it."""
    from tinyml_core.measure import tflite
    from tinyml_core.measure.inspect_file import COUNTED

    model = tflite.parse(float_tflite)
    graph = model.subgraphs[0]
    found: list[tuple[str, str, str]] = []
    for operator, name in zip(graph.operators or [], tflite.operator_names(model)[0], strict=True):
        if name not in COUNTED:
            continue
        outputs = [graph.tensors[index].name.decode() for index in operator.outputs]
        weights = graph.tensors[operator.inputs[1]].name.decode()
        # Of the last layer only the weights carry the layer's name: its output has that of the model's output.
        short = layer_name(weights if tflite.is_constant(model, graph.tensors[operator.inputs[1]]) else outputs[0])
        taken = sum(other[0].split(" #")[0] == short for other in found)
        found.append((f"{short} #{taken + 1}" if taken else short, name, "".join(f"{output};" for output in outputs)))
    return found


def int8_in(scope: str) -> Recipe:
    """The static int8 recipe for one layer alone."""
    return (Entry("static", layer=f"^{re.escape(scope)}$"),)


def mixed(float_tflite: bytes, calibration: Calibration, kept_layers: int, kept: Kept) -> bytes:
    """Static int8 with the layers that suffer most kept in more bits; more layers than there are keeps all.

    The samples give ranges and rank the layers. An end of the model whose layer is kept has that layer's type.

    Raises:
        Expected: The quantizer or LiteRT refuses the model.
    """
    ranges = observe(float_tflite, INT8, calibration)
    worst = rank(float_tflite, calibration, ranges)[:kept_layers]
    as_kept = Entry("static", 8, 16) if kept == "int16" else Entry("float32")
    kept_ones = (replace(as_kept, layer=f"^{re.escape(layer.scope)}$") for layer in worst)
    return write(float_tflite, (*INT8, *kept_ones), ranges)


def _format(name: str, order: int, kept: Kept) -> NumberFormat:
    def apply(float_tflite: bytes, calibration: Calibration, settings: Settings) -> bytes:
        return mixed(float_tflite, calibration, settings.kept_layers, kept)

    title = f"Mixed precision (int8 and {kept})"
    return NumberFormat(
        name, title, order, 8, needs_calibration=True, requantize=apply, settings=("kept_layers",),
        short=title.replace("M", "m"), kept=kept,
    )  # fmt: skip


FORMATS = (_format("lq_mixed", 65, "float32"), _format("lq_mixed16", 66, "int16"))
"""int8 with the layers that suffer most kept in float32, or in int16 activations."""
