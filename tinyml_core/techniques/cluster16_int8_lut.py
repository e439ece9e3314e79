"""Clustered to 16 values, int8, packed: one of the stages' usual combinations."""

from tinyml_core.values import Needs, Technique

TECHNIQUE = Technique(
    name="cluster16_int8_lut",
    title="Clustered to 16 values, int8, packed",
    order=30,
    idea="Stores each weight as the 4-bit number of one of 16 values, which TensorFlow Lite Micro looks up when it "
    "runs. Flash really shrinks; working memory grows, because a layer's weights are unfolded there.",
    needs=Needs.TRAINING_DATA,
    promised="7x to 8x smaller in flash",
    hardware=("microcontroller",),
    training="cluster16",
    number_format="int8",
    packing="lut",
    group="Packed",
    link="https://github.com/tensorflow/tflite-micro/tree/main/tensorflow/lite/micro/compression",
)
