"""Completes a comparison: each variant paired against float32, with warnings, boards, Pareto front and pick."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

from tinyml_core import catalog
from tinyml_core.boards.board import Board
from tinyml_core.compare.comparison import Comparison, Row
from tinyml_core.compare.question import Question
from tinyml_core.compare.recommend import pareto, pick, useless_on_board
from tinyml_core.compare.rules import Facts, warnings_of
from tinyml_core.compare.tradeoff import tradeoff
from tinyml_core.compress.techniques import number_formats
from tinyml_core.domain.metrics import format_bytes, format_score
from tinyml_core.domain.outcome import Agreement, Failure, Measurement, Outcome, Score
from tinyml_core.domain.technique import REFERENCE, Technique


def paired(variant: Score, reference: Score, tolerance: float | None) -> Agreement:
    """A variant's answers against float32's on the same samples.

    Classification: an answer changed if the class differs; worse or better by who was right; exact McNemar test.
    Regression: an answer changed if it moved by more than the tolerance; worse or better by the absolute error;
    paired randomisation test on the errors.
    Anomaly detection: an answer changed if the decision differs; worse or better by who was right; DeLong's paired test
    of the two areas, which looks at the order of all samples and so can find what no single decision shows.
    """
    import numpy as np  # here, so that a page can draw its chooser without it

    from tinyml_core.domain import statistics

    answers, others = np.asarray(variant.answers), np.asarray(reference.answers)
    errors, other_errors = np.asarray(variant.errors), np.asarray(reference.errors)
    changed = np.abs(answers - others) > (tolerance or 0.0)
    if variant.metric == "roc_auc":
        anomalous = np.asarray(variant.anomalous)
        wrong, other_wrong = answers != anomalous, others != anomalous
        p_value = statistics.paired(1 - errors, 1 - other_errors, anomalous)
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

    Rows have technique, outcome, stage and latency; float32's outcome is given whether or not it is among them, and all
    boards by name.
    """
    chosen = tuple(boards[name] for name in question.boards if name in boards)
    base = reference if isinstance(reference, Measurement) else None
    tolerance = catalog.dataset(question.dataset).answer_tolerance if question.dataset else None
    completed = [_complete(row, base, tolerance, chosen, question.runtime) for row in rows]
    front = pareto(completed)
    alone = any(row.outcome is None for row in rows) and sum(row.measured is not None for row in rows) < 2
    best = None if alone else pick(completed)
    marked = [
        replace(row, pareto=row.technique.name in front, picked=best is not None and row.technique == best.technique)
        for row in completed
    ]
    return Comparison(question, tuple(marked), chosen)


def _complete(
    row: Row, base: Measurement | None, tolerance: float | None, boards: Sequence[Board], runtime: str
) -> Row:
    measured, flash_bytes = row.measured, row.flash_bytes
    if measured is None or flash_bytes is None:
        return row
    agreement = weighed = reference_bytes = None
    if base is not None and not isinstance(base.inspection, Failure):
        reference_bytes = base.inspection.sizes.flash_bytes
        if row.technique.name != REFERENCE and row.score and isinstance(base.score, Score):
            agreement = paired(row.score, base.score, tolerance)
    warned = warnings_of(Facts(row.technique, measured, base, agreement))
    if row.technique.name != REFERENCE and reference_bytes is not None:
        metric = row.score.metric if row.score else "accuracy"
        useless = useless_on_board(replace(row, warnings=warned))
        weighed = tradeoff(flash_bytes, reference_bytes, agreement, metric, useless)
    from tinyml_core.boards.placing import on_boards  # here, so that a page can draw its chooser without NumPy

    placed = on_boards(measured, boards, runtime)
    return replace(
        row,
        agreement=agreement,
        smaller_factor=None if reference_bytes is None else reference_bytes / flash_bytes,
        tradeoff=weighed,
        notes=(*measured.training.sentences, *row.notes),
        fits=placed.fits,
        latencies=placed.latencies,
        energies=placed.energies,
        warnings=warned,
    )


# ---- Two variants of one model that should be alike, in one sentence: where the tools that made them differ --------


def with_pairs(comparison: Comparison) -> Comparison:
    """The comparison with a note on each row whose counterpart of the other quantizer is measured too."""
    dataset = comparison.question.dataset
    tolerance = catalog.dataset(dataset).answer_tolerance if dataset else None
    rows = []
    for row in comparison.rows:
        other = comparison.row(counterpart(row.technique))
        sentence = "" if other is None else two_quantizers(row, other, tolerance)
        rows.append(replace(row, notes=(*row.notes, sentence)) if sentence else row)
    return replace(comparison, rows=tuple(rows))


def counterpart(technique: Technique) -> str:
    """The technique of TensorFlow's converter that one of the other quantizer stands beside; empty if there is none.

    Only for those that are a number format and nothing else: a training stage would have given other weights.
    """
    alone = technique.name == technique.number_format and technique.name in number_formats()
    return number_formats()[technique.name].counterpart if alone else ""


def two_quantizers(row: Row, other: Row, tolerance: float | None) -> str:
    """Size, score, answers and arena of a variant against another's; empty while one of the two is not measured.

    For regression `tolerance` says how far two answers may lie apart and still count as equal; None for classification.
    """
    if row.flash_bytes is None or other.flash_bytes is None or row.measured is None or other.measured is None:
        return ""
    told = [_size("flash", row.flash_bytes, other.flash_bytes)]
    if row.score is not None and other.score is not None:
        changed = paired(row.score, other.score, tolerance).changed
        differ = f"{changed} of {row.score.samples:,} answers differ" if changed else "every answer the same"
        ours, theirs = (format_score(score.metric, score.value) for score in (row.score, other.score))
        told.append(f"{differ} (score {ours}, there {theirs})")
    arena, other_arena = row.measured.micro.arena_minimum_bytes, other.measured.micro.arena_minimum_bytes
    if arena is not None and other_arena is not None:
        told.append(_size("arena", arena, other_arena))
    return f"Against {other.technique.title}: {'; '.join(told)}."


def _size(what: str, ours_bytes: int, theirs_bytes: int) -> str:
    if ours_bytes == theirs_bytes:
        return f"{what} equal ({format_bytes(ours_bytes)})"
    direction = "smaller" if ours_bytes < theirs_bytes else "larger"
    return f"{what} {format_bytes(abs(ours_bytes - theirs_bytes))} {direction} ({format_bytes(ours_bytes)})"
