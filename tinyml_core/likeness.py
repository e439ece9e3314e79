"""How alike the answers of a variant and of float32 are where nothing can be scored: without data, or without labels."""

from __future__ import annotations

from dataclasses import dataclass


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
