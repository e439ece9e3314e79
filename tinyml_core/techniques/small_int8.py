"""Student alone, int8: one of the stages' usual combinations."""

from tinyml_core.values import Needs, Technique

TECHNIQUE = Technique(
    name="small_int8",
    title="Student alone, int8",
    order=36,
    idea="Trains the same smaller network in the same way on the labels alone, then writes it in 8 bits: what "
    "distilling has to beat.",
    needs=Needs.TRAINING_DATA,
    promised="no promise is published",
    hardware=("CPU", "Edge TPU", "DSP", "microcontroller"),
    training="small",
    number_format="int8",
    group="While training",
    link="https://arxiv.org/abs/1503.02531",
)
