"""Makes a checked question of names that a person or a link gives."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache

from tinyml_core import catalog
from tinyml_core.boards.board import DEFAULT_BOARDS, Board, boards
from tinyml_core.comparison import Question
from tinyml_core.compress.techniques import DEFAULT_TECHNIQUES, every_name, technique, techniques
from tinyml_core.model import Model
from tinyml_core.uploads.card import MODEL_PREFIX
from tinyml_core.uploads.suited import usual_for
from tinyml_core.values import Settings


def checked_names(
    given: Sequence[str], known: Sequence[str], kind: str, composed: Sequence[str] = (), offered: Sequence[str] = ()
) -> tuple[tuple[str, ...], list[str]]:
    """The known ones among the names, `composed` ones too, and a sentence for each other one, with those `offered`."""
    all_known = {*known, *composed}
    unique = dict.fromkeys(given)
    good = tuple(name for name in unique if name in all_known)
    return good, [catalog.near(name, list(known), kind, offered) for name in unique if name not in all_known]


def usual_techniques(name: str) -> tuple[str, ...]:
    """The techniques that are chosen if nobody chooses: without data none that trains on."""
    known, member = techniques(), catalog.model(name)
    if (usual := usual_for(member)) is not None:
        return usual
    has_data = bool(member.datasets)
    return tuple(each for each in DEFAULT_TECHNIQUES if has_data or known[each].training == "none")


@cache
def _possible(model: Model) -> tuple[str, ...]:
    """Names of all compositions that a model may be asked for."""
    return tuple(name for name in every_name() if catalog.impossible(technique(name), model) is None)


def no_model(name: str) -> str:
    """One sentence for the name of a model that is not there."""
    if name.startswith(MODEL_PREFIX):
        return f"The model {name[:40]} was not brought to this server, or it has been removed since. Bring it again."
    return catalog.near(name, list(catalog.models()), "model")


def question_of(
    model: str,
    techniques: Sequence[str] | None = None,
    board_names: Sequence[str] | None = None,
    dataset: str | None = None,
    settings: Settings | None = None,
    own_boards: Sequence[Board] = (),
) -> tuple[Question | None, list[str]]:
    """A checked question, and a sentence for each name in it that is unknown.

    Args:
        model: Name of a model of the zoo, or of one that was brought.
        techniques: Names, or `["all"]`; the default techniques if None.
        board_names: Names, or `["all"]`; the classic four and the person's own if None.
        dataset: One of the model's data sets; its first if None.
        settings: The default settings if None.
        own_boards: Boards that the person described.

    Returns:
        `(question, sentences)`; no question if the model is unknown or nothing of the techniques is left.
    """
    own = [board.name for board in own_boards]
    known_boards = [*boards(), *own]
    if not catalog.is_model(model):
        return None, [no_model(model)]
    member = catalog.model(model)
    known_techniques = [technique.name for technique in catalog.offered(member)]
    wanted = list(usual_techniques(model) if techniques is None else techniques)
    wanted = known_techniques if wanted == ["all"] else wanted
    names, sentences = checked_names(
        wanted, known_techniques, "technique", composed=every_name(), offered=_possible(member)
    )
    wanted_boards = [*DEFAULT_BOARDS, *own] if board_names is None else list(board_names)
    wanted_boards = known_boards if wanted_boards == ["all"] else wanted_boards
    chosen, about_boards = checked_names(wanted_boards, known_boards, "board")
    sentences += about_boards
    if dataset and dataset not in member.datasets:
        known = list(member.datasets)
        about_data = catalog.near(dataset, known, f"data set for the model {model}")
        sentences.append(about_data if known else f"No data set comes with the model {model}.")
        dataset = None
    if not names:
        return None, sentences or ["No technique was chosen; choose at least one."]
    dataset = dataset or member.default_dataset
    question = Question(model, dataset, names, chosen, settings or Settings(), own_boards=tuple(own_boards))
    return question, sentences
