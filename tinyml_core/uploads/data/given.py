"""What passes between reading a file of data and comparing it with the model: the data as it came, and what the model takes."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from tinyml_core.domain.brought import Mismatch, Question
from tinyml_core.uploads.refusal import refused, several, sizes

if TYPE_CHECKING:
    import numpy as np


MOST_BYTES = 256 * 1024**2
"""Of all samples together, as they are kept."""

FEWEST_SAMPLES = 2

NO_LABELS = "none"
"""The choice by which a person says that the data has no labels."""

Shape = tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Taker:
    """What a model takes and gives, as far as its file says.

    Attributes:
        input_shape: Without the batch axis.
        outputs: Values it answers with.
        low, high: Range of real values that its input can hold; None for a float input, which holds any.
    """

    input_shape: Shape
    input_dtype: str
    outputs: int
    last_activation: str
    low: float | None = None
    high: float | None = None

    @property
    def channels(self) -> int | None:
        """1 or 3 if it takes pictures of grey or colour; None if its shape does not say."""
        if len(self.input_shape) == 2:
            return 1
        return self.input_shape[-1] if len(self.input_shape) == 3 and self.input_shape[-1] in (1, 3) else None


@dataclass(frozen=True, slots=True, eq=False)
class Brought:
    """The data as a file holds it, before it is compared with a model.

    Attributes:
        kind: npz, npy, csv, images, sounds.
        x: `(samples, *shape)`, numbers of any size.
        labels: `(samples, ...)`, numbers or texts; None if there are none.
        class_names: Where `labels` are numbers of named classes already.
        held_out: `(samples,)`, True where the file itself puts a sample into a test part; None if it has no such part.
        shape: Of one sample as it came, where it was resized while it was read; else None.
    """

    kind: str
    x: np.ndarray
    labels: np.ndarray | None
    class_names: tuple[str, ...] = ()
    held_out: np.ndarray | None = None
    shape: Shape | None = None
    choices: Mapping[str, tuple[str, ...]] | None = None
    taken: Mapping[str, str] | None = None
    mismatches: tuple[Mismatch, ...] = ()
    notes: tuple[str, ...] = ()
    questions: tuple[Question, ...] = ()


class AskFirst(Exception):
    """Reading cannot go on before a person has answered; `read_data` turns it into facts without samples."""

    def __init__(
        self,
        kind: str,
        *questions: Question,
        choices: Mapping[str, tuple[str, ...]] | None = None,
        taken: Mapping[str, str] | None = None,
        notes: tuple[str, ...] = (),
    ) -> None:
        """What is asked, and what could be told so far, as in `Brought`; `kind` as there, too."""
        super().__init__(" ".join(question.text for question in questions))
        self.kind, self.questions = kind, questions
        self.choices, self.taken, self.notes = choices, taken, notes


def check_size(samples: int, shape: Shape, bytes_each: int) -> None:
    """Refuse what would be too much to keep, before memory is taken for it.

    Raises:
        Expected: More than `MOST_BYTES`.
    """
    total = samples * math.prod(shape) * bytes_each
    if total > MOST_BYTES:
        raise refused(
            f"{samples:,} samples of {sizes(shape)} take {total / 1024**2:,.0f} MB; at most {MOST_BYTES // 1024**2} MB are taken.",
            "Bring fewer samples: a few hundred calibrate, a few thousand score well.",
        )


def check_enough(kept: int, left_out: list[str], things: str) -> None:
    """Refuse too few files, and name those that could not be read.

    Args:
        kept: Files that were read.
        left_out: The others, each with its reason.
        things: What they are, in the plural.

    Raises:
        Expected: There are others, and fewer than `FEWEST_SAMPLES` were read.
    """
    if left_out and kept < FEWEST_SAMPLES:
        raise refused(
            f"Of {kept + len(left_out):,} {things} only {kept} can be read; left out: {several(left_out)}.",
            f"At least {FEWEST_SAMPLES} are needed: one to calibrate with, one to test.",
        )
