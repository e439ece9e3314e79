"""Inspect: what is inside each variant, where its error comes from, and what it answers."""

import streamlit as st

from pages.ask import question as ask_question
from pages.shared import frame, lab

frame.open_page()
frame.heading("What is inside each variant, and where does its error come from?")
question = ask_question.question("inspect")

if question is None:
    st.info("Choose at least one technique above, for example float32 and full integer.", icon=":material/touch_app:")
else:
    from pages.inspect import page

    page.live(question)
    lab.prepare()
