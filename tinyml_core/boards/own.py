"""Boards that a person describes: made from a few numbers or a TOML text, checked like any other, carried in a link."""

from __future__ import annotations

import base64
import binascii
import json
import re
import tomllib
import zlib
from collections.abc import Mapping
from dataclasses import asdict, fields, replace
from typing import Any

from tinyml_core.boards.board import Board, Npu, boards, read_board
from tinyml_core.boards.figure import BoardError, Figure

PREFIX = "own_"
"""Begins the name of every own board, so that none can take the place of a known one."""

MOST_BOARDS = 5
MOST_BYTES = 20_000
_UNKNOWN = "not stated"
_NAME_LENGTH = 40

_NAMES = ("name", "title", "kernel_core")
"""Fields that are checked against lists, and the title, which is cleaned apart."""


def own_name(title: str) -> str:
    """A name for links and files: `own_my_board`."""
    plain = re.sub("[^a-z0-9]+", "_", title.lower().removeprefix(PREFIX)).strip("_") or "board"
    if title.isascii() and len(plain) <= _NAME_LENGTH:
        return PREFIX + plain
    # Other letters and the end of a long title are not in the name; a checksum keeps it apart from others.
    return f"{PREFIX}{plain[:_NAME_LENGTH]}_{zlib.crc32(title.encode()):08x}"


def from_toml(text: str) -> Board:
    """A board from the text of a TOML file as those in `tinyml_core/boards`; named after its title.

    Raises:
        BoardError: Says in one sentence which field has which value and what is allowed.
    """
    if len(text.encode()) > MOST_BYTES:
        raise BoardError(f"The board file has {len(text.encode()):,} bytes; at most {MOST_BYTES:,} are allowed.")
    try:
        title = str(tomllib.loads(text).get("title", ""))
    except tomllib.TOMLDecodeError:
        title = ""  # read_board says what is wrong
    name = own_name(title)
    try:
        return _harmless(read_board(text, name))
    except BoardError as error:
        # The file that the sentence names does not exist; what was given is a text.
        raise BoardError(str(error).replace(f"{name}.toml: ", "").replace(f"{name}.toml", "The board")) from error


def _harmless(board: Board) -> Board:
    """The board with texts that no page can take for a link, a picture or mark-up: they are a stranger's words."""

    def clean(value: Any, longest: int = 300) -> Any:
        if isinstance(value, str):
            plain = re.sub(r"[^\w\s.,:;+\-%()=?'\"/&µ]|_", " ", value)
            plain = re.sub(r"://|www\.", " ", plain, flags=re.IGNORECASE)
            return " ".join(plain.split())[:longest] or _UNKNOWN
        if isinstance(value, tuple):
            return tuple(clean(part) for part in value[:10])
        return replace(value, source=clean(value.source)) if isinstance(value, Figure | Npu) else value

    changed = {field.name: clean(getattr(board, field.name)) for field in fields(board) if field.name not in _NAMES}
    title = clean(board.title, 60)
    if title in {known.title for known in boards().values()}:
        title += " (own)"  # charts tell boards apart by their titles
    return replace(board, **changed | {"title": title, "name": own_name(title)})


def packed(board: Board) -> str:
    """The board as a word for a link."""
    return base64.urlsafe_b64encode(zlib.compress(board_toml(board).encode(), 9)).decode().rstrip("=")


def unpacked(word: str) -> Board:
    """The board of a link.

    Raises:
        BoardError: The word is damaged, too long, or describes no possible board.
    """
    if len(word) > MOST_BYTES:
        raise BoardError("The own board in the link is too long; describe the board again.")
    try:
        inflate = zlib.decompressobj()
        text = inflate.decompress(base64.urlsafe_b64decode(word + "=" * (-len(word) % 4)), MOST_BYTES).decode()
        if inflate.unconsumed_tail or not inflate.eof:
            raise ValueError
    except (binascii.Error, zlib.error, ValueError) as error:
        raise BoardError("The own board in the link is damaged or was cut off; ask for the whole link.") from error
    return from_toml(text)


def form_toml(
    title: str, core: str, clock_mhz: int, flash_kb: int, ram_kb: int, platform_flash_kb: int, platform_ram_kb: int,
    platform: str, power_mw: float | None, flash_external: bool,
) -> str:  # fmt: skip
    """The TOML text of a board of which only the numbers of a form are known; everything else says so.

    The core is named as in the table of coefficients, empty if no latency can be estimated; the platform as in
    `runtime_code.MEASURED_PLATFORMS`, or empty. Sizes are in KB of 1024 bytes: `flash_kb` what a program may use,
    `ram_kb` the largest block in one piece, those of the platform all but model, arena and runtime. Power is drawn
    while computing at `clock_mhz`; None if unknown. External flash means that the program lies outside the chip.
    """
    given, assumed = "given by you", "assumed by you"
    unknown = ("mcu", "supply", "fpu", "dsp", "vector", "npu_text", "microphone", "camera", "imu", "power")

    def figure(size_kb: int, source: str = given) -> Figure:
        return Figure(size_kb * 1024, "assumed", source)

    return toml_text({
        "title": "".join(filter(str.isprintable, title)).strip() or _UNKNOWN,
        "vendor": "your own",
        "core": core or _UNKNOWN,
        "kernel_core": core,
        "platform": platform or _UNKNOWN,
        **dict.fromkeys(unknown, _UNKNOWN),
        "power_scope": given if power_mw else _UNKNOWN,
        "confidence": "as good as the numbers you gave",
        "order": 900,
        "cores": 1,
        **dict.fromkeys(("clock_mhz_max", "clock_mhz_default"), clock_mhz),
        "flash_external": flash_external,
        "notes": (),
        "sources": (given,),
        "active_power_mhz": clock_mhz if power_mw else None,
        **dict.fromkeys(("ram_physical_bytes", "ram_contiguous_bytes"), figure(ram_kb)),
        **dict.fromkeys(("flash_physical_bytes", "flash_usable_bytes"), figure(flash_kb)),
        "psram_bytes": figure(0, _UNKNOWN),
        "platform_flash_bytes": figure(platform_flash_kb, assumed),
        "platform_ram_bytes": figure(platform_ram_kb, assumed),
        "runtime_ram_bytes": figure(8, "8 KB for the runtime's own data and an input buffer"),
        "active_power_uw": Figure(round(power_mw * 1000), "assumed", given) if power_mw else None,
    })  # fmt: skip


# ---- Writes a board as the TOML file it could have been read from --------------------------------------------------

HEADER = "# A board. Every figure says how it is known; see docs/extending.md.\n"


def board_toml(board: Board) -> str:
    """The text of a file that `read_board` reads as an equal board."""
    return toml_text({field.name: getattr(board, field.name) for field in fields(board) if field.name != "name"})


def toml_text(values: Mapping[str, Any]) -> str:
    """The text of a board's file with these fields; those that are None are left out."""
    present = {key: value for key, value in values.items() if value is not None}
    plain = [f"{key} = {_toml(value)}\n" for key, value in present.items() if not isinstance(value, Figure | Npu)]
    tables = [
        f"\n[{key}]\n" + "".join(f"{part} = {_toml(one)}\n" for part, one in asdict(value).items() if one is not None)
        for key, value in present.items()
        if isinstance(value, Figure | Npu)
    ]
    return HEADER + "".join(plain) + "".join(tables)


def _toml(value: Any) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int):
        return str(value)
    if isinstance(value, tuple):
        return "[" + "".join(f"\n  {_toml(one)}," for one in value) + ("\n]" if value else "]")
    # JSON's escapes are TOML's too, but TOML wants U+007F escaped as well.
    return json.dumps(value, ensure_ascii=False).replace("\x7f", "\\u007f")
