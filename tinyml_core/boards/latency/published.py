"""The published latencies and the networks they are of, as tables of numbers.

`published.csv` has one measurement a row, `models.csv` one class of operators of one network. Both are data of the fit
alone; estimates need neither.
"""

from __future__ import annotations

import csv
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from tinyml_core.boards.latency.architectures import KINDS, networks
from tinyml_core.boards.latency.runtimes import all_runtimes

FOLDER = Path(__file__).parent
Floats = NDArray[np.float64]
Integers = NDArray[np.intp]


@dataclass(frozen=True, slots=True)
class Rows:
    """Measurements as columns; n of them.

    Attributes:
        model: Keys of the networks, [n].
        board: Names of the boards, [n].
        family: Kernels that share the ratios between classes of operators, [n].
        group: Runtime and core, `runtime|core`, [n]: they share one speed.
        cycles: Measured time times clock, [n].
        ms: Measured, [n].
        macs: Multiplications by class of operator, [n, 5] in the order of `KINDS`. Dead channels are left out where
            the runtime leaves them out.
        outputs: Values written by convolutions and fully connected operators, not by depthwise ones, [n].
        weight_bytes: Weights, each counted once, [n].
        operators: All operators, [n].
        weight: 1 / number of rows of the same board, group and model, [n]: repetitions count as one.
        dead: Whether the row is tagged for dead channels, [n].
    """

    model: NDArray[np.str_]
    board: NDArray[np.str_]
    family: NDArray[np.str_]
    group: NDArray[np.str_]
    cycles: Floats
    ms: Floats
    macs: Floats
    outputs: Floats
    weight_bytes: Floats
    operators: Floats
    weight: Floats
    dead: NDArray[np.bool_]


def published(even_dead_share: bool = False) -> Rows:
    """The measurements of `published.csv` with the work of their networks.

    Args:
        even_dead_share: Spread dead channels evenly over all layers, as in the first attempt, instead of by depth.
    """
    models = _models()
    leaves_out = {name for name, runtime in all_runtimes().items() if runtime.leaves_out_dead_channels}
    with (FOLDER / "published.csv").open(encoding="utf-8", newline="") as file:
        given = list(csv.DictReader(file))
    work = []
    for row in given:
        live = row["runtime"] in leaves_out
        work.append(_work(models[row["model"]], live, even_dead_share))
    group = np.array([f"{row['runtime']}|{row['core']}" for row in given])
    same = [(row["board"], group_of, row["model"]) for row, group_of in zip(given, group, strict=True)]
    ms = np.array([float(row["ms"]) for row in given])
    table = np.array(work)
    return Rows(
        model=np.array([row["model"] for row in given]),
        board=np.array([row["board"] for row in given]),
        family=np.array([row["family"] for row in given]),
        group=group,
        cycles=ms * np.array([float(row["clock_mhz"]) for row in given]) * 1000,
        ms=ms,
        macs=table[:, :5],
        outputs=table[:, 5],
        weight_bytes=table[:, 6],
        operators=table[:, 7],
        weight=np.array([1 / same.count(key) for key in same]),
        dead=np.array([row["dead_channels"] == "yes" for row in given]),
    )


def chosen_rows(rows: Rows, chosen: Integers | NDArray[np.bool_]) -> Rows:
    """Some of the rows."""
    return Rows(*(getattr(rows, name)[chosen] for name in Rows.__slots__))


def model_table() -> Iterator[dict[str, str]]:
    """The rows of `models.csv`, worked out from the architectures."""
    for network in networks().values():
        for kind in KINDS:
            layers = [layer for layer in network.layers if layer.kind == kind]
            if layers:
                yield {
                    "model": network.key,
                    "kind": kind,
                    "operators": str(len(layers)),
                    "macs": str(sum(layer.macs for layer in layers)),
                    "outputs": str(sum(layer.outputs for layer in layers)),
                    "weight_bytes": str(sum(layer.weights for layer in layers)),
                    "live_macs": str(round(sum(layer.macs * layer.live for layer in layers))),
                    "live_outputs": str(round(sum(layer.outputs * layer.live for layer in layers))),
                    "live_weight_bytes": str(round(sum(layer.weights * layer.live for layer in layers))),
                    "all_operators": str(network.operators),
                    "source": network.source,
                }


def _models() -> dict[str, list[dict[str, str]]]:
    found: dict[str, list[dict[str, str]]] = {}
    with (FOLDER / "models.csv").open(encoding="utf-8", newline="") as file:
        for row in csv.DictReader(file):
            found.setdefault(row["model"], []).append(row)
    return found


def _work(classes: list[dict[str, str]], live: bool, even: bool) -> list[float]:
    """MACs of the five classes, outputs, weight bytes, operators of one network."""
    scale = 1.0
    prefix = "live_" if live and not even else ""
    if live and even:
        dying = [row for row in classes if row["live_macs"] != row["macs"]]
        whole = sum(int(row["macs"]) for row in dying)
        gone = whole - sum(int(row["live_macs"]) for row in dying)
        scale = 1 - gone / whole if whole else 1.0
    macs, outputs, weights = [0.0] * 5, 0.0, 0.0
    for row in classes:
        factor = scale if row["live_macs"] != row["macs"] else 1.0
        macs[KINDS.index(row["kind"])] += int(row[f"{prefix}macs"]) * factor
        outputs += int(row[f"{prefix}outputs"]) * factor if row["kind"] != "depthwise" else 0.0
        weights += int(row[f"{prefix}weight_bytes"]) * factor
    return [*macs, outputs, weights, float(classes[0]["all_operators"])]
