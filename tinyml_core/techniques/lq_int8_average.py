"""int8 with averaged ranges: Full integer by the second quantizer, with its own way of calibrating."""

from tinyml_core.values import Needs, Technique

TECHNIQUE = Technique(
    name="lq_int8_average",
    title="int8 with averaged ranges",
    order=62,
    idea="The same, calibrated as the LiteRT quantizer does unless told otherwise: ranges are a moving average"
    " over the samples, so a single outlier counts less, and rare large values are cut off.",
    needs=Needs.CALIBRATION,
    promised="4x smaller, 3x faster and more",
    hardware=("CPU", "Edge TPU", "DSP", "microcontroller"),
    number_format="lq_int8_average",
    group="After training",
    link="https://github.com/google-ai-edge/LiteRT/tree/main/litert_quantizer",
)
