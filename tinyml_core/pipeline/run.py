"""Asks a whole question at the desk and tells, at any moment, what is known of it."""

from __future__ import annotations

from collections.abc import Mapping
from concurrent.futures import Future, wait
from dataclasses import dataclass, replace

from tinyml_core import catalog
from tinyml_core.boards.board import boards_with
from tinyml_core.compare.assemble import compare_rows, with_pairs
from tinyml_core.compare.comparison import Comparison, Row
from tinyml_core.compare.question import Question
from tinyml_core.compare.sentences import listed
from tinyml_core.compress import techniques
from tinyml_core.domain.metrics import format_bytes
from tinyml_core.domain.outcome import Failure, NpuEstimate, Similarity
from tinyml_core.domain.technique import AS_IT_IS, POLICIES, REFERENCE, Job
from tinyml_core.engine.call import Reply
from tinyml_core.engine.desk import Desk
from tinyml_core.engine.futures import done, gather, then
from tinyml_core.pipeline.files import Made, tflite
from tinyml_core.pipeline.graph import Asker
from tinyml_core.pipeline.variant import Variant, ask_latency, ask_npu, ask_similarity, ask_variant

DYNAMIC = "dynamic"
"""The technique whose policies are compared."""


@dataclass(frozen=True, slots=True)
class Training:
    """A training stage that is not done.

    Attributes:
        fingerprint: Of its call.
        title: Of the stage.
        techniques: Those that wait for it; one training may serve several.
        begun: Whether a worker is at it; otherwise it waits for one.
    """

    fingerprint: str
    title: str
    techniques: tuple[str, ...]
    begun: bool


class ComparisonRun:
    """A question on its way. Asking it again, by anybody, finds the same answers."""

    def __init__(self, desk: Desk, question: Question, latency: bool = True, asker: str = "") -> None:
        """Ask for all variants; returns at once. float32 is asked too, because all others are compared with it.

        Args:
            desk: Where to ask.
            question: What to ask.
            latency: Whether to time each variant on this computer.
            asker: Tells one visitor from another, so that nobody stops what others wait for.
        """
        self.desk = desk
        self.question = question
        alone = question.techniques == (AS_IT_IS,)  # a finished file has no float32 to stand beside
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
        self._similarities: dict[str, Future[Similarity | Failure | None]] = (
            {} if _scored(question.dataset) else self._ask_similarities()
        )
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

    def _ask_similarities(self) -> dict[str, Future[Similarity | Failure | None]]:
        """What is asked instead of scores: how alike each variant's answers are to float32's."""
        names = self.question.techniques if REFERENCE in self.variants else ()
        return {name: ask_similarity(self.variants[name], self.variants[REFERENCE]) for name in names}

    def snapshot(self) -> Comparison:
        """The comparison as far as it is known now."""
        in_order = sorted(self.question.techniques, key=lambda name: techniques.technique(name).order)
        rows = [self._row(name) for name in in_order]
        reference = self.variants[REFERENCE].outcome if REFERENCE in self.variants else None
        known = reference.result() if reference is not None and reference.done() else None
        return with_pairs(compare_rows(self.question, rows, known, boards_with(self.question.own_boards)))

    def _row(self, name: str) -> Row:
        variant = self.variants[name]
        return Row(
            technique=techniques.technique(name),
            outcome=variant.outcome.result() if variant.outcome.done() else None,
            stage=variant.stage(),
            so_far=variant.so_far(),
            latency=variant.latency.result() if variant.latency is not None and variant.latency.done() else None,
            tflite=variant.tflite,
            notes=self._notes(name),
            similarity=found.result() if (found := self._similarities.get(name)) is not None and found.done() else None,
            npus={
                board: found.result()
                for (technique, board), found in self._npus.items()
                if technique == name and found.done()
            },
        )

    def _notes(self, name: str) -> tuple[str, ...]:
        if name != DYNAMIC or self._policies is None or not self._policies.done():
            return ()
        return (policy_verdict(self._policies.result()),)

    @property
    def done(self) -> bool:
        """True once all outcomes are there, and all else that was asked: latencies, converter policies."""
        compared = self._policies is None or self._policies.done()
        return (
            self.measured
            and compared
            and all(found.done() for found in self._npus.values())
            and all(found.done() for found in self._similarities.values())
            and all(variant.latency is None or variant.latency.done() for variant in self.variants.values())
        )

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
        return [failure for variant in self.variants.values() for failure in variant.passing_failures().values()]

    def try_again(self) -> None:
        """Let the desk forget what failed or was stopped; asking the same question then asks it anew."""
        for variant in self.variants.values():
            for fingerprint in variant.passing_failures():
                self.desk.forget_failure(fingerprint)

    def wait(self) -> Comparison:
        """The whole comparison; waits for it."""
        wait([variant.outcome for variant in self.variants.values()])
        wait([variant.latency for variant in self.variants.values() if variant.latency is not None])
        wait(self._npus.values())
        wait(self._similarities.values())
        wait([self._policies] if self._policies is not None else [])
        return self.snapshot()


def _scored(dataset: str) -> bool:
    """True if answers can be scored: there are data, and they say what each sample is."""
    return bool(dataset) and catalog.dataset(dataset).labelled


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
    settings = {policy: replace(job.settings, policy=policy) for policy in POLICIES}
    return {
        policy: Asker(desk).source(tflite(Made.of(replace(job, settings=chosen))), "tflite")
        for policy, chosen in settings.items()
    }


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
