"""Where a variant's error comes from: values along the layers, the layer where most of it enters, and what a decibel is."""

from __future__ import annotations

from dataclasses import dataclass
from math import inf, log10

import numpy as np

from tinyml_core.analysis.inputs_outputs import holdable
from tinyml_core.analysis.layer_points import Point, labels, paired, points, without_simulated_rounding
from tinyml_core.domain.dataset import Arrays
from tinyml_core.domain.outcome import Failure
from tinyml_core.engine.call import Expected
from tinyml_core.measure import litert, tflite
from tinyml_core.measure.inspect_file import macs, work
from tinyml_core.measure.litert import stored_inputs, to_real

UNHEARD_DB = 40.0
"""An error of a 100th of the signal or less counts as none when a layer is blamed: later layers hardly notice it."""

SMALLEST_DROP_DB = 3.0
"""A smaller fall of the ratio from one layer to the next blames nobody: the error grows by less than half."""


@dataclass(frozen=True, slots=True)
class LayerError:
    """What one layer of a variant gives, against what float32 gives there, over all samples.

    Attributes:
        layer: Its short name in float32's file; unique.
        operator: As in the schema, `CONV_2D`; `INPUT` for the network's input as the variant stores it.
        dtype: Of the variant's values here.
        snr_db: Signal-to-noise ratio: ten times the decimal logarithm of float32's mean square through the error's mean
            square. None if there is no error at all, or nothing but zeros.
        cosine: Of the angle between both, all values taken as one vector; 1 where they point the same way.
        worst: Largest absolute error of a single value, in real units.
        worst_steps: The same in steps of the variant's scale; None where it computes in float.
        clipped: Share of float32's values, 0 to 1, that lie outside of what the variant's type can hold here.
        range_used: Share of that range, 0 to 1, which float32's values reach; None where the variant computes in float.
        weights: Type of the layer's weights, empty where it has none; they have `weight_scales` scales, 0 for floats.
        sources: The layers, as places in the list, whose values it reads.
        by_name: True if both files call it the same; else it was found by operator, shape and place.
    """

    layer: str
    operator: str
    dtype: str
    snr_db: float | None
    cosine: float
    worst: float
    worst_steps: float | None
    clipped: float = 0.0
    range_used: float | None = None
    weights: str = ""
    weight_scales: int = 0
    sources: tuple[int, ...] = ()
    by_name: bool = True

    @property
    def exact(self) -> bool:
        """True if every value is float32's."""
        return self.worst == 0


@dataclass(frozen=True, slots=True)
class LayerCurve:
    """A variant against one float32 file, layer by layer in order of execution.

    The float32 file has no counterpart of the `unmatched` layers, the variant none of the `missing` ones.
    """

    layers: tuple[LayerError, ...]
    unmatched: tuple[str, ...] = ()
    missing: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class LayerErrors:
    """A variant against the float weights it was converted from, and against those of the model as it was trained first.

    Attributes:
        samples: How many were executed; they are random numbers, `synthetic`, if no data came with the model.
        own: Against the float32 file of the same training stage.
        base: Against the float32 file of the model itself; None where both are the same file, or other networks.
    """

    samples: int
    synthetic: bool
    own: LayerCurve
    base: LayerCurve | None = None


@dataclass(frozen=True, slots=True)
class Guilty:
    """The layer at which most of the error enters, by its place in the list.

    Attributes:
        drop_db: By how much its signal-to-noise ratio lies below that of the worst layer it reads from, of which all above
            40 dB counts as that.
        first: True if no layer before it has any error, so that nothing fell: the error begins here.
    """

    place: int
    drop_db: float
    first: bool = False


def guilty(curve: LayerCurve) -> Guilty | None:
    """The layer with the largest drop of the signal-to-noise ratio; None if none stands out."""

    def heard(layer: LayerError) -> float:
        return UNHEARD_DB if layer.exact or layer.snr_db is None else min(UNHEARD_DB, layer.snr_db)

    def drop(layer: LayerError) -> float:
        before = min((heard(curve.layers[source]) for source in layer.sources), default=UNHEARD_DB)
        return before - heard(layer)

    drops = [drop(layer) for layer in curve.layers]
    if not drops or max(drops) < SMALLEST_DROP_DB:
        return None
    place = drops.index(max(drops))
    return Guilty(place, drops[place], first=all(layer.exact for layer in curve.layers[:place]))


def share_words(snr_db: float) -> str:
    """A signal-to-noise ratio as a share, in words.

    >>> share_words(20), share_words(46), share_words(3)
    ('the error is 1/10 of the signal', 'the error is 1/200 of the signal', 'the error is 71 % of the signal')
    """
    share = 10 ** (-snr_db / 20)
    words = f"{100 * share:.0f} %" if share > 0.1 else f"1/{float(f'{1 / share:.2g}'):,.0f}"
    return f"the error is {words} of the signal"


def decibels(layer: LayerError) -> str:
    """A layer's signal-to-noise ratio in words: `34.2 dB`, `no error`."""
    if layer.exact:
        return "no error"
    return "no signal" if layer.snr_db is None else f"{layer.snr_db:.1f} dB"


MOST_SAMPLES = 64
FEWEST_SAMPLES = 4

MOST_MACS = 2_000_000_000
"""Work of one file over all samples: 64 of a small network, 6 of a MobileNetV2."""


def where_errors_enter(
    content: bytes, own: bytes, arrays: Arrays, synthetic: bool, base: bytes | None = None
) -> LayerErrors:
    """A `.tflite` layer by layer beside the float32 file it was converted from, and beside the model's own float32.

    Args:
        content: The variant, not packed.
        own: float32's file of the same training stage.
        arrays: The inputs: the first held-out ones, or the first of all if they are synthetic.
        synthetic: True if no data came with the model.
        base: float32's file of the model itself, where that is another.
    """
    # As many samples as the network's work allows.
    counted = macs(work(tflite.parse(own))) or 1
    number = int(np.clip(MOST_MACS // counted, FEWEST_SAMPLES, MOST_SAMPLES))
    x = arrays.x[:number] if synthetic else arrays.x[arrays.test[:number]]
    curves = layer_errors(content, [own] if base is None else [own, base], x, arrays.x_scale)
    return LayerErrors(len(x), synthetic, *curves)


def layer_errors(content: bytes, references: list[bytes], x: np.ndarray, x_scale: float) -> list[LayerCurve]:
    """The curve of a `.tflite` against each float32 file, over raw inputs `(samples, *input_shape)` times their scale.

    Where a float32 file holds the rounding that training simulated, it is taken out first: what is compared with is what
    the weights give in plain floats. All files have one input of the same shape.

    Raises:
        Expected: LiteRT refuses one of the files, or it has more than one input.
    """
    variant = _Kept(content)
    others = [_Kept(without_simulated_rounding(reference)) for reference in references]
    sums = [_Sums(variant, other) for other in others]
    for index in range(len(x)):
        for kept in (variant, *others):
            kept.invoke(x[index : index + 1], x_scale)
        for each in sums:
            each.add()
    return [each.curve() for each in sums]


class _Kept:
    """A file that is executed with all its tensors kept."""

    def __init__(self, content: bytes) -> None:
        self.points = points(tflite.parse(content))
        self.ready = litert.interpreter(content, keep_tensors=True)
        try:
            self.ready.allocate_tensors()
        except (ValueError, RuntimeError) as error:
            raise litert.refused(error) from error
        if (number := len(self.ready.get_input_details())) != 1:
            reason = f"The model has {number} inputs; layers are compared for models with one."
            raise Expected(Failure("comparing layers", reason, lasting=True))
        self.details = {details["index"]: details for details in self.ready.get_tensor_details()}

    def invoke(self, x: np.ndarray, x_scale: float) -> None:
        put = self.ready.get_input_details()[0]
        try:
            self.ready.set_tensor(put["index"], stored_inputs(x, x_scale, put))
            self.ready.invoke()
        except (ValueError, RuntimeError) as error:
            raise litert.refused(error) from error

    def values(self, tensor: int) -> np.ndarray:
        """Real values of a tensor after the last inference, flat."""
        real: np.ndarray = to_real(self.ready.get_tensor(tensor), self.details[tensor]).ravel().astype(np.float64)
        return real


@dataclass(slots=True)
class _Sum:
    """What is gathered of one pair of points over the samples."""

    signal: float = 0.0
    error: float = 0.0
    product: float = 0.0
    power: float = 0.0
    worst: float = 0.0
    clipped: int = 0
    count: int = 0
    low: float = inf
    high: float = -inf

    @property
    def cosine(self) -> float:
        """1 where both are zero throughout, 0 where only one is."""
        if self.signal == 0 or self.power == 0:
            return 1.0 if self.signal == self.power else 0.0
        return float(np.clip(self.product / np.sqrt(self.signal * self.power), -1, 1))


class _Sums:
    """All pairs of points of a variant and one reference."""

    def __init__(self, variant: _Kept, reference: _Kept) -> None:
        self.variant, self.reference = variant, reference
        self.pairs = paired(variant.points, reference.points)
        self.sums = {place: _Sum() for place in self.pairs}

    def add(self) -> None:
        """Take in what the last inference of both gave."""
        for place, (other, _) in self.pairs.items():
            actual = self.variant.values(self.variant.points[place].tensor)
            expected = self.reference.values(self.reference.points[other].tensor)
            each, error = self.sums[place], actual - expected
            each.signal += float(expected @ expected)
            each.error += float(error @ error)
            each.product += float(actual @ expected)
            each.power += float(actual @ actual)
            each.worst = max(each.worst, float(np.abs(error).max(initial=0.0)))
            each.low = min(each.low, float(expected.min(initial=inf)))
            each.high = max(each.high, float(expected.max(initial=-inf)))
            low, high = holdable(self.variant.details[self.variant.points[place].tensor])
            each.clipped += int(np.count_nonzero((expected < low) | (expected > high)))
            each.count += expected.size

    def curve(self) -> LayerCurve:
        """All that was gathered, in order of execution."""
        known, own = labels(self.reference.points), labels(self.variant.points)
        taken = {other for other, _ in self.pairs.values()}
        return LayerCurve(
            layers=tuple(self._layer(place, known[other], by_name) for place, (other, by_name) in self.pairs.items()),
            unmatched=tuple(name for place, name in enumerate(own) if place not in self.pairs),
            missing=tuple(name for place, name in enumerate(known) if place not in taken),
        )

    def _layer(self, place: int, name: str, by_name: bool) -> LayerError:
        point, each = self.variant.points[place], self.sums[place]
        details = self.variant.details[point.tensor]
        scale, (low, high) = details["quantization"][0], holdable(details)
        stepped = low > -inf
        return LayerError(
            layer=name,
            operator=point.operator,
            dtype=point.dtype,
            snr_db=10 * log10(each.signal / each.error) if each.signal > 0 and each.error > 0 else None,
            cosine=each.cosine,
            worst=each.worst,
            worst_steps=each.worst / scale if stepped else None,
            clipped=each.clipped / each.count if each.count else 0.0,
            range_used=(min(each.high, high) - max(each.low, low)) / (high - low) if stepped and each.count else None,
            weights=point.weights,
            weight_scales=point.weight_scales,
            sources=tuple(dict.fromkeys(self._sources(point))),
            by_name=by_name,
        )

    def _sources(self, point: Point) -> list[int]:
        """Places of the layers it reads from; through those that have no counterpart."""
        found: list[int] = []
        for source in point.sources:
            paired = source in self.pairs
            found += [[*self.pairs].index(source)] if paired else self._sources(self.variant.points[source])
        return found
