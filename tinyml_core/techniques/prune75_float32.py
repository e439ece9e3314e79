"""Pruned to 75 %, float32: Sets three of four weights to zero and trains on, so that the rest takes over."""

from tinyml_core.values import Needs, Technique

TECHNIQUE = Technique(
    name="prune75_float32",
    title="Pruned to 75 %, float32",
    order=22,
    idea="Sets three of four weights to zero and trains on, so that the rest takes over. The file and its flash "
    "stay as large; only its compressed form shrinks, which helps downloads and updates over the air.",
    needs=Needs.TRAINING_DATA,
    promised="4x smaller when compressed",
    hardware=("CPU", "GPU", "microcontroller"),
    training="prune75",
    number_format="float32",
    group="Smaller weights",
    link="https://www.tensorflow.org/model_optimization/guide/pruning",
)
