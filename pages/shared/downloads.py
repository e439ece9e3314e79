"""A variant's file to take home: as it is, and as a C array."""

from __future__ import annotations

import streamlit as st

from tinyml_core.comparison import Row
from tinyml_core.export.c_array import c_source


def draw(row: Row, model: str) -> None:
    """Two buttons, and what names the file beyond doubt."""
    if row.tflite is None:
        return
    blob, stem = row.tflite, f"{model}_{row.technique.name}"
    left, right = st.columns(2)
    left.download_button(
        f"{stem}.tflite", blob.read, f"{stem}.tflite", "application/octet-stream", on_click="ignore", width="stretch",
        icon=":material/download:", key=f"tflite_{stem}",
    )  # fmt: skip
    right.download_button(
        f"{stem}.cc (C array)", lambda: c_source(blob.read()), f"{stem}.cc", "text/plain", on_click="ignore",
        width="stretch", icon=":material/download:", key=f"cc_{stem}",
    )  # fmt: skip
    st.caption(f"SHA-256 of the .tflite: `{blob.sha256}`")
