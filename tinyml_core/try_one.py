"""One input through float32 and a variant, on LiteRT and on TFLM: what was given and what each answered."""

from __future__ import annotations

import math
import re
from dataclasses import dataclass
from typing import Literal

from tinyml_core.samples import Series

MOST_TYPED = 64
"""A network with more inputs is not fed by hand."""

Kind = Literal["sample", "random", "typed"]


@dataclass(frozen=True, slots=True)
class Given:
    """Which input to try.

    Attributes:
        sample: Of kind `sample`: its number among the held-out samples, from 0.
        seed: Of kind `random`.
        values: Of kind `typed`: real values, in the order in which the input tensor holds them.
    """

    kind: Kind
    sample: int = 0
    seed: int = 1
    values: tuple[float, ...] = ()


@dataclass(frozen=True, slots=True)
class Port:
    """An input or output with its values in one inference.

    Attributes:
        shape: With the batch axis.
        scale: Of a quantized tensor: real value = scale * (stored - zero_point). None otherwise.
        real: The first values in real units.
        stored: The same as the tensor holds them.
        values: How many there are in all.
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
    """One interpreter with one file.

    Attributes:
        file: `float32` or `variant`.
        reason: Why it gave no answer; empty if it did.
        advice: What to do about that.
        detail: The interpreter's own words.
    """

    file: Literal["float32", "variant"]
    interpreter: Literal["LiteRT", "TFLM"]
    inputs: tuple[Port, ...] = ()
    outputs: tuple[Port, ...] = ()
    reason: str = ""
    advice: str = ""
    detail: str = ""


@dataclass(frozen=True, slots=True)
class Tried:
    """One input and all answers to it.

    Attributes:
        runs: float32 on LiteRT, the variant on LiteRT, the variant on TFLM.
        truth: What the data set calls the sample; empty for other inputs.
        clipped: How many of the input's values lie outside of what the variant's input can hold; those are cut off.
        picture: Name of the blob that holds its PNG; empty if it is no image.
        series: Its curves, if it is a recording of the data set.
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
    words = [word for word in re.split(r"[\s,;\[\]()]+", text[:10_000]) if word]
    numbers = []
    for word in words:
        try:
            number = float(word)
        except ValueError:
            return f"{word[:20]!r} is not a number."
        if not math.isfinite(number) or abs(number) > 3e38:
            return f"{word[:20]!r} is too large for a 32-bit float, or no finite number."
        numbers.append(number)
    if len(numbers) != count:
        typed = f"{len(numbers)} number{' was' if len(numbers) == 1 else 's were'} typed"
        return f"{typed}; this model takes {count}."
    return tuple(numbers)
