"""The forms of bringing alone, without a worker: the open shape, and what is told of data."""

from __future__ import annotations

from streamlit.testing.v1 import AppTest


def ask_shape() -> None:
    """The form for a picture of three colours whose size is open."""
    import streamlit as st

    from pages.bring import model
    from tinyml_core.pipeline.bringing import Upload, upload_of

    upload = upload_of("mine.tflite", b"x")
    assert isinstance(upload, Upload)
    st.session_state.setdefault("answered_shapes", {})
    model._ask_shape(upload, (None, None, 3))


def of_data() -> None:
    """What is told of unlabelled data with a test part of its own, for an integer model."""
    from pages.bring import data
    from tinyml_core.domain.brought import DataFacts
    from tinyml_core.pipeline.bringing import Upload, upload_of

    upload = upload_of("mine.npz", b"x")
    assert isinstance(upload, Upload)
    facts = DataFacts("npz", 9, (4,), "float32", 0.0, 0.5, "none", 6, 3, "as it is", own_split=True)
    data._choices(upload, facts)
    data._tell(facts, False)


def test_no_size_is_assumed_for_an_open_axis() -> None:
    at = AppTest.from_function(ask_shape).run()
    height, width, channels = at.number_input
    assert (height.label, width.label, channels.label) == ("Height", "Width", "Channels")
    assert (height.value, width.value, channels.value, channels.disabled) == (None, None, 3, True)
    height.set_value(8)
    at.button[0].click().run()
    assert "Width" in at.error[0].value and "Height" not in at.error[0].value
    assert not at.session_state.answered_shapes
    at.number_input[1].set_value(6)
    at.button[0].click().run()
    assert list(at.session_state.answered_shapes.values()) == [[8, 6, 3]]


def test_a_share_cannot_be_chosen_where_the_file_divides_itself() -> None:
    at = AppTest.from_function(of_data).run()
    assert not at.exception
    assert at.slider[0].disabled and "its own test part" in at.caption[0].value


def test_nothing_is_said_to_calibrate_an_integer_model() -> None:
    at = AppTest.from_function(of_data).run()
    told = at.table[0].value[" "]
    assert told["Labels"].replace("\\", "") == "none: nothing can be scored"
    assert "nothing is calibrated" in told["Samples"]
    assert "0.5" in told["Each"]
