"""Dynamic range (LiteRT quantizer): Dynamic range by the second quantizer: 8-bit weights, small tensors too."""

from tinyml_core.values import Needs, Technique

TECHNIQUE = Technique(
    name="lq_dynamic",
    title="Dynamic range (LiteRT quantizer)",
    order=60,
    idea="Stores the weights in 8 bits, as dynamic range does, but with Google's second tool, the LiteRT "
    "quantizer: it also takes the small weight tensors that the converter leaves alone.",
    needs=Needs.NOTHING,
    promised="4x smaller",
    hardware=("CPU",),
    number_format="lq_dynamic",
    group="After training",
    link="https://github.com/google-ai-edge/LiteRT/tree/main/litert_quantizer",
)
