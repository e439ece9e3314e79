"""8-bit weights: float arithmetic, weights in a quarter of the room."""

from tinyml_core.values import Needs, Technique

TECHNIQUE = Technique(
    name="lq_w8",
    title="8-bit weights",
    order=66,
    idea="Weights in 8 bits with one scale a channel; everything is computed in float32. TFLM runs the file, but it takes "
    "the first channel's scale for all, so its answers differ: see the warning.",
    needs=Needs.NOTHING,
    promised="4x smaller",
    hardware=("CPU",),
    number_format="lq_w8",
    group="Smaller weights",
    link="https://github.com/google-ai-edge/LiteRT/tree/main/litert_quantizer",
)
