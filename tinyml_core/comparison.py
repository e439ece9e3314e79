"""Outcomes side by side: paired against float32, with warnings, boards, Pareto front, pick and one sentence."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from tinyml_core import catalog, metrics
from tinyml_core.boards.board import Board
from tinyml_core.boards.fit import Fit
from tinyml_core.call import Blob
from tinyml_core.limits import Limits
from tinyml_core.npu import NpuEstimate
from tinyml_core.outcome import Agreement, Failure, Latency, Measurement, Outcome, Score
from tinyml_core.rule import Facts, Warned, warnings_of
from tinyml_core.values import Settings, Technique
from tinyml_core.worth import Worth, worth

if TYPE_CHECKING:
    from tinyml_core.boards.latency.estimate import Estimate, NoEstimate
    from tinyml_core.boards.latency.power import Energy

REFERENCE = "float32"


@dataclass(frozen=True, slots=True)
class Question:
    """What a person asks: everything that a link carries.

    Attributes:
        dataset: Empty for a model that comes without data.
        boards: Names, in order.
        runtime: Kernels to estimate latency for, on boards that offer them; empty for each board's usual ones.
        own_boards: Boards that the person described; their names are among `boards` where they are chosen.
    """

    model: str
    dataset: str
    techniques: tuple[str, ...]
    boards: tuple[str, ...]
    settings: Settings = field(default_factory=Settings)
    limits: Limits = field(default_factory=Limits)
    runtime: str = ""
    own_boards: tuple[Board, ...] = ()


@dataclass(frozen=True, slots=True)
class Row:
    """One variant of a comparison.

    Attributes:
        outcome: None while it is being made.
        stage: What is being done now, in words.
        latency: None until it was asked and measured.
        notes: What its training left to be told, and what was found out besides; one sentence each.
        fits: On each chosen board, in their order; so are `latencies` and `energies`, which are estimates.
        npus: What Vela says, by the name of each chosen board with an NPU that it compiles for; filled in as it is known.
        agreement: Against float32 on the same samples; None for float32 itself and without a score.
        worth: What it saves against float32 and what that costs; None for float32 itself.
    """

    technique: Technique
    outcome: Outcome | None = None
    stage: str = ""
    latency: Latency | Failure | None = None
    tflite: Blob | None = None
    notes: tuple[str, ...] = ()
    agreement: Agreement | None = None
    smaller_factor: float | None = None
    worth: Worth | None = None
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


def paired(variant: Score, reference: Score, tolerance: float | None) -> Agreement:
    """A variant's answers against float32's on the same samples.

    Classification: an answer changed if the class differs; worse or better by who was right; exact McNemar test.
    Regression: an answer changed if it moved by more than the tolerance; worse or better by the absolute error;
    paired randomisation test on the errors.
    Anomaly detection: an answer changed if the decision differs; worse or better by who was right; DeLong's paired test
    of the two areas, which looks at the order of all samples and so can find what no single decision shows.
    """
    import numpy as np  # here, so that a page can draw its chooser without it

    from tinyml_core.measure import roc, statistics

    answers, others = np.asarray(variant.answers), np.asarray(reference.answers)
    errors, other_errors = np.asarray(variant.errors), np.asarray(reference.errors)
    changed = np.abs(answers - others) > (tolerance or 0.0)
    if variant.metric == "roc_auc":
        anomalous = np.asarray(variant.anomalous)
        wrong, other_wrong = answers != anomalous, others != anomalous
        p_value = roc.paired(1 - errors, 1 - other_errors, anomalous)
    else:
        wrong, other_wrong = errors, other_errors
    worse = int(np.count_nonzero(changed & (wrong > other_wrong)))
    better = int(np.count_nonzero(changed & (wrong < other_wrong)))
    if variant.metric == "accuracy":
        p_value = statistics.mcnemar(worse, better)
    elif variant.metric == "mean_absolute_error":
        p_value = statistics.sign_flip(errors - other_errors)
    return Agreement(
        value=1 - float(changed.mean()),
        worse=worse,
        better=better,
        changed=int(np.count_nonzero(changed)),
        difference=variant.value - reference.value,
        p_value=p_value,
    )


def compare_rows(
    question: Question, rows: Sequence[Row], reference: Outcome | None, boards: Mapping[str, Board]
) -> Comparison:
    """Complete bare rows: what each is against float32, on each board, and among the others.

    Args:
        question: What was asked.
        rows: Technique, outcome, stage and latency filled in.
        reference: Outcome of float32, whether or not it is among the rows.
        boards: All boards by name.
    """
    chosen = tuple(boards[name] for name in question.boards if name in boards)
    base = reference if isinstance(reference, Measurement) else None
    tolerance = catalog.datasets()[question.dataset].answer_tolerance if question.dataset else None
    completed = [_complete(row, base, tolerance, chosen, question.runtime) for row in rows]
    front = _pareto(completed)
    best = pick(completed)
    return Comparison(
        question,
        tuple(
            replace(
                row, pareto=row.technique.name in front, picked=best is not None and row.technique == best.technique
            )
            for row in completed
        ),
        chosen,
    )


def _complete(
    row: Row, base: Measurement | None, tolerance: float | None, boards: tuple[Board, ...], runtime: str
) -> Row:
    measured = row.measured
    if measured is None or isinstance(measured.inspection, Failure):
        return row
    flash_bytes = measured.inspection.sizes.flash_bytes
    agreement = factor = weighed = None
    if base is not None and not isinstance(base.inspection, Failure):
        factor = base.inspection.sizes.flash_bytes / flash_bytes
        if row.technique.name != REFERENCE:
            if row.score and isinstance(base.score, Score):
                agreement = paired(row.score, base.score, tolerance)
            metric = row.score.metric if row.score else "accuracy"
            weighed = worth(flash_bytes, base.inspection.sizes.flash_bytes, agreement, metric)
    from tinyml_core.placing import on_boards  # here, so that a page can draw its chooser without NumPy

    placed = on_boards(measured, boards, runtime)
    return replace(
        row,
        agreement=agreement,
        smaller_factor=factor,
        worth=weighed,
        notes=(*measured.training.sentences, *row.notes),
        fits=placed.fits,
        latencies=placed.latencies,
        energies=placed.energies,
        warnings=warnings_of(Facts(row.technique, measured, base, agreement)),
    )


def goodness(score: Score) -> float:
    """A number that is larger for a better score, whatever its metric."""
    return metrics.gain(score.metric, score.value)


def _pareto(rows: Sequence[Row]) -> set[str]:
    """Techniques that no other beats in flash and score at once."""
    points = [
        (row.technique.name, row.flash_bytes, goodness(row.score))
        for row in rows
        if row.flash_bytes is not None and row.score is not None
    ]
    return {
        name
        for name, flash, good in points
        if not any(
            flash2 <= flash and good2 >= good and (flash2 < flash or good2 > good) for _, flash2, good2 in points
        )
    }


def lost(row: Row) -> bool:
    """True if the variant is worse than float32 beyond chance."""
    if row.agreement is None or row.score is None:
        return False
    return metrics.gain(row.score.metric, row.agreement.difference) < 0 and row.agreement.beyond_chance


MOST_DIFFERENT = 0.01
"""Share of answers in which TFLM and LiteRT may differ before LiteRT's score says nothing of the board."""


def scored_as_on_board(row: Row) -> bool:
    """False if TFLM answers so differently from LiteRT that the score, which is LiteRT's, does not hold on a board."""
    agreement = row.measured.micro.agreement if row.measured else None
    if agreement is None or not agreement.samples:
        return True
    return agreement.samples - agreement.equal_answers <= MOST_DIFFERENT * agreement.samples


def pick(rows: Sequence[Row]) -> Row | None:
    """The smallest variant that runs on TFLM and is not worse than float32 beyond chance; None if there is none."""
    candidates = [
        row
        for row in rows
        if row.measured
        and row.measured.micro.status == "runs"
        and row.flash_bytes
        and row.score
        and not lost(row)
        and scored_as_on_board(row)
    ]
    return min(
        candidates,
        key=lambda row: (row.flash_bytes, row.measured.micro.arena_minimum_bytes if row.measured else 0),
        default=None,
    )
