"""What the arena that TFLM measured is made of: computed parts that add up to the measured figure."""

from __future__ import annotations

from dataclasses import dataclass

from tinyml_core.anatomy import Memory
from tinyml_core.inspection import Inspection
from tinyml_core.outcome import Failure, Micro

MEASURED = "measured on TFLM"
COMPUTED = "computed from the graph"
DIFFERENCE = "the difference to what was measured"
PLANNING = "Plus room that TFLM needs for a moment, while it plans the head, and gives back"


@dataclass(frozen=True, slots=True)
class ArenaPart:
    """A line of the sum.

    Attributes:
        known: How its size is known, in words.
    """

    name: str
    size_bytes: int
    known: str


def arena_parts(memory: Memory, micro: Micro, inspection: Inspection | Failure) -> tuple[ArenaPart, ...]:
    """Alive at the peak + gaps + the rest = head; head + tail = total; total + planning = smallest arena.

    Empty if TFLM did not run the file.
    """
    head, tail, total = micro.arena_head_bytes, micro.arena_tail_bytes, micro.arena_bytes
    if head is None or tail is None or total is None:
        return ()
    external = isinstance(inspection, Inspection) and inspection.external_weights
    kept = f"; {memory.kept_bytes:,} of them are variables kept between inferences" if memory.kept_bytes else ""
    lines = [
        ArenaPart("Tensors alive at the peak: no planner can do with less", memory.peak_bytes, COMPUTED),
        ArenaPart(
            "Plus gaps that TFLM's greedy planner leaves, because it places the largest tensors first",
            memory.planned_bytes - memory.peak_bytes,
            "computed: the planner's steps worked out again",
        ),
        ArenaPart(
            "Plus weights outside of the flatbuffer, which TFLM takes for activations"
            if external
            else "Plus scratch that kernels ask for, which does not stand in the file",
            head - memory.planned_bytes,
            DIFFERENCE,
        ),
        ArenaPart("= Head of the arena: activations, the same on every board", head, MEASURED),
        ArenaPart(f"Plus tail: TFLM's own structures, smaller on a 32-bit board{kept}", tail, MEASURED),
        ArenaPart("= Total of TFLM's allocation record", total, MEASURED),
    ]
    shown = [line for line in lines if line.size_bytes or line.name.startswith("=") or line is lines[0]]
    smallest = micro.arena_minimum_bytes
    if smallest is not None:
        if smallest > total:
            shown.append(ArenaPart(PLANNING, smallest - total, DIFFERENCE))
        shown.append(ArenaPart("= Smallest arena that allocates and runs", smallest, f"{MEASURED}, by bisection"))
    return tuple(shown)
