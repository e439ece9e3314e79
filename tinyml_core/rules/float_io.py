"""The inside is integer, but the input or the output stayed float."""

from tinyml_core.outcome import Failure
from tinyml_core.rule import NOT_APPLICABLE, Facts, NotApplicable, Rule
from tinyml_core.rules.nothing_quantized import SMALL


def check(facts: Facts) -> str | None | NotApplicable:
    """Integer activations inside, float32 at an end."""
    inspection = facts.measured.inspection
    if isinstance(inspection, Failure) or not {"QUANTIZE", "DEQUANTIZE"} & set(inspection.operators):
        return NOT_APPLICABLE
    integer_end = any(tensor.dtype.startswith("int") for tensor in (*inspection.inputs, *inspection.outputs))
    if inspection.output_step is None and "QUANTIZE" not in inspection.operators and not integer_end:
        return NOT_APPLICABLE
    if inspection.weights_census and not SMALL & inspection.weights_census.keys():
        return NOT_APPLICABLE  # nothing was quantized; another rule says so
    floats = [
        side
        for side, tensors in (("input", inspection.inputs), ("output", inspection.outputs))
        if any(tensor.dtype == "float32" for tensor in tensors)
    ]
    if not floats:
        return None
    ends = " and ".join(floats)
    return (
        f"The {ends} stayed float although the model computes in integers: the program on the board must hand over "
        "floats, and extra operators convert them. Full integer (int8) avoids both."
    )


RULE = Rule("float_io", "Float input or output", check)
