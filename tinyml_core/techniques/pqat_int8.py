"""Pruning and QAT: Prunes half of the weights, then trains on with the rounding of int8 simulated while the zeros stay zeros."""

from tinyml_core.values import Needs, Technique

TECHNIQUE = Technique(
    name="pqat_int8",
    title="Pruning and QAT",
    order=32,
    idea="Prunes half of the weights, then trains on with the rounding of int8 simulated while the zeros stay "
    "zeros. Compresses as well as pruning and answers as well as quantization-aware training.",
    needs=Needs.TRAINING_DATA,
    promised="6x to 8x smaller when compressed, accuracy kept",
    hardware=("CPU", "Edge TPU", "DSP", "microcontroller"),
    training="pqat",
    number_format="int8",
    group="Smaller weights",
    link="https://www.tensorflow.org/model_optimization/guide/combine/collaborative_optimization",
)
