"""float16: Stores the weights in 16 bits and turns them back to float32 when executed."""

from tinyml_core.values import Needs, Technique

TECHNIQUE = Technique(
    name="float16",
    title="float16",
    order=2,
    idea="Stores the weights in 16 bits and turns them back to float32 when executed.",
    needs=Needs.NOTHING,
    promised="2x smaller",
    hardware=("CPU", "GPU"),
    number_format="float16",
)
