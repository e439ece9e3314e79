"""int8 with float in and out: Weights and activations in 8 bits."""

from tinyml_core.values import Needs, Technique

TECHNIQUE = Technique(
    name="int8_float_io",
    title="int8 with float in and out",
    order=4,
    idea="Weights and activations in 8 bits; the input and output stay float, and so does any operator without "
    "an integer form (float fallback).",
    needs=Needs.CALIBRATION,
    promised="4x smaller, 3x faster and more",
    hardware=("CPU",),
    number_format="int8_float_io",
)
