"""2-bit weights in blocks of 32: 2-bit weights with one scale for 32 of them."""

from tinyml_core.values import Needs, Technique

TECHNIQUE = Technique(
    name="lq_w2b32",
    title="2-bit weights in blocks of 32",
    order=69,
    idea="The same in 2 bits: a weight is -1, 0 or 1 times the scale of its block. Four weights share a byte.",
    needs=Needs.NOTHING,
    promised="16x smaller",
    hardware=("CPU",),
    number_format="lq_w2b32",
    group="Smaller weights",
    link="https://github.com/google-ai-edge/LiteRT/tree/main/litert_quantizer",
)
