"""The first step of bringing: a model's file, what an isolated process read of it, and what it has to ask."""

from __future__ import annotations

import pandas as pd
import streamlit as st

from pages.shared import lab
from pages.shared.plain import plain
from pages.shared.waiting import tell, waited
from tinyml_core.domain.brought import KIND_TITLES, ModelFacts, Port
from tinyml_core.domain.metrics import format_bytes
from tinyml_core.domain.outcome import Failure
from tinyml_core.pipeline.bringing import Read, Upload, ask_model, model_want, upload_of

TYPES = ["keras", "h5", "hdf5", "tflite", "zip", "cc", "cpp", "c", "h"]
LARGEST_SIDE = 4096

AXES = {1: ("Values",), 2: ("Length", "Channels"), 3: ("Height", "Width", "Channels")}
"""What the axes of a sample usually are, by their number."""


def draw() -> tuple[Read[ModelFacts], list[int]] | None:
    """Ask for a file and tell what it is; gives it with the whole shape of its input once all is known."""
    file = st.file_uploader(
        "A .keras, .h5 or .tflite file, its C array, or a SavedModel as .zip", type=TYPES, key="brought_model",
        help="Nothing of it is run on this page. A process of its own reads it, with limits and without network.",
    )  # fmt: skip
    if file is None:
        st.caption(
            "From Keras: `model.save('mine.keras')`. From a SavedModel: zip its folder. A float32 `.tflite` can be quantized "
            "here; one that holds integers already is measured as it is."
        )
        return None
    upload = upload_of(file.name, file.getvalue())
    if isinstance(upload, Failure):
        return tell(upload, alarm=True)
    shape = _answered(upload)
    read = _ask(upload, shape)
    if read is None or isinstance(read, Failure):
        return tell(read, alarm=True) if read else None
    if read.facts.open_shape is not None and shape is None:
        _ask_shape(upload, read.facts.open_shape)
        return None
    _tell(read)
    return read, list(shape or (size or 1 for size in read.facts.inputs[0].shape))


def _ask(upload: Upload, shape: list[int] | None) -> Read[ModelFacts] | Failure | None:
    want = model_want(upload, shape)
    words = "Reading it in a process of its own" + ("" if upload.is_tflite else " (which loads TensorFlow first)")
    return waited(ask_model(lab.desk(), upload, shape, lab.visitor()), words, want.fingerprint)


def _answered(upload: Upload) -> list[int] | None:
    """The shape that was answered for this file, if it was."""
    answers: dict[str, list[int]] = st.session_state.setdefault("answered_shapes", {})
    return answers.get(upload.content.sha256)


def _ask_shape(upload: Upload, open_shape: tuple[int | None, ...]) -> None:
    """Ask for the sizes that the file leaves open; nothing is assumed for them."""
    st.info(
        "The file leaves the shape of its input open. Say that of one sample alone, as the model was trained on it (without the "
        "batch axis, which counts samples).",
        icon=":material/help:",
    )
    names = AXES.get(len(open_shape)) or tuple(f"Size {axis + 1}" for axis in range(len(open_shape)))
    with st.form("open_shape", border=False):
        columns = st.columns(max(3, len(open_shape)))
        sizes = [
            column.number_input(name, 1, LARGEST_SIDE, value=size, disabled=size is not None, key=f"axis_{axis}")
            for axis, (column, name, size) in enumerate(zip(columns, names, open_shape, strict=False))
        ]
        if st.form_submit_button("Use this shape", type="primary"):
            missing = [name for name, size in zip(names, sizes, strict=True) if size is None]
            if missing:
                st.error(f"Say this, too: {', '.join(missing)}.", icon=":material/error:")
                return
            st.session_state.answered_shapes[upload.content.sha256] = [int(size) for size in sizes if size is not None]
            st.rerun()


def _tell(read: Read[ModelFacts]) -> None:
    """What the file is."""
    facts = read.facts
    st.markdown(
        f"**{plain(read.upload.title)}**: {KIND_TITLES[facts.kind]}, {format_bytes(read.upload.size_bytes)}, "
        f"{facts.parameters:,} parameters.  \n"
        f":gray[{plain(facts.architecture)}]"
    )
    rows = [_row("Input", port) for port in facts.inputs] + [_row("Output", port) for port in facts.outputs]
    st.table(pd.DataFrame(rows).set_index(""))
    if not facts.float_weights:
        st.info("It is not in float32 throughout, so it is measured as it is.", icon=":material/info:")
    elif not facts.legacy_config:
        st.caption(
            f"Techniques that train cannot be applied: {plain(facts.not_rebuilt or 'a .tflite holds no layers')}"
        )
    for note in facts.notes:
        st.info(plain(note), icon=":material/info:")


def _row(kind: str, port: Port) -> dict[str, str]:
    shape = " x ".join("any" if size is None else str(size) for size in port.shape) or "one number"
    known = port.low is not None and port.high is not None
    return {
        "": kind,
        "Name": plain(port.name),
        "Shape": shape,
        "Type": port.dtype,
        "Range": f"{port.low:.4g} to {port.high:.4g}" if known else "any",
    }
