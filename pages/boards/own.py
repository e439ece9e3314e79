"""A board of one's own: a few numbers in a form, or a TOML file dropped in; it lives in the link."""

from __future__ import annotations

import streamlit as st

from pages.shared.plain import plain
from pages.shared.widgets import folded
from tinyml_core.boards import own
from tinyml_core.boards.board import KERNEL_CORES, Board
from tinyml_core.boards.figure import BoardError
from tinyml_core.boards.own import board_toml
from tinyml_core.boards.runtime_code import MEASURED_PLATFORMS

NO_CORE = "Another core (no latency estimate)"
OTHER = "Something else"


def draw() -> None:
    """The box with form, file and the boards that were added."""
    folded("Add your own board", ":material/add_circle:", "own_board_box", _fill)


def _fill() -> None:
    st.write(
        "A board you describe is there for you and for everybody who opens your link; nothing is kept on the server."
    )
    by_form, by_file = st.tabs(["Describe it", "Drop a TOML file"])
    with by_form:
        _form()
    with by_file:
        _file()
    for board in st.session_state.get("own_boards", ()):
        _added(board)


def _form() -> None:
    cores = [core for core in KERNEL_CORES if core]
    with st.form("own_board_form", border=False):
        left, right = st.columns(2)
        title = left.text_input("Name of the board", max_chars=60, placeholder="My sensor board")
        core = right.selectbox(
            "Core", [*cores, NO_CORE], help="Decides which published timings the latency is estimated from."
        )
        clock_mhz = left.number_input("Clock, MHz", 1, 2000, 64)
        power_mw = right.number_input(
            "Power while computing, mW", 0.0, 10_000.0, None, format="%g", placeholder="unknown",
            help="Leave empty if unknown; then no energy is shown.",
        )  # fmt: skip
        flash_kb = left.number_input("Flash a program may use, KB", 1, 1_000_000, 512)
        ram_kb = right.number_input("RAM in one piece, KB", 1, 65_536, 128)
        platform_flash_kb = left.number_input(
            "Flash of your own code and platform, KB", 0, 100_000, 32,
            help="Start-up code, drivers, operating system, radio: everything but the model and its runtime.",
        )  # fmt: skip
        platform_ram_kb = right.number_input(
            "RAM of your own code and platform, KB", 0, 65_536, 16, help="Stack, buffers, operating system, radio."
        )
        platform = left.selectbox(
            "Built with", [OTHER, *MEASURED_PLATFORMS],
            help="Decides how large the runtime's code is taken to be: the same code took up to twice as much with another "
            "toolchain.",
        )  # fmt: skip
        external = st.checkbox("The program lies in flash outside the chip (read through a cache)")
        if st.form_submit_button("Add this board", type="primary", icon=":material/add:"):
            if not title.strip():
                st.error("The board has no name; give it one, so that it can be told from others.")
                return
            _add(
                own.form_toml(
                    title.strip(), "" if core == NO_CORE else core, int(clock_mhz), int(flash_kb), int(ram_kb),
                    int(platform_flash_kb), int(platform_ram_kb), "" if platform == OTHER else platform, power_mw, external,
                )
            )  # fmt: skip


def _file() -> None:
    st.write("The file has the form of those in `tinyml_core/boards`; download one from any board's card as a pattern.")
    given = st.file_uploader("Board file", type="toml", max_upload_size=1, key="own_board_file")
    if given is not None and st.button("Add the board of this file", icon=":material/add:"):
        try:
            text = given.getvalue().decode("utf-8")
        except UnicodeDecodeError:
            st.error(f"{plain(given.name)} is no text in UTF-8; give a TOML file like those in tinyml_core/boards.")
            return
        _add(text)


def _add(text: str) -> None:
    state = st.session_state
    try:
        board = own.from_toml(text)
    except BoardError as error:
        st.error(plain(str(error)), icon=":material/error:")
        return
    others = tuple(other for other in state.get("own_boards", ()) if other.name != board.name)
    if len(others) >= own.MOST_BOARDS:
        st.error(f"A link holds at most {own.MOST_BOARDS} own boards; remove one first.")
        return
    state.own_boards = (*others, board)
    state.own_added = board.name
    st.rerun()


def _added(board: Board) -> None:
    with st.container(border=True, horizontal=True, vertical_alignment="center"):
        st.markdown(
            f"**{plain(board.title)}**: {board.clock_mhz_default} MHz, {plain(board.kernel_core or 'other core')}"
        )
        st.download_button(
            "TOML", board_toml(board), f"{board.name}.toml", "application/toml", key=f"toml_{board.name}",
            on_click="ignore", icon=":material/download:",
            help="Put the file into tinyml_core/boards, and the board is one of the project's.",
        )  # fmt: skip
        st.button("Remove", key=f"remove_{board.name}", on_click=_remove, args=(board.name,), icon=":material/delete:")


def _remove(name: str) -> None:
    state = st.session_state
    state.own_boards = tuple(board for board in state.own_boards if board.name != name)
    state.boards = [other for other in state.boards if other != name]
