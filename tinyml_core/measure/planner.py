"""Where TFLM's planner puts activations: its greedy algorithm worked out again, so that its figure can be explained.

After `greedy_memory_planner.cc` of TensorFlow Lite Micro: largest buffer first; each goes to the lowest gap between
those that are needed at the same time.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

ALIGNMENT = 16
"""Each buffer is rounded up to so many bytes."""


@dataclass(frozen=True, slots=True)
class Buffer:
    """Room that is needed from operator `born` to operator `dies`, both included."""

    size_bytes: int
    born: int
    dies: int


def aligned(size_bytes: int) -> int:
    """The size rounded up to 16 bytes.

    >>> aligned(0), aligned(1), aligned(32)
    (0, 16, 32)
    """
    return -(-size_bytes // ALIGNMENT) * ALIGNMENT


def offsets(buffers: Sequence[Buffer]) -> tuple[int, ...]:
    """Where the greedy planner puts each buffer, in bytes from the start.

    >>> offsets([Buffer(16, 0, 1), Buffer(64, 1, 2), Buffer(32, 2, 3)])
    (64, 0, 64)
    """
    # Of equal ones the last comes first: the planner fills its list from the end before it sorts.
    largest_first = sorted(range(len(buffers)), key=lambda index: (-buffers[index].size_bytes, -index))
    placed: list[tuple[int, int]] = []
    found = [0] * len(buffers)
    for index in largest_first:
        wanted, offset = buffers[index], 0
        for start, other in sorted(placed):
            neighbour = buffers[other]
            if neighbour.born > wanted.dies or neighbour.dies < wanted.born:
                continue
            if start - offset >= wanted.size_bytes:
                break
            offset = max(offset, start + neighbour.size_bytes)
        found[index] = offset
        placed.append((offset, index))
    return tuple(found)


def top(buffers: Sequence[Buffer], at: Sequence[int]) -> int:
    """Bytes from the start to the end of the last buffer."""
    return max((offset + buffer.size_bytes for buffer, offset in zip(buffers, at, strict=True)), default=0)


def live_bytes(buffers: Sequence[Buffer], place: int) -> int:
    """Sum of the buffers that are needed while the operator of a place runs."""
    return sum(buffer.size_bytes for buffer in buffers if buffer.born <= place <= buffer.dies)
