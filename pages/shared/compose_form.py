"""Compose your own: a training stage, a number format and a packing make a technique like any other."""

from __future__ import annotations

from collections.abc import Sequence

import streamlit as st

from pages.shared.toggle_groups import forget_notes, press, pressed
from tinyml_core import catalog
from tinyml_core.compress import techniques
from tinyml_core.compress.techniques import MOST_COMPOSED, name_of

NOTHING = "none"


def offered() -> tuple[str, ...]:
    """All that were composed in this session, pressed or not; each has a toggle."""
    return tuple(st.session_state.get("offered", ()))


def offer(names: Sequence[str]) -> None:
    """Give these a toggle, besides those of earlier as far as there is room."""
    st.session_state.offered = tuple(dict.fromkeys((*names, *offered())))[:MOST_COMPOSED]


def draw(model: str) -> None:
    """The button and what is behind it; filled only while it is open."""
    box = st.popover("Compose your own", icon=":material/add:", key="compose_box", on_change="rerun")
    if box.open:
        with box:
            st.fragment(_form)(model)


def _form(model: str) -> None:
    """Three choices, the name they make, and whether it can be; runs by itself."""
    if st.session_state.pop("composed_anew", False):
        st.rerun()  # the toggles stand outside of this fragment
    st.caption(
        "Any training stage in any number format, packed or not. 2:4 sets two of every four neighbouring "
        "weights to zero; QAT is quantization-aware training. "
        "Where two don't go together, the lab says why."
    )
    stages, formats, packings = techniques.stages(), techniques.number_formats(), techniques.packings()
    left, middle, right = st.columns(3)
    training = left.selectbox(
        "Training", list(stages), key="compose_training", format_func=lambda name: stages[name].title
    )
    number_format = middle.selectbox(
        "Number format", list(formats), key="compose_format", format_func=lambda name: formats[name].title
    )
    packing = right.selectbox(
        "Packing",
        [NOTHING, *packings],
        key="compose_packing",
        format_func=lambda name: "Not packed" if name == NOTHING else packings[name].title,
    )
    _offer_to_add(name_of(str(training), str(number_format), str(packing)), model)
    for name in offered():
        with st.container(horizontal=True, vertical_alignment="center"):
            st.markdown(techniques.technique(name).title, width="stretch")
            st.button(
                "Remove", key=f"remove_{name}", icon=":material/delete:", type="tertiary", on_click=remove, args=(name,)
            )


def _offer_to_add(name: str, model: str) -> None:
    """The name, what speaks against it, and the button."""
    st.markdown(f"Its name is `{name}`.")
    failure = catalog.impossible(techniques.technique(name), catalog.model(model))
    technique = techniques.technique(name)
    there = name in pressed(technique.group)
    full = technique.group == "Composed" and name not in offered() and len(offered()) >= MOST_COMPOSED
    if failure is not None:
        st.warning(f"{failure.reason} {failure.advice}", icon=":material/block:")
    elif there:
        st.caption(f"{technique.title} stands in the comparison already.")
    elif technique.group != "Composed":
        st.caption(f"It is {technique.title}, which has a toggle under {technique.group}; to add it is to press that.")
    elif full:
        st.warning(f"At most {MOST_COMPOSED} composed techniques stand side by side; remove one first.")
    st.button(
        "Add", type="primary", icon=":material/add:", disabled=failure is not None or there or full, key="compose_add",
        on_click=add, args=(name,), width="stretch",
    )  # fmt: skip


def add(name: str) -> None:
    """Press the toggle of a composed technique, or of the preset that it equals."""
    forget_notes()
    group = techniques.technique(name).group
    if group == "Composed":
        offer((*offered(), name))
    press(group, list(dict.fromkeys((*pressed(group), name))))
    st.session_state.composed_anew = True


def remove(name: str) -> None:
    """Take a composed technique away, with its row."""
    forget_notes()
    st.session_state.offered = tuple(other for other in offered() if other != name)
    press("Composed", [other for other in pressed("Composed") if other != name])
    st.session_state.composed_anew = True
