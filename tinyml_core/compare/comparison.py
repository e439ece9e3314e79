"""Outcomes side by side: paired against float32, with warnings, boards, Pareto front and pick."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from tinyml_core.boards.board import Board
from tinyml_core.boards.fit import Fit
from tinyml_core.compare.question import Question
from tinyml_core.compare.rules import Warned
from tinyml_core.compare.tradeoff import Tradeoff
from tinyml_core.domain.outcome import (
    NOTHING,
    Agreement,
    Failure,
    Latency,
    Measurement,
    NpuEstimate,
    Outcome,
    Score,
    Similarity,
    SoFar,
)
from tinyml_core.domain.technique import Technique
from tinyml_core.engine.call import Blob

if TYPE_CHECKING:
    from tinyml_core.boards.latency.estimate import Estimate, NoEstimate
    from tinyml_core.boards.latency.power import Energy


@dataclass(frozen=True, slots=True)
class Row:
    """One variant of a comparison.

    Attributes:
        outcome: None while it is being made.
        stage: What is being done now, in words.
        so_far: What is known of it before its outcome; nothing is concluded from that.
        latency: None until it was asked and measured.
        notes: What its training left to be told, and what was found out besides; one sentence each.
        fits: On each chosen board, in their order; so are `latencies` and `energies`, which are estimates.
        npus: What Vela says, by the name of each chosen board with an NPU that it compiles for; filled in as it is known.
        agreement: Against float32 on the same samples; None for float32 itself and without a score.
        similarity: Beside float32 where nothing can be scored; None until it is known, and where there is a score.
        tradeoff: What it saves against float32 and what that costs; None for float32 itself.
    """

    technique: Technique
    outcome: Outcome | None = None
    stage: str = ""
    so_far: SoFar = NOTHING
    latency: Latency | Failure | None = None
    tflite: Blob | None = None
    notes: tuple[str, ...] = ()
    agreement: Agreement | None = None
    similarity: Similarity | Failure | None = None
    smaller_factor: float | None = None
    tradeoff: Tradeoff | None = None
    fits: tuple[Fit, ...] = ()
    latencies: tuple[Estimate | NoEstimate, ...] = ()
    energies: tuple[Energy | NoEstimate, ...] = ()
    npus: Mapping[str, NpuEstimate | Failure] = field(default_factory=dict)
    warnings: tuple[Warned, ...] = ()
    pareto: bool = False
    picked: bool = False

    @property
    def measured(self) -> Measurement | None:
        """The measurement, if there is one."""
        return self.outcome if isinstance(self.outcome, Measurement) else None

    @property
    def failed(self) -> Failure | None:
        """Why nothing was measured, if something went wrong."""
        return self.outcome if isinstance(self.outcome, Failure) and not self.outcome.stopped else None

    @property
    def stopped(self) -> Failure | None:
        """When a person gave the variant up, if one did."""
        return self.outcome if isinstance(self.outcome, Failure) and self.outcome.stopped else None

    @property
    def score(self) -> Score | None:
        """The score, if there is one."""
        return self.measured.score if self.measured and isinstance(self.measured.score, Score) else None

    @property
    def packed(self) -> bool:
        """True if only TFLM can read its file."""
        return self.technique.packing != "none"

    @property
    def flash_bytes(self) -> int | None:
        """Flash of the model without runtime, if it is known."""
        inspection = self.measured.inspection if self.measured else None
        return None if inspection is None or isinstance(inspection, Failure) else inspection.sizes.flash_bytes


@dataclass(frozen=True, slots=True)
class Comparison:
    """The answer to a question, as far as it is known."""

    question: Question
    rows: tuple[Row, ...]
    boards: tuple[Board, ...]

    @property
    def complete(self) -> bool:
        """True once every row has its outcome."""
        return all(row.outcome is not None for row in self.rows)

    def row(self, technique: str) -> Row | None:
        """The row of a technique, or None."""
        return next((row for row in self.rows if row.technique.name == technique), None)
