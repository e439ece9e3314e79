"""Inspect: what is inside each variant, where its error comes from, and what it answers."""

import streamlit as st

from pages.shared import ask, frame, lab

frame.open_page()
frame.heading("What is inside each variant, and where does its error come from?")
question = ask.question("inspect")

if question is None:
    st.info("Choose at least one technique above, for example float32 and full integer.", icon=":material/touch_app:")
else:
    from pages.shared import inspect_page

    inspect_page.live(question)
    lab.prepare()
