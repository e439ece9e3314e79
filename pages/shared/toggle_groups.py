"""The groups that toggles of techniques stand in, and a row of toggles with what is impossible among them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import streamlit as st

from tinyml_core import catalog
from tinyml_core.compress.techniques import apart
from tinyml_core.values import Group, Technique

FEW = 3
"""More titles than this are counted instead of named."""


@dataclass(frozen=True, slots=True)
class Toggles:
    """A group of toggles.

    Attributes:
        key: Of the widget, whose value is the list of pressed names.
        about: One line that says what the techniques of the group have in common.
        folded: Whether they stand behind a button, instead of on the page.
    """

    key: str
    about: str
    folded: bool = False


GROUPS: dict[Group, Toggles] = {
    "After training": Toggles(
        "after", "These convert the trained model as it is. Some need a representative sample, none needs labels."
    ),
    "While training": Toggles(
        "during", "These train the model on with labelled data before it is converted, so they take longer."
    ),
    "Smaller weights": Toggles(
        "smaller",
        "Weights with many zeros (pruned), with few distinct values (clustered), or of fewer bits. What is pruned or "
        "clustered is trained on. 2:4: two of every four neighbouring weights are zero. QAT: quantization-aware training. Each "
        "row says what became smaller, and whether a microcontroller's interpreter runs it.",
        folded=True,
    ),
    "Packed": Toggles(
        "packed",
        "Weights with few distinct values, stored as numbers into a short table. TFLM (TensorFlow Lite Micro, the "
        "interpreter that runs on microcontrollers) looks them up while it runs: less flash, more RAM.",
        folded=True,
    ),
    "Composed": Toggles(
        "composed", "What you composed of stages. It is in the link. To take it away for good: Compose your own."
    ),
}


def pressed(group: Group) -> list[str]:
    """Names of the techniques whose toggles are pressed."""
    return list(st.session_state.get(GROUPS[group].key) or [])


def press(group: Group, names: Sequence[str]) -> None:
    """Press these toggles and no others of the group; before they are drawn."""
    st.session_state[GROUPS[group].key] = list(names)


def pills(group: Group, members: Sequence[Technique], model: str) -> None:
    """Draw a row of toggles, and below it what is impossible with the model, though it may be pressed all the same."""
    toggles = GROUPS[group]
    titles = {one.name: one.title for one in members}
    if toggles.folded:
        st.caption(toggles.about)
    st.pills(
        group,
        list(titles),
        selection_mode="multi",
        key=toggles.key,
        format_func=lambda name: titles.get(name, name),
        help=None if toggles.folded else toggles.about,
        on_change=forget_notes,
        persist_state="session",
        label_visibility="collapsed" if toggles.folded else "visible",
        wrap=True,
    )
    for sentence in impossible_here(members, model):
        st.caption(sentence)


def impossible_here(members: Sequence[Technique], model: str) -> list[str]:
    """A sentence for each reason why techniques cannot be applied to a model, with their titles."""
    member = catalog.model(model)
    by_reason: dict[tuple[str, bool], list[str]] = {}
    for technique in members:
        failure = catalog.impossible(technique, member)
        if failure is not None:
            by_reason.setdefault((failure.reason, failure == apart(technique)), []).append(technique.title)
    return [
        f":material/block: {_apart(titles) if nowhere else _whom(titles, len(members))}. {reason}"
        for (reason, nowhere), titles in by_reason.items()
    ]


def _apart(titles: list[str]) -> str:
    """Stages that go together with no model."""
    return f"These stages don't go together: {', '.join(f'“{title}”' for title in titles)}"


def _whom(titles: list[str], of: int) -> str:
    """Who is impossible: by title, or counted.

    >>> _whom(["Distilled", "Student"], 9), _whom(["a", "b", "c", "d"], 9), _whom(["a", "b", "c", "d"], 4)
    ('Not with this model: “Distilled”, “Student”', '4 of these not with this model', 'None of these with this model')
    """
    if len(titles) <= FEW:
        return f"Not with this model: {', '.join(f'“{title}”' for title in titles)}"
    return "None of these with this model" if len(titles) == of else f"{len(titles)} of these not with this model"


def forget_notes() -> None:
    """A person changed something; what was not understood of the link no longer matters."""
    st.session_state.link_notes = []
