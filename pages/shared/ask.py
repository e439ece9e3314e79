"""The chooser: model, techniques, settings and boards make a question, kept in step with the address."""

from __future__ import annotations

import streamlit as st

from pages.shared import (
    address,
    board_filter,
    limits_form,
    link,
    model_chooser,
    own_board,
    samples_view,
    settings_form,
    technique_toggles,
)
from tinyml_core.boards.board import Board
from tinyml_core.comparison import Question


def own_boards() -> tuple[Board, ...]:
    """The boards that this person described."""
    return tuple(st.session_state.get("own_boards", ()))


def question(page: str) -> Question | None:
    """Draw the chooser; gives the question, or None if no technique is chosen.

    Args:
        page: The page's name; a change of page keeps the question, a new address replaces it.
    """
    address.follow(page)
    own_board.take_added()
    model, picture = model_chooser.model()
    with st.container(key="chooser"):  # on a phone it stands behind what was found: phone.css
        techniques = technique_toggles.chosen(model)
        buttons = st.container(horizontal=True, gap="small")
    with buttons:
        settings = settings_form.settings()
        chosen_boards = board_filter.choose(own_boards())
        limits = limits_form.limits(chosen_boards, own_boards())
    dataset = model_chooser.dataset_of(model)
    asked = None
    if techniques:
        asked = Question(
            model=model,
            dataset=dataset,
            techniques=techniques,
            boards=chosen_boards,
            settings=settings,
            limits=limits,
            runtime=st.session_state.get("runtime") or "",
            own_boards=own_boards(),
        )
        address.write(asked)
        with buttons:
            _share(asked)
    address.tell_notes()
    if dataset:
        # Last of all: the desk opens with it, and the chooser shall be drawn at once.
        with picture:
            samples_view.draw(dataset)
    return asked


def _share(asked: Question) -> None:
    with st.popover("Share", icon=":material/link:"):
        st.write("This link opens the same comparison for anybody who can reach this server.")
        st.code(link.address(asked), language=None, wrap_lines=True)
