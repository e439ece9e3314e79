"""Pruned to 75 %, int8: Sets three of four weights to zero while training on, then writes everything in 8 bits."""

from tinyml_core.values import Needs, Technique

TECHNIQUE = Technique(
    name="prune75_int8",
    title="Pruned to 75 %, int8",
    order=23,
    idea="Sets three of four weights to zero while training on, then writes everything in 8 bits. Against plain "
    "int8 only the compressed file shrinks, which helps updates over the air, not flash.",
    needs=Needs.TRAINING_DATA,
    promised="10x and more smaller when compressed",
    hardware=("CPU", "Edge TPU", "DSP", "microcontroller"),
    training="prune75",
    number_format="int8",
    group="Smaller weights",
    link="https://www.tensorflow.org/model_optimization/guide/pruning",
)
