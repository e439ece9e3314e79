"""The choice of the model, with what it does and on which data it is measured."""

from __future__ import annotations

from concurrent.futures import Future

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from pages.ask import techniques
from pages.shared import brought, lab, waiting
from pages.shared.plain import plain, shape_words
from tinyml_core import catalog
from tinyml_core.analysis.samples import Samples
from tinyml_core.catalog import no_model, usual_techniques
from tinyml_core.domain.dataset import Dataset
from tinyml_core.domain.model import Model
from tinyml_core.domain.outcome import Failure
from tinyml_core.pipeline.files import samples_of
from tinyml_core.pipeline.graph import inquire
from tinyml_core.zoo.cards import NO_SCORE, held_out_words, interval_words
from tinyml_core.zoo.fetch import state_words


def model() -> tuple[str, DeltaGenerator]:
    """Draw the box and the model's description.

    Returns:
        The model's name, and an empty place below the box for a picture of its data.
    """
    zoo = {name: catalog.model(name) for name in brought.names()} | catalog.models()
    # Last those without data: they have no score to compare.
    names = sorted(zoo, key=lambda name: (zoo[name].brought is None, not zoo[name].datasets))
    before = st.session_state.get("model")
    if before not in zoo:  # forgotten, perhaps in another window
        st.session_state.model = catalog.DEFAULT_MODEL
        st.session_state.link_notes = [f"{no_model(str(before))} Shown is {zoo[catalog.DEFAULT_MODEL].title}."]
        techniques.seed(usual_techniques(catalog.DEFAULT_MODEL))
    left, right = st.columns([2, 3])
    with left:
        name = st.selectbox(
            "Model", names, key="model", format_func=lambda name: _title(zoo[name]), on_change=techniques.new_model,
            persist_state="session",
        )  # fmt: skip
        picture = st.container()
    with right:
        _about(zoo[name])
    return str(name), picture


def dataset_of(model: str) -> str:
    """Name of the data set that is chosen for a model, or its usual one; empty if no data comes with it."""
    chosen = st.session_state.get("dataset")
    member = catalog.model(model)
    return str(chosen) if chosen in member.datasets else member.default_dataset


def _title(member: Model) -> str:
    """The model's title, and what has to be done before it can be used."""
    if member.brought is not None:
        return f"{member.title}, brought"
    state = state_words(member, catalog.dataset_or_none(member.default_dataset))
    return f"{member.title}, {state}" if state else member.title


def _about(member: Model) -> None:
    size = shape_words(member.input_shape)
    numbers = "one number" if member.outputs == 1 else f"{member.outputs:,} numbers"
    kind = f"{member.outputs} classes" if member.task == "classification" else numbers
    dataset = catalog.dataset_or_none(dataset_of(member.name))
    held_out = held_out_words(dataset) if dataset else NO_SCORE
    st.markdown(f"{member.about}  \n:gray[Input {size}, output {kind}, {member.parameters:,} parameters. {held_out}]")
    if dataset is not None:
        title, icon = "About the data", ":material/database:"
        box = st.popover(title, icon=icon, type="tertiary", key="data_box", on_change="rerun")
        if box.open:
            with box:
                _data(dataset)


def _data(dataset: Dataset) -> None:
    st.markdown(f"**{plain(dataset.title)}.** {dataset.source}")
    st.markdown(f"**Split.** {dataset.split} {held_out_words(dataset)}")
    st.markdown(f"**What a score can tell.** {interval_words(dataset)}")
    st.markdown(f"**Licence.** {dataset.licence}")
    if dataset.source_url:
        st.markdown(f"[Where the data comes from]({dataset.source_url})")


# ---- A few real samples of the data, as soon as they are there; nothing waits for them -----------------------------


POLL_S = 1.0


def draw(dataset: str) -> None:
    """The picture, or nothing yet; comes back by itself until it is there."""
    asked = _ask(dataset)
    if not asked.done():
        waiting.until(lambda: _ask(dataset).done(), every_s=POLL_S)
        return
    found = asked.result()
    if isinstance(found, Failure):
        return  # why the data cannot be had is said where it is needed
    samples, png = found
    if png:
        st.image(png, alt=samples.words)
        return
    if not samples.series:
        st.caption(plain(samples.words))
        return
    from tinyml_core.analysis.samples import drawing

    st.image(drawing(samples), alt=samples.words)


def _ask(dataset: str) -> Future[tuple[Samples, bytes] | Failure]:
    return inquire(lab.desk(), samples_of(catalog.dataset(dataset))).found
