"""TinyML Lab: the entry of the dashboard. Run it with `make run`, or `streamlit run app.py`."""

import streamlit as st

from pages.shared import frame

st.set_page_config(page_title="TinyML Lab", page_icon=frame.ICON, layout="wide")
frame.navigation().run()
