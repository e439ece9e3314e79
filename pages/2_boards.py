"""Boards: which variant fits which board, with every part of the sum and its source."""

import streamlit as st

from pages.shared import ask, frame, lab

frame.open_page()
frame.heading("Which variant fits which board?")
question = ask.question("boards")

if question is None:
    st.info("Choose at least one technique above, for example float32 and full integer.", icon=":material/touch_app:")
else:
    from pages.shared import boards_page

    boards_page.live(question)
    lab.prepare()
