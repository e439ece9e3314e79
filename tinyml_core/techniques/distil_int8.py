"""Distilled student, int8: Trains a smaller network on the large one's answers as well as on the labels, then writes it in 8 bits."""

from tinyml_core.values import Needs, Technique

TECHNIQUE = Technique(
    name="distil_int8",
    title="Distilled student, int8",
    order=35,
    idea="Trains a smaller network on the large one's answers as well as on the labels, then writes it in 8 bits. "
    "Compare it with the student alone: only the difference is what distilling gained.",
    needs=Needs.TRAINING_DATA,
    promised="any size, accuracy near the large model's",
    hardware=("CPU", "Edge TPU", "DSP", "microcontroller"),
    training="distil",
    number_format="int8",
    group="While training",
    link="https://arxiv.org/abs/1503.02531",
)
