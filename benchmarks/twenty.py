"""The techniques that both sides of the comparison of twenty make, by training stage and number format."""

AFTER_TRAINING = ("float32", "float16", "dynamic", "int8_float_io", "int8", "int16x8")
IN_INT8 = (
    "qat", "prune50", "prune75", "prune90", "prune24", "cluster8", "cluster16", "cluster32", "pqat", "cqat", "pcqat", "distil",
    "small",
)  # fmt: skip

TWENTY: dict[str, tuple[str, str]] = (
    {name: ("none", name) for name in AFTER_TRAINING}
    | {"prune50_float32": ("prune50", "float32")}
    | {f"{training}_int8": (training, "int8") for training in IN_INT8}
)
"""Name of the technique in the lab: training stage and number format."""

SEVEN = (*AFTER_TRAINING, "qat_int8")
"""The techniques of the tutorials on quantization alone."""
