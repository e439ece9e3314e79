"""Writes a board as the TOML file it could have been read from."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import fields
from typing import Any

from tinyml_core.boards.board import Board, Figure, Npu

HEADER = "# A board. Every figure says how it is known; see docs/extending.md.\n"


def board_toml(board: Board) -> str:
    """The text of a file that `read_board` reads as an equal board."""
    return toml_text({field.name: getattr(board, field.name) for field in fields(board) if field.name != "name"})


def toml_text(values: Mapping[str, Any]) -> str:
    """The text of a board's file with these fields; those that are None are left out."""
    present = {key: value for key, value in values.items() if value is not None}
    plain = [f"{key} = {_toml(value)}\n" for key, value in present.items() if not isinstance(value, Figure | Npu)]
    tables = [_table(key, value) for key, value in present.items() if isinstance(value, Figure | Npu)]
    return HEADER + "".join(plain) + "".join(tables)


def _table(key: str, value: Figure | Npu) -> str:
    found = {field.name: getattr(value, field.name) for field in fields(value)}
    lines = (f"{name} = {_toml(one)}\n" for name, one in found.items() if one is not None)
    return f"\n[{key}]\n{''.join(lines)}"


def _toml(value: Any) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int):
        return str(value)
    if isinstance(value, tuple):
        return "[" + "".join(f"\n  {_toml(one)}," for one in value) + ("\n]" if value else "]")
    # JSON's escapes are TOML's too, but TOML wants U+007F escaped as well.
    return json.dumps(value, ensure_ascii=False).replace("\x7f", "\\u007f")
