"""Buttons that stop a training, while there is one."""

from __future__ import annotations

import streamlit as st

from pages.shared import lab
from tinyml_core.comparison import Question
from tinyml_core.pipeline.run import ComparisonRun, Training


def draw(asked: ComparisonRun) -> None:
    """A button for each training that a worker is at, and one for all if more wait."""
    trainings = asked.trainings()
    begun = [training for training in trainings if training.begun]
    if not trainings:
        return
    with st.container(horizontal=True, gap="small"):
        for training in begun:
            rows = len(training.techniques)
            _button(f"Stop: {training.title}", training.fingerprint[:12], asked.question, [training], rows)
        if len(trainings) > len(begun):
            rows = len({name for training in trainings for name in training.techniques})
            label = f"Stop all {len(trainings)} trainings" if len(trainings) > 1 else f"Stop: {trainings[0].title}"
            _button(label, "all", asked.question, trainings, rows)


def _button(label: str, key: str, question: Question, trainings: list[Training], rows: int) -> None:
    waiting = "One row waits" if rows == 1 else f"{rows} rows wait"
    st.button(
        label, key=f"stop_{key}", icon=":material/stop_circle:", type="tertiary", on_click=stop, args=(question, trainings),
        help=f"{waiting} for it. You can try again later; what is measured stays.",
    )  # fmt: skip


def stop(question: Question, trainings: list[Training]) -> None:
    """Give trainings up, unless somebody else waits for them too."""
    asked = ComparisonRun(lab.desk(), question, asker=lab.visitor())
    for training in trainings:
        stopped = [asked.stop(name) for name in training.techniques if not asked.variants[name].outcome.done()]
        if not all(stopped):
            st.toast(
                f"Somebody else waits for “{training.title}” too, so it goes on for them.", icon=":material/group:"
            )
