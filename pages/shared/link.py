"""The question in the address: names, not titles, so that a link keeps its meaning when a title changes."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import streamlit as st

from tinyml_core import catalog
from tinyml_core.asking import question_of
from tinyml_core.comparison import Question
from tinyml_core.values import Settings

NUMBERS = {"samples": "calibration_samples", "epochs": "fine_tuning_epochs", "seed": "seed"}
KNOWN = ("model", "dataset", "techniques", "boards", "policy", *NUMBERS)


def read(given: Mapping[str, list[str]]) -> tuple[Question, list[str]]:
    """The question of a link, and a sentence for everything in it that is not understood; the rest still counts.

    Args:
        given: Values by parameter; lists may be repeated parameters or names with commas between.
    """
    sentences = [catalog.near(name, list(KNOWN), "parameter") for name in given if name not in KNOWN]
    settings, about_settings = _settings(given)
    sentences += about_settings
    model = _last(given, "model") or catalog.DEFAULT_MODEL
    if model not in catalog.models():
        sentences.append(catalog.near(model, list(catalog.models()), "model") + f" Shown is {catalog.DEFAULT_MODEL}.")
        model = catalog.DEFAULT_MODEL
    chosen_boards = _list(given, "boards")
    question, about_names = question_of(
        model, _list(given, "techniques"), chosen_boards, _last(given, "dataset"), settings
    )
    sentences += about_names
    if question is None:
        question, _ = question_of(model, None, chosen_boards, _last(given, "dataset"), settings)
        assert question is not None
    return question, sentences


def _list(given: Mapping[str, list[str]], name: str) -> list[str] | None:
    if name not in given:
        return None
    return [part for value in given[name] for part in value.split(",") if part]


def _last(given: Mapping[str, list[str]], name: str) -> str | None:
    values = given.get(name) or []
    return values[-1] if values else None


def _settings(given: Mapping[str, list[str]]) -> tuple[Settings, list[str]]:
    settings, sentences = Settings(), []
    wanted: dict[str, Any] = {}
    for name, field in NUMBERS.items():
        text = _last(given, name)
        if text is None:
            continue
        if text.isascii() and text.isdigit() and len(text) < 12:
            wanted[field] = int(text)
        else:
            sentences.append(f"{name} is {text[:40]!r}; it must be a whole number.")
    policy = _last(given, "policy")
    if policy is not None:
        wanted["policy"] = policy[:40]
    for field, value in wanted.items():
        try:
            settings = replace(settings, **{field: value})
        except ValueError as error:
            sentences.append(f"{error} The usual value is used.")
    return settings, sentences


def written(question: Question, whole: bool = False) -> dict[str, str]:
    """The parameters of a question.

    Args:
        question: What to write.
        whole: Everything, for sharing; otherwise only what differs from the defaults.
    """
    usual, _ = question_of(question.model)
    assert usual is not None
    settings = question.settings
    every = {
        "model": question.model,
        "dataset": question.dataset,
        "techniques": ",".join(question.techniques),
        "boards": ",".join(question.boards),
        "policy": settings.policy,
        **{name: str(getattr(settings, field)) for name, field in NUMBERS.items()},
    }
    default = {
        "model": catalog.DEFAULT_MODEL,
        "dataset": usual.dataset,
        "techniques": ",".join(usual.techniques),
        "boards": ",".join(usual.boards),
        "policy": Settings().policy,
        **{name: str(getattr(Settings(), field)) for name, field in NUMBERS.items()},
    }
    return every if whole else {name: value for name, value in every.items() if value != default[name]}


def address(question: Question) -> str:
    """The whole link of a question, to be shared."""
    from urllib.parse import urlencode

    page = (st.context.url or "").split("?")[0]
    return f"{page}?{urlencode(written(question, whole=True), safe=',')}"
