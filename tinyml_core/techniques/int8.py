"""Full integer (int8): Everything in 8 bits, input and output too."""

from tinyml_core.values import Needs, Technique

TECHNIQUE = Technique(
    name="int8",
    title="Full integer (int8)",
    order=5,
    idea="Everything in 8 bits, input and output too: no float arithmetic is left. The usual form for "
    "microcontrollers.",
    needs=Needs.CALIBRATION,
    promised="4x smaller, 3x faster and more",
    hardware=("CPU", "Edge TPU", "DSP", "microcontroller"),
    number_format="int8",
)
