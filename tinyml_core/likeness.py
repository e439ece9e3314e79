"""How alike the answers of a variant and of float32 are where nothing can be scored: without data, or without labels."""

from __future__ import annotations

from collections.abc import Mapping
from concurrent.futures import Future
from dataclasses import dataclass

import cattrs

from tinyml_core import plan
from tinyml_core.call import Answer, Blob, Call, Reply
from tinyml_core.chain import done, gather, then
from tinyml_core.comparison import REFERENCE
from tinyml_core.outcome import Failure
from tinyml_core.variants import Variant


@dataclass(frozen=True, slots=True)
class Likeness:
    """A variant's answers beside float32's on the same inputs.

    Attributes:
        changed: Samples whose class differs; None where an answer is no class.
        largest_difference: Of any two outputs, as a share of the range that float32's outputs span.
        made_up: True if the inputs were drawn at random, because no data came with the model. Such inputs are unlike real
            ones: they say that a variant works, not how well.
    """

    samples: int
    changed: int | None
    largest_difference: float
    made_up: bool

    @property
    def text(self) -> str:
        """The same in a sentence."""
        inputs = f"{self.samples} {'made-up inputs' if self.made_up else 'samples without labels'}"
        far = f"no output differs by more than {100 * self.largest_difference:.2g} % of their range"
        if self.changed is None:
            return f"On {inputs} {far}."
        same = "gives float32's answer on all" if not self.changed else f"changes {self.changed} answers"
        return f"On {inputs} it {same}; {far}."

    @property
    def short(self) -> str:
        """For a cell of a table."""
        what = "made-up" if self.made_up else "unlabelled"
        return f"{self.changed} of {self.samples} {what}" if self.changed is not None else f"see details ({what})"


def ask_likeness(
    variants: Mapping[str, Variant], name: str, model: str, dataset: str
) -> Future[Likeness | Failure | None]:
    """Ask how alike a variant and float32 are, once both are made; None for float32 itself and for packed files."""
    variant, reference = variants[name], variants[REFERENCE]
    if name == REFERENCE or variant.packed:
        return done(None)

    def compare(_: object) -> Future[Reply]:
        mine, others = variant.tflite, reference.tflite
        if mine is None or others is None:
            return done(Failure("comparing", "There is no float32 file to compare with.", lasting=True))

        def call(arrays: Blob | None) -> Call:
            return plan.likeness_call(mine, others, model, dataset, arrays)

        return variant.ask_on_data(call, dataset)

    def read(reply: Reply) -> Future[Likeness | Failure | None]:
        return done(cattrs.structure(reply.body, Likeness) if isinstance(reply, Answer) else reply)

    return then(then(gather([variant.outcome, reference.outcome]), compare), read)
