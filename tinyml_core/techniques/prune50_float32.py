"""Pruned to 50 %, float32: Sets the smaller half of the weights to zero and trains on, so that the rest takes over."""

from tinyml_core.values import Needs, Technique

TECHNIQUE = Technique(
    name="prune50_float32",
    title="Pruned to 50 %, float32",
    order=20,
    idea="Sets the smaller half of the weights to zero and trains on, so that the rest takes over. The file and "
    "its flash stay as large; only its compressed form shrinks, which helps downloads and updates over the "
    "air.",
    needs=Needs.TRAINING_DATA,
    promised="2x smaller when compressed",
    hardware=("CPU", "GPU", "microcontroller"),
    training="prune50",
    number_format="float32",
    group="Smaller weights",
    link="https://www.tensorflow.org/model_optimization/guide/pruning",
)
