"""The five numbers of one variant that matter first, each with what it is against float32."""

from __future__ import annotations

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from tinyml_core.comparison import REFERENCE, Row
from tinyml_core.likeness import Likeness
from tinyml_core.metrics import METRICS, format_bytes, format_difference, format_score, format_time
from tinyml_core.model_card import NO_SCORE
from tinyml_core.outcome import Latency, Micro
from tinyml_core.sentence import factor_words


def draw(row: Row, reference: Row | None) -> None:
    """Flash, score, changed answers, arena and time, and in a sentence whether it is worth it."""
    flash, score, changed, arena, time = st.columns(5)
    _flash(flash, row, reference)
    _score(score, row)
    _changed(changed, row)
    _arena(arena, row)
    _time(time, row)
    if row.worth is not None:
        st.markdown(f"**{METRICS['worth'].title}** {row.worth.text[0].upper()}{row.worth.text[1:]}.")


def _flash(column: DeltaGenerator, row: Row, reference: Row | None) -> None:
    flash, base = row.flash_bytes, reference.flash_bytes if reference else None
    delta = None
    if flash is not None and base is not None and row.technique.name != REFERENCE:
        delta = f"{flash - base:+,} bytes, {factor_words(base / flash)}"
    shown = format_bytes(flash) if flash is not None else "unknown"
    column.metric(METRICS["flash_bytes"].title, shown, delta, "inverse", help=METRICS["flash_bytes"].explanation)


def _score(column: DeltaGenerator, row: Row) -> None:
    score = row.score
    if score is None:
        column.metric("Score", "not measured")
        if row.measured is not None and row.measured.score is None:
            column.caption(NO_SCORE)
        return
    metric = METRICS[score.metric]
    delta = None
    if row.agreement is not None:
        points = format_difference(score.metric, row.agreement.difference)
        delta = f"{points}, {'beyond chance' if row.agreement.beyond_chance else 'within noise'}"
    column.metric(
        metric.title, format_score(score.metric, score.value), delta, "off", delta_arrow="off", help=metric.explanation
    )
    low, high = format_score(score.metric, score.low), format_score(score.metric, score.high)
    where = " Measured on TFLM: LiteRT cannot read a packed file." if row.packed else ""
    column.caption(f"95 % interval {low} to {high}, {score.samples:,} samples.{where}")


def _changed(column: DeltaGenerator, row: Row) -> None:
    agreement = row.agreement
    if agreement is None and isinstance(row.likeness, Likeness):
        changed = "-" if row.likeness.changed is None else f"{row.likeness.changed}"
        column.metric(METRICS["changed"].title, changed, help=METRICS["changed"].explanation)
        column.caption(row.likeness.text)
        return
    column.metric(
        METRICS["changed"].title,
        "-" if agreement is None else f"{agreement.changed}",
        None if agreement is None else f"{agreement.better} better, {agreement.worse} worse",
        "off",
        delta_arrow="off",
        help=METRICS["changed"].explanation,
    )


def _arena(column: DeltaGenerator, row: Row) -> None:
    micro = row.measured.micro if row.measured else Micro("not executed")
    arena = micro.arena_minimum_bytes
    column.metric(
        f"{METRICS['arena_bytes'].title} on TFLM",
        format_bytes(arena) if arena is not None else micro.status,
        f"about {format_bytes(micro.arena_32bit_bytes)} on a 32-bit board" if micro.arena_32bit_bytes else None,
        "off",
        delta_arrow="off",
        help=METRICS["arena_bytes"].explanation,
    )


def _time(column: DeltaGenerator, row: Row) -> None:
    latency = row.latency
    name, help_text = f":gray[{METRICS['latency_p50_ms'].title}]", METRICS["latency_p50_ms"].explanation
    if isinstance(latency, Latency):
        below = f"9 of 10 runs below {format_time(latency.p90_ms)}"
        column.metric(name, format_time(latency.p50_ms), below, "off", delta_arrow="off", help=help_text)
    elif latency is None:
        column.metric(name, "waiting", help=help_text)
    else:
        column.metric(name, "not measured", help=help_text)
        column.caption(latency.reason)
