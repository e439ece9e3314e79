"""Which of many repetitions the usual run makes; `make test-all` makes all."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import pytest


def representatives(every: Iterable[Any], *kept: Any) -> list[Any]:
    """All values for `parametrize`; those that are not among `kept` carry the mark `every`."""
    return [value if value in kept else pytest.param(*_as_tuple(value), marks=pytest.mark.every) for value in every]


def _as_tuple(value: Any) -> tuple[Any, ...]:
    return value if isinstance(value, tuple) else (value,)
