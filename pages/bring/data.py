"""The second step of bringing: data for the model, what of them does not fit, and its cure with one click."""

from __future__ import annotations

from dataclasses import replace

import pandas as pd
import streamlit as st

from pages.shared import lab
from pages.shared.plain import plain
from pages.shared.waiting import tell, waited
from tinyml_core.domain.brought import CHOICES, DataFacts, Mismatch, ModelFacts, Question, several_inputs
from tinyml_core.domain.outcome import Failure
from tinyml_core.pipeline.bringing import DataChoices, Read, Upload, ask_data, data_want, upload_of

TYPES = ["npz", "npy", "csv", "zip"]

ABOUT = (
    "`.npz` with the arrays x and y, `.npy` with inputs alone, `.csv` with one row a sample, or a `.zip` of class folders "
    "that hold images or WAV files. All are described in docs/bringing-data.md."
)

Drawn = tuple[Read[DataFacts] | None, DataChoices, bool]


def draw(model: Read[ModelFacts], shape: list[int]) -> Drawn:
    """Ask for data and tell what they are.

    Returns:
        The data as they were read (None without, or while they are), what was chosen, and whether something of them has
        still to be mended or waited for.
    """
    if len(model.facts.inputs) > 1:
        st.caption(several_inputs(len(model.facts.inputs)))
        return None, DataChoices(), False
    file = st.file_uploader("Data, optional", type=TYPES, key="brought_data")
    if file is None:
        st.caption(ABOUT)
        return None, DataChoices(), False
    upload = upload_of(file.name, file.getvalue())
    if isinstance(upload, Failure):
        tell(upload, alarm=True)
        return None, DataChoices(), True
    chosen = _chosen(upload)
    want = data_want(upload, model.facts, shape, chosen)
    asked = ask_data(lab.desk(), upload, model.facts, shape, chosen, lab.visitor())
    read = waited(asked, "Reading them in a process of its own", want.fingerprint)
    if isinstance(read, Failure):
        tell(read, alarm=True)
        _answered(upload)
        _applied(upload)
    if read is None or isinstance(read, Failure):
        return None, chosen, True
    if read.facts.samples:
        _choices(upload, read.facts)
        _tell(read.facts, model.facts.float_weights)
    for question in read.facts.questions:
        _ask(upload, question)
    _answered(upload)
    if read.facts.samples:
        _mismatches(upload, read.facts)
    return read, chosen, "arrays" not in read.blobs


def _chosen(upload: Upload) -> DataChoices:
    """What was chosen for a file; another file begins anew."""
    sha256, chosen = st.session_state.get("data_choices", ("", DataChoices()))
    return chosen if sha256 == upload.content.sha256 else DataChoices()


def _choose(upload: Upload, chosen: DataChoices) -> None:
    st.session_state.data_choices = (upload.content.sha256, chosen)


def _choices(upload: Upload, facts: DataFacts) -> None:
    """Which array or column is what, and how much is held out."""
    chosen = wanted = _chosen(upload)
    columns = st.columns(3)
    asked = {question.about for question in facts.questions}
    offered = {what: names for what, names in (facts.choices or {}).items() if what not in asked}
    for column, (what, names) in zip(columns, offered.items(), strict=False):
        taken = (facts.taken or {}).get(what, names[0])
        name = str(column.selectbox(CHOICES[what].title, names, index=names.index(taken)))
        if name != taken:
            wanted = replace(wanted, choices=tuple(sorted((dict(wanted.choices) | {what: name}).items())))
    percent = columns[2].slider(
        "Held out for the score, %", 10, 90, chosen.test_percent, 5, key="test_percent", disabled=facts.own_split,
        help="Held-out samples are never used for calibration or training. Where the file itself divides them, that stays.",
    )  # fmt: skip
    if facts.own_split:
        columns[2].caption("The file has its own test part, which stays.")
    wanted = replace(wanted, test_percent=percent)
    if wanted != chosen:
        _choose(upload, wanted)
        st.rerun()


def _tell(facts: DataFacts, quantizable: bool) -> None:
    uses = "for calibration and training" if quantizable else "not used, as nothing is calibrated or trained"
    labels = {
        "classes": f"{facts.classes} classes: {', '.join(facts.class_names[:8])}{' ...' if len(facts.class_names) > 8 else ''}"
        if facts.class_names
        else f"{facts.classes} classes",
        "numbers": "numbers",
        "none": f"none: {'the samples calibrate, and ' if quantizable else ''}nothing can be scored",
    }[facts.labels]
    told = {
        "Samples": f"{facts.samples:,}: {facts.samples_train:,} {uses}, {facts.samples_test:,} held out",
        "Each": f"{' x '.join(str(size) for size in facts.shape) or 'one number'}, {facts.dtype}, from {facts.low:.4g} to "
        f"{facts.high:.4g}",
        "Labels": labels,
        "Split": facts.split,
    }
    st.table(pd.DataFrame({"": list(told), " ": [plain(text) for text in told.values()]}).set_index(""))
    for note in facts.notes:
        st.caption(plain(note))


def _ask(upload: Upload, question: Question) -> None:
    """What is asked, with the likely answer preselected; nothing is taken before a click."""
    icon = ":material/help:"
    (st.warning if question.blocking else st.info)(plain(question.text), icon=icon)
    titles = dict(zip(question.answers, question.titles, strict=False))
    words, key = CHOICES[question.about].title, f"answer_{question.about}"
    likely = [part.strip() for part in question.likely.split(",")]
    with st.form(f"ask_{question.about}", border=False):
        if question.ordered or not question.answers:
            answer = st.text_input(
                words,
                question.likely,
                max_chars=2000,
                key=key,
                help="Names with commas between them." if question.ordered else None,
            )
        elif question.several:
            preselected = [one for one in likely if one in question.answers]
            answer = ",".join(
                st.multiselect(words, question.answers, preselected, lambda one: titles.get(one, one), key=key)
            )
        else:
            place = question.answers.index(question.likely) if question.likely in question.answers else None
            answer = str(st.selectbox(words, question.answers, place, lambda one: titles.get(one, one), key=key) or "")
        if st.form_submit_button("Use this answer", type="primary" if question.blocking else "secondary"):
            if answer.strip():
                _answer(upload, question.about, answer.strip())
                st.rerun()
            st.error("Choose or write an answer first.", icon=":material/error:")


def _answer(upload: Upload, about: str, answer: str | None) -> None:
    """Take an answer, or take it back (None)."""
    chosen = _chosen(upload)
    others = tuple((name, value) for name, value in chosen.choices if name != about)
    _choose(
        upload, replace(chosen, choices=tuple(sorted((*others, (about, answer)))) if answer is not None else others)
    )


def _answered(upload: Upload) -> None:
    """What was answered, each with its way back."""
    for about, answer in _chosen(upload).choices:
        if about in CHOICES:
            st.button(
                f"Take back: {CHOICES[about].title} {plain(answer)}", key=f"take_back_{about}", icon=":material/undo:",
                type="tertiary", on_click=_answer, args=(upload, about, None),
            )  # fmt: skip


def _mismatches(upload: Upload, facts: DataFacts) -> None:
    """What does not fit, each with its cure; and the cures that were applied, each with its way back."""
    mismatches: tuple[Mismatch, ...] = facts.mismatches
    for number, one in enumerate(mismatches):
        with st.container(horizontal=True, vertical_alignment="center"):
            icon = ":material/error:" if one.blocking else ":material/help:"
            (st.error if one.blocking else st.warning)(plain(one.text), icon=icon)
            if one.cure:
                cured = replace(_chosen(upload), cures=(*_chosen(upload).cures, one.cure))
                st.button(
                    one.cure_title or one.cure, key=f"cure_{number}_{one.cure}", icon=":material/healing:",
                    on_click=_choose, args=(upload, cured),
                )  # fmt: skip
    if not mismatches and not any(question.blocking for question in facts.questions):
        st.caption(":material/check: They fit the model.")
    _applied(upload)


def _applied(upload: Upload) -> None:
    chosen = _chosen(upload)
    if chosen.cures:
        st.button(
            f"Undo the last cure ({chosen.cures[-1]})", key="uncure", icon=":material/undo:", type="tertiary",
            on_click=_choose, args=(upload, replace(chosen, cures=chosen.cures[:-1])),
        )  # fmt: skip
