"""The samples whose answer changed: each as picture, curves or numbers, with both answers."""

from __future__ import annotations

from collections.abc import Mapping

import pandas as pd
import streamlit as st

from pages.shared.plain import plain
from tinyml_core.predictions import ChangedSample, Predictions
from tinyml_core.sample_curves import drawing
from tinyml_core.samples import Samples

FIRST = 8
FEW_MORE = 4
"""So few more need no switch."""
CARD_PX = 170
MARKS = {
    "worse": ":red[:material/close:] now wrong",
    "better": ":green[:material/check:] now right",
    "other": ":material/swap_horiz: wrong both times",
}


def draw(found: Predictions, pictures: Mapping[str, bytes]) -> None:
    """Up to eight of them, and a switch for the others."""
    if not found.shown:
        return
    st.markdown("**Samples whose answer changed**")
    many = len(found.shown) > FIRST + FEW_MORE
    whole = not many or st.toggle(f"Show {len(found.shown)} instead of {FIRST}", key="inspect_gallery_all")
    few = found.shown if whole else found.shown[:FIRST]
    if few[0].picture or few[0].series is not None:
        with st.container(horizontal=True, gap="small", key="inspect_gallery"):
            for sample in few:
                _card(sample, found, pictures)
    else:
        _table(few, found)
    left = found.changed - len(few)
    if left > 0:
        st.caption(f"{left:,} more {'is' if left == 1 else 'are'} not shown.")


def _card(sample: ChangedSample, found: Predictions, pictures: Mapping[str, bytes]) -> None:
    truth, before, after = (found.name(value) for value in (sample.truth, sample.before, sample.after))
    words = f"Held-out sample {sample.place}: {truth}; float32 says {before}, this variant {after}."
    with st.container(border=True, width=CARD_PX):
        picture(pictures.get(sample.picture, b""), sample, words)
        st.markdown(
            f"**{plain(truth)}** (no. {sample.place})  \nfloat32: {plain(before)}{_sure(sample.confidence_before)}  \n"
            f"this: **{plain(after)}**{_sure(sample.confidence_after)}  \n{MARKS[sample.effect]}"
        )


def picture(png: bytes, sample: ChangedSample, words: str) -> None:
    """A sample as picture or as curves."""
    if png:
        st.image(png, alt=words, width=96)
    elif sample.series is not None:
        st.image(drawing(Samples("series", ("",), words, (sample.series,))), alt=words, width=128)


def _sure(confidence: float | None) -> str:
    return "" if confidence is None else f", {confidence:.0%}"


def _table(few: tuple[ChangedSample, ...], found: Predictions) -> None:
    rows = [
        {"Sample": sample.place, "Input": ", ".join(f"{value:.4g}" for value in sample.values)}
        | {"Target": found.name(sample.truth), "float32": found.name(sample.before)}
        | {"This variant": found.name(sample.after), "Change": f"for the {sample.effect}"}
        for sample in few
    ]
    st.dataframe(
        pd.DataFrame(rows),
        hide_index=True,
        alt=" ".join(
            f"Sample {row['Sample']}: target {row['Target']}, float32 {row['float32']}, this variant {row['This variant']}."
            for row in rows
        ),
    )
