"""The toggles of the techniques, in groups: the first two stand open, the others behind buttons that count."""

from __future__ import annotations

from collections.abc import Sequence

import streamlit as st

from pages.shared import compose_form
from pages.shared.toggle_groups import GROUPS, forget_notes, pills, press, pressed
from tinyml_core import catalog
from tinyml_core.as_it_is import AS_IT_IS, TECHNIQUE
from tinyml_core.compress import techniques
from tinyml_core.questions import usual_techniques


def seed(names: Sequence[str]) -> None:
    """Let the toggles show these techniques; before they are drawn."""
    for group in GROUPS:
        press(group, [name for name in names if name != AS_IT_IS and techniques.technique(name).group == group])
    compose_form.offer(pressed("Composed"))


def chosen(model: str) -> tuple[str, ...]:
    """Draw all groups; gives the pressed names in their fixed order.

    Args:
        model: Decides what is marked as impossible.
    """
    if catalog.model(model).brought is not None and catalog.offered(catalog.model(model)) == (TECHNIQUE,):
        st.caption(f"{TECHNIQUE.title}: {TECHNIQUE.idea}")
        return (AS_IT_IS,)
    members = {group: [one for one in techniques.techniques().values() if one.group == group] for group in GROUPS}
    members["Composed"] = [techniques.technique(name) for name in compose_form.offered()]
    for group, toggles in GROUPS.items():
        if members[group] and not toggles.folded:
            pills(group, members[group], model)
    with st.container(horizontal=True, gap="small"):
        for group, toggles in GROUPS.items():
            if members[group] and toggles.folded:
                count = f"{len(pressed(group))} of {len(members[group])}"
                with st.popover(f"{group} ({count})", key=f"{toggles.key}_box"):
                    pills(group, members[group], model)
        compose_form.draw(model)
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
