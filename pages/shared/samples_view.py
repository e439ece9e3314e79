"""A few real samples of the data, as soon as they are there; nothing waits for them."""

from __future__ import annotations

from concurrent.futures import Future

import streamlit as st

from pages.shared import lab
from pages.shared.plain import plain
from tinyml_core import catalog
from tinyml_core.outcome import Failure
from tinyml_core.pipeline.files import samples_of
from tinyml_core.pipeline.graph import inquire
from tinyml_core.samples import Samples

POLL_S = 1.0


def draw(dataset: str) -> None:
    """The picture, or nothing yet; comes back by itself until it is there."""
    asked = _ask(dataset)
    if not asked.done():
        st.fragment(_wait, run_every=POLL_S)(dataset)
        return
    found = asked.result()
    if isinstance(found, Failure):
        return  # why the data cannot be had is said where it is needed
    samples, png = found
    if png:
        st.image(png, alt=samples.words)
        return
    if not samples.series:
        st.caption(plain(samples.words))
        return
    from tinyml_core.sample_curves import drawing

    st.image(drawing(samples), alt=samples.words)


def _wait(dataset: str) -> None:
    if _ask(dataset).done():
        st.rerun()


def _ask(dataset: str) -> Future[tuple[Samples, bytes] | Failure]:
    return inquire(lab.desk(), samples_of(catalog.dataset(dataset))).found
