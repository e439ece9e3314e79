"""Pruned to 50 %, clustered to 16 values, QAT, int8: zeros and shared values that survive training for int8."""

from tinyml_core.values import Needs, Technique

TECHNIQUE = Technique(
    name="pcqat_int8",
    title="Pruned to 50 %, clustered to 16 values, QAT, int8",
    order=34,
    idea="Prunes half of the weights, clusters the others to 15 values, then trains on with the rounding of int8 "
    "simulated while both stay.",
    needs=Needs.TRAINING_DATA,
    promised="up to 10x smaller when compressed, accuracy kept",
    hardware=("CPU", "Edge TPU", "DSP", "microcontroller"),
    training="pcqat",
    number_format="int8",
    group="Smaller weights",
    link="https://www.tensorflow.org/model_optimization/guide/combine/collaborative_optimization",
)
