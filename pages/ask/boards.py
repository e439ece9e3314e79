"""Choosing boards: by name, or all that have what one needs."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import streamlit as st

from tinyml_core.boards.board import DEFAULT_BOARDS, Board, boards_with

HAS: dict[str, Callable[[Board], bool]] = {
    "NPU": lambda board: board.npu is not None or _has(board.npu_text),
    "Microphone": lambda board: _has(board.microphone),
    "Camera": lambda board: _has(board.camera),
    "Motion sensor (IMU)": lambda board: _has(board.imu),
    "Floating point unit": lambda board: _has(board.fpu),
    "Known power": lambda board: board.active_power_uw is not None,
}

RAM_KB = (0, 32, 64, 128, 192, 256, 320, 512, 1024, 2048)
FLASH_KB = (0, 256, 512, 1024, 2048, 4096, 8192)

FAMILIES = (
    "Cortex-M0+", "Cortex-M4F", "Cortex-M4", "Cortex-M55", "Cortex-M85", "Cortex-M33", "Cortex-M7", "Xtensa", "RISC-V",
)  # fmt: skip


def choose(own: Sequence[Board]) -> tuple[str, ...]:
    """Draw the chooser of boards, those that the person described too; gives the chosen names in the order of all."""
    known = boards_with(own)
    state = st.session_state
    state.boards = [name for name in state.boards if name in known]
    with st.popover(f"Boards ({len(state.boards)} chosen)", icon=":material/developer_board:"):
        chosen = st.multiselect(
            "Boards to fit on", list(known), key="boards", format_func=lambda name: known[name].title,
            persist_state="session",
        )  # fmt: skip
        left, right = st.columns(2)
        left.button("The classic four", on_click=_take, args=(DEFAULT_BOARDS,), width="stretch")
        right.button(f"All {len(known)}", on_click=_take, args=(tuple(known),), width="stretch")
        _by_need(list(known.values()))
    return tuple(name for name in known if name in chosen)


def _by_need(known: Sequence[Board]) -> None:
    """Filters, and a button that chooses what they leave."""
    st.markdown("**Or choose by what you need**")
    left, right = st.columns(2)
    vendors = left.multiselect(
        "Vendor", sorted({board.vendor for board in known}), key="filter_vendor", placeholder="Any"
    )
    cores = right.multiselect("Core", sorted({family(board) for board in known}), key="filter_core", placeholder="Any")
    ram_kb = left.select_slider("RAM in one piece, at least", RAM_KB, key="filter_ram", format_func=_kb)
    flash_kb = right.select_slider("Usable flash, at least", FLASH_KB, key="filter_flash", format_func=_kb)
    wanted = st.pills("It must have", list(HAS), selection_mode="multi", key="filter_has", wrap=True)
    left_over = [
        board.name
        for board in known
        if (not vendors or board.vendor in vendors)
        and (not cores or family(board) in cores)
        and board.ram_contiguous_bytes.value >= ram_kb * 1024
        and board.flash_usable_bytes.value >= flash_kb * 1024
        and all(HAS[name](board) for name in wanted)
    ]
    one = "board" if len(left_over) == 1 else "boards"
    st.button(
        f"Choose these {len(left_over)} {one}" if left_over else "No board has all of this", disabled=not left_over,
        on_click=_take, args=(tuple(left_over),), type="primary", width="stretch",
    )  # fmt: skip


def _take(names: tuple[str, ...]) -> None:
    st.session_state.boards = list(names)


def _has(text: str) -> bool:
    nothing = ("none", "no ", "no,", "not ", "connector", "?")
    return text.lower() not in ("", "no") and not text.lower().startswith(nothing)


def family(board: Board) -> str:
    """The kind of core, for filtering: `Cortex-M4F`, `Xtensa`, `RISC-V`."""
    return next((name for name in FAMILIES if name in board.core), "Other")


def _kb(size: int) -> str:
    return "any" if not size else f"{size} KB" if size < 1024 else f"{size // 1024} MB"


def take_added() -> None:
    """Choose a board that was just added; before the chooser of boards is drawn."""
    added = st.session_state.pop("own_added", None)
    if added is not None and added not in st.session_state.boards:
        st.session_state.boards = [*st.session_state.boards, added]
        st.session_state.cell_board = added
