"""Clustered to 16 values, QAT, int8: shared values that survive training for int8."""

from tinyml_core.values import Needs, Technique

TECHNIQUE = Technique(
    name="cqat_int8",
    title="Clustered to 16 values, QAT, int8",
    order=33,
    idea="Clusters the weights to 16 values, then trains on with the rounding of int8 simulated while they stay "
    "shared.",
    needs=Needs.TRAINING_DATA,
    promised="up to 8x smaller when compressed, accuracy kept",
    hardware=("CPU", "Edge TPU", "DSP", "microcontroller"),
    training="cqat",
    number_format="int8",
    group="Smaller weights",
    link="https://www.tensorflow.org/model_optimization/guide/combine/collaborative_optimization",
)
