"""Asks a whole question at the desk and tells, at any moment, what is known of it."""

from __future__ import annotations

from concurrent.futures import Future, wait
from dataclasses import dataclass, replace

from tinyml_core import catalog, policies
from tinyml_core.as_it_is import AS_IT_IS
from tinyml_core.boards.board import boards_with
from tinyml_core.call import Reply
from tinyml_core.chain import done, gather, then
from tinyml_core.comparing import compare_rows
from tinyml_core.comparison import REFERENCE, Comparison, Question, Row
from tinyml_core.compress import techniques
from tinyml_core.desk import Desk
from tinyml_core.likeness import Likeness, ask_likeness
from tinyml_core.npu import NpuEstimate
from tinyml_core.npu_asking import ask_npu
from tinyml_core.outcome import Failure
from tinyml_core.two_quantizers import with_pairs
from tinyml_core.values import Job
from tinyml_core.variants import Variant, ask_latency, ask_variant


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


class Asked:
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
        asked = {name: ask_variant(desk, self._job(name), asker) for name in order}
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
        self._likenesses: dict[str, Future[Likeness | Failure | None]] = (
            {} if _scored(question.dataset) else self._ask_likenesses()
        )
        self._policies: Future[dict[str, Reply]] | None = None

    def compare_policies(self) -> None:
        """Also find out what the converter policies change, if dynamic range is asked; after all rows are measured."""
        if policies.TECHNIQUE not in self.question.techniques or self._policies is not None:
            return
        measured = gather([variant.outcome for variant in self.variants.values()])

        def ask(_: object) -> Future[dict[str, Reply]]:
            asked = policies.ask_policies(self.desk, self._job(policies.TECHNIQUE))
            return then(gather(list(asked.values())), lambda replies: done(dict(zip(asked, replies, strict=True))))

        self._policies = then(measured, ask)

    def _ask_likenesses(self) -> dict[str, Future[Likeness | Failure | None]]:
        """What is asked instead of scores: how alike each variant's answers are to float32's."""
        model, dataset = self.question.model, self.question.dataset
        names = self.question.techniques if REFERENCE in self.variants else ()
        return {name: ask_likeness(self.variants, name, model, dataset) for name in names}

    def _job(self, technique: str) -> Job:
        return Job(self.question.model, self.question.dataset, technique, self.question.settings)

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
            likeness=found.result() if (found := self._likenesses.get(name)) is not None and found.done() else None,
            npus={
                board: found.result()
                for (technique, board), found in self._npus.items()
                if technique == name and found.done()
            },
        )

    def _notes(self, name: str) -> tuple[str, ...]:
        if name != policies.TECHNIQUE or self._policies is None or not self._policies.done():
            return ()
        return (policies.verdict(self._policies.result()),)

    @property
    def done(self) -> bool:
        """True once all outcomes are there, and all else that was asked: latencies, converter policies."""
        compared = self._policies is None or self._policies.done()
        return (
            self.measured
            and compared
            and all(found.done() for found in self._npus.values())
            and all(found.done() for found in self._likenesses.values())
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
        wait(self._likenesses.values())
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
