"""Bring your own: a model's file, then data for it, then measuring; and what was brought before."""

from __future__ import annotations

import re

import streamlit as st

from pages.bring import data as bring_data
from pages.bring import model as bring_model
from pages.shared import brought
from pages.shared.plain import plain
from tinyml_core import catalog
from tinyml_core.domain.brought import MODEL_PREFIX, DataFacts, ModelFacts
from tinyml_core.domain.metrics import format_bytes
from tinyml_core.domain.model import Model
from tinyml_core.engine.isolation import protections
from tinyml_core.pipeline.bringing import DataChoices, Read, keep
from tinyml_core.uploads.library import UNUSED_DAYS, Library

COMPARE = "pages/1_compare.py"


def draw() -> None:
    """The three steps, and the list below."""
    found = protections()
    (st.caption if found.complete else st.warning)(
        f"{found.text} What you bring stays on this server, and is removed when nobody has used it for {UNUSED_DAYS:.0f} "
        "days, or as soon as you say so below. Whoever has a link to it can see its results."
    )
    with st.container(border=True):
        st.subheader("1. The model", anchor=False)
        model = bring_model.draw()
    if model is not None:
        read, shape = model
        with st.container(border=True):
            st.subheader("2. Data to measure it on", anchor=False)
            data, chosen, blocked = bring_data.draw(read, shape)
        with st.container(border=True):
            st.subheader("3. Measure it", anchor=False)
            _measure(read, shape, data, chosen, blocked)
    _list()
    draw_forget()


def _measure(
    model: Read[ModelFacts], shape: list[int], data: Read[DataFacts] | None, chosen: DataChoices, blocked: bool
) -> None:
    """The button that puts it in the library and turns to the comparison."""
    if blocked:
        st.caption("The data do not fit yet: mend them above, or take them away to measure the model without data.")
    elif data is None:
        st.caption(
            "Without data nothing can be scored. You still get sizes, what TFLM says, the arena, the boards, and how alike the "
            "variants answer on made-up inputs; all of it labelled so."
        )
    if st.button("Measure it", type="primary", icon=":material/play_arrow:", disabled=blocked):
        try:
            kept = keep(Library(), model, shape, data, chosen)
        except OSError as error:
            st.error(
                f"It could not be kept on this server: {plain(error.strerror or str(error))}. Free some space there."
            )
            return
        brought.remember(kept.name)
        st.switch_page(COMPARE, query_params={"model": kept.name})


def _list() -> None:
    """What this visitor brought in this session, each with its way in and its way out."""
    names = brought.names()
    if not names:
        return
    st.subheader("Brought to this server", anchor=False)
    for name in names:
        member = catalog.model(name)
        with st.container(horizontal=True, vertical_alignment="center"):
            st.markdown(_words(member), width="stretch")
            if st.button("Open", key=f"open_{name}", icon=":material/arrow_forward:"):
                st.switch_page(COMPARE, query_params={"model": name})
            st.button(
                "Forget", key=f"forget_{name}", icon=":material/delete:", on_click=brought.forget, args=(name,),
                help="Removes the model and its data from this server, at once. Links to it end, too.",
            )  # fmt: skip


def _words(member: Model) -> str:
    """A brought model in one line."""
    assert member.brought is not None
    data = catalog.dataset_or_none(member.default_dataset)
    on = f"on {plain(data.title)}, {data.samples_test:,} samples held out" if data else "without data"
    return f"**{plain(member.title)}** ({format_bytes(member.brought.size_bytes)}), {on}"


NAME = re.compile(rf"(?<![\w-]){MODEL_PREFIX}[0-9a-f]{{16}}(?!\w)")
EXAMPLE = f"{MODEL_PREFIX}0123456789abcdef"


def draw_forget() -> None:
    """A field for a link or name, a button, and what became of it."""
    with st.expander("Forget by link or name", icon=":material/link_off:"):
        st.caption(
            "A window that was closed or loaded anew no longer lists what was brought in it, but its link still opens it. "
            "Anyone who has the link may remove it here."
        )
        with st.form("forget_by_name", border=False, clear_on_submit=True):
            text = st.text_input("Link or name", placeholder=EXAMPLE, max_chars=2000)
            if st.form_submit_button("Forget", icon=":material/delete:"):
                _forget(text)


def named_in(text: str) -> str:
    """The name of a brought model in a link or a text; empty if there is none.

    >>> named_in("http://lab/compare?model=my-0123456789abcdef&boards="), named_in("my-0123")
    ('my-0123456789abcdef', '')
    """
    found = NAME.search(text)
    return found[0] if found else ""


def _forget(text: str) -> None:
    name = named_in(text)
    if not name:
        st.error(f"There is no name of a brought model in it; one looks like this: {EXAMPLE}.")
    elif Library().model(name) is None:
        st.info(f"{name} is not on this server, or no longer.")
    else:
        brought.forget(name)
        st.success(f"{name} and its data were removed from this server.")
