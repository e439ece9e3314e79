"""Quantization-aware training, int8: Trains on with the rounding of int8 simulated, so that the weights learn to live with it."""

from tinyml_core.values import Needs, Technique

TECHNIQUE = Technique(
    name="qat_int8",
    title="Quantization-aware training, int8",
    order=7,
    idea="Trains on with the rounding of int8 simulated, so that the weights learn to live with it; then full integer.",
    needs=Needs.TRAINING_DATA,
    promised="4x smaller, accuracy kept",
    hardware=("CPU", "Edge TPU", "DSP", "microcontroller"),
    training="qat",
    number_format="int8",
    group="While training",
    link="https://www.tensorflow.org/model_optimization/guide/quantization/training",
)
