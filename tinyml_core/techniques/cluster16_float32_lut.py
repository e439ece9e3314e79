"""Clustered to 16 values, float32, packed: one of the stages' usual combinations."""

from tinyml_core.values import Needs, Technique

TECHNIQUE = Technique(
    name="cluster16_float32_lut",
    title="Clustered to 16 values, float32, packed",
    order=31,
    idea="Stores each weight as the 4-bit number of one of 16 float values, which TensorFlow Lite Micro looks up "
    "when it runs. Smaller in flash than int8, with float's answers, for much more working memory.",
    needs=Needs.TRAINING_DATA,
    promised="8x smaller in flash",
    hardware=("microcontroller",),
    training="cluster16",
    number_format="float32",
    packing="lut",
    group="Packed",
    link="https://github.com/tensorflow/tflite-micro/tree/main/tensorflow/lite/micro/compression",
)
