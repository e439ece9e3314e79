"""Dynamic range: Stores the weights in 8 bits."""

from tinyml_core.values import Needs, Technique

TECHNIQUE = Technique(
    name="dynamic",
    title="Dynamic range",
    order=3,
    idea="Stores the weights in 8 bits; activations stay float and are quantized on the fly by kernels that "
    "know how (hybrid kernels).",
    needs=Needs.NOTHING,
    promised="4x smaller, 2x to 3x faster",
    hardware=("CPU",),
    number_format="dynamic",
)
