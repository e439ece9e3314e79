"""Everything about a `.tflite` that can be read without executing it."""

from __future__ import annotations

import struct
from collections import Counter

from tinyml_core.inspection import Inspection, OperatorWork
from tinyml_core.measure import arena, macs, sizes, tflite_file, weight_layers, work

UNREADABLE = (IndexError, TypeError, ValueError, AttributeError, OverflowError, struct.error)
"""What reading a graph raises whose parts do not fit together."""


def inspect_file(content: bytes) -> Inspection:
    """Sizes, census, work of each operator, MACs, operators, inputs and outputs of a `.tflite`.

    Raises:
        Expected: The bytes are not a readable `.tflite`.
    """
    model = tflite_file.parse(content)
    main = model.subgraphs[0]
    try:
        saving: int | None = arena.saving_bytes(model)
        done: tuple[OperatorWork, ...] = work.work(model)
        counted = macs.macs(done)
    except UNREADABLE:
        saving, done, counted = None, (), None
    try:
        layers = weight_layers.weight_layers(model)
    except UNREADABLE:
        layers = ()
    return Inspection(
        sizes=sizes.sizes(content),
        census=tflite_file.census(model),
        weights_census=dict(Counter(tflite_file.dtype_name(tensor.type) for tensor in tflite_file.weights(model))),
        macs=counted,
        operators=tuple(name for names in tflite_file.operator_names(model) for name in names),
        weight_zeros=weight_layers.share_of_zeros(layers),
        inputs=tuple(tflite_file.describe(main.tensors[index]) for index in main.inputs),
        outputs=tuple(tflite_file.describe(main.tensors[index]) for index in main.outputs),
        output_step=tflite_file.output_step(model),
        arena_saving_bytes=saving,
        work=done,
        weight_layers=layers,
        external_weights=tflite_file.has_external_weights(model),
        scale_bytes=weight_layers.scale_bytes(model),
    )
