"""What to try about the layer at which a variant's error enters: a few rules, each with what was measured as its reason."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from tinyml_core import catalog
from tinyml_core.analysis.layer_errors import LayerError
from tinyml_core.compress import techniques
from tinyml_core.domain.model import Model
from tinyml_core.domain.technique import Technique

MANY_CLIPPED = 0.001
LITTLE_USED = 0.5
EIGHT_BITS = ("int8", "uint8")
FEW_BITS = ("int4", "int2")


@dataclass(frozen=True, slots=True)
class Advice:
    """What to try, in a few words; why, in one sentence; and the technique's name if a toggle gives it, else empty."""

    what: str
    why: str
    technique: str = ""


Rule = Callable[[LayerError, Technique], Advice | None]


def more_calibration(layer: LayerError, technique: Technique) -> Advice | None:
    """Values beyond the range are cut off."""
    if layer.clipped < MANY_CLIPPED:
        return None
    share = f"{100 * layer.clipped:.1f} % of this layer's values lie outside of its range and are cut off"
    if "qat" in technique.training:
        return Advice("Train longer", f"{share}; training finds the range, slowly: give it more epochs (Settings).")
    why = f"{share}: calibration saw too few samples (Settings), or too alike ones."
    return Advice("More calibration samples", why)


def better_calibration(layer: LayerError, technique: Technique) -> Advice | None:
    """A range that single values stretched leaves few steps for all others."""
    if layer.range_used is None or layer.range_used >= LITTLE_USED or layer.dtype != "int8":
        return None
    share = f"{100 * layer.range_used:.0f} %"
    why = f"Its values reach over only {share} of its range, so most of the 256 steps are never used"
    if "qat" in technique.training:
        return Advice("Train longer", f"{why}; training narrows the range, slowly (Settings, epochs).")
    why += ": single outliers among the calibration samples stretch it, and averaging forgives them."
    return Advice("Averaged ranges", why, techniques.name_of(technique.training, "lq_int8_average"))


def more_bits(layer: LayerError, technique: Technique) -> Advice | None:
    """Few bits are few steps."""
    if layer.weights not in FEW_BITS:
        return None
    bits = int(layer.weights.removeprefix("int"))
    why = f"Its weights have {bits} bits, {2**bits} steps; with 8 bits their rounding falls to 1/{2 ** (8 - bits)}."
    return Advice("8 bits for its weights", why, techniques.name_of(technique.training, "lq_w8"))


def train(layer: LayerError, technique: Technique) -> Advice | None:
    """Weights can learn to live with rounding."""
    if technique.training != "none" or layer.dtype not in EIGHT_BITS:
        return None
    why = (
        "The network sees its own rounding while it is trained on, and its weights make up for it. Needs labelled data."
    )
    return Advice("Quantization-aware training", why, "qat_int8")


def more_activation_bits(layer: LayerError, technique: Technique) -> Advice | None:
    """Where every layer adds a little, every layer needs finer steps."""
    if layer.dtype not in EIGHT_BITS or techniques.stages()[technique.training].formats:
        return None
    why = "Every layer's values then have 65,536 steps instead of 256; TFLM runs that, with twice the arena for activations."
    return Advice("16-bit activations throughout", why, techniques.name_of(technique.training, "int16x8"))


def other_format(what: str, number_format: str, suits: Callable[[LayerError], bool], why: str) -> Rule:
    """The rule that a layer which it suits is better off in another number format, after the same training stage."""

    def rule(layer: LayerError, technique: Technique) -> Advice | None:
        return Advice(what, why, techniques.name_of(technique.training, number_format)) if suits(layer) else None

    return rule


RULES: tuple[Rule, ...] = (
    more_calibration,
    better_calibration,
    other_format(
        "A scale for each channel", "lq_int8",
        lambda layer: layer.weight_scales == 1 and layer.weights.startswith("int"),
        "All its weights share one scale, set by the largest of them; one scale for each output channel follows each closer.",
    ),
    more_bits,
    other_format(
        "Keep the worst layer in float32", "lq_mixed",
        lambda layer: layer.dtype in EIGHT_BITS and layer.operator != "INPUT",
        "Mixed precision leaves the layers that do most damage in float32; TFLM runs that, with a little more flash and time.",
    ),
    other_format(
        "Keep the worst layer in 16-bit integers", "lq_mixed16",
        lambda layer: layer.dtype in EIGHT_BITS,
        "Its values then have 65,536 steps instead of 256, its weights stay in 8 bits.",
    ),
    train,
)  # fmt: skip
"""For one layer that stands out."""

EVERYWHERE: tuple[Rule, ...] = (more_activation_bits, more_bits, train)
"""For an error that grows little by little."""


def advise(layer: LayerError, technique: Technique, model: Model, rules: Sequence[Rule] = RULES) -> tuple[Advice, ...]:
    """What to try, the nearest cure first; nothing that is what was done already or that cannot be done to the model."""

    def possible(name: str) -> bool:
        return name != technique.name and catalog.impossible(techniques.technique(name), model) is None

    found = [advice for rule in rules if (advice := rule(layer, technique)) is not None]
    return tuple(advice for advice in found if not advice.technique or possible(advice.technique))
