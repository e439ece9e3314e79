"""Links: what is written is read again, and what a stranger writes into one is told and harmless."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import replace
from typing import Any
from urllib.parse import parse_qs

import pytest
from hypothesis import given
from hypothesis import strategies as st
from streamlit.testing.v1 import AppTest

from pages.ask import link
from tests.representatives import representatives
from tinyml_core import catalog
from tinyml_core.boards import own
from tinyml_core.boards.board import DEFAULT_BOARDS, boards
from tinyml_core.boards.latency.runtimes import all_runtimes
from tinyml_core.compare.question import Limits, Question
from tinyml_core.compress import techniques
from tinyml_core.compress.techniques import MOST_COMPOSED, every_name
from tinyml_core.domain.technique import POLICIES, Settings

Visit = Callable[..., AppTest]
SETTINGS = st.builds(
    Settings,
    st.integers(1, 1000),
    st.integers(1, 50),
    st.sampled_from(POLICIES),
    st.integers(0, 2**31 - 1),
    st.sampled_from([1.0, 4.0, 2.5, 19.875, 20.0]),
    st.sampled_from([0.0, 1.0, 0.7, 0.05, 1e-6]),
    st.integers(1, 10),
)
COMPOSED = [name for name in every_name() if name not in techniques.techniques()][: MOST_COMPOSED * 2]

AMOUNTS = st.none() | st.integers(0, 10**9)
LIMITS = st.builds(Limits, st.just(""), AMOUNTS, AMOUNTS, *[st.none() | st.sampled_from([0.0, 0.5, 12.25, 1e3])] * 3)
OWN = [own.from_toml(own.form_toml(f"Board {number}", "", 80, 512, 128, 0, 0, "", None, False)) for number in (1, 2)]


@st.composite
def technique_names(draw: st.DrawFn) -> list[str]:
    """At least one technique, with or without toggle."""
    presets = draw(st.lists(st.sampled_from(list(techniques.techniques())), min_size=1, unique=True))
    return presets + draw(st.lists(st.sampled_from(COMPOSED), max_size=MOST_COMPOSED, unique=True))


@st.composite
def questions(draw: st.DrawFn) -> Question:
    """Any question that can be asked."""
    model = draw(st.sampled_from(list(catalog.models())))
    own_boards = tuple(draw(st.lists(st.sampled_from(OWN), unique=True, max_size=2)))
    names = [*boards(), *(board.name for board in own_boards)]
    chosen = tuple(draw(st.lists(st.sampled_from(names), unique=True)))
    limits = draw(LIMITS)
    return Question(
        model,
        draw(st.sampled_from(catalog.models()[model].datasets or ("",))),
        tuple(draw(technique_names())),
        tuple(name for name in names if name in chosen),
        draw(SETTINGS),
        replace(limits, board=draw(st.sampled_from(["", *chosen])) if limits.given else ""),
        draw(st.sampled_from(["", *all_runtimes()])),
        own_boards,
    )


# ---- There and back


@given(questions(), st.booleans())
def test_a_link_that_was_written_is_read_as_the_same_question(question: Question, whole: bool) -> None:
    given_back = {name: [value] for name, value in link.written(question, whole).items()}
    assert link.read(given_back) == (question, [])


@given(questions())
def test_the_address_leaves_out_what_is_usual(question: Question) -> None:
    short, whole = link.written(question), link.written(question, whole=True)
    assert short.items() <= whole.items()
    always = {"model", "techniques", "boards", *link.LINK_SETTINGS_KNOWN} | ({"dataset"} if question.dataset else set())
    assert always <= set(whole) <= set(link.KNOWN)
    assert ("own" in short) == bool(question.own_boards)
    assert any(name in short for name in link.LIMITS) == question.limits.given


def test_the_plain_address_is_the_default_question() -> None:
    question, sentences = link.read({})
    assert sentences == []
    assert question.model == catalog.DEFAULT_MODEL
    assert question.techniques == techniques.DEFAULT_TECHNIQUES
    assert question.boards == DEFAULT_BOARDS
    assert link.written(question) == {}


def test_the_link_under_share_opens_the_same_comparison(visit: Visit, read: Any) -> None:
    first = visit(techniques="int8,float32", boards="raspberry_pi_pico", samples="50")
    shared = parse_qs(first.code[0].value.split("?")[1], keep_blank_values=True, strict_parsing=True)
    second = visit(**{name: values[0] for name, values in shared.items()})
    assert read.rows(second) == read.rows(first)
    assert read.summary(second) == read.summary(first)
    assert read.notes(second) == []


def test_the_settings_of_a_link_are_what_the_form_shows(visit: Visit) -> None:
    at = visit(techniques="float32", temperature="2.5", soft_weight="0.25", kept_layers="3", samples="7")
    shown = {key: at.number_input(key=key).value for key in ("temperature", "soft_weight", "kept_layers", "samples")}
    assert shown == {"temperature": 2.5, "soft_weight": 0.25, "kept_layers": 3, "samples": 7}
    at.number_input(key="temperature").set_value(6.5).run()
    assert at.query_params["temperature"] in ("6.5", ["6.5"])


def test_names_may_be_repeated_or_stand_with_commas_between() -> None:
    together, _ = link.read({"techniques": ["float32,int8"]})
    apart, _ = link.read({"techniques": ["float32", "int8"]})
    assert together == apart


# ---- What is not understood

WRONG = {
    "model": ("digit", "There is no model 'digit'; near matches: digits."),
    "techniques": ("int9,float32", "There is no technique 'int9'; near matches: int8"),
    "boards": ("raspberry_pi_pica", "There is no board 'raspberry_pi_pica'; near matches: raspberry_pi_pico,"),
    "dataset": ("digitz", "There is no data set for the model digits 'digitz'; near matches: digits."),
    "policy": ("DEFOLT", "policy is 'DEFOLT'; it must be one of"),
    "samples": ("0", "calibration_samples is 0; it must be from 1 to 1000."),
    "epochs": ("many", "epochs is 'many'; it must be a whole number of 0 or more."),
    "seed": ("-1", "seed is '-1'; it must be a whole number of 0 or more."),
    "temperature": ("0.5", "temperature is 0.5; it must be from 1 to 20."),
    "soft_weight": ("half", "soft_weight is 'half'; it must be a number of 0 or more."),
    "kept_layers": ("1.5", "kept_layers is '1.5'; it must be a whole number of 0 or more."),
    "modell": ("sine", "There is no parameter 'modell'; near matches: model."),
}


@pytest.mark.parametrize("name", WRONG)
def test_what_a_link_says_wrong_costs_one_sentence_and_the_rest_counts(name: str) -> None:
    value, sentence = WRONG[name]
    question, sentences = link.read({"techniques": ["float32"], "samples": ["50"]} | {name: [value]})
    assert len(sentences) == 1
    assert sentence in sentences[0]
    assert question.techniques == ("float32",)
    assert question.settings.calibration_samples == (100 if name == "samples" else 50)


def test_all_that_is_wrong_is_told_at_once() -> None:
    _, sentences = link.read({name: [value] for name, (value, _) in WRONG.items()})
    assert len(sentences) == len(WRONG)


def test_a_link_with_unknown_techniques_only_keeps_its_boards_and_settings() -> None:
    given_link = {"techniques": ["int9"], "boards": ["raspberry_pi_pico"], "seed": ["7"]}
    question, sentences = link.read(given_link)
    assert len(sentences) == 1
    assert question.techniques == techniques.DEFAULT_TECHNIQUES
    assert question.boards == ("raspberry_pi_pico",)
    assert question.settings.seed == 7


def test_the_page_tells_what_it_did_not_understand_and_answers_the_rest(visit: Visit, read: Any) -> None:
    at = visit(techniques="int9,float32", boards="moon", epochs="0")
    assert read.problems(at) == []
    told = [plain(note) for note in read.notes(at)]
    assert len(told) == 3
    assert any("There is no technique 'int9'; near matches: int8" in sentence for sentence in told)
    assert any("There is no board 'moon'" in sentence for sentence in told)
    assert any("fine_tuning_epochs is 0; it must be from 1 to 50." in sentence for sentence in told)
    assert list(read.rows(at)) == ["float32"]


def test_the_notes_on_a_link_go_with_the_next_change(visit: Visit, read: Any) -> None:
    at = visit(techniques="int9,float32")
    assert len(read.notes(at)) == 1
    at.pills(key="after").set_value(["float32", "int8"]).run()
    assert read.notes(at) == []


# ---- What a stranger writes


def plain(markdown: str) -> str:
    """Markdown that is all escaped, as a person reads it."""
    return re.sub(r"\\(.)", r"\1", markdown.replace("\u2060", ""))


HOSTILE = {
    "html": "<script>alert(1)</script><img src=x onerror=alert(1)>",
    "markdown": "**bold** [click](https://evil.example) ![x](https://evil.example/x.png)",
    "streamlit": ":red[alarm] :material/delete: :blue-badge[x] $x^2$ ~~gone~~ `code`",
    "lines": "a\nb\r\n# head\n- list\n> quote\n| a | b |\n\n```\ncode",
    "backslashes": "\\[x](y) \\\\ \\` \\n",
    "long": "x" * 10_000,
    "unicode": "​‮𝕯🦄ﷺ\u0301\u0301\u0301 éあ",
    "control": "\x00\x01\x1b[31m",
    "percent": "%00%2e%2e%2f..%2f..%2fetc%2fpasswd",
    "surrogate-like": "\\ud800",
    "numbers": "1e309,٣,-0,0x10,NaN,1_0",
    "names": "__class__,__proto__,constructor,None,../../etc/passwd",
}


@pytest.mark.parametrize("kind", HOSTILE)
@pytest.mark.parametrize("slug", representatives(["compare", "boards"], "compare"))
def test_hostile_words_in_a_link_are_shown_as_plain_words(kind: str, slug: str, visit: Visit, read: Any) -> None:
    text = HOSTILE[kind]
    at = visit(slug, techniques=f"float32,{text}", **{name: text for name in link.KNOWN if name != "techniques"})
    assert read.problems(at) == []
    assert at.selectbox(key="model").value == catalog.DEFAULT_MODEL
    assert at.pills(key="after").value == ["float32"]
    assert len(read.notes(at)) >= len(link.KNOWN) - 1
    for note in read.notes(at):
        assert len(note) < 1000
        unescaped = re.sub(r"\\.", "", note, flags=re.DOTALL)
        assert not set(unescaped) & set("`*_{}[]()<>#|~$:\\"), note


@given(st.dictionaries(st.sampled_from([*link.KNOWN, "x", ""]), st.lists(st.text(), max_size=3)))
def test_any_link_at_all_gives_a_question_that_can_be_asked(given_link: dict[str, list[str]]) -> None:
    question, sentences = link.read(given_link)
    assert question.model in catalog.models()
    assert question.dataset in catalog.models()[question.model].datasets
    assert question.techniques
    assert set(question.techniques) <= set(techniques.techniques())
    assert set(question.boards) <= set(boards())
    assert all(sentences)


def test_of_many_unknown_names_only_some_are_told() -> None:
    _, sentences = link.read({"techniques": [",".join(["float32", *(f"nonsense{number}" for number in range(400))])]})
    assert len(sentences) == link.MOST_SENTENCES + 1
    assert sentences[-1] == f"So it is with {400 - link.MOST_SENTENCES} more names."
