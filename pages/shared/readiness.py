"""What a model needs before it can be measured: a download, a training. Seen by all visitors, asked for by any of them."""

from __future__ import annotations

from concurrent.futures import Future

import streamlit as st

from pages.shared import lab
from pages.shared.plain import plain
from tinyml_core import catalog
from tinyml_core.call import Call, Reply
from tinyml_core.comparison import Question
from tinyml_core.dataset import Dataset
from tinyml_core.model import Model
from tinyml_core.outcome import Failure
from tinyml_core.pipeline.graph import Want
from tinyml_core.pipeline.preparing import Preparation, begin, next_step
from tinyml_core.pipeline.steps import FETCH

POLL_S = 0.5


def ready(question: Question) -> bool:
    """True if the model can be measured; else draws what has to be done, and how far it is."""
    model, dataset = catalog.model(question.model), catalog.dataset_or_none(question.dataset)
    step = next_step(model, dataset)
    if step is None:
        return True
    running = _running(step) is not None
    st.fragment(_draw, run_every=POLL_S if running else None)(step, model, dataset, running)
    return False


def _running(step: Preparation) -> Call | None:
    """The call of a step that is under way: its own, or one that it waits for."""
    wants = [step.want]
    if step.want.fingerprint in st.session_state.get("begun", ()):
        wants += [need.of for need in step.want.needs.values() if isinstance(need.of, Want)]
    for want in wants:
        call = want.call({})
        future = lab.desk().recall(call)
        if future is not None and not future.done():
            return call
    return None


def _draw(step: Preparation, model: Model, dataset: Dataset | None, ran: bool) -> None:
    """The offer, or the progress; runs by itself while something is under way."""
    call = _running(step)
    if (call is None and ran) or next_step(model, dataset) != step:
        st.rerun()  # it ended: the page has more, or a sentence, to show
    icon = ":material/download:" if step.want.step is FETCH else ":material/model_training:"
    st.info(plain(step.why), icon=icon)
    if call is not None:
        left, right = st.columns([5, 1], vertical_alignment="center")
        left.markdown(f":material/hourglass_top: {plain(lab.desk().stage(call.fingerprint))}")
        right.button("Stop", icon=":material/stop:", on_click=lab.desk().cancel, args=(call.fingerprint,))
        return
    future = lab.desk().recall(step.want.call({}))
    failure = _failure(future)
    if failure is not None:
        told = st.info if failure.stopped else st.error
        told(plain(f"{failure.reason} {failure.advice}"))
    if st.button(step.action, type="primary", icon=icon):
        st.session_state.begun = {*st.session_state.get("begun", ()), step.want.fingerprint}
        begin(lab.desk(), step)
        st.rerun()


def _failure(future: Future[Reply] | None) -> Failure | None:
    """Why the last try failed or when it was stopped, if it was."""
    reply = future.result() if future is not None and future.done() else None
    return reply if isinstance(reply, Failure) else None
