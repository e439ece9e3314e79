"""Asks a whole question at the desk and tells, at any moment, what is known of it."""

from __future__ import annotations

from collections.abc import Mapping
from concurrent.futures import Future, wait
from dataclasses import dataclass, replace
from typing import Any, TypeVar

from tinyml_core import catalog
from tinyml_core.boards.board import boards_with
from tinyml_core.compare.assemble import compare_rows, with_pairs
from tinyml_core.compare.comparison import Comparison, Row
from tinyml_core.compare.question import Question
from tinyml_core.compare.sentences import listed
from tinyml_core.compress import techniques
from tinyml_core.domain.metrics import format_bytes
from tinyml_core.domain.outcome import Failure, NpuEstimate, Similarity
from tinyml_core.domain.technique import POLICIES, REFERENCE, UNCHANGED, Job
from tinyml_core.engine.call import Reply
from tinyml_core.engine.desk import Desk
from tinyml_core.engine.futures import done, gather, then
from tinyml_core.pipeline.files import Made, tflite
from tinyml_core.pipeline.graph import Asker
from tinyml_core.pipeline.variant import Variant, ask_latency, ask_npu, ask_similarity, ask_variant

T = TypeVar("T")
DYNAMIC = "dynamic"
"""The technique whose policies are compared."""


@dataclass(frozen=True, slots=True)
class Training:
    """A training stage that is not done; several techniques may wait for it, and a worker is at it if it has begun."""

    fingerprint: str
    title: str
    techniques: tuple[str, ...]
    begun: bool


class ComparisonRun:
    """A question on its way. Asking it again, by anybody, finds the same answers."""

    def __init__(self, desk: Desk, question: Question, latency: bool = True, asker: str = "") -> None:
        """Ask for all variants; returns at once. float32 is asked too, because all others are compared with it.

        With `latency` each is timed on this computer. `asker` tells one visitor from another, so that nobody stops what
        others wait for.
        """
        self.desk, self.question = desk, question
        alone = question.techniques == (UNCHANGED,)  # a finished file has no float32 to stand beside
        names = dict.fromkeys(question.techniques if alone else (*question.techniques, REFERENCE))
        # What trains takes longest and goes first, the longest chain of stages before all.
        order = sorted(names, key=_stages_before, reverse=True)
        asked = {name: ask_variant(desk, question.job(name), asker) for name in order}
        self.variants: dict[str, Variant] = {name: asked[name] for name in names}
        if latency:
            for name in question.techniques:
                ask_latency(self.variants[name])
        known = boards_with(self.question.own_boards)
        self._npus: dict[tuple[str, str], Future[NpuEstimate | Failure]] = {
            (name, board): ask_npu(self.variants[name], npu)
            for board in question.boards
            if board in known and (npu := known[board].npu) is not None and npu.compiled_for
            for name in question.techniques
        }
        # Where nothing can be scored, for want of data or of labels, it is asked how alike answers are to float32's.
        scored = bool(question.dataset) and catalog.dataset(question.dataset).labelled
        alike = () if scored or REFERENCE not in self.variants else question.techniques
        self._similarities: dict[str, Future[Similarity | Failure | None]] = {
            name: ask_similarity(self.variants[name], self.variants[REFERENCE]) for name in alike
        }
        self._policies: Future[dict[str, Reply]] | None = None

    def compare_policies(self) -> None:
        """Also find out what the converter policies change, if dynamic range is asked; after all rows are measured."""
        if DYNAMIC not in self.question.techniques or self._policies is not None:
            return
        measured = gather([variant.outcome for variant in self.variants.values()])

        def ask(_: object) -> Future[dict[str, Reply]]:
            asked = ask_policies(self.desk, self.question.job(DYNAMIC))
            return then(gather(list(asked.values())), lambda replies: done(dict(zip(asked, replies, strict=True))))

        self._policies = then(measured, ask)

    def snapshot(self) -> Comparison:
        """The comparison as far as it is known now."""
        in_order = sorted(self.question.techniques, key=lambda name: techniques.technique(name).order)
        rows = [self._row(name) for name in in_order]
        known = _known(self.variants[REFERENCE].outcome) if REFERENCE in self.variants else None
        return with_pairs(compare_rows(self.question, rows, known, boards_with(self.question.own_boards)))

    def _row(self, name: str) -> Row:
        variant = self.variants[name]
        policies = _known(self._policies) if name == DYNAMIC else None
        return Row(
            technique=techniques.technique(name),
            outcome=_known(variant.outcome),
            stage=variant.stage(),
            so_far=variant.so_far(),
            latency=_known(variant.latency),
            tflite=variant.tflite,
            notes=() if policies is None else (policy_verdict(policies),),
            similarity=_known(self._similarities.get(name)),
            npus={at: found.result() for (each, at), found in self._npus.items() if each == name and found.done()},
        )

    def _asked(self) -> list[Future[Any]]:
        """All that was asked: outcomes, latencies, NPUs, similarities, converter policies."""
        more = [self._policies, *(variant.latency for variant in self.variants.values())]
        outcomes = [variant.outcome for variant in self.variants.values()]
        there = [future for future in more if future is not None]
        return [*outcomes, *there, *self._npus.values(), *self._similarities.values()]

    @property
    def done(self) -> bool:
        """True once all outcomes are there, and all else that was asked: latencies, converter policies."""
        return all(future.done() for future in self._asked())

    @property
    def measured(self) -> bool:
        """True once all outcomes are there."""
        return all(variant.outcome.done() for variant in self.variants.values())

    def trainings(self) -> list[Training]:
        """The training stages that are not done; those that a worker is at come first."""
        found: dict[str, Training] = {}
        for name, variant in self.variants.items():
            call = variant.training()
            if call is not None:
                title = techniques.stages()[call.body["stage"]].title
                new = Training(call.fingerprint, title, (), self.desk.begun(call.fingerprint))
                before = found.get(call.fingerprint, new)
                found[call.fingerprint] = replace(before, techniques=(*before.techniques, name))
        return sorted(found.values(), key=lambda training: not training.begun)

    def stop(self, technique: str) -> bool:
        """Give up a variant that is being made; False if somebody else waits for it too, so that it goes on."""
        return self.variants[technique].stop()

    def passing_failures(self) -> list[Failure]:
        """What was stopped, or failed and may succeed another time."""
        return [failure for variant in self.variants.values() for failure in variant.asker.passing_failures().values()]

    def try_again(self) -> None:
        """Let the desk forget what failed or was stopped; asking the same question then asks it anew."""
        for variant in self.variants.values():
            for fingerprint in variant.asker.passing_failures():
                self.desk.forget_failure(fingerprint)

    def wait(self) -> Comparison:
        """The whole comparison; waits for it."""
        wait(self._asked())
        return self.snapshot()


def _known(future: Future[T] | None) -> T | None:
    """What a future has; None until then."""
    return future.result() if future is not None and future.done() else None


def _stages_before(technique: str) -> int:
    """How many training stages have to be done one after the other."""
    stage, found = techniques.stages()[techniques.technique(technique).training], 0
    while stage.name != "none":
        stage, found = techniques.stages()[stage.after], found + 1
    return found


# ---- converter policies ------------------------------------------------------------------------------------------
# Tutorials still choose between the older policies, so the lab converts under each and compares.


def ask_policies(desk: Desk, job: Job) -> dict[str, Future[Reply]]:
    """Convert a dynamic range job under every policy; gives the files' futures by policy."""
    jobs = {policy: replace(job, settings=replace(job.settings, policy=policy)) for policy in POLICIES}
    return {policy: Asker(desk).source(tflite(Made.of(one)), "tflite") for policy, one in jobs.items()}


def policy_verdict(replies: Mapping[str, Reply]) -> str:
    """One sentence on what the policies gave: the same file, or which differ.

    Files of one size that differ prove nothing: workers on different processors may have made them.
    """
    failed = [policy for policy, reply in replies.items() if isinstance(reply, Failure)]
    if failed:
        return f"The converter policies could not all be compared: {listed(failed)} failed."
    files = {policy: reply.blobs["tflite"] for policy, reply in replies.items() if not isinstance(reply, Failure)}
    names, different = listed(list(files)), len({file.sha256 for file in files.values()})
    sizes = [len(file.read()) for file in files.values()]
    if different == 1:
        return (
            f"Converted under {names}: three times the same file, byte for byte ({format_bytes(sizes[0])}). "
            "A policy tells the converter what to optimize for; today's converter makes no difference between them."
        )
    if len(set(sizes)) == 1:
        return (
            f"Converted under {names}: {different} different files of the same size ({format_bytes(sizes[0])}). Either the "
            "policy matters here, or the files were made on different processors: there the last digits may differ."
        )
    return f"Converted under {names}: {different} different files; the policy matters here."
