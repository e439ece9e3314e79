"""int8 with 4-bit convolutions: Full integer with 4-bit convolution weights, which TFLM executes."""

from tinyml_core.values import Needs, Technique

TECHNIQUE = Technique(
    name="lq_int8_conv4",
    title="int8 with 4-bit convolutions",
    order=65,
    idea="Full integer, with the weights of ordinary convolutions in 4 bits: the one use of 4 bits that TFLM "
    "executes. It unpacks them in RAM, so flash shrinks and the arena grows.",
    needs=Needs.CALIBRATION,
    promised="up to 8x smaller",
    hardware=("CPU", "microcontroller"),
    number_format="lq_int8_conv4",
    group="Smaller weights",
    link="https://github.com/google-ai-edge/LiteRT/tree/main/litert_quantizer",
)
