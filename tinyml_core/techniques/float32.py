"""float32: The model as it was trained."""

from tinyml_core.values import Needs, Technique

TECHNIQUE = Technique(
    name="float32",
    title="float32",
    order=1,
    idea="The model as it was trained: every number in 32 bits. The yardstick for all others.",
    needs=Needs.NOTHING,
    promised="1x (the yardstick)",
    hardware=("CPU", "GPU", "microcontroller"),
    number_format="float32",
)
