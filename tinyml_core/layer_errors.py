"""Where a variant's error comes from: values along the layers, the layer where most of it enters, and what a decibel is."""

from __future__ import annotations

from dataclasses import dataclass

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
        weights: Type of the layer's weights; empty where it has none.
        weight_scales: How many scales its weights are quantized with; 0 for floats.
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
    """A variant against one float32 file.

    Attributes:
        layers: In order of execution.
        unmatched: Layers of the variant that the float32 file has no counterpart of.
        missing: Layers of the float32 file that the variant has no counterpart of.
    """

    layers: tuple[LayerError, ...]
    unmatched: tuple[str, ...] = ()
    missing: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class LayerErrors:
    """A variant against the float weights it was converted from, and against those of the model as it was trained first.

    Attributes:
        samples: How many were executed.
        made_up: True if no data came with the model, so that the samples are random numbers.
        own: Against the float32 file of the same training stage.
        base: Against the float32 file of the model itself; None where both are the same file, or other networks.
    """

    samples: int
    made_up: bool
    own: LayerCurve
    base: LayerCurve | None = None


@dataclass(frozen=True, slots=True)
class Guilty:
    """The layer at which most of the error enters.

    Attributes:
        place: In the list of layers.
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

    if not curve.layers:
        return None
    place = max(range(len(curve.layers)), key=lambda index: drop(curve.layers[index]))
    found = drop(curve.layers[place])
    first = all(layer.exact for layer in curve.layers[:place])
    return Guilty(place, found, first) if found >= SMALLEST_DROP_DB else None


def share_words(snr_db: float) -> str:
    """A signal-to-noise ratio as a share, in words.

    >>> share_words(20), share_words(46), share_words(3)
    ('the error is 1/10 of the signal', 'the error is 1/200 of the signal', 'the error is 71 % of the signal')
    """
    share = 10 ** (-snr_db / 20)
    return (
        f"the error is {100 * share:.0f} % of the signal"
        if share > 0.1
        else f"the error is 1/{float(f'{1 / share:.2g}'):,.0f} of the signal"
    )


def decibels(layer: LayerError) -> str:
    """A layer's signal-to-noise ratio in words: `34.2 dB`, `no error`."""
    if layer.exact:
        return "no error"
    return "no signal" if layer.snr_db is None else f"{layer.snr_db:.1f} dB"
