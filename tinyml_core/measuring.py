"""From a `.tflite` to its measurement: read it, score it, execute it on TFLM, each a call of its own."""

from __future__ import annotations

from concurrent.futures import Future
from typing import TYPE_CHECKING, Any

import cattrs

from tinyml_core import catalog, plan
from tinyml_core.call import Reply
from tinyml_core.chain import done, gather, then
from tinyml_core.inspection import Inspection
from tinyml_core.outcome import Failure, Measurement, Micro, Outcome, Score, TrainingFacts
from tinyml_core.structured import structured

if TYPE_CHECKING:
    from tinyml_core.variants import Variant


def measure(variant: Variant, made: Future[Reply], dataset: str | None) -> None:
    """Read, score and execute a variant's file; its outcome is complete when all three have answered.

    Sizes and score stand at the variant as soon as each is known: executing on TFLM takes longest, and answers the
    questions that can wait.

    Args:
        variant: Takes what is found out.
        made: The reply that has its `.tflite`.
        dataset: None for a model without data; nothing is scored then.
    """

    def ask(reply: Reply) -> Future[list[Any]]:
        if isinstance(reply, Failure):
            return done([reply])
        variant.tflite = reply.blobs["tflite"]
        inspected = variant.ask(plan.inspect_call(variant.tflite, variant.title))
        variant.inspection = structured(inspected, Inspection)
        variant.score = _ask_score(variant, dataset)
        executed = then(inspected, lambda facts: _ask_micro(variant, facts, dataset))
        return gather([done(reply), variant.inspection, variant.score, structured(executed, Micro)])

    def assemble(finished: Future[list[Any]]) -> None:
        try:
            variant.outcome.set_result(_outcome(variant, finished.result()))
        except Exception as error:
            variant.outcome.set_result(
                Failure("measuring", f"An unexpected error: {error}", "The log has the details.")
            )

    then(made, ask).add_done_callback(assemble)


def _ask_score(variant: Variant, dataset: str | None) -> Future[Score | Failure | None]:
    if dataset is None or not catalog.dataset(dataset).labelled:
        return done(None)
    runtime: plan.Runtime = "TFLM" if variant.packed else "LiteRT"
    tflite = variant.tflite
    assert tflite is not None
    return structured(
        variant.ask_on_data(lambda arrays: plan.score_call(tflite, dataset, arrays, variant.title, runtime), dataset),
        Score,
    )


def _ask_micro(variant: Variant, inspected: Reply, dataset: str | None) -> Future[Reply]:
    if isinstance(inspected, Failure):
        return done(inspected)  # what cannot be read must not be executed
    tflite, facts = variant.tflite, inspected.body
    assert tflite is not None
    return variant.ask_on_data(
        lambda arrays: plan.micro_call(tflite, dataset, arrays, facts, variant.title), dataset or ""
    )


def _outcome(variant: Variant, found: list[Any]) -> Outcome:
    """What was found out, put together; a part that failed stays a failure of its own."""
    if isinstance(found[0], Failure):
        return found[0]
    made, inspection, score, micro = found
    if isinstance(inspection, Failure) and inspection.lasting:
        return inspection
    if isinstance(micro, Failure):
        micro = Micro("not executed", error=micro.detail, cause=micro.reason, fix=micro.advice)
    assert variant.tflite is not None
    return Measurement(
        file_sha256=variant.tflite.sha256,
        inspection=inspection,
        score=score,
        micro=micro,
        training=cattrs.structure(made.body.get("training", {}), TrainingFacts),
    )
