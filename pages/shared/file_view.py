"""What stands in a variant's file, and what TFLM showed when it executed it."""

from __future__ import annotations

import pandas as pd
import streamlit as st

from pages.shared.plain import plain
from tinyml_core.inspection import Inspection, Tensor
from tinyml_core.metrics import ARENA_32BIT, METRICS
from tinyml_core.outcome import Micro


def inspection(found: Inspection) -> None:
    """Sizes, inputs and outputs, tensors and operators, as the file states them."""
    four = {
        name: getattr(found.sizes, name) for name in ("flash_bytes", "tflite_bytes", "gzip_bytes", "c_source_bytes")
    }
    st.markdown("**Four sizes**")
    st.table(
        pd.DataFrame(
            [
                {"Size": METRICS[name].title, "Bytes": f"{size:,}", "What it is": METRICS[name].explanation}
                for name, size in four.items()
            ]
        ).set_index("Size")
    )
    st.markdown("**Inputs and outputs**, as the file states them")
    ends = [("input", tensor) for tensor in found.inputs] + [("output", tensor) for tensor in found.outputs]
    st.table(pd.DataFrame([_tensor(side, tensor) for side, tensor in ends]).set_index("Side"))
    census = ", ".join(f"{count} {name}" for name, count in found.census.items())
    weights = ", ".join(f"{count} {name}" for name, count in found.weights_census.items()) or "none"
    zeros = "unknown" if found.weight_zeros is None else f"{100 * found.weight_zeros:.1f} %"
    macs = "unknown" if found.macs is None else f"{found.macs:,}"
    st.markdown(
        f"**Tensors** {census}; **weight tensors** {weights}; **weights that are zero** {zeros}.  \n"
        f"**Multiply-accumulate operations** of one inference: {macs}.  \n"
        f"**Operators** in order: {', '.join(found.operators)}."
    )


def _tensor(side: str, tensor: Tensor) -> dict[str, str]:
    return {
        "Side": side,
        "Name": plain(tensor.name),
        "Shape": " x ".join("any" if size < 0 else str(size) for size in tensor.shape) or "scalar",
        "Type": tensor.dtype,
        "Scale": "none" if tensor.scale is None else f"{tensor.scale:.6g}",
        "Zero point": "none" if tensor.zero_point is None else str(tensor.zero_point),
        "Sparsity": tensor.sparsity,
    }


def execution(micro: Micro) -> None:
    """Arena and agreement, as TFLM showed them."""
    if micro.status != "runs":
        st.write("It was not executed to the end on TFLM, so there is no arena.")
        return
    sizes = {
        "Head: activations, the same in every build": micro.arena_head_bytes,
        "Tail: TFLM's own structures": micro.arena_tail_bytes,
        "Head and tail: total of TFLM's allocation record": micro.arena_bytes,
        "Smallest arena that allocates and runs: the total, and what planning needs for a moment": micro.arena_minimum_bytes,
        ARENA_32BIT.capitalize(): micro.arena_32bit_bytes,
    }
    known = [{"Memory": title, "Bytes": f"{size:,}"} for title, size in sizes.items() if size is not None]
    st.table(pd.DataFrame(known).set_index("Memory"))
    st.caption(
        "Measured on this computer, a 64-bit build of TFLM with reference kernels; optimised kernels may need more."
    )
    if micro.agreement is not None:
        found = micro.agreement
        largest = f"{found.largest_difference:.3g}"
        step = "quantization step" if largest == "1" else "quantization steps"
        unit = step if found.unit == "steps" else "of the largest output"
        st.write(
            f"TFLM and LiteRT (reference kernels) gave the same answer for {found.equal_answers:,} of {found.samples:,} "
            f"samples; their outputs differ by {largest} {unit} at most."
        )
