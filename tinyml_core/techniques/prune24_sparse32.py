"""Pruned 2:4, sparse float32: one of the stages' usual combinations."""

from tinyml_core.values import Needs, Technique

TECHNIQUE = Technique(
    name="prune24_sparse32",
    title="Pruned 2:4, sparse float32",
    order=26,
    idea="Sets two of every four neighbouring weights to zero and stores only the others: the one pruned file that "
    "is smaller as it is. LiteRT unfolds it when it loads; TensorFlow Lite Micro cannot.",
    needs=Needs.TRAINING_DATA,
    promised="nearly 2x smaller",
    hardware=("CPU",),
    training="prune24",
    number_format="sparse32",
    group="Smaller weights",
    link="https://www.tensorflow.org/model_optimization/guide/pruning",
)
