"""4-bit weights: float arithmetic, weights in an eighth of the room."""

from tinyml_core.values import Needs, Technique

TECHNIQUE = Technique(
    name="lq_w4",
    title="4-bit weights",
    order=67,
    idea="Weights in 4 bits with one scale a channel; everything is computed in float32. Two weights share a byte.",
    needs=Needs.NOTHING,
    promised="8x smaller",
    hardware=("CPU",),
    number_format="lq_w4",
    group="Smaller weights",
    link="https://github.com/google-ai-edge/LiteRT/tree/main/litert_quantizer",
)
