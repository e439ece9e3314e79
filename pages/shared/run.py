"""A comparison on a page: what must be there first, how far it is, what can be stopped, and which variant is best."""

from __future__ import annotations

from collections.abc import Callable

import streamlit as st

from pages.shared import brought, lab, waiting
from pages.shared.plain import plain
from tinyml_core import catalog
from tinyml_core.compare.advice import advise
from tinyml_core.compare.comparison import Comparison
from tinyml_core.compare.question import Question
from tinyml_core.domain.dataset import Dataset
from tinyml_core.domain.model import Model
from tinyml_core.domain.outcome import Failure
from tinyml_core.engine.call import Call
from tinyml_core.pipeline.graph import Want
from tinyml_core.pipeline.preparing import Preparation, begin, next_step
from tinyml_core.pipeline.run import ComparisonRun, Training
from tinyml_core.pipeline.steps import FETCH


def draw(comparison: Comparison) -> None:
    """The advice; without limits, which variant is best of those that run on the board."""
    advice = advise(comparison, comparison.question.limits)
    if advice is None:
        return
    if not comparison.complete:
        st.info(advice.text, icon=":material/hourglass_top:")
    elif advice.best is None:
        st.error(advice.text, icon=":material/block:")
    elif advice.best.kept == "probably":
        st.warning(advice.text, icon=":material/help:")
    else:
        st.success(advice.text, icon=":material/star:")


def ready(question: Question) -> bool:
    """True if the model can be measured; else draws what has to be done, and how far it is."""
    model, dataset = catalog.model(question.model), catalog.dataset_or_none(question.dataset)
    step = next_step(model, dataset)
    if step is None:
        return True
    running = _running(step) is not None
    waiting.until(lambda: _over(step, model, dataset, running), running, POLL_S)
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


def _over(step: Preparation, model: Model, dataset: Dataset | None, ran: bool) -> bool:
    """Draws the offer, or the progress; true once what ran has ended: the page has more, or a sentence, to show."""
    call = _running(step)
    if call is None and ran:
        return True
    if next_step(model, dataset) != step:
        st.rerun()
    icon = ":material/download:" if step.want.step is FETCH else ":material/model_training:"
    st.info(plain(step.why), icon=icon)
    if call is not None:
        waiting.at_work(plain(lab.desk().stage(call.fingerprint)), call.fingerprint)
        return False
    future = lab.desk().recall(step.want.call({}))
    last_try = future.result() if future is not None and future.done() else None
    if isinstance(last_try, Failure):
        waiting.tell(last_try, alarm=True)
    if st.button(step.action, type="primary", icon=icon):
        st.session_state.begun = {*st.session_state.get("begun", ()), step.want.fingerprint}
        begin(lab.desk(), step)
        st.rerun()
    return False


# ---- A comparison on the page: summary, table, charts and the chosen variant, filled in while it is measured -------


POLL_S, LATER_POLL_S, LATER_AFTER_S = 0.5, 1.0, 10.0
"""How often a page looks whether there is more to show. What takes long is not looked at so often: each look costs the server
its share, and what it leaves is kept until the answer that it waited for is there."""


def ask(question: Question) -> ComparisonRun:
    """Asking again costs nothing: the desk finds the same futures."""
    brought.still_here(question.model)
    asked = ComparisonRun(lab.desk(), question, asker=lab.visitor())
    asked.compare_policies()
    return asked


def known(comparison: Comparison) -> int:
    """How many answers there are; grows while a comparison is measured."""
    return sum(
        (row.outcome is not None) + (row.latency is not None) + len(row.notes) + len(row.npus)
        for row in comparison.rows
    )


def wait_for_rows(ask: Callable[[], ComparisonRun], drawn: int, done: Callable[[ComparisonRun], bool]) -> None:
    """What is still being measured, row by row; draws the page anew when there is more to show.

    `ask` asks the question as this page does, which shows `drawn` answers and waits for no more once it is `done`.
    """

    def look() -> bool:
        asked = ask()
        comparison = asked.snapshot()
        progress(asked, comparison)
        for row in comparison.rows:
            if row.outcome is None:
                st.caption(f"{row.technique.title}: {row.stage}")
        return done(asked) or known(comparison) > drawn

    waiting.until(look, every_s=POLL_S)


def progress(asked: ComparisonRun, comparison: Comparison) -> None:
    """How many variants are measured, and how many steps wait."""
    if asked.done:
        return
    ready = sum(row.outcome is not None for row in comparison.rows)
    measured = sum(row.measured is not None for row in comparison.rows)
    without = ready - measured  # failed, or stopped by a person
    others = f", {without} without a result" if without else ""
    steps = asked.desk.waiting()
    if ready < len(comparison.rows):
        in_line = f", {steps} step{'s wait' if steps > 1 else ' waits'} in line" if steps else ""
        words = f"{measured} of {len(comparison.rows)} variants measured{others}{in_line}"
    else:
        whole = f"{measured} of {ready} variants measured{others}" if without else "All variants measured"
        words = f"{whole}; timing them on this computer in a quiet moment"
    st.progress(ready / len(comparison.rows), text=words)
    draw_stop_buttons(asked)


# ---- Buttons that stop a training, while there is one --------------------------------------------------------------


def draw_stop_buttons(asked: ComparisonRun) -> None:
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
    who = "One row waits" if rows == 1 else f"{rows} rows wait"
    st.button(
        label, key=f"stop_{key}", icon=":material/stop_circle:", type="tertiary", on_click=stop, args=(question, trainings),
        help=f"{who} for it. You can try again later; what is measured stays.",
    )  # fmt: skip


def stop(question: Question, trainings: list[Training]) -> None:
    """Give trainings up, unless somebody else waits for them too."""
    asked = ComparisonRun(lab.desk(), question, asker=lab.visitor())
    for training in trainings:
        stopped = [asked.stop(name) for name in training.techniques if not asked.variants[name].outcome.done()]
        if not all(stopped):
            told = f"Somebody else waits for “{training.title}” too, so it goes on for them."
            st.toast(told, icon=":material/group:")
