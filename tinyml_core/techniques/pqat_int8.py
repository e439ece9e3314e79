"""Pruned to 50 %, QAT, int8: zeros that survive training for int8."""

from tinyml_core.values import Needs, Technique

TECHNIQUE = Technique(
    name="pqat_int8",
    title="Pruned to 50 %, QAT, int8",
    order=32,
    idea="Prunes half of the weights, then trains on with the rounding of int8 simulated while the zeros stay "
    "zeros. It should compress like a pruned model and answer like one trained for int8.",
    needs=Needs.TRAINING_DATA,
    promised="6x to 8x smaller when compressed, accuracy kept",
    hardware=("CPU", "Edge TPU", "DSP", "microcontroller"),
    training="pqat",
    number_format="int8",
    group="Smaller weights",
    link="https://www.tensorflow.org/model_optimization/guide/combine/collaborative_optimization",
)
