"""Clustered to 8 values, int8: Lets the weights of a layer share 8 values, trains those on, then writes everything in 8 bits."""

from tinyml_core.values import Needs, Technique

TECHNIQUE = Technique(
    name="cluster8_int8",
    title="Clustered to 8 values, int8",
    order=27,
    idea="Lets the weights of a layer share 8 values, trains those on, then writes everything in 8 bits. The file "
    "stays as large until it is compressed or packed.",
    needs=Needs.TRAINING_DATA,
    promised="up to 8x smaller when compressed",
    hardware=("CPU", "Edge TPU", "DSP", "microcontroller"),
    training="cluster8",
    number_format="int8",
    group="Smaller weights",
    link="https://www.tensorflow.org/model_optimization/guide/clustering",
)
