"""Warnings: small rules with a code each, checked against the facts of one variant."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from tinyml_core.compress.quantizer import layer_name
from tinyml_core.compress.techniques import number_formats, stages
from tinyml_core.domain.inspection import Inspection
from tinyml_core.domain.metrics import format_bytes, format_difference, format_score, gain, is_error
from tinyml_core.domain.outcome import Agreement, Failure, Measurement, MicroAgreement, Score
from tinyml_core.domain.technique import REFERENCE, NumberFormat, Technique


@dataclass(frozen=True, slots=True)
class Facts:
    """What a rule may look at: a variant, and float32 of the same model if it was measured; paired if both have a score.

    The technique is None for a file that somebody brought.
    """

    technique: Technique | None
    measured: Measurement
    reference: Measurement | None
    agreement: Agreement | None

    @property
    def inspection(self) -> Inspection | None:
        """What the file holds; None if it could not be read."""
        return read(self.measured)

    @property
    def score(self) -> Score | None:
        """How well the file does; None if it has no score."""
        return self.measured.score if isinstance(self.measured.score, Score) else None

    @property
    def number_format(self) -> NumberFormat | None:
        """How its numbers are written; None if the technique leaves a file as it is, or nobody knows it."""
        return None if self.technique is None else number_formats().get(self.technique.number_format)

    @property
    def asks_for_smaller_numbers(self) -> bool:
        """True if the technique is to write other numbers than floats of 32 bits."""
        return self.technique is not None and not (self.number_format and self.number_format.keeps_float)


class NotApplicable:
    """The answer of a rule that has nothing to say about these facts."""


NOT_APPLICABLE: Final = NotApplicable()
Told = str | None | NotApplicable
"""The sentence to show, None if all is well, or `NOT_APPLICABLE`."""


@dataclass(frozen=True, slots=True)
class Rule:
    """One warning: its code in JSON and links, a title of a few words, and what it says of a variant's facts."""

    name: str
    title: str
    check: Callable[[Facts], Told]


@dataclass(frozen=True, slots=True)
class Warned:
    """A warning that a rule gave."""

    code: str
    title: str
    text: str


def warnings_of(facts: Facts) -> tuple[Warned, ...]:
    """What the rules have to say, in the order of their codes."""
    found = ((rule, rule.check(facts)) for rule in RULES)
    return tuple(Warned(rule.name, rule.title, text) for rule, text in found if isinstance(text, str))


def read(measured: Measurement | None) -> Inspection | None:
    """What a variant's file holds; None if it was not measured or could not be read."""
    return None if measured is None or isinstance(measured.inspection, Failure) else measured.inspection


# ---- the file: its numbers ---------------------------------------------------------------------------------------

SMALL = {"int8", "int16", "uint8", "int4", "int2", "float16"}
"""Types of weights that are smaller than the model's own."""

NONE_OF_THAT_WIDTH = {
    "lq_int8_conv4": "Only convolutions take 4 bits here, and the model has none (or depthwise ones alone)",
    "lq_w4": "The LiteRT quantizer has no 4-bit form of these layers",
}
"""By number format, why a file may hold no weights of the width that it promises."""

LEFT_IN_FLOAT = {
    "lq_mixed": "that is what mixed precision asks for: the layers that suffer most were kept in float32",
    "lq_w4": "the LiteRT quantizer has no 4-bit form for the others (depthwise convolutions)",
    "lq_w2": "the LiteRT quantizer has no form of 4 bits or fewer for the others (depthwise convolutions)",
}
"""By number format, why weights stay float32."""
IN_BLOCKS = "the LiteRT quantizer stores only fully connected layers in blocks"
BY_CONVERTER = "the converter leaves weights below 1,024 elements in float32 when it quantizes only weights"
"""The reason where no other is named."""

FEW_LAYERS = 5
"""More layers than these are not named."""


def nothing_quantized(facts: Facts) -> Told:
    """The technique asks for smaller numbers, but by the census of weight types the file holds none."""
    inspection, number_format = facts.inspection, facts.number_format
    if inspection is None or not facts.asks_for_smaller_numbers:
        return NOT_APPLICABLE
    weights = inspection.weights_census
    if not weights or SMALL & weights.keys():
        return None
    total = sum(weights.values())
    every = f"All {total} weight tensors are" if total > 1 else "The only weight tensor is"
    found = f"{every} still {', '.join(weights)}."
    if number_format is not None and number_format.blocks:
        return f"{found} {IN_BLOCKS[0].upper()}{IN_BLOCKS[1:]}, and this model has none."
    if number_format is not None and number_format.kept:
        return f"{found} Every layer that the LiteRT quantizer knows was kept: keep fewer of them, under Settings."
    if number_format is not None and number_format.requantize is not None:
        return f"{found} The LiteRT quantizer knows none of this model's operators in this number format."
    return (
        f"{found} The converter leaves tensors below 1,024 elements alone when it quantizes only weights; a full integer "
        "technique has no such limit."
    )


def partly_quantized(facts: Facts) -> Told:
    """Some weights became smaller numbers, others did not."""
    inspection, number_format = facts.inspection, facts.number_format
    if inspection is None or not facts.asks_for_smaller_numbers:
        return NOT_APPLICABLE
    left = inspection.weights_census.get("float32", 0)
    total = sum(inspection.weights_census.values())
    if not left or not SMALL & inspection.weights_census.keys():
        return None
    names = dict.fromkeys(layer_name(layer.name) for layer in inspection.weight_layers if layer.dtype == "float32")
    still = f" (still float32: {', '.join(names)})" if 0 < len(names) <= FEW_LAYERS else ""
    why = BY_CONVERTER
    if number_format is not None:
        why = IN_BLOCKS if number_format.blocks else LEFT_IN_FLOAT.get(number_format.name, BY_CONVERTER)
    return f"{total - left} of {total} weight tensors {'was' if total - left == 1 else 'were'} quantized{still}; {why}."


def none_of_that_width(facts: Facts) -> Told:
    """A format promises weights of few bits, and the file holds small ones, but none of them."""
    inspection, number_format = facts.inspection, facts.number_format
    if inspection is None or number_format is None or number_format.name not in NONE_OF_THAT_WIDTH:
        return NOT_APPLICABLE
    promised, found = f"int{number_format.bits}", SMALL & inspection.weights_census.keys()
    if not found or promised in found:
        return None
    why = NONE_OF_THAT_WIDTH[number_format.name]
    return f"No weight of this file is {promised}; they are {', '.join(sorted(found))}. {why}."


def float_io(facts: Facts) -> Told:
    """The inside is integer, but the input or the output stayed float."""
    inspection = facts.inspection
    if inspection is None or not {"QUANTIZE", "DEQUANTIZE"} & set(inspection.operators):
        return NOT_APPLICABLE
    integer_end = any(tensor.dtype.startswith("int") for tensor in (*inspection.inputs, *inspection.outputs))
    integer = integer_end or inspection.output_step is not None or "QUANTIZE" in inspection.operators
    if not integer or (inspection.weights_census and not SMALL & inspection.weights_census.keys()):
        return NOT_APPLICABLE  # nothing was quantized; another rule says so
    ends = {"input": inspection.inputs, "output": inspection.outputs}
    floats = [side for side, tensors in ends.items() if any(tensor.dtype == "float32" for tensor in tensors)]
    if not floats:
        return None
    return (
        f"The {' and '.join(floats)} stayed float although the model computes in integers: the program on the board must "
        "hand over floats, and extra operators convert them. Full integer (int8) avoids both."
    )


def external_weights(facts: Facts) -> Told:
    """The weights lie behind the flatbuffer, where the LiteRT quantizer writes them from 256 KB on and TFLM does not look."""
    if facts.inspection is None:
        return NOT_APPLICABLE
    if not facts.inspection.external_weights:
        return None
    return (
        "The weights of this file lie behind its flatbuffer. LiteRT reads them there; TFLM does not, takes them for "
        "activations and computes with whatever lies in its arena, without a word. Write the file with all weights inside: "
        "the LiteRT quantizer does so below 256 KB, and this lab always."
    )


# ---- the file: its size ------------------------------------------------------------------------------------------

MUCH = 0.15
"""Share of the file from which scales are worth a word."""
MANY_ZEROS = 0.2
CLEARLY_SMALLER = 0.8
"""A plain int8 file of the zoo compresses to 85 or 90 %."""


def scales_weigh(facts: Facts) -> Told:
    """Scales and zero points, one for each output channel, take much of a quantized file."""
    inspection = facts.inspection
    if inspection is None or not inspection.scale_bytes:
        return NOT_APPLICABLE
    share = inspection.scale_bytes / inspection.sizes.tflite_bytes
    if share < MUCH:
        return None
    return (
        f"{format_bytes(inspection.scale_bytes)} of this file ({100 * share:.0f} %) are no weights but scales and zero points: one "
        "for each output channel, and once more for each bias. A file with one for each layer is smaller for that reason alone, "
        "and so is its working memory."
    )


def size_grew(facts: Facts) -> Told:
    """The variant takes more flash than float32."""
    ours, theirs = facts.inspection, read(facts.reference)
    if ours is None or theirs is None:
        return NOT_APPLICABLE
    grown = ours.sizes.flash_bytes - theirs.sizes.flash_bytes
    if grown <= 0:
        return None
    larger = f"It is {format_bytes(grown)} larger than float32."
    if facts.number_format is not None and facts.number_format.kept == "float32":
        return f"{larger} The layers that were kept in float32 hold nearly all weights; what the others save is less than the scales."
    return f"{larger} In so small a model the scales, zero points and extra operators outweigh what the weights save."


def zeros_compress(facts: Facts) -> Told:
    """Zeros and shared values make the compressed file smaller, not the file and not the flash.

    Only a float32 file is set against float32: what int8 saves is not the merit of zeros.
    """
    technique, ours = facts.technique, facts.inspection
    if technique is None or technique.training == "none" or technique.packing != "none" or ours is None:
        return NOT_APPLICABLE
    # If the largest layer was left as it was, its weights are not clustered, whatever the technique is called.
    largest = max(ours.weight_layers, key=lambda layer: layer.elements, default=None)
    clustered = stages()[technique.training].clustered and (largest is None or largest.few_values)
    pruned = (ours.weight_zeros or 0) >= MANY_ZEROS
    if not (clustered or pruned):
        return NOT_APPLICABLE
    if ours.sizes.gzip_bytes > CLEARLY_SMALLER * ours.sizes.tflite_bytes:
        return None
    few = [f"{100 * (ours.weight_zeros or 0):.0f} % of its weights are zero"] if pruned else []
    few += [f"{'its' if pruned else 'Its'} weights share a few values"] if clustered else []
    compressed, whole = format_bytes(ours.sizes.gzip_bytes), format_bytes(ours.sizes.tflite_bytes)
    theirs = read(facts.reference) if technique.number_format == "float32" else None
    against = f"; float32 compresses to {format_bytes(theirs.sizes.gzip_bytes)}" if theirs else ""
    told = f"{' and '.join(few)}: {compressed} compressed (gzip), {whole} as a file{against}."
    packed = " unless it is packed" if clustered else ""
    return f"{told} That helps updates over the air and compressed storage; flash stays as it is{packed}."


def packed_in_memory(facts: Facts) -> Told:
    """A packed file takes less flash, and in the arena more working memory, where its tables are unfolded."""
    from tinyml_core.measure.tflite import DECODE, STORED_BITS

    ours = facts.inspection
    if ours is None or DECODE not in ours.operators:
        return NOT_APPLICABLE
    whole = sum(layer.elements * STORED_BITS[layer.dtype] // 8 for layer in ours.weight_layers)
    stored = sum(layer.stored_bytes for layer in ours.weight_layers)
    if stored >= whole:
        return None
    arena = facts.measured.micro.arena_minimum_bytes
    before = facts.reference.micro.arena_minimum_bytes if facts.reference else None
    against = (
        f": {format_bytes(arena)} of arena, against {format_bytes(before)} for float32" if arena and before else ""
    )
    return (
        f"Packed, its weights take {format_bytes(stored)} of flash instead of {format_bytes(whole)}; in return TFLM "
        f"unfolds the weights of a layer in working memory before it runs{against}. How long that takes nobody has "
        "published."
    )


# ---- TFLM --------------------------------------------------------------------------------------------------------

MOST_STEPS = 2.0
MOST_RELATIVE = 1e-4
MOST_RELATIVE_MIXED = 2 / 255
"""Where integer layers lie before a last one in float: two of their steps, of 255 over the whole range."""


def micro_disagrees(facts: Facts) -> Told:
    """TFLM and LiteRT give different answers for the same file and the same inputs."""
    agreement = facts.measured.micro.agreement
    if agreement is None:
        return NOT_APPLICABLE
    if not (different := agreement.samples - agreement.equal_answers):
        return None
    scored = "The score above is LiteRT's; on" if facts.score is not None else "On"
    return (
        f"TFLM and LiteRT (reference kernels) differ in {different} of {agreement.samples:,} answers; "
        f"{_largest(agreement)}. {scored} the board expect TFLM's."
    )


def micro_differs(facts: Facts) -> Told:
    """TFLM and LiteRT give the same answers, from outputs that differ more than by rounding.

    That is by more than 2 steps (integer), 1e-4 relative (float) or two steps of 255 (some multiplications in either).
    """
    agreement = facts.measured.micro.agreement
    if agreement is None:
        return NOT_APPLICABLE
    types = {operator.dtype for operator in facts.inspection.work if operator.macs} if facts.inspection else set()
    most = MOST_RELATIVE_MIXED if "float32" in types and len(types) > 1 else MOST_RELATIVE
    most = MOST_STEPS if agreement.unit == "steps" else most
    if agreement.equal_answers < agreement.samples or agreement.largest_difference <= most:
        return None
    return (
        f"TFLM and LiteRT (reference kernels) give the same {agreement.samples:,} answers; {_largest(agreement)}. "
        "That is more than rounding alone explains."
    )


def _largest(agreement: MicroAgreement) -> str:
    found = f"{agreement.largest_difference:.3g}"
    unit = "(relative)" if agreement.unit != "steps" else "step" if found == "1" else "steps"
    return f"the largest difference of an output is {found} {unit}"


def weights_dequantized(facts: Facts) -> Told:
    """TFLM turns integer weights behind DEQUANTIZE operators back to float with the wrong scales."""
    inspection, agreement = facts.inspection, facts.measured.micro.agreement
    computed = {operator.dtype for operator in inspection.work} if inspection else set()
    if agreement is None or not any(dtype.startswith("int8 computed in float") for dtype in computed):
        return NOT_APPLICABLE
    if agreement.equal_answers == agreement.samples and agreement.largest_difference < MOST_RELATIVE:
        return None
    return (
        "TFLM runs this file and computes wrong answers: its DEQUANTIZE operator takes the first channel's scale for all "
        "channels, without a word. On a microcontroller use full integer (int8), or 8-bit weights with one scale a tensor "
        "(lq_w8_tensor)."
    )


# ---- the score ---------------------------------------------------------------------------------------------------

TESTS = {
    "accuracy": "McNemar's exact test", "mean_absolute_error": "a paired randomisation test",
    "roc_auc": "DeLong's paired test",
}  # fmt: skip


def beats_chance(score: Score) -> bool:
    """Whether a score is better than a guess that looks at no input: the worse end of its interval is."""
    return min(gain(score.metric, end) for end in (score.low, score.high)) > gain(score.metric, score.chance)


def at_chance(facts: Facts) -> Told:
    """The score is no better than a guess that looks at no input; whether float32's is says where to look."""
    score = facts.score
    if score is None:
        return NOT_APPLICABLE
    if beats_chance(score):
        return None
    found = (
        f"A score of {format_score(score.metric, score.value)} is no better than a blind guess "
        f"({format_score(score.metric, score.chance)})."
    )
    reference = facts.reference.score if facts.reference is not None else None
    itself = facts.technique is not None and facts.technique.name == REFERENCE
    if itself:
        return (
            f"{found} It is float32, so neither quantization nor calibration is the cause: either the model was not trained for "
            "this, or the data are not as in its training, in the order of the classes, the scale of the inputs, or what is scored."
        )
    if not isinstance(reference, Score):
        return found
    if beats_chance(reference):
        shown = format_score(reference.metric, reference.value)
        return f"{found} Float32 reaches {shown} on the same samples, so this technique lost it."
    return f"{found} Float32 is no better, so neither quantization nor calibration is the cause."


def within_noise(facts: Facts) -> Told:
    """The score differs from float32's, but the paired test does not tell them apart."""
    score, agreement = facts.score, facts.agreement
    if agreement is None or score is None or not agreement.changed or agreement.difference == 0:
        return NOT_APPLICABLE
    if agreement.beyond_chance:
        return None
    shown, often = format_difference(score.metric, agreement.difference), round(100 * agreement.p_value)
    chance = f"in {often} of 100 cases" if often < 100 else "nearly always"
    return (
        f"The difference to float32 ({shown}, to {format_score(score.metric, score.value)}) is within noise: {TESTS[score.metric]} "
        f"on {score.samples:,} samples says that so uneven a change happens by chance {chance}."
    )


def trained_longer(facts: Facts) -> Told:
    """A gain beyond chance over float32, which was not trained on, may come from training on, not from the technique."""
    score, agreement = facts.score, facts.agreement
    if facts.technique is None or facts.technique.training == "none" or agreement is None or score is None:
        return NOT_APPLICABLE
    if gain(score.metric, agreement.difference) <= 0 or not agreement.beyond_chance:
        return None
    gained = "Its error is smaller than float32's" if is_error(score.metric) else "It scores higher than float32"
    return (
        f"{gained}, but it was also trained for more epochs than float32 was. The gain may come from "
        "training on, not from the technique."
    )


RULES = (
    Rule("at_chance", "No better than chance", at_chance),
    Rule("external_weights", "TFLM does not find the weights", external_weights),
    Rule("float_io", "Float input or output", float_io),
    Rule("micro_differs", "Small numeric differences", micro_differs),
    Rule("micro_disagrees", "TFLM and LiteRT disagree", micro_disagrees),
    Rule("none_of_that_width", "No weights of the promised width", none_of_that_width),
    Rule("nothing_quantized", "Nothing was quantized", nothing_quantized),
    Rule("packed_in_memory", "Less flash, more working memory", packed_in_memory),
    Rule("partly_quantized", "Only a part was quantized", partly_quantized),
    Rule("scales_weigh", "Scales take much of the file", scales_weigh),
    Rule("size_grew", "The size grew", size_grew),
    Rule("trained_longer", "It was trained longer", trained_longer),
    Rule("weights_dequantized", "TFLM computes with wrong scales", weights_dequantized),
    Rule("within_noise", "Difference within noise", within_noise),
    Rule("zeros_compress", "Smaller only when compressed", zeros_compress),
)
"""All rules, in the order of their codes."""
