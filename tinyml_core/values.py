"""The nouns of a question: model, data set, technique, settings, and the job made of them.

All values are frozen. What comes back of a job stands in `outcome.py`.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    pass


class Needs(StrEnum):
    """The data that a technique asks of its user."""

    NOTHING = "nothing"
    CALIBRATION = "calibration"
    TRAINING_DATA = "training data"


Group = Literal["After training", "While training", "Smaller weights", "Packed", "Composed"]
"""Where a technique stands among the toggles; a composed one is none of the presets."""


@dataclass(frozen=True, slots=True)
class Technique:
    """A way of shrinking a model, in up to three stages; its name says them: `[training_]format[_packing]`.

    Attributes:
        order: Place in lists and in the fixed colour order; unique.
        training: Name of a training stage, or `none`.
        number_format: Name of a number format.
        packing: Name of a packing, or `none`.
        promised: The size reduction tutorials usually promise, in words.
        hardware: What it is meant for: CPU, GPU, Edge TPU, DSP, microcontroller.
    """

    name: str
    title: str
    order: int
    idea: str
    needs: Needs
    promised: str
    hardware: tuple[str, ...]
    number_format: str
    training: str = "none"
    packing: str = "none"
    group: Group = "After training"
    link: str = "https://ai.google.dev/edge/litert/conversion/tensorflow/quantization/model_optimization"


POLICIES = ("DEFAULT", "OPTIMIZE_FOR_SIZE", "OPTIMIZE_FOR_LATENCY")


@dataclass(frozen=True, slots=True)
class Settings:
    """The settings a person may change.

    Attributes:
        calibration_samples: Samples of the training split shown to the converter, 1 to 1000.
        fine_tuning_epochs: Epochs of techniques that train, 1 to 50; some take a multiple, and say so.
        policy: Converter policy of dynamic range quantization, one of `POLICIES`.
        seed: Seed of training, 0 to 2**31 - 1.
        temperature: Of distillation: by how much the teacher's answers are softened, 1 to 20 (Hinton et al. 2015).
        soft_weight: Of distillation: share of the loss that looks at the teacher instead of the labels, 0 to 1.
            Both defaults were chosen on a part of the training data of `digits`, `mnist` and `motion`, three seeds each.
        kept_layers: Of mixed precision: how many of the layers that suffer most are left unquantized, 1 to 10.
    """

    calibration_samples: int = 100
    fine_tuning_epochs: int = 2
    policy: str = "DEFAULT"
    seed: int = 1
    temperature: float = 2.0
    soft_weight: float = 0.5
    kept_layers: int = 1

    def __post_init__(self) -> None:
        """Refuse settings out of range with a sentence that says the range."""
        for name, low, high in (
            ("calibration_samples", 1, 1000),
            ("fine_tuning_epochs", 1, 50),
            ("seed", 0, 2**31 - 1),
            ("temperature", 1, 20),
            ("soft_weight", 0, 1),
            ("kept_layers", 1, 10),
        ):
            given = getattr(self, name)
            if not low <= given <= high:
                raise ValueError(f"{name} is {given}; it must be from {low} to {high}.")
        if self.policy not in POLICIES:
            raise ValueError(f"policy is {self.policy!r}; it must be one of {', '.join(POLICIES)}.")


@dataclass(frozen=True, slots=True)
class Job:
    """One variant to be made and measured: names, so that it can be hashed, sent and put into a link.

    Attributes:
        dataset: Empty for a model that comes without data.
    """

    model: str
    dataset: str
    technique: str
    settings: Settings = field(default_factory=Settings)
