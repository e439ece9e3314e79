"""Pruned to 90 %, int8: Sets nine of ten weights to zero while training on, then writes everything in 8 bits."""

from tinyml_core.values import Needs, Technique

TECHNIQUE = Technique(
    name="prune90_int8",
    title="Pruned to 90 %, int8",
    order=24,
    idea="Sets nine of ten weights to zero while training on, then writes everything in 8 bits. A small network "
    "often cannot spare so many; the score shows it.",
    needs=Needs.TRAINING_DATA,
    promised="10x and more smaller when compressed",
    hardware=("CPU", "Edge TPU", "DSP", "microcontroller"),
    training="prune90",
    number_format="int8",
    group="Smaller weights",
    link="https://www.tensorflow.org/model_optimization/guide/pruning",
)
