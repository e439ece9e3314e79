"""Clustered to 16 values, float32, packed: 4-bit indices into tables of float values."""

from tinyml_core.values import Needs, Technique

TECHNIQUE = Technique(
    name="cluster16_float32_lut",
    title="Clustered to 16 values, float32, packed",
    order=31,
    idea="Stores each weight as the 4-bit number of one of 16 float values, which TensorFlow Lite Micro looks "
    "up when it runs. Flash shrinks about as much as weights do from 32 to 4 bits, answers stay float's, "
    "and working memory grows most of all.",
    needs=Needs.TRAINING_DATA,
    promised="8x smaller in flash",
    hardware=("microcontroller",),
    training="cluster16",
    number_format="float32",
    packing="lut",
    group="Packed",
    link="https://github.com/tensorflow/tflite-micro/tree/main/tensorflow/lite/micro/compression",
)
