"""The networks of the published latencies, layer by layer, and what each class of operator has to do in them.

A published latency is one number for a whole network. To split it over classes of operators one has to know the
network. MLPerf Tiny's are counted from its files; those of the MicroNets paper follow from its Table 5, where every
layer is written out; MobileNets from their paper. Paddings are `same` throughout.
"""

from __future__ import annotations

import csv
from collections.abc import Iterator
from dataclasses import dataclass, replace
from itertools import pairwise
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from tinyml_core.boards.latency.coefficients import KINDS
from tinyml_core.boards.latency.runtimes import all_runtimes

if TYPE_CHECKING:
    from tinyml_core.boards.latency.coefficients import Floats


@dataclass(frozen=True, slots=True)
class Layer:
    """One operator that multiplies.

    Attributes:
        kind: One of `KINDS`.
        macs: Multiply-accumulate operations.
        outputs: Values it writes.
        weights: Weights without biases, a byte each.
        live: Share of its output channels that have a weight other than zero.
    """

    kind: str
    macs: int
    outputs: int
    weights: int
    live: float = 1.0


@dataclass(frozen=True, slots=True)
class Network:
    """A network of the published rows.

    Attributes:
        key: As in `published.csv`.
        layers: Its operators that multiply.
        operators: All its operators, also those that do not multiply.
        source: Where the layers come from.
    """

    key: str
    layers: tuple[Layer, ...]
    operators: int
    source: str


def networks() -> dict[str, Network]:
    """All networks by key."""
    mlperf = "MLPerf Tiny reference model, counted from the .tflite of github:mlcommons/tiny"
    micronets = "MicroNets paper, arXiv:2010.11267, Table 5 (layers)"
    mobilenet = "MobileNet v1, arXiv:1704.04861, Table 1, with width and input of the name; 5 classes"
    given = [
        Network("ad", tuple(_dense(640, *[128] * 4, 8, *[128] * 4, 640)), 10, mlperf),
        Network("ic", tuple(_resnet8()), 16, mlperf),
        Network("kws", tuple(_ds_cnn((49, 10), (10, 4), 2, 64, [(64, 1)] * 4, 12)), 13, mlperf),
        Network("vww", tuple(_dying(_mobilenet(0.25, 96, 3, 2))), 31, f"{mlperf}; dead channels as in `_dying`"),
        Network("sww", _SWW, 11, f"{mlperf}; outputs not counted"),
        Network("person_detect", tuple(_mobilenet(0.25, 96, 1, 2)), 31, "TFLM's person_detect.tflite, counted"),
    ]
    for key, width, side, channels in (
        ("mbv1_0.25_96", 0.25, 96, 3),
        ("mbv1_0.25_96_gray", 0.25, 96, 1),
        ("mbv1_0.25_224", 0.25, 224, 3),
        ("mbv1_0.5_224", 0.5, 224, 3),
    ):
        given.append(Network(key, tuple(_mobilenet(width, side, channels, 5)), 31, mobilenet))
    for key, first, blocks in (
        ("mn_kws_s", 84, [(112, 2), (84, 1), (84, 1), (84, 1), (196, 1)]),
        ("mn_kws_m", 140, [(140, 2), (140, 1), (140, 1), (112, 1), (196, 1)]),
        ("mn_kws_l", 276, [(248, 2), (276, 1), (276, 1), (248, 1), (248, 1), (248, 1), (248, 1)]),
    ):
        layers = tuple(_ds_cnn((49, 10), (10, 4), 1, first, blocks, 12))
        given.append(Network(key, layers, len(layers) + 3, micronets))
    for key, first, blocks in (
        ("mn_ad_s", 72, [(164, 2), (220, 1), (276, 2), (276, 2)]),
        ("mn_ad_m", 192, [(276, 2), (276, 1), (276, 1), (276, 2), (276, 2)]),
        ("mn_ad_l", 276, [(248, 2), (276, 1), (276, 1), (248, 2), (248, 2)]),
    ):
        layers = tuple(_ds_cnn((32, 32), (3, 3), 1, first, blocks, 4))
        given.append(Network(key, layers, len(layers) + 3, micronets))
    return {network.key: network for network in given}


def _conv(kind: str, height: int, width: int, kernel: int, cin: int, cout: int) -> Layer:
    outputs = height * width * cout
    return Layer(kind, outputs * kernel * cin, outputs, kernel * cin * cout)


def _dense(*sizes: int) -> Iterator[Layer]:
    for before, after in pairwise(sizes):
        yield Layer("fully connected", before * after, after, before * after)


def _half(size: int, stride: int) -> int:
    return -(-size // stride)


def _resnet8() -> Iterator[Layer]:
    yield _conv("first conv", 32, 32, 9, 3, 16)
    for side, before, after in ((32, 16, 16), (16, 16, 32), (8, 32, 64)):
        yield _conv("conv", side, side, 9, before, after)
        yield _conv("conv", side, side, 9, after, after)
        if before != after:
            yield _conv("conv 1x1", side, side, 1, before, after)
    yield from _dense(64, 10)


def _ds_cnn(
    size: tuple[int, int], kernel: tuple[int, int], stride: int, first: int, blocks: list[tuple[int, int]], classes: int
) -> Iterator[Layer]:
    height, width = (_half(length, stride) for length in size)
    yield _conv("first conv", height, width, kernel[0] * kernel[1], 1, first)
    channels = first
    for wanted, step in blocks:
        height, width = _half(height, step), _half(width, step)
        yield _conv("depthwise", height, width, 9, 1, channels)
        yield _conv("conv 1x1", height, width, 1, channels, wanted)
        channels = wanted
    yield from _dense(channels, classes)


def _mobilenet(alpha: float, side: int, input_channels: int, classes: int) -> Iterator[Layer]:
    side = _half(side, 2)
    channels = int(32 * alpha)
    if input_channels == 1:  # a depthwise operator by name, with one input channel; it costs what a first layer costs
        yield _conv("depthwise", side, side, 9, 1, channels)
    else:
        yield _conv("first conv", side, side, 9, input_channels, channels)
    for wanted, step in (
        (64, 1),
        (128, 2),
        (128, 1),
        (256, 2),
        (256, 1),
        (512, 2),
        *[(512, 1)] * 5,
        (1024, 2),
        (1024, 1),
    ):
        side = _half(side, step)
        yield _conv("depthwise", side, side, 9, 1, channels)
        yield _conv("conv 1x1", side, side, 1, channels, int(wanted * alpha))
        channels = int(wanted * alpha)
    yield from _dense(channels, classes)


def _dying(layers: Iterator[Layer]) -> Iterator[Layer]:
    """Dead output channels of MLPerf's VWW model.

    Two things were counted in its file: half of all multiplications belong to output channels without any weight other
    than zero, and of the 256 channels of the last two 1x1 convolutions 224 and 234 are of that kind. In between the
    dead share is taken to grow with depth, as (depth / 13)^p x 0.91; p = 0.826 then gives the half.
    """
    depth = 0
    for layer in layers:
        if layer.kind == "conv 1x1":
            depth += 1
        dead = 0.91 * (depth / 13) ** _DYING_POWER if layer.kind in ("conv 1x1", "depthwise") else 0.0
        yield replace(layer, live=1 - dead)


_DYING_POWER = 0.826

_SWW = (
    Layer("conv 1x1", 786_432, 0, 0),
    Layer("depthwise", 39_840, 0, 0),
    Layer("fully connected", 96, 0, 0),
)

# ---- The published latencies and the networks they are of, as tables of numbers ------------------------------------


FOLDER = Path(__file__).parent
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
