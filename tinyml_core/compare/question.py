"""What a person asks: model, data, techniques, boards and limits, by names that were checked."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, fields, replace
from typing import Any

from tinyml_core import catalog
from tinyml_core.boards.board import DEFAULT_BOARDS, Board, boards
from tinyml_core.catalog import _possible, no_model, usual_techniques
from tinyml_core.compress.techniques import every_name
from tinyml_core.domain.technique import Job, Settings

MOST: dict[str, float] = {
    "flash_bytes": 1024 * 10**6, "ram_bytes": 1024 * 10**6, "points_lost": 1000,
    "latency_ms": 10**6, "energy_uj": 10**9,
}  # fmt: skip
"""The largest limit of each kind: more than any microcontroller has, takes or loses."""


@dataclass(frozen=True, slots=True)
class Limits:
    """What a person allows on the board of a name; None is no limit.

    Attributes:
        flash_bytes: Of the whole program: model, runtime, platform; so is `ram_bytes`: arena, runtime, platform.
        points_lost: Percentage points of accuracy below float32. For anomaly detection: hundredths of the area under the ROC
            curve. For a regression: percent of float32's error.
        latency_ms: Of one inference; so is `energy_uj`, in microjoules.
    """

    board: str = ""
    flash_bytes: int | None = None
    ram_bytes: int | None = None
    points_lost: float | None = None
    latency_ms: float | None = None
    energy_uj: float | None = None

    def __post_init__(self) -> None:
        """Raise ValueError for a limit that is negative, above `MOST` or no number; says which and what is allowed."""
        for name, most in MOST.items():
            value = getattr(self, name)
            if value is not None and not 0 <= value <= most:
                raise ValueError(f"The limit {name} is {value:g}; it must be a number from 0 to {most:g}.")

    def having(self, field: str, amount: float) -> Limits:
        """These limits with one set; bytes are rounded to whole ones.

        Raises:
            ValueError, OverflowError: It is no amount; see `MOST`.
        """
        change: dict[str, Any] = {field: round(amount) if field.endswith("_bytes") else amount}
        return replace(self, **change)

    @property
    def given(self) -> bool:
        """True if something is limited beyond what the board itself can hold."""
        return any(getattr(self, field.name) is not None for field in fields(self) if field.name != "board")


@dataclass(frozen=True, slots=True)
class Question:
    """What a person asks: everything that a link carries.

    Attributes:
        dataset: Empty for a model that comes without data.
        boards: Names, in order.
        runtime: Kernels to estimate latency for, on boards that offer them; empty for each board's usual ones.
        own_boards: Boards that the person described; their names are among `boards` where they are chosen.
    """

    model: str
    dataset: str
    techniques: tuple[str, ...]
    boards: tuple[str, ...]
    settings: Settings = field(default_factory=Settings)
    limits: Limits = field(default_factory=Limits)
    runtime: str = ""
    own_boards: tuple[Board, ...] = ()

    def job(self, technique: str) -> Job:
        """One of its variants."""
        return Job(self.model, self.dataset, technique, self.settings)


def checked_names(
    given: Sequence[str], known: Sequence[str], kind: str, composed: Sequence[str] = (), offered: Sequence[str] = ()
) -> tuple[tuple[str, ...], list[str]]:
    """The known ones among the names, `composed` ones too, and a sentence for each other one, with those `offered`."""
    all_known = {*known, *composed}
    unique = dict.fromkeys(given)
    good = tuple(name for name in unique if name in all_known)
    return good, [catalog.near(name, list(known), kind, offered) for name in unique if name not in all_known]


def question_of(
    model: str,
    techniques: Sequence[str] | None = None,
    board_names: Sequence[str] | None = None,
    dataset: str | None = None,
    settings: Settings | None = None,
    own_boards: Sequence[Board] = (),
) -> tuple[Question | None, list[str]]:
    """A checked question, and a sentence for each name in it that is unknown.

    Techniques and boards are names, or `["all"]`. What is None is the usual: the default techniques and settings, the
    classic four boards and the person's own, the model's first data set. No question if the model, of the zoo or one
    that was brought, is unknown or nothing of the techniques is left.
    """
    if not catalog.is_model(model):
        return None, [no_model(model)]
    member, own = catalog.model(model), [board.name for board in own_boards]
    known_techniques, known_boards = [technique.name for technique in catalog.offered(member)], [*boards(), *own]
    wanted = list(usual_techniques(model) if techniques is None else techniques)
    wanted = known_techniques if wanted == ["all"] else wanted
    names, sentences = checked_names(wanted, known_techniques, "technique", every_name(), _possible(member))
    wanted_boards = [*DEFAULT_BOARDS, *own] if board_names is None else list(board_names)
    wanted_boards = known_boards if wanted_boards == ["all"] else wanted_boards
    chosen, about_boards = checked_names(wanted_boards, known_boards, "board")
    sentences += about_boards
    if dataset and dataset not in member.datasets:
        about_data = catalog.near(dataset, list(member.datasets), f"data set for the model {model}")
        sentences.append(about_data if member.datasets else f"No data set comes with the model {model}.")
        dataset = None
    if not names:
        return None, sentences or ["No technique was chosen; choose at least one."]
    dataset, settings = dataset or member.default_dataset, settings or Settings()
    return Question(model, dataset, names, chosen, settings, own_boards=tuple(own_boards)), sentences
