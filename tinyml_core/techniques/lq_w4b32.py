"""4-bit weights in blocks of 32: 4-bit weights with one scale for 32 of them."""

from tinyml_core.values import Needs, Technique

TECHNIQUE = Technique(
    name="lq_w4b32",
    title="4-bit weights in blocks of 32",
    order=68,
    idea="Fully connected layers in 4 bits with a scale for every 32 weights, as large language models are "
    "stored. Needs layers whose number of inputs is a multiple of 32; convolutions stay in float32.",
    needs=Needs.NOTHING,
    promised="8x smaller",
    hardware=("CPU",),
    number_format="lq_w4b32",
    group="Smaller weights",
    link="https://github.com/google-ai-edge/LiteRT/tree/main/litert_quantizer",
)
