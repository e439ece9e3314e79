"""Compare: variants of a model side by side, by size, accuracy, latency and boards."""

import streamlit as st

from pages.ask import question as ask_question
from pages.shared import frame, lab

frame.open_page()
frame.heading("What does each way of shrinking a model cost, and what does it win?")
question = ask_question.question("compare")

if question is None:
    st.info("Choose at least one technique above, for example float32 and full integer.", icon=":material/touch_app:")
else:
    # Table and charts load pandas and Altair: after the chooser, so that it is drawn at once.
    from pages.compare import cards, page

    page.live(question)
    cards.below(question)
    lab.prepare()
