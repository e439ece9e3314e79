"""Reads a `.tflite` that somebody brought: checks it, tries it, and says what it is. The file itself is what is measured."""

from __future__ import annotations

from collections.abc import Sequence

from tinyml_core.outcome import Report
from tinyml_core.uploads.facts import ModelFacts
from tinyml_core.uploads.fixed_shape import checked_shape, with_fixed_shape
from tinyml_core.uploads.flatbuffer_checks import checked
from tinyml_core.uploads.refusal import refused
from tinyml_core.uploads.tflite_facts import open_inputs, tflite_facts
from tinyml_core.uploads.tflite_trial import tried


def read_tflite(
    content: bytes, file_name: str, input_shape: Sequence[int] | None, report: Report
) -> tuple[ModelFacts, dict[str, bytes]]:
    """The facts of a `.tflite`, and the file under `tflite`; without the file while its input shape has to be asked for.

    Args:
        content: The file.
        file_name: As the person calls it.
        input_shape: Their answer where the file leaves the shape open, without batch axis.
        report: Takes sentences that say how far it is.

    Raises:
        Expected: The file is broken, or the answer does not fit it.
    """
    report("checking the file")
    model = checked(content)
    facts = tflite_facts(model)
    if facts.open_shape is not None:
        if input_shape is None:
            return facts, {}
        content = _fixed(content, facts, input_shape)
        model = checked(content)
    report("trying the file")
    trial = tried(content)
    return tflite_facts(model, trial.notes), {"tflite": content}


def _fixed(content: bytes, facts: ModelFacts, input_shape: Sequence[int]) -> bytes:
    model = checked(content)
    places = open_inputs(model)
    if len(places) > 1:
        raise refused(
            f"The file leaves the shapes of {len(places)} inputs open; only one can be asked for.",
            "Fix the shapes where the model was made and convert it again.",
        )
    assert facts.open_shape is not None
    return with_fixed_shape(content, model, places[0], checked_shape(facts.open_shape, list(input_shape)))
