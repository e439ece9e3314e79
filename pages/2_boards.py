"""Boards: which variant fits which board, with every part of the sum and its source."""

import streamlit as st

from pages.ask import question as ask_question
from pages.shared import frame, lab

frame.open_page()
frame.heading("Which variant fits which board?")
question = ask_question.question("boards")

if question is None:
    st.info("Choose at least one technique above, for example float32 and full integer.", icon=":material/touch_app:")
else:
    from pages.boards import page

    page.live(question)
    lab.prepare()
