"""TinyML Lab's core: what each way of shrinking a small neural network costs, wins, and where the result runs.

Use it without the dashboard:

    from tinyml_core import compare
    comparison = compare("digits", techniques=["float32", "int8"])
    for row in comparison.rows:
        print(row.technique.title, row.flash_bytes, row.score.value)

Importing it loads neither TensorFlow nor an interpreter: all work is done in child processes.
"""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import closing, nullcontext
from typing import TYPE_CHECKING

from tinyml_core.compare.comparison import Comparison, Row
from tinyml_core.compare.question import Question, question_of
from tinyml_core.domain.dataset import Dataset
from tinyml_core.domain.model import Model
from tinyml_core.domain.outcome import Failure, Measurement, Outcome
from tinyml_core.domain.technique import Job, Settings, Technique
from tinyml_core.pipeline.run import ComparisonRun

if TYPE_CHECKING:
    from pathlib import Path

    from tinyml_core.engine.desk import Desk

__all__ = [
    "Comparison", "ComparisonRun", "Dataset", "Failure", "Job", "Measurement", "Model", "Outcome", "Question", "Row",
    "Settings", "Technique", "check", "compare",
]  # fmt: skip


def compare(
    model: str = "digits",
    techniques: Sequence[str] | None = None,
    boards: Sequence[str] | None = None,
    dataset: str | None = None,
    settings: Settings | None = None,
    latency: bool = True,
    desk: Desk | None = None,
) -> Comparison:
    """Measure variants of a model and compare them.

    Args:
        model: Name of a model of the zoo.
        techniques: Names, or `["all"]`; the default techniques if None.
        boards: Names, or `["all"]`; the classic four if None.
        dataset: One of the model's data sets; its first if None.
        settings: The default settings if None.
        latency: Whether to time each variant on this computer.
        desk: Where to ask; a desk with worker processes is opened, and closed at the end, if None.

    Raises:
        ValueError: A name is unknown; the message says the near matches.
    """
    from tinyml_core.lab import open_desk

    question, sentences = question_of(model, techniques, boards, dataset, settings)
    if question is None or sentences:
        raise ValueError(" ".join(sentences))
    with nullcontext(desk) if desk else closing(open_desk()) as asked:
        return ComparisonRun(asked, question, latency).wait()


def check(path: str | Path, boards: Sequence[str] | None = None, desk: Desk | None = None) -> Row:
    """All that can be said of a `.tflite` file without its data; boards and desk as for `compare`.

    Returns:
        A row without score; its outcome is a `Failure` if the file cannot be read.

    Raises:
        ValueError: A board is unknown.
        OSError: The file cannot be opened.
    """
    from tinyml_core.lab import open_desk
    from tinyml_core.pipeline.checking import check_file

    with nullcontext(desk) if desk else closing(open_desk()) as asked:
        return check_file(asked, path, boards)
