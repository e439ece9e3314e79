"""Keeps the chooser in step with the address: a link, a reload and the back button set the widgets, and they set it."""

from __future__ import annotations

import streamlit as st

from pages.ask import boards, link
from pages.ask import limits as ask_limits
from pages.ask import model as ask_model
from pages.ask import settings as ask_settings
from pages.ask import techniques as ask_techniques
from pages.shared import frame
from pages.shared.plain import plain
from tinyml_core.boards.board import Board
from tinyml_core.compare.question import Question

TURN_S = 0.7


def follow(page: str) -> None:
    """Take over the question of the address if somebody else wrote it: a link, a reload, or the back button."""
    state = st.session_state
    given = {name: st.query_params.get_all(name) for name in st.query_params}
    now = {name: ",".join(values) for name, values in given.items()}
    turned = state.get("page") != page and "asked" in state and not now
    state.page = page
    state.turning = turned or (state.get("turning", False) and not now)
    if turned:
        _seed(state.asked)  # a page that is turned may lose what its widgets held
        # For a moment the address is bare. If the back button comes to it again, it stands for this question.
        state.bare = state.get("bare", {}) | {page: state.asked}
    if state.turning or now == state.get("written"):
        return
    bare = state.get("bare", {}).get(page) if not now else None
    asked, state.link_notes = (bare, []) if bare else link.read(given)
    state.written = now
    _seed(asked)


def _seed(asked: Question) -> None:
    """Let every widget show a question; before the widgets are drawn."""
    state = st.session_state
    state.model = asked.model
    state.dataset = asked.dataset
    ask_techniques.seed(asked.techniques)
    state.boards = list(asked.boards)
    ask_settings.seed(asked.settings)
    state.runtime = asked.runtime
    state.own_boards = asked.own_boards
    ask_limits.seed(asked.limits)


def write(asked: Question) -> None:
    """Let the address say this question."""
    wanted = link.written(asked)
    now = {name: ",".join(st.query_params.get_all(name)) for name in st.query_params}
    st.session_state.written, st.session_state.asked = wanted, asked
    if wanted == now:
        st.session_state.turning = False
        return
    bare = st.session_state.get("bare", {})
    if not now and not st.session_state.turning and bare.get(st.session_state.page) == asked:
        return  # come back to by the back button: another entry of the history would be a trap
    if st.session_state.turning:
        st.fragment(_write_later, run_every=TURN_S)()
    else:
        st.query_params.from_dict(wanted)


def _write_later() -> None:
    """Write the address once the browser has turned the page; at once, its own change of address might come after ours."""
    state = st.session_state
    state.turn_polls = state.get("turn_polls", 0) + 1
    if state.turn_polls > 1:
        state.turn_polls, state.turning = 0, False
        st.query_params.from_dict(state.written)
        st.rerun()


def tell_notes() -> None:
    """What of the link was not understood."""
    notes = [plain(sentence) for sentence in st.session_state.get("link_notes", [])]
    if notes:
        st.warning("\n\n".join(notes), icon=":material/link_off:")


# ---- The chooser: model, techniques, settings and boards make a question, kept in step with the address ------------


def own_boards() -> tuple[Board, ...]:
    """The boards that this person described."""
    return tuple(st.session_state.get("own_boards", ()))


def question(page: str, heading: str) -> Question | None:
    """Begin a page with its heading and the chooser; gives the question, or None, with a hint, if no technique is chosen.

    Args:
        page: The page's name; a change of page keeps the question, a new address replaces it.
        heading: The question that the page answers.
    """
    frame.open_page()
    frame.heading(heading)
    follow(page)
    boards.take_added()
    model, picture = ask_model.model()
    with st.container(key="chooser"):  # on a phone it stands behind what was found: phone.css
        techniques = ask_techniques.chosen(model)
        buttons = st.container(horizontal=True, gap="small")
    with buttons:
        settings = ask_settings.settings()
        chosen_boards = boards.choose(own_boards())
        limits = ask_limits.limits(chosen_boards, own_boards())
    dataset = ask_model.dataset_of(model)
    asked = None
    if techniques:
        asked = Question(
            model=model, dataset=dataset, techniques=techniques, boards=chosen_boards, settings=settings, limits=limits,
            runtime=st.session_state.get("runtime") or "", own_boards=own_boards(),
        )  # fmt: skip
        write(asked)
        with buttons:
            _share(asked)
    tell_notes()
    if dataset:
        # Last of all: the desk opens with it, and the chooser shall be drawn at once.
        with picture:
            ask_model.draw(dataset)
    if asked is None:
        hint = "Choose at least one technique above, for example float32 and full integer."
        st.info(hint, icon=":material/touch_app:")
    return asked


def _share(asked: Question) -> None:
    with st.popover("Share", icon=":material/link:"):
        st.write("This link opens the same comparison for anybody who can reach this server.")
        st.code(link.address(asked), language=None, wrap_lines=True)
