"""The settings of a question: calibration, training, distillation, mixed precision."""

from __future__ import annotations

import streamlit as st

from tinyml_core import catalog
from tinyml_core.domain.technique import POLICIES, Settings

KEYS = {
    "calibration_samples": "samples", "fine_tuning_epochs": "epochs", "policy": "policy", "seed": "seed",
    "temperature": "temperature", "soft_weight": "soft_weight", "kept_layers": "kept_layers",
}  # fmt: skip
"""Field of the settings, and its widget; links call it the same."""


def seed(settings: Settings) -> None:
    """Let the widgets show these settings; before they are drawn."""
    for field, key in KEYS.items():
        st.session_state[key] = getattr(settings, field)


def settings() -> Settings:
    """Draw the form; gives the settings."""
    usual = Settings()
    with st.popover("Settings", icon=":material/tune:"):
        _dataset()
        left, right = st.columns(2)
        samples = left.number_input(
            "Calibration samples", 1, 1000, key="samples", persist_state="session",
            help=f"Training inputs shown to the converter so that it learns each tensor's range. Usually {usual.calibration_samples}.",
        )  # fmt: skip
        epochs = right.number_input(
            "Fine-tuning epochs", 1, 50, key="epochs", persist_state="session",
            help="How often a technique that trains goes through the training data. Some take a multiple of it, and their "
            "rows say so.",
        )  # fmt: skip
        left, right = st.columns(2)
        temperature = left.number_input(
            "Distillation: temperature", 1.0, 20.0, step=0.5, format="%g", key="temperature", persist_state="session",
            help="By how much the teacher's answers are softened before the student learns from them. At 1 they are as "
            f"the teacher gives them; higher shows more of what it holds second and third. Usually {usual.temperature:g}.",
        )  # fmt: skip
        soft_weight = right.number_input(
            "Distillation: weight of the teacher", 0.0, 1.0, step=0.05, format="%g", key="soft_weight",
            persist_state="session",
            help="Share of the loss that compares with the teacher's softened answers; the rest compares with the labels. "
            f"At 0 the student learns from the labels alone. Usually {usual.soft_weight:g}.",
        )  # fmt: skip
        left, right = st.columns(2)
        kept_layers = left.number_input(
            "Mixed precision: layers kept", 1, 10, key="kept_layers", persist_state="session",
            help="How many layers are left unquantized: those whose quantization alone does the most damage.",
        )  # fmt: skip
        seed_given = right.number_input(
            "Seed", 0, 2**31 - 1, key="seed", persist_state="session", help="Of techniques that train."
        )
        policy = st.selectbox(
            "Converter policy of dynamic range", POLICIES, key="policy", persist_state="session",
            help="What the converter is told to optimize for. DEFAULT is the usual one; older tutorials choose OPTIMIZE_FOR_SIZE "
            "or OPTIMIZE_FOR_LATENCY. The details of the dynamic range variant tell what the choice changes, because the lab "
            "compares the files.",
        )  # fmt: skip
    return Settings(
        calibration_samples=int(samples), fine_tuning_epochs=int(epochs), policy=str(policy), seed=int(seed_given),
        temperature=float(temperature), soft_weight=float(soft_weight), kept_layers=int(kept_layers),
    )  # fmt: skip


def _dataset() -> None:
    """The choice of data, where the model offers more than one."""
    datasets = catalog.model(st.session_state.model).datasets
    if len(datasets) < 2:
        return
    if st.session_state.get("dataset") not in datasets:
        st.session_state.dataset = datasets[0]
    st.selectbox(
        "Data set", datasets, key="dataset", format_func=lambda name: catalog.dataset(name).title,
        help="Supplies the calibration sample, the data of techniques that train, and the held-out test.",
        persist_state="session",
    )  # fmt: skip
