"""A comparison in a few plain sentences, as one would say it to people who decide."""

from __future__ import annotations

from collections.abc import Callable

from tinyml_core.compare.comparison import Comparison, Row
from tinyml_core.compare.recommend import computes_wrongly, lost
from tinyml_core.compare.rules import beats_chance
from tinyml_core.domain.metrics import amount, format_bytes, format_score, is_error
from tinyml_core.domain.outcome import Agreement, Score
from tinyml_core.domain.technique import REFERENCE, Technique
from tinyml_core.zoo.cards import NO_SCORE


def summary(comparison: Comparison) -> str:
    """What the comparison says: the picked variant against float32, where it runs, and what does not run."""
    measured = [row for row in comparison.rows if row.measured]
    if not measured:
        if not comparison.complete:
            return ""
        if all(row.stopped for row in comparison.rows):
            return "Nothing is measured: all of it was stopped."
        return "None of the chosen techniques could be measured; each row says why."
    if not comparison.complete and [row.technique.name for row in measured] == [REFERENCE]:
        return ""  # nothing stands beside it yet
    best = next((row for row in comparison.rows if row.picked), None)
    sentences = [_about(best), _runs(best)] if best else [_no_pick(comparison)]
    sentences.append(_refused(comparison))
    if not comparison.complete:
        sentences.insert(0, f"So far, with {len(measured)} of {len(comparison.rows)} measured:")
    return " ".join(sentence for sentence in sentences if sentence)


def factor_words(factor: float) -> str:
    """A size factor in words: `4.0x smaller`, `1.3x larger`, `the same size`."""
    if 0.995 <= factor <= 1.005:
        return "the same size"
    ratio, word = (factor, "smaller") if factor > 1 else (1 / factor, "larger")
    return f"{ratio:.1f}x {word}" if ratio >= 1.05 else f"{ratio:.2f}x {word}"


def than_float32(factor: float) -> str:
    """The same with what it is compared with: `4.0x smaller than float32`, `the same size as float32`."""
    words = factor_words(factor)
    return f"{words} {'as' if words == 'the same size' else 'than'} float32"


def _about(best: Row) -> str:
    title, score = named(best.technique), best.score
    if score is None:
        return ""
    if best.technique.name == REFERENCE:
        return f"{title} itself is the smallest of these that runs on a microcontroller and keeps its answers."
    size = f"{title} is {than_float32(best.smaller_factor)}." if best.smaller_factor else ""
    return size if best.agreement is None else f"{size} {_answers(best, best.agreement, score)}"


def _answers(row: Row, agreement: Agreement, score: Score) -> str:
    unseen = f"On {score.samples:,} unseen samples"
    if agreement.changed == 0 and agreement.p_value >= 0.05:
        return f"{unseen} it changes no answer."
    answers = "1 answer" if agreement.changed == 1 else f"{agreement.changed} answers"
    counts = f"{agreement.better} better, {agreement.worse} worse"
    neither = agreement.changed - agreement.better - agreement.worse
    counts += f", {neither} wrong both times" if neither and score.metric == "accuracy" else ""
    told, shown = f"{unseen} it changes {answers} ({counts})", format_score(score.metric, score.value)
    if not agreement.beyond_chance:
        return f"{told}: no difference can be told."
    if is_error(score.metric):
        change = amount(abs(agreement.difference), score.metric)
        direction = "larger" if agreement.difference > 0 else "smaller"
        return f"{told}: its error is {change} {direction} than float32's ({shown}), beyond chance."
    return f"{told}: it is {'worse' if lost(row) else 'better'} than float32 ({shown}), beyond chance."


def _runs(best: Row) -> str:
    arena = best.measured.micro.arena_minimum_bytes if best.measured else None
    runs = f"It runs on TensorFlow Lite Micro in {format_bytes(arena)} of working memory" if arena else "It runs"
    if not best.fits:
        return f"{runs}."
    verdicts = [fit.verdict for fit in best.fits]
    number, tight = len(verdicts), verdicts.count("tight")
    good = tight + verdicts.count("fits")
    if good == number:
        where = f"fits all {number} boards" if number > 1 else "fits the chosen board"
    elif good:
        where = f"fits {good} of {number} boards"
    else:
        where = "fits none of the chosen boards" if number > 1 else "does not fit the chosen board"
    tightly = f" ({f'{tight} of them ' if number > 1 else ''}tightly)" if tight else ""
    return f"{runs} and {where}{tightly}."


def _no_pick(comparison: Comparison) -> str:
    if any(row.outcome is None for row in comparison.rows):
        return ""
    if all(row.measured is None or row.measured.micro.status == "not executed" for row in comparison.rows):
        return "Nothing was executed on TensorFlow Lite Micro here, so no variant can be recommended for a microcontroller."
    running = [row for row in comparison.rows if row.measured and row.measured.micro.status == "runs"]
    if not running:
        return "None of these runs on a microcontroller."
    if not comparison.question.dataset:
        return _smallest(running)
    if not any(row.score for row in running):
        return "Those that run on a microcontroller have no score, so none can be recommended."
    if not any(row.score and beats_chance(row.score) for row in running):
        return "None of those that run on a microcontroller answers better than a blind guess, so none is recommended."
    return "Those that run on a microcontroller answer worse than float32, beyond chance."


def _smallest(running: list[Row]) -> str:
    """The smallest of those that run, where no data can say how well they answer."""
    right = [row for row in running if row.flash_bytes and not computes_wrongly(row)]
    on_a_board = [row for row in right if any(fit.verdict in ("fits", "tight") for fit in row.fits)]
    best = min(on_a_board or right, key=lambda row: row.flash_bytes or 0, default=None)
    if best is None:
        return NO_SCORE
    reference = best.technique.name == REFERENCE
    size = f", {than_float32(best.smaller_factor)}" if best.smaller_factor and not reference else ""
    smallest = f"{named(best.technique)} is the smallest of these that runs on a microcontroller{size}."
    return f"{smallest} {_runs(best)} {NO_SCORE}"


def _refused(comparison: Comparison) -> str:
    """What does not run, does not run rightly, or was not measured: a sentence for each kind that there is."""

    def titles(of_kind: Callable[[Row], object]) -> list[str]:
        return [named(row.technique) for row in comparison.rows if of_kind(row)]

    refused = titles(lambda row: row.measured and row.measured.micro.status == "refused")
    stopped = titles(lambda row: row.stopped)
    told = {
        "TensorFlow Lite Micro refuses {}.": refused,
        "TensorFlow Lite Micro runs {}, but computes wrong answers.": titles(computes_wrongly),
        "{} could not be measured.": titles(lambda row: row.failed),
        f"{{}} {'was' if len(stopped) == 1 else 'were'} stopped.": stopped,
    }
    return " ".join(sentence.format(listed(names)) for sentence, names in told.items() if names)


def named(technique: Technique) -> str:
    """A technique's title within a sentence; quoted where it holds a comma or a plural: `“Pruned to 75 %, int8”`."""
    return f"“{technique.title}”" if "," in technique.title or "weights" in technique.title else technique.title


def listed(names: list[str]) -> str:
    """`a`, `a and b`, `a, b and c`."""
    return names[0] if len(names) == 1 else f"{', '.join(names[:-1])} and {names[-1]}"


def data_words(needs: str) -> str:
    """What a technique asks of its user, in words."""
    sample = "a representative sample, without labels"
    return {"nothing": "no data", "calibration": sample, "training data": "labelled training data"}[needs]
