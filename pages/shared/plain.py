"""Words of a stranger, made harmless for Markdown."""

from __future__ import annotations

import re


def plain(text: str) -> str:
    """Text of a stranger without the characters that Markdown would act on, and without words that become links.

    A word joiner, which nobody sees, keeps the browser from finding an address: beside each at sign and slash, and after `www`.
    Other dots are left alone, so that numbers and file names can be copied.
    """
    escaped = "".join(f"\\{letter}" if letter in "\\`*_{}[]()<>#+-!|~$:" else letter for letter in text)
    return re.sub(r"([@/]|(?<=www)\.)", "\u2060\\1\u2060", escaped, flags=re.IGNORECASE)
