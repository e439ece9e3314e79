"""16x8 (LiteRT quantizer): 16x8 by the second quantizer."""

from tinyml_core.values import Needs, Technique

TECHNIQUE = Technique(
    name="lq_int16x8",
    title="16x8 (LiteRT quantizer)",
    order=63,
    idea="Weights in 8 bits, activations in 16, by the LiteRT quantizer.",
    needs=Needs.CALIBRATION,
    promised="3x to 4x smaller",
    hardware=("CPU", "DSP", "microcontroller"),
    number_format="lq_int16x8",
    group="After training",
    link="https://github.com/google-ai-edge/LiteRT/tree/main/litert_quantizer",
)
