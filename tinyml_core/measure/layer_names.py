"""Which weights of one file come from which of another: by shape, by name where names survive, by order of execution."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence

from tinyml_core.measure.real_weights import RealLayer

_WRAPPERS = ("prune_low_magnitude_", "quant_", "cluster_")
"""What training wrappers put before a layer's name."""
_COMPUTING = re.compile(r"/(Conv2D|depthwise|MatMul)\b")
"""Parts of a tensor's name that tell the layer which computes with it, not one that the converter folded into it."""


def layer_name(tensor: str) -> str:
    """The name of the layer that a weight tensor belongs to, as its author wrote it; empty if the file lost it.

    >>> layer_name("sequential/conv2d_1/Conv2D"), layer_name("model/quant_dense/MatMul/ReadVariableOp;quant_dense/x")
    ('conv2d_1', 'dense')
    >>> layer_name("sequential/batch_normalization_1/FusedBatchNormV3;sequential/depthwise_conv2d/depthwise;")
    'depthwise_conv2d'
    >>> layer_name("tfl.pseudo_qconst3"), layer_name("arith.constant")
    ('', '')
    """
    folded = tensor.split(";")
    parts = next((part for part in folded if _COMPUTING.search(part)), folded[0]).split("/")
    if len(parts) == 1 and re.match(r"(tfl\.|arith\.|std\.|constant)", tensor):
        return ""
    name = parts[1] if len(parts) > 2 else parts[0]
    while name.startswith(_WRAPPERS):
        name = next(name.removeprefix(wrapper) for wrapper in _WRAPPERS if name.startswith(wrapper))
    return name


def match(layers: Sequence[RealLayer], references: Sequence[RealLayer]) -> list[int | None]:
    """For each layer the index of the reference layer that it comes from; None if there is none; none is used twice.

    Only layers of equal shape match. Among those one of the same name is preferred, else the first in order of execution.
    """
    free = list(range(len(references)))
    found: list[int | None] = [None] * len(layers)
    for by_name in (True, False):
        for place, layer in enumerate(layers):
            if found[place] is not None:
                continue
            name = layer_name(layer.tensor)
            fitting = [
                index
                for index in free
                if references[index].shape == layer.shape
                and (not by_name or (name and layer_name(references[index].tensor) == name))
            ]
            if fitting:
                found[place] = fitting[0]
                free.remove(fitting[0])
    return found


def unique_names(layers: Sequence[RealLayer]) -> list[str]:
    """A short name for each layer; numbered where the file has none or two share one."""
    names = [layer_name(layer.tensor) or layer.operator.replace("_", " ").lower() or "weights" for layer in layers]
    shared = {name for name, count in Counter(names).items() if count > 1}
    numbers: Counter[str] = Counter()
    unique = []
    for name in names:
        numbers[name] += 1
        unique.append(f"{name} {numbers[name]}" if name in shared else name)
    return unique
