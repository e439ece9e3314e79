"""Bring your own: a model of yours, measured like one of the zoo."""

import streamlit as st

from pages.bring import page
from pages.shared import frame

frame.open_page()
frame.heading("What becomes of a model of your own?")
st.session_state.page = "bring"
page.draw()
