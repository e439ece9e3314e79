"""What to try about the layer at which a variant's error enters: a few rules, each with what was measured as its reason."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from tinyml_core import catalog
from tinyml_core.analysis.layer_errors import LayerError
from tinyml_core.compress import techniques
from tinyml_core.compress.techniques import name_of
from tinyml_core.domain.model import Model
from tinyml_core.domain.technique import Technique

MANY_CLIPPED = 0.001
LITTLE_USED = 0.5
FEW_BITS = ("int4", "int2")


@dataclass(frozen=True, slots=True)
class Advice:
    """Something to try.

    Attributes:
        what: In a few words.
        why: What speaks for it, in one sentence.
        technique: Its name, if it can be had by a toggle; else empty.
    """

    what: str
    why: str
    technique: str = ""


@dataclass(frozen=True, slots=True)
class Case:
    """The layer, and the technique that made it."""

    layer: LayerError
    technique: Technique

    def other(self, number_format: str) -> str:
        """The same training stage in another number format."""
        return name_of(self.technique.training, number_format)


Rule = Callable[[Case], Advice | None]


def more_calibration(case: Case) -> Advice | None:
    """Values beyond the range are cut off."""
    if case.layer.clipped < MANY_CLIPPED:
        return None
    share = f"{100 * case.layer.clipped:.1f} % of this layer's values lie outside of its range and are cut off"
    if "qat" in case.technique.training:
        return Advice("Train longer", f"{share}; training finds the range, slowly: give it more epochs (Settings).")
    return Advice(
        "More calibration samples", f"{share}: calibration saw too few samples (Settings), or too alike ones."
    )


def better_calibration(case: Case) -> Advice | None:
    """A range that single values stretched leaves few steps for all others."""
    used = case.layer.range_used
    if used is None or used >= LITTLE_USED or case.layer.dtype != "int8":
        return None
    why = f"its values reach over only {100 * used:.0f} % of its range, so most of the 256 steps are never used"
    if "qat" in case.technique.training:
        return Advice(
            "Train longer", f"{why[0].upper()}{why[1:]}; training narrows the range, slowly (Settings, epochs)."
        )
    return Advice(
        "Averaged ranges",
        f"{why[0].upper()}{why[1:]}: single outliers among the calibration samples stretch it, and averaging forgives them.",
        case.other("lq_int8_average"),
    )


def per_channel(case: Case) -> Advice | None:
    """One scale for a whole layer suits its channel of the largest weights alone."""
    if case.layer.weight_scales != 1 or not case.layer.weights.startswith("int"):
        return None
    why = "All its weights share one scale, set by the largest of them; one scale for each output channel follows each closer."
    return Advice("A scale for each channel", why, case.other("lq_int8"))


def more_bits(case: Case) -> Advice | None:
    """Few bits are few steps."""
    if case.layer.weights not in FEW_BITS:
        return None
    bits = int(case.layer.weights.removeprefix("int"))
    why = f"Its weights have {bits} bits, {2**bits} steps; with 8 bits their rounding falls to 1/{2 ** (8 - bits)}."
    return Advice("8 bits for its weights", why, case.other("lq_w8"))


def keep_in_float(case: Case) -> Advice | None:
    """Mixed precision leaves the worst layers alone."""
    if case.layer.dtype not in ("int8", "uint8") or case.layer.operator == "INPUT":
        return None
    why = "Mixed precision leaves the layers that do most damage in float32; TFLM runs that, with a little more flash and time."
    return Advice("Keep the worst layer in float32", why, case.other("lq_mixed"))


def keep_in_int16(case: Case) -> Advice | None:
    """16-bit activations have 256 times as many steps."""
    if case.layer.dtype not in ("int8", "uint8"):
        return None
    why = "Its values then have 65,536 steps instead of 256, its weights stay in 8 bits."
    return Advice("Keep the worst layer in 16-bit integers", why, case.other("lq_mixed16"))


def train(case: Case) -> Advice | None:
    """Weights can learn to live with rounding."""
    if case.technique.training != "none" or case.layer.dtype not in ("int8", "uint8"):
        return None
    why = (
        "The network sees its own rounding while it is trained on, and its weights make up for it. Needs labelled data."
    )
    return Advice("Quantization-aware training", why, "qat_int8")


def more_activation_bits(case: Case) -> Advice | None:
    """Where every layer adds a little, every layer needs finer steps."""
    if case.layer.dtype not in ("int8", "uint8"):
        return None
    why = "Every layer's values then have 65,536 steps instead of 256; TFLM runs that, with twice the arena for activations."
    stage = techniques.stages()[case.technique.training]
    return Advice("16-bit activations throughout", why, case.other("int16x8")) if not stage.formats else None


RULES: tuple[Rule, ...] = (
    more_calibration,
    better_calibration,
    per_channel,
    more_bits,
    keep_in_float,
    keep_in_int16,
    train,
)
"""For one layer that stands out."""

EVERYWHERE: tuple[Rule, ...] = (more_activation_bits, more_bits, train)
"""For an error that grows little by little."""


def advise(
    layer: LayerError, technique: Technique, model: Model, rules: tuple[Rule, ...] = RULES
) -> tuple[Advice, ...]:
    """What to try, the nearest cure first; nothing that is what was done already or that cannot be done to the model."""
    found = (rule(Case(layer, technique)) for rule in rules)
    return tuple(one for one in found if one is not None and _possible(one, technique, model))


def _possible(advice: Advice, technique: Technique, model: Model) -> bool:
    if not advice.technique:
        return True
    return (
        advice.technique != technique.name and catalog.impossible(techniques.technique(advice.technique), model) is None
    )
