"""Feeds one input to float32 and to a variant, on LiteRT and on TFLM, and reads all that comes out."""

from __future__ import annotations

import math
import re
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any, Literal

import numpy as np

from tinyml_core.analysis.inputs_outputs import holdable
from tinyml_core.analysis.predictions import sample_shown
from tinyml_core.analysis.samples import Series, label_of
from tinyml_core.domain.dataset import Arrays, Dataset
from tinyml_core.domain.model import Model
from tinyml_core.domain.outcome import Failure
from tinyml_core.engine.call import Expected
from tinyml_core.measure import litert, tflite, tflm
from tinyml_core.measure.litert import to_real, to_stored
from tinyml_core.measure.packed import as_litert_says
from tinyml_core.measure.tflm_refusals import explain

RANGED_SAMPLES = 64
"""Random inputs span the range of so many samples."""

MOST_VALUES = 64
"""Of one input or output; a decoder gives thousands."""

DIGITS = 7
File = Literal["float32", "variant"]

Real = list[np.ndarray]
"""One array of real values for each input of float32's file, without the batch axis or with it."""


def try_input(
    content: bytes, reference: bytes, given: Given, model: Model, dataset: Dataset | None, arrays: Arrays | None = None
) -> tuple[Tried, dict[str, bytes]]:
    """One input through float32 and a variant; and a PNG of it, if it is an image of the data set.

    Raises:
        Expected: LiteRT refuses float32's file, or the input does not fit it.
    """
    runs, clipped = try_one(content, reference, lambda inputs: _real_inputs(given, inputs, model, arrays))
    tried = Tried(given, tuple(runs), clipped=clipped)
    if given.kind != "sample" or arrays is None or dataset is None:
        return tried, {}
    index = int(arrays.test[given.sample])
    picture, series, _ = sample_shown(index, arrays, dataset)
    value, named = arrays.y[index].ravel()[0], dataset.classes is not None or dataset.class_names
    truth = label_of(dataset, int(value)) if named else f"{float(value):.5g}"
    tried = replace(tried, truth=truth, picture="picture" if picture else "", series=series)
    return tried, {"picture": picture} if picture else {}


def _real_inputs(given: Given, inputs: list[dict[str, Any]], model: Model, arrays: Arrays | None) -> Real:
    """Real values for each input of a model.

    Raises:
        Expected: The sample does not exist, or the model has several inputs and no random ones were asked for.
    """
    if given.kind == "random":
        low, high = model.input_range
        if arrays is not None:
            some = arrays.x[arrays.train[:RANGED_SAMPLES]].astype(np.float32) * np.float32(arrays.x_scale)
            low, high = float(some.min()), float(some.max())
        random = np.random.RandomState(given.seed)
        return [random.uniform(low, high, size=tuple(details["shape"])).astype(np.float32) for details in inputs]
    if len(inputs) != 1:
        raise _unfit(
            f"The model has {len(inputs)} inputs, and a sample or typed values feed one.", "Try a random input."
        )
    if given.kind == "typed":
        return [np.asarray(given.values, dtype=np.float32)]
    if arrays is None or not 0 <= given.sample < len(arrays.test):
        held = 0 if arrays is None else len(arrays.test)
        raise _unfit(f"There is no held-out sample {given.sample}; there are {held}, counted from 0.")
    return [arrays.x[arrays.test[given.sample]].astype(np.float32) * np.float32(arrays.x_scale)]


def try_one(content: bytes, reference: bytes, real: Callable[[list[dict[str, Any]]], Real]) -> tuple[list[Ran], int]:
    """Each interpreter's inputs and outputs, or its reason for none, and how many values the variant's input cuts off.

    `content` is the variant, `reference` float32's file; `real` takes LiteRT's details of its inputs, gives values.

    Raises:
        Expected: LiteRT refuses float32's file, or the input does not fit it.
    """
    try:
        original = litert.interpreter(reference)
        original.allocate_tensors()
        details = original.get_input_details()
        given = {entry["name"]: value for entry, value in zip(details, real(details), strict=True)}
        first = _ran("float32", "LiteRT", _litert(original), given)
    except (ValueError, RuntimeError) as error:
        raise litert.refused(error) from error
    second, clipped = _variant_on_litert(content, given)
    return [first, second, _variant_on_tflm(content, given)], clipped


def _variant_on_litert(content: bytes, given: dict[str, np.ndarray]) -> tuple[Ran, int]:
    try:
        ready = litert.interpreter(content)
        ready.allocate_tensors()
        end, clipped = _litert(ready), 0
        for value, details in zip(_sorted(given, end.inputs), end.inputs, strict=True):
            low, high = holdable(details)
            clipped += int(np.count_nonzero((value < low) | (value > high)))
        return _ran("variant", "LiteRT", end, given), clipped
    except Expected as refused:
        failure = refused.failure
    except (ValueError, RuntimeError) as error:
        failure = litert.refused(error).failure
    # An operator that LiteRT does not know TFLM may know all the same.
    reason = "LiteRT refuses this file." if failure.detail else failure.reason
    return Ran("variant", "LiteRT", reason=reason, detail=failure.detail), 0


def _variant_on_tflm(content: bytes, given: dict[str, np.ndarray]) -> Ran:
    if not tflm.available():
        return Ran("variant", "TFLM", reason=tflm.NOT_HERE.cause, advice=tflm.NOT_HERE.fix)
    ready, words = tflm.load(content, tflm.ROOMY_ARENA_BYTES)
    if ready is not None:
        with tflm.captured_stderr() as lines:
            try:
                return _ran("variant", "TFLM", _tflm(ready, content), given)
            except (ValueError, RuntimeError) as error:
                lines.append(str(error))
        words = "\n".join(lines)
    told = explain(words, tflite.weight_types(content))
    return Ran("variant", "TFLM", reason=told.cause, advice=told.fix, detail=words[:2000])


@dataclass(frozen=True, slots=True)
class _Ready:
    """An interpreter, allocated: LiteRT's details of its ends, and how a value is put in and taken out by its place."""

    inputs: list[dict[str, Any]]
    outputs: list[dict[str, Any]]
    put: Callable[[int, np.ndarray], None]
    invoke: Callable[[], None]
    get: Callable[[int], np.ndarray]


def _litert(ready: Any) -> _Ready:
    inputs, outputs = ready.get_input_details(), ready.get_output_details()

    def put(place: int, stored: np.ndarray) -> None:
        ready.set_tensor(inputs[place]["index"], stored)

    return _Ready(inputs, outputs, put, ready.invoke, lambda place: ready.get_tensor(outputs[place]["index"]))


def _tflm(ready: Any, content: bytes) -> _Ready:
    """Names come from the file, since TFLM keeps none."""
    graph = tflite.parse(content).subgraphs[0]

    def named(indices: Any, details: Callable[[int], dict[str, Any]]) -> list[dict[str, Any]]:
        names = [tflite.text_of(graph.tensors[index].name) for index in indices]
        return [as_litert_says(details(place)) | {"name": name} for place, name in enumerate(names)]

    def put(place: int, stored: np.ndarray) -> None:
        ready.set_input(stored, place)

    inputs, outputs = named(graph.inputs, ready.get_input_details), named(graph.outputs, ready.get_output_details)
    return _Ready(inputs, outputs, put, ready.invoke, ready.get_output)


def _ran(file: File, interpreter: Literal["LiteRT", "TFLM"], ready: _Ready, given: dict[str, np.ndarray]) -> Ran:
    """One inference."""
    inputs = []
    for place, (value, details) in enumerate(zip(_sorted(given, ready.inputs), ready.inputs, strict=True)):
        stored = to_stored(value.astype(np.float32), details).reshape(details["shape"])
        ready.put(place, stored)
        inputs.append(_port(stored, details))
    ready.invoke()
    outputs = tuple(_port(ready.get(place), details) for place, details in enumerate(ready.outputs))
    return Ran(file, interpreter, tuple(inputs), outputs)


def _sorted(given: dict[str, np.ndarray], inputs: list[dict[str, Any]]) -> Real:
    """The values in the order of a file's inputs, which conversion may change; by place where names changed too.

    Raises:
        Expected: The file takes other inputs than float32's.
    """
    if len(inputs) != len(given):
        raise _unfit(f"float32 takes {len(given)} inputs, this file {len(inputs)}.")
    found = [given.get(details["name"], value) for details, value in zip(inputs, given.values(), strict=True)]
    for value, details in zip(found, inputs, strict=True):
        if value.size != (size := int(np.prod(details["shape"]))):
            raise _unfit(f"The input has {value.size} values, the file takes {size}.")
    return found


def _unfit(reason: str, advice: str = "") -> Expected:
    return Expected(Failure("trying an input", reason, advice, lasting=True))


def _port(stored: np.ndarray, details: dict[str, Any]) -> Port:
    scale, zero_point = details["quantization"]
    first = stored.ravel()[:MOST_VALUES]
    return Port(
        name=str(details["name"]),
        shape=tuple(int(size) for size in details["shape"]),
        dtype=str(np.dtype(details["dtype"])),
        scale=float(scale) or None,
        zero_point=int(zero_point) if scale else None,
        real=_finite(to_real(first, details)),
        stored=_finite(first),
        values=int(stored.size),
    )


def _finite(values: np.ndarray) -> tuple[float, ...]:
    """As JSON can write them."""
    bounded = np.nan_to_num(values.astype(np.float64), nan=0.0, posinf=3.4e38, neginf=-3.4e38)
    return tuple(float(f"{value:.{DIGITS}g}") for value in bounded)


MOST_TYPED = 64
"""A network with more inputs is not fed by hand."""

Kind = Literal["sample", "random", "typed"]


@dataclass(frozen=True, slots=True)
class Given:
    """Which input to try: a held-out sample by its number, from 0; a random one by its seed; or typed values.

    Those are real values, in the order in which the input tensor holds them.
    """

    kind: Kind
    sample: int = 0
    seed: int = 1
    values: tuple[float, ...] = ()


@dataclass(frozen=True, slots=True)
class Port:
    """An input or output with the first of its values in one inference, in real units and as the tensor stores them.

    The shape has the batch axis; `values` counts them all. In a quantized tensor real = scale * (stored - zero_point);
    the scale of others is None.
    """

    name: str
    shape: tuple[int, ...]
    dtype: str
    scale: float | None
    zero_point: int | None
    real: tuple[float, ...]
    stored: tuple[float, ...]
    values: int


@dataclass(frozen=True, slots=True)
class Ran:
    """One interpreter with one file; without an answer why, what to do about it, and the interpreter's own words."""

    file: File
    interpreter: Literal["LiteRT", "TFLM"]
    inputs: tuple[Port, ...] = ()
    outputs: tuple[Port, ...] = ()
    reason: str = ""
    advice: str = ""
    detail: str = ""


@dataclass(frozen=True, slots=True)
class Tried:
    """One input and all answers to it: of float32 on LiteRT, of the variant on LiteRT, of the variant on TFLM.

    Attributes:
        truth: What the data set calls the sample; empty for other inputs.
        clipped: How many of the input's values lie outside of what the variant's input can hold; those are cut off.
        picture: Name of the blob that holds its PNG; empty if it is no image. A recording has curves as `series`.
    """

    given: Given
    runs: tuple[Ran, ...]
    truth: str = ""
    clipped: int = 0
    picture: str = ""
    series: Series | None = None


def typed_values(text: str, count: int) -> tuple[float, ...] | str:
    """The numbers of a text, or one sentence on what is wrong with it.

    >>> typed_values("0.5, 1; -2e3", 3), typed_values("1 2", 3), typed_values("1 x", 2)
    ((0.5, 1.0, -2000.0), '2 numbers were typed; this model takes 3.', "'x' is not a number.")
    """
    numbers = []
    for word in re.findall(r"[^\s,;\[\]()]+", text[:10_000]):
        try:
            number = float(word)
        except ValueError:
            return f"{word[:20]!r} is not a number."
        if not math.isfinite(number) or abs(number) > 3e38:
            return f"{word[:20]!r} is too large for a 32-bit float, or no finite number."
        numbers.append(number)
    if len(numbers) == count:
        return tuple(numbers)
    return f"{len(numbers)} number{' was' if len(numbers) == 1 else 's were'} typed; this model takes {count}."
