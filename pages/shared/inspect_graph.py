"""The way out to a graph viewer: the file, and where to open it."""

from __future__ import annotations

import streamlit as st

from pages.shared import downloads
from tinyml_core.comparison import Comparison, Row
from tinyml_core.pipeline.run import ComparisonRun

NETRON = "https://netron.app"
MODEL_EXPLORER = "https://github.com/google-ai-edge/model-explorer"


def draw(asked: ComparisonRun, row: Row, comparison: Comparison) -> None:
    """The download, and two viewers that are good at what this page does not do."""
    st.write(
        "To see the graph itself, with every edge and every attribute, download the file and open it in a graph viewer."
    )
    downloads.draw(row, comparison.question.model)
    st.link_button("Open Netron", NETRON, icon=":material/open_in_new:")
    st.markdown(
        "Netron runs in your browser: drop the `.tflite` there. For large graphs, and to compare two of them side by side, "
        f"[Model Explorer]({MODEL_EXPLORER}) runs on your own computer: `pip install ai-edge-model-explorer`, then "
        "`model-explorer model.tflite`."
    )
    st.caption(
        "The lab sends the file nowhere: nothing leaves this server until you download it and open it elsewhere yourself."
    )
