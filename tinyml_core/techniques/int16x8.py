"""Integer 16x8: Weights in 8 bits, activations in 16."""

from tinyml_core.values import Needs, Technique

TECHNIQUE = Technique(
    name="int16x8",
    title="Integer 16x8",
    order=6,
    idea="Weights in 8 bits, activations in 16: nearly as small as int8, nearly as exact as float.",
    needs=Needs.CALIBRATION,
    promised="3x to 4x smaller",
    hardware=("CPU", "DSP", "microcontroller"),
    number_format="int16x8",
)
