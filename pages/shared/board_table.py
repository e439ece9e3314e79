"""All chosen boards for one variant, as a table that can be sorted."""

from __future__ import annotations

import pandas as pd
import streamlit as st

from tinyml_core.comparison import Row


def draw(row: Row, fits: pd.DataFrame) -> None:
    """One row a board: verdict, shares of flash and RAM, time and energy."""
    box = st.expander(
        f"{row.technique.title} on all {len(row.fits)} chosen boards, as a table",
        icon=":material/table_view:",
        key="board_table_box",
        on_change="rerun",
    )
    if not box.open:
        return
    fits = fits[fits["technique"].eq(row.technique.name)]
    shown = pd.DataFrame({
        "Board": fits["board_title"],
        "Verdict": fits["symbol"] + " " + fits["verdict"],
        "Flash": fits["flash_needed_bytes"] / fits["flash_available_bytes"],
        "RAM": fits["ram_needed_bytes"] / fits["ram_available_bytes"],
        "Latency, ms": fits["latency_ms"],
        "from": fits["latency_low_ms"],
        "to": fits["latency_high_ms"],
        "Energy, µJ": fits["energy_uj"],
        "Kernels": fits["runtime"],
        "Verdict because": fits["reason"],
        "Estimate": fits["latency_text"],
    })  # fmt: skip
    column = st.column_config
    with box:
        st.dataframe(
            shown,
            hide_index=True,
            column_config={
                "Board": column.TextColumn(pinned=True),
                "Flash": column.ProgressColumn(format="percent", min_value=0, max_value=1),
                "RAM": column.ProgressColumn(format="percent", min_value=0, max_value=1),
                "Latency, ms": column.NumberColumn(help="Estimated; the next two columns are its band.", format="%.3g"),
                "from": column.NumberColumn(format="%.3g"),
                "to": column.NumberColumn(format="%.3g"),
                "Energy, µJ": column.NumberColumn(help="Estimated time multiplied by power.", format="%.3g"),
            },
            placeholder="unknown",
            alt=f"{row.technique.title} on the chosen boards.",
        )
        st.download_button(
            "Download as CSV", lambda: fits.to_csv(index=False), f"{row.technique.name}_boards.csv", "text/csv",
            on_click="ignore",
        )  # fmt: skip
