"""The question in the address: names, not titles, so that a link keeps its meaning when a title changes."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

import streamlit as st

from pages.shared import link_settings
from pages.shared.link_settings import last
from tinyml_core import catalog
from tinyml_core.boards.board import DEFAULT_BOARDS, Board, BoardError
from tinyml_core.boards.latency.runtimes import all_runtimes
from tinyml_core.boards.own import MOST_BOARDS, packed, unpacked
from tinyml_core.comparison import Question
from tinyml_core.compress.techniques import MOST_COMPOSED, techniques
from tinyml_core.limits import MOST, Limits
from tinyml_core.questions import no_model, question_of
from tinyml_core.values import Settings

LIMITS = {
    "limit_flash": "flash_bytes",
    "limit_ram": "ram_bytes",
    "limit_points": "points_lost",
    "limit_ms": "latency_ms",
    "limit_uj": "energy_uj",
}
"""Parameter and field; flash and RAM stand in bytes."""
MOST_SENTENCES = 8
"""About names that nobody knows; more would push what was found off the page."""
KNOWN = ("model", "dataset", "techniques", "boards", *link_settings.KNOWN, "runtime", "own", "limit_board", *LIMITS)


def read(given: Mapping[str, list[str]]) -> tuple[Question, list[str]]:
    """The question of a link, and a sentence for everything in it that is not understood; the rest still counts.

    Args:
        given: Values by parameter; lists may be repeated parameters or names with commas between.
    """
    sentences = [catalog.near(name, list(KNOWN), "parameter") for name in given if name not in KNOWN]
    settings, about_settings = link_settings.read(given)
    sentences += about_settings
    model = last(given, "model") or catalog.DEFAULT_MODEL
    if not catalog.is_model(model):
        sentences.append(f"{no_model(model)} Shown is {catalog.model(catalog.DEFAULT_MODEL).title}.")
        model = catalog.DEFAULT_MODEL
    own, about_own = _own(given)
    limits, about_limits = _limits(given)
    sentences += about_own + about_limits
    chosen_boards, dataset = _list(given, "boards"), last(given, "dataset")
    techniques, about_composed = _techniques(given)
    sentences += about_composed
    question, about_names = question_of(model, techniques, chosen_boards, dataset, settings, own)
    sentences += about_names[:MOST_SENTENCES]
    if len(about_names) > MOST_SENTENCES:
        more = len(about_names) - MOST_SENTENCES
        sentences.append(f"So it is with {more} more {'name' if more == 1 else 'names'}.")
    if question is None:
        question, _ = question_of(model, None, chosen_boards, dataset, settings, own)
        assert question is not None
    runtime = last(given, "runtime") or ""
    if runtime and runtime not in all_runtimes():
        sentences.append(catalog.near(runtime, list(all_runtimes()), "runtime"))
        runtime = ""
    if limits.board and limits.board not in question.boards:
        about = catalog.near(limits.board, list(question.boards), "board among those chosen")
        sentences.append(f"{about} The limits hold on the first one.")
        limits = replace(limits, board="")
    return replace(question, limits=limits, runtime=runtime), sentences


def _techniques(given: Mapping[str, list[str]]) -> tuple[list[str] | None, list[str]]:
    """Techniques with a toggle and the first few composed ones; each composed one may cost a training."""
    names = _list(given, "techniques")
    composed = [name for name in dict.fromkeys(names or []) if name not in techniques() and catalog.is_technique(name)]
    if names is None or len(composed) <= MOST_COMPOSED:
        return names, []
    kept = [name for name in names if name not in composed[MOST_COMPOSED:]]
    return kept, [f"The link holds {len(composed)} composed techniques; {MOST_COMPOSED} are read, the others left out."]


def _own(given: Mapping[str, list[str]]) -> tuple[list[Board], list[str]]:
    found: dict[str, Board] = {}
    sentences = []
    words = _list(given, "own") or []
    for word in words[:MOST_BOARDS]:
        try:
            board = unpacked(word)
            found[board.name] = board
        except BoardError as error:
            sentences.append(str(error))
    if len(words) > MOST_BOARDS:
        sentences.append(f"The link holds {len(words)} own boards; {MOST_BOARDS} are read, the others left out.")
    return list(found.values()), sentences


def _limits(given: Mapping[str, list[str]]) -> tuple[Limits, list[str]]:
    limits, sentences = Limits(board=(last(given, "limit_board") or "")[:60]), []
    for name, field in LIMITS.items():
        text = last(given, name)
        if text is None:
            continue
        try:
            limits = limits.having(field, float(text[:40]))
        except (ValueError, OverflowError):
            sentences.append(
                f"{name} is {text[:40]!r}; it must be a number from 0 to {MOST[field]:g}. No limit is set there."
            )
    return limits, sentences


def _list(given: Mapping[str, list[str]], name: str) -> list[str] | None:
    if name not in given:
        return None
    return [part for value in given[name] for part in value.split(",") if part]


def written(question: Question, whole: bool = False) -> dict[str, str]:
    """The parameters of a question.

    Args:
        question: What to write.
        whole: Everything, for sharing; otherwise only what differs from the defaults.
    """
    usual, _ = question_of(question.model)
    assert usual is not None
    every = {
        "model": question.model,
        "dataset": question.dataset,
        "techniques": ",".join(question.techniques),
        "boards": ",".join(question.boards),
        **link_settings.written(question.settings),
        **_written_extras(question),
    }
    default = {
        "model": catalog.DEFAULT_MODEL,
        "dataset": usual.dataset,
        "techniques": ",".join(usual.techniques),
        "boards": ",".join([*DEFAULT_BOARDS, *(board.name for board in question.own_boards)]),
        **link_settings.written(Settings()),
    }
    if not question.dataset:
        del every["dataset"]  # no data set comes with the model
    return every if whole else {name: value for name, value in every.items() if value != default.get(name)}


def _written_extras(question: Question) -> dict[str, str]:
    """What is in a link only if it was set: kernels, limits, own boards."""
    limits = question.limits
    extras = {"runtime": question.runtime, "own": ",".join(packed(board) for board in question.own_boards)}
    extras["limit_board"] = limits.board if limits.given else ""
    for name, field in LIMITS.items():
        value = getattr(limits, field)
        extras[name] = "" if value is None else f"{value:.12g}"
    return {name: text for name, text in extras.items() if text}


def address(question: Question) -> str:
    """The whole link of a question, to be shared."""
    from urllib.parse import urlencode, urlsplit

    page = urlsplit(st.context.url or "")
    bare = page._replace(path=page.path or "/", query="", fragment="").geturl()
    return f"{bare}?{urlencode(written(question, whole=True), safe=',')}"
