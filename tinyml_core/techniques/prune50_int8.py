"""Pruned to 50 %, int8: Sets the smaller half of the weights to zero while training on, then writes everything in 8 bits."""

from tinyml_core.values import Needs, Technique

TECHNIQUE = Technique(
    name="prune50_int8",
    title="Pruned to 50 %, int8",
    order=21,
    idea="Sets the smaller half of the weights to zero while training on, then writes everything in 8 bits. "
    "Against plain int8 only the compressed file shrinks, which helps updates over the air, not flash.",
    needs=Needs.TRAINING_DATA,
    promised="6x to 8x smaller when compressed",
    hardware=("CPU", "Edge TPU", "DSP", "microcontroller"),
    training="prune50",
    number_format="int8",
    group="Smaller weights",
    link="https://www.tensorflow.org/model_optimization/guide/pruning",
)
