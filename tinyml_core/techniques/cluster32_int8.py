"""Clustered to 32 values, int8: Lets the weights of a layer share 32 values, trains those on, then writes everything in 8 bits."""

from tinyml_core.values import Needs, Technique

TECHNIQUE = Technique(
    name="cluster32_int8",
    title="Clustered to 32 values, int8",
    order=29,
    idea="Lets the weights of a layer share 32 values, trains those on, then writes everything in 8 bits. The file "
    "stays as large until it is compressed or packed.",
    needs=Needs.TRAINING_DATA,
    promised="up to 6x smaller when compressed",
    hardware=("CPU", "Edge TPU", "DSP", "microcontroller"),
    training="cluster32",
    number_format="int8",
    group="Smaller weights",
    link="https://www.tensorflow.org/model_optimization/guide/clustering",
)
