"""int8 (LiteRT quantizer): Full integer by the second quantizer, calibrated like the converter."""

from tinyml_core.values import Needs, Technique

TECHNIQUE = Technique(
    name="lq_int8",
    title="int8 (LiteRT quantizer)",
    order=61,
    idea="Everything in 8 bits by the LiteRT quantizer, from the same ranges as the converter: where it "
    "differs from full integer, the two tools differ.",
    needs=Needs.CALIBRATION,
    promised="4x smaller, 3x faster and more",
    hardware=("CPU", "Edge TPU", "DSP", "microcontroller"),
    number_format="lq_int8",
    group="After training",
    link="https://github.com/google-ai-edge/LiteRT/tree/main/litert_quantizer",
)
