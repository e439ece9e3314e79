"""The question in the address: names, not titles, so that a link keeps its meaning when a title changes."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import streamlit as st

from tinyml_core import catalog
from tinyml_core.boards.board import DEFAULT_BOARDS, Board
from tinyml_core.boards.figure import BoardError
from tinyml_core.boards.latency.runtimes import all_runtimes
from tinyml_core.boards.own import MOST_BOARDS, packed, unpacked
from tinyml_core.catalog import no_model
from tinyml_core.compare.question import MOST, Limits, Question, question_of
from tinyml_core.compress.techniques import MOST_COMPOSED, techniques
from tinyml_core.domain.technique import Settings

# ---- The settings in a link: each has a parameter of its own -------------------------------------------------------


WHOLE = {
    "samples": "calibration_samples",
    "epochs": "fine_tuning_epochs",
    "seed": "seed",
    "kept_layers": "kept_layers",
}
"""Parameter and field of whole numbers."""

BROKEN = {"temperature": "temperature", "soft_weight": "soft_weight"}
"""Parameter and field of numbers that may have a fraction."""

NUMBERS = WHOLE | BROKEN
LINK_SETTINGS_KNOWN = ("policy", *NUMBERS)
_WHOLE = re.compile(r"[0-9]{1,11}")
_BROKEN = re.compile(r"[0-9]{1,9}(\.[0-9]{0,20})?")


def read_link_settings(given: Mapping[str, list[str]]) -> tuple[Settings, list[str]]:
    """The settings of a link, and a sentence for each that is not understood."""
    settings, sentences = Settings(), []
    wanted: dict[str, Any] = {}
    for name, field in NUMBERS.items():
        text = last(given, name)
        if text is None:
            continue
        if name in WHOLE and _WHOLE.fullmatch(text):
            wanted[field] = int(text)
        elif name in BROKEN and _BROKEN.fullmatch(text):
            wanted[field] = float(text)
        else:
            kind = "a whole number" if name in WHOLE else "a number"
            sentences.append(f"{name} is {text[:40]!r}; it must be {kind} of 0 or more.")
    policy = last(given, "policy")
    if policy is not None:
        wanted["policy"] = policy[:40]
    for field, value in wanted.items():
        try:
            settings = replace(settings, **{field: value})
        except ValueError as error:
            sentences.append(f"{error} The usual value is used.")
    return settings, sentences


def written_link_settings(settings: Settings) -> dict[str, str]:
    """The parameters of these settings."""
    numbers = {name: str(getattr(settings, field)) for name, field in WHOLE.items()}
    broken = {name: f"{getattr(settings, field):.12f}".rstrip("0").rstrip(".") for name, field in BROKEN.items()}
    return {"policy": settings.policy, **numbers, **broken}


def last(given: Mapping[str, list[str]], name: str) -> str | None:
    """The value of a parameter: the last one, if it is given more than once; None if it is not given."""
    values = given.get(name) or []
    return values[-1] if values else None


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

KNOWN = ("model", "dataset", "techniques", "boards", *LINK_SETTINGS_KNOWN, "runtime", "own", "limit_board", *LIMITS)


def read(given: Mapping[str, list[str]]) -> tuple[Question, list[str]]:
    """The question of a link, and a sentence for everything in it that is not understood; the rest still counts.

    Lists may be repeated parameters or names with commas between.
    """
    sentences = [catalog.near(name, list(KNOWN), "parameter") for name in given if name not in KNOWN]
    settings, about_settings = read_link_settings(given)
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
    """The parameters of a question: the `whole` of it, for sharing, or only what differs from the defaults."""
    usual, _ = question_of(question.model)
    assert usual is not None
    every = {
        "model": question.model, "dataset": question.dataset, "techniques": ",".join(question.techniques),
        "boards": ",".join(question.boards), **written_link_settings(question.settings), **_written_extras(question),
    }  # fmt: skip
    default = {
        "model": catalog.DEFAULT_MODEL,
        "dataset": usual.dataset,
        "techniques": ",".join(usual.techniques),
        "boards": ",".join([*DEFAULT_BOARDS, *(board.name for board in question.own_boards)]),
        **written_link_settings(Settings()),
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
