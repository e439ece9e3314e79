"""The operators of a model as columns of numbers, once for all boards and runtimes."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from tinyml_core.boards.latency.architectures import KINDS
from tinyml_core.boards.latency.published import Floats
from tinyml_core.inspection import OperatorWork


@dataclass(frozen=True, slots=True)
class Workload:
    """n operators as columns.

    Attributes:
        amounts: MACs by class in the order of `KINDS`, values written (without depthwise), weight bytes, and 1, [n, 8].
        live_amounts: The same without dead output channels, [n, 8].
        macs: MACs of each operator, also of those without a class, [n].
        kind: Position in `KINDS`; -1 where nothing is multiplied, -2 where the class is unknown, [n].
        dtypes: Types of the operators that multiply.
        dtype_masks: Which operators are of a type, [n] each.
        uncountable: Names of operators whose work is left open.
        unknown: Names of operators that multiply but have no class.
        weight_bytes: Of all operators.
        dead_share: Share of MACs that belong to dead channels.
        uneven_channels: Convolutions with a number of channels that 4 does not divide.
    """

    amounts: Floats
    live_amounts: Floats
    macs: Floats
    kind: NDArray[np.intp]
    dtypes: tuple[str, ...]
    dtype_masks: dict[str, NDArray[np.bool_]]
    uncountable: tuple[str, ...]
    unknown: tuple[str, ...]
    weight_bytes: int
    dead_share: float
    uneven_channels: int


_KEPT = 128
_seen: dict[int, tuple[Sequence[OperatorWork], Workload]] = {}


def workload(work: Sequence[OperatorWork]) -> Workload:
    """The columns of a model's work; the same object is worked out once."""
    kept = _seen.get(id(work))
    if kept is not None and kept[0] is work:  # the reference kept here forbids that the id is given to another object
        return kept[1]
    made = _workload(work)
    if isinstance(work, tuple):
        if len(_seen) >= _KEPT:
            _seen.clear()
        _seen[id(work)] = (work, made)
    return made


def _workload(work: Sequence[OperatorWork]) -> Workload:
    count = len(work)
    amounts, live, macs = np.zeros((count, 8)), np.ones(count), np.zeros(count)
    kind = np.full(count, -1)
    for number, operator in enumerate(work):
        macs[number] = operator.macs or 0
        amounts[number, 6:] = operator.weight_bytes, 1
        if operator.kind in KINDS:
            kind[number] = KINDS.index(operator.kind)
            amounts[number, kind[number]] = macs[number]
            amounts[number, 5] = (operator.outputs or 0) if operator.kind != "depthwise" else 0
        elif operator.kind == "unknown":
            kind[number] = -2
        if operator.output_channels and operator.dead_channels:
            live[number] = 1 - operator.dead_channels / operator.output_channels
    live_amounts = amounts.copy()
    live_amounts[:, :7] *= live[:, None]
    multiplies = kind != -1
    dtypes = tuple(dict.fromkeys(one.dtype for one in work if one.kind != "none"))
    names = np.array([operator.dtype for operator in work], dtype=object)
    total = macs[multiplies].sum()
    return Workload(
        amounts,
        live_amounts,
        macs,
        kind,
        dtypes,
        {dtype: np.asarray(names == dtype) for dtype in dict.fromkeys(names)},
        tuple(dict.fromkeys(one.operator for one in work if one.kind != "none" and one.macs is None)),
        tuple(dict.fromkeys(one.operator for one in work if one.kind == "unknown" and one.macs)),
        sum(operator.weight_bytes for operator in work),
        float((macs * (1 - live)).sum() / total) if total else 0.0,
        sum(map(_uneven, work)),
    )


def _uneven(operator: OperatorWork) -> bool:
    if operator.kind not in ("conv", "conv 1x1", "first conv"):
        return False
    input_matters = operator.kind != "first conv"
    return operator.output_channels % 4 != 0 or (input_matters and operator.input_channels % 4 != 0)
