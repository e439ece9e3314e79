"""Bring your own: a model's file, then data for it, then measuring; and what was brought before."""

from __future__ import annotations

import streamlit as st

from pages.shared import bring_data, bring_model, brought, forget_form
from pages.shared.plain import plain
from tinyml_core import catalog
from tinyml_core.metrics import format_bytes
from tinyml_core.model import Model
from tinyml_core.pipeline.bringing import DataChoices, Read, keep
from tinyml_core.uploads.facts import DataFacts, ModelFacts
from tinyml_core.uploads.shelf import UNUSED_DAYS, Shelf
from tinyml_core.workers.isolation import protections

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
    forget_form.draw()


def _measure(
    model: Read[ModelFacts], shape: list[int], data: Read[DataFacts] | None, chosen: DataChoices, blocked: bool
) -> None:
    """The button that puts it on the shelf and turns to the comparison."""
    if blocked:
        st.caption("The data do not fit yet: mend them above, or take them away to measure the model without data.")
    elif data is None:
        st.caption(
            "Without data nothing can be scored. You still get sizes, what TFLM says, the arena, the boards, and how alike the "
            "variants answer on made-up inputs; all of it labelled so."
        )
    if st.button("Measure it", type="primary", icon=":material/play_arrow:", disabled=blocked):
        try:
            card = keep(Shelf(), model, shape, data, chosen)
        except OSError as error:
            st.error(
                f"It could not be kept on this server: {plain(error.strerror or str(error))}. Free some space there."
            )
            return
        brought.remember(card.name)
        st.switch_page(COMPARE, query_params={"model": card.name})


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
