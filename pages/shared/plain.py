"""Words of a stranger, made harmless for Markdown, and shapes in words."""

from __future__ import annotations

import re
from collections.abc import Iterable


def plain(text: str) -> str:
    """Text of a stranger without the characters that Markdown would act on, and without words that become links.

    A word joiner, which nobody sees, keeps the browser from finding an address: beside each at sign and slash, and after `www`.
    Other dots are left alone, so that numbers and file names can be copied.
    """
    escaped = "".join(f"\\{letter}" if letter in "\\`*_{}[]()<>#+-!|~$:" else letter for letter in text)
    return re.sub(r"([@/]|(?<=www)\.)", "\u2060\\1\u2060", escaped, flags=re.IGNORECASE)


def shape_words(shape: Iterable[int]) -> str:
    """A shape as `8 x 8 x 1`; `any` where a size is left open, `scalar` where there is none."""
    return " x ".join("any" if size < 0 else str(size) for size in shape) or "scalar"
