"""Pruned 2:4, int8: one of the stages' usual combinations."""

from tinyml_core.values import Needs, Technique

TECHNIQUE = Technique(
    name="prune24_int8",
    title="Pruned 2:4, int8",
    order=25,
    idea="Sets two of every four neighbouring weights to zero, a regular pattern that some processors skip at "
    "double speed, then writes everything in 8 bits. Flash shrinks only where the file format stores the "
    "pattern.",
    needs=Needs.TRAINING_DATA,
    promised="2x faster on hardware that knows the pattern",
    hardware=("CPU", "GPU", "microcontroller"),
    training="prune24",
    number_format="int8",
    group="Smaller weights",
    link="https://www.tensorflow.org/model_optimization/guide/pruning",
)
