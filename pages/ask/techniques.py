"""Compose your own: a training stage, a number format and a packing make a technique like any other."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import streamlit as st

from pages.shared.plain import plain
from pages.shared.waiting import sentence
from tinyml_core import catalog
from tinyml_core.catalog import usual_techniques
from tinyml_core.compress import techniques
from tinyml_core.compress.techniques import MOST_COMPOSED, apart, name_of
from tinyml_core.domain.technique import AS_BROUGHT, UNCHANGED, Group, Technique

NOTHING = "none"


def offered() -> tuple[str, ...]:
    """All that were composed in this session, pressed or not; each has a toggle."""
    return tuple(st.session_state.get("offered", ()))


def offer(names: Sequence[str]) -> None:
    """Give these a toggle, besides those of earlier as far as there is room."""
    st.session_state.offered = tuple(dict.fromkeys((*names, *offered())))[:MOST_COMPOSED]


def draw(model: str) -> None:
    """The button and what is behind it; filled only while it is open."""
    box = st.popover("Compose your own", icon=":material/add:", key="compose_box", on_change="rerun")
    if box.open:
        with box:
            st.fragment(_form)(model)


def _form(model: str) -> None:
    """Three choices, the name they make, and whether it can be; runs by itself."""
    if st.session_state.pop("composed_anew", False):
        st.rerun()  # the toggles stand outside of this fragment
    st.caption(
        "Any training stage in any number format, packed or not. 2:4 sets two of every four neighbouring "
        "weights to zero; QAT is quantization-aware training. "
        "Where two don't go together, the lab says why."
    )
    stages, formats, packings = techniques.stages(), techniques.number_formats(), techniques.packings()
    left, middle, right = st.columns(3)
    training = left.selectbox(
        "Training", list(stages), key="compose_training", format_func=lambda name: stages[name].title
    )
    number_format = middle.selectbox(
        "Number format", list(formats), key="compose_format", format_func=lambda name: formats[name].title
    )
    packing = right.selectbox(
        "Packing", [NOTHING, *packings], key="compose_packing",
        format_func=lambda name: "Not packed" if name == NOTHING else packings[name].title,
    )  # fmt: skip
    _offer_to_add(name_of(str(training), str(number_format), str(packing)), model)
    for name in offered():
        with st.container(horizontal=True, vertical_alignment="center"):
            st.markdown(techniques.technique(name).title, width="stretch")
            st.button(
                "Remove", key=f"remove_{name}", icon=":material/delete:", type="tertiary", on_click=remove, args=(name,)
            )


def _offer_to_add(name: str, model: str) -> None:
    """The name, what speaks against it, and the button."""
    st.markdown(f"Its name is `{name}`.")
    failure = catalog.impossible(techniques.technique(name), catalog.model(model))
    technique = techniques.technique(name)
    there = name in pressed(technique.group)
    full = technique.group == "Composed" and name not in offered() and len(offered()) >= MOST_COMPOSED
    if failure is not None:
        st.warning(sentence(failure), icon=":material/block:")
    elif there:
        st.caption(f"{technique.title} stands in the comparison already.")
    elif technique.group != "Composed":
        st.caption(f"It is {technique.title}, which has a toggle under {technique.group}; to add it is to press that.")
    elif full:
        st.warning(f"At most {MOST_COMPOSED} composed techniques stand side by side; remove one first.")
    st.button(
        "Add", type="primary", icon=":material/add:", disabled=failure is not None or there or full, key="compose_add",
        on_click=add, args=(name,), width="stretch",
    )  # fmt: skip


def add(name: str) -> None:
    """Press the toggle of a composed technique, or of the preset that it equals."""
    forget_notes()
    group = techniques.technique(name).group
    if group == "Composed":
        offer((*offered(), name))
    press(group, list(dict.fromkeys((*pressed(group), name))))
    st.session_state.composed_anew = True


def remove(name: str) -> None:
    """Take a composed technique away, with its row."""
    forget_notes()
    st.session_state.offered = tuple(other for other in offered() if other != name)
    press("Composed", [other for other in pressed("Composed") if other != name])
    st.session_state.composed_anew = True


# ---- The toggles of the techniques, in groups: the first two stand open, the others behind buttons that count ------


def seed(names: Sequence[str]) -> None:
    """Let the toggles show these techniques; before they are drawn."""
    for group in GROUPS:
        press(group, [name for name in names if name != UNCHANGED and techniques.technique(name).group == group])
    offer(pressed("Composed"))


def chosen(model: str) -> tuple[str, ...]:
    """Draw all groups, with what is impossible for the model; gives the pressed names in their fixed order."""
    if catalog.model(model).brought is not None and catalog.offered(catalog.model(model)) == (AS_BROUGHT,):
        st.caption(f"{AS_BROUGHT.title}: {AS_BROUGHT.idea}")
        return (UNCHANGED,)
    members = {group: [one for one in techniques.techniques().values() if one.group == group] for group in GROUPS}
    members["Composed"] = [techniques.technique(name) for name in offered()]
    for group, toggles in GROUPS.items():
        if members[group] and not toggles.folded:
            pills(group, members[group], model)
    with st.container(horizontal=True, gap="small"):
        for group, toggles in GROUPS.items():
            if members[group] and toggles.folded:
                count = f"{len(pressed(group))} of {len(members[group])}"
                with st.popover(f"{group} ({count})", key=f"{toggles.key}_box"):
                    pills(group, members[group], model)
        draw(model)
    names = {one.name for group in GROUPS for one in members[group] if one.name in pressed(group)}
    return tuple(sorted(names, key=lambda name: techniques.technique(name).order))


def new_model() -> None:
    """Another model was chosen: without data no technique that trains on is of use, with data the usual ones are."""
    forget_notes()
    state = st.session_state
    before = state.asked.model if "asked" in state and catalog.is_model(state.asked.model) else state.model
    if any(catalog.model(name).brought is not None for name in (state.model, before)):
        seed(usual_techniques(state.model))
        return
    has_data, had_data = bool(catalog.model(state.model).datasets), bool(catalog.model(before).datasets)
    if not has_data:
        for group in GROUPS:
            press(group, [name for name in pressed(group) if techniques.technique(name).training == "none"])
    elif not had_data:
        usual = [techniques.technique(name) for name in usual_techniques(state.model)]
        press("While training", [technique.name for technique in usual if technique.group == "While training"])


# ---- The groups that toggles of techniques stand in, and a row of toggles with what is impossible among them -------


FEW = 3
"""More titles than this are counted instead of named."""


@dataclass(frozen=True, slots=True)
class Toggles:
    """A group of toggles: the key of its widget, what its techniques have in common, and whether a button hides them."""

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
        group, list(titles), selection_mode="multi", key=toggles.key, format_func=lambda name: titles.get(name, name),
        help=None if toggles.folded else toggles.about, on_change=forget_notes, persist_state="session",
        label_visibility="collapsed" if toggles.folded else "visible", wrap=True,
    )  # fmt: skip
    for line in impossible_here(members, model):
        st.caption(line)


def impossible_here(members: Sequence[Technique], model: str) -> list[str]:
    """A sentence for each reason why techniques cannot be applied to a model, with their titles."""
    member = catalog.model(model)
    by_reason: dict[tuple[str, bool], list[str]] = {}
    for technique in members:
        failure = catalog.impossible(technique, member)
        if failure is not None:
            by_reason.setdefault((failure.reason, failure == apart(technique)), []).append(technique.title)
    return [
        f":material/block: {_whom(titles, len(members), nowhere)}. {plain(reason)}"
        for (reason, nowhere), titles in by_reason.items()
    ]


def _whom(titles: list[str], of: int, nowhere: bool = False) -> str:
    """Who is impossible, by title or counted; `nowhere` for stages that go together with no model.

    >>> _whom(["Distilled", "Student"], 9), _whom(["a", "b", "c", "d"], 9), _whom(["a", "b", "c", "d"], 4)
    ('Not with this model: “Distilled”, “Student”', '4 of these not with this model', 'None of these with this model')
    """
    if nowhere or len(titles) <= FEW:
        words = "These stages don't go together" if nowhere else "Not with this model"
        return f"{words}: {', '.join(f'“{title}”' for title in titles)}"
    return "None of these with this model" if len(titles) == of else f"{len(titles)} of these not with this model"


def forget_notes() -> None:
    """A person changed something; what was not understood of the link no longer matters."""
    st.session_state.link_notes = []
