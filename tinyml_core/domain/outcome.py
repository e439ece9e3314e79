"""The nouns of an answer: what was measured of a variant, or why it could not be."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

from tinyml_core.domain.inspection import Inspection


@dataclass(frozen=True, slots=True)
class Similarity:
    """A variant's answers beside float32's on the same inputs, where nothing can be scored for want of data or labels.

    Attributes:
        changed: Samples whose class differs; None where an answer is no class.
        largest_difference: Of any two outputs, as a share of the range that float32's outputs span.
        synthetic: True if the inputs were drawn at random, because no data came with the model. Such inputs are unlike real
            ones: they say that a variant works, not how well.
    """

    samples: int
    changed: int | None
    largest_difference: float
    synthetic: bool

    @property
    def text(self) -> str:
        """The same in a sentence."""
        inputs = f"{self.samples} {'made-up inputs' if self.synthetic else 'samples without labels'}"
        far = f"no output differs by more than {100 * self.largest_difference:.2g} % of their range"
        if self.changed is None:
            return f"On {inputs} {far}."
        same = "gives float32's answer on all" if not self.changed else f"changes {self.changed} answers"
        return f"On {inputs} it {same}; {far}."

    @property
    def short(self) -> str:
        """For a cell of a table."""
        what = "made-up" if self.synthetic else "unlabelled"
        return f"{self.changed} of {self.samples} {what}" if self.changed is not None else f"see details ({what})"


@dataclass(frozen=True, slots=True)
class NpuEstimate:
    """What the compiler Vela expects of one inference on an Ethos-U NPU: an estimate, not a measurement.

    Attributes:
        cycles: NPU clock cycles of what runs on the NPU, waits for memory included; what the CPU does is not in there.
        sram_bytes: Peak of SRAM in the plan of what was compiled; in the mode `Sram_Only` the constants come on top.
        flash_bytes: The compiled model as a constant array, in place of the model's own; rounded up to 16 bytes.
        npu_operators: Operators of the model that run on the NPU, as the schema names them.
        cpu_operators: Operators that fall back to the CPU.
        npu_macs_share: Share of the MACs that the NPU does, 0 to 1; None where they cannot be counted.
        milliseconds: Cycles at the NPU's clock; None where the clock is not known.
        dram_bytes: External RAM, constants included, in memory modes that use it.
    """

    accelerator: str
    system_config: str
    memory_mode: str
    cycles: int
    sram_bytes: int
    flash_bytes: int
    npu_operators: tuple[str, ...]
    cpu_operators: tuple[str, ...]
    npu_macs_share: float | None
    milliseconds: float | None
    vela_version: str
    dram_bytes: int = 0

    @property
    def known(self) -> str:
        """How these numbers are known, to be shown with them."""
        return f"compiler estimate (Vela {'.'.join(self.vela_version.split('.')[:2])}), not a measurement"


Report = Callable[[str], None]
"""Takes one short sentence that says what is being done: `training epoch 2 of 4`."""

SIGNIFICANT = 0.05
"""A change that chance alone makes more often than this is no finding."""


@dataclass(frozen=True, slots=True)
class Failure:
    """An expected failure: one sentence on a row, never an exception on a page.

    `stage` says what was being done (`executing on TFLM`), `reason` what happened, in one sentence, `advice` what to do
    about it, `link` where to read more, `detail` the library's own words, shown on demand. It is `lasting` if asking
    again would fail again; only then is it kept in the store. `stopped` means that a person gave it up: nothing went
    wrong.
    """

    stage: str
    reason: str
    advice: str = ""
    link: str = ""
    lasting: bool = False
    detail: str = ""
    stopped: bool = False


def was_stopped(stage: str, when: str) -> Failure:
    """What a person gave up; `when` ends the sentence `It was stopped ...`."""
    return Failure(stage, f"It was stopped {when}.", "You can run it again; what is measured stays.", stopped=True)


@dataclass(frozen=True, slots=True)
class Score:
    """How good the answers on held-out data are, with a 95 % interval.

    Attributes:
        metric: `accuracy` (share of right answers, 0 to 1), `mean_absolute_error` (target units) or `roc_auc` (probability
            that an anomalous sample looks more unusual than a normal one, 0 to 1).
        answers: Each sample's answer: class index, value, or 1 where it is called anomalous (`measure/score.py`).
        errors: Each sample's error: 0 or 1, the absolute error, or the share of samples of the other kind that it is
            wrongly placed against (1 less DeLong's placement value).
        chance: The score of a guess that looks at no input (the most frequent class, the mean target, or 0.5).
        anomalous: For `roc_auc` alone: 1 for each sample that is anomalous in truth, else 0.
    """

    metric: Literal["accuracy", "mean_absolute_error", "roc_auc"]
    value: float
    low: float
    high: float
    samples: int
    chance: float
    answers: tuple[float, ...]
    errors: tuple[float, ...]
    anomalous: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True)
class MicroAgreement:
    """TFLM against LiteRT with its reference kernels, over all scored samples.

    The largest difference is in steps of the output's scale for integers, relative for floats.
    """

    equal_answers: int
    samples: int
    largest_difference: float
    unit: Literal["steps", "relative"]


@dataclass(frozen=True, slots=True)
class Micro:
    """What TensorFlow Lite Micro itself said: `error` is its text where it refused, `cause` the same in plain words.

    `arena_bytes` is the total of TFLM's allocation record (head + tail), `arena_minimum_bytes` the smallest arena that
    allocates and runs, both on a 64-bit host; `arena_32bit_bytes` is derived for a Cortex-M
    (`measure/inspect_file.py`).
    """

    status: Literal["runs", "refused", "not executed"]
    error: str = ""
    cause: str = ""
    fix: str = ""
    link: str = ""
    arena_bytes: int | None = None
    arena_head_bytes: int | None = None
    arena_tail_bytes: int | None = None
    arena_minimum_bytes: int | None = None
    arena_32bit_bytes: int | None = None
    agreement: MicroAgreement | None = None


@dataclass(frozen=True, slots=True)
class Latency:
    """Time of one inference on this computer, one thread, in milliseconds; all timed runs are in order.

    It is `busy` if other programs kept the processor busy while it was measured.
    """

    p50_ms: float
    p90_ms: float
    runs_ms: tuple[float, ...]
    busy: bool


@dataclass(frozen=True, slots=True)
class TrainingFacts:
    """What training on left to be told: one sentence each, and the dense layers.

    Those have weights that a stage left as they were, because it cannot do them or they are too small for it.
    """

    dense_layers: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()

    @property
    def sentences(self) -> tuple[str, ...]:
        """All of it, to be shown with the variant."""
        if not self.dense_layers:
            return self.notes
        why = "Left as they were by a step of its training, which cannot change such layers or finds them too small"
        return (f"{why}: {', '.join(self.dense_layers)}.", *self.notes)


@dataclass(frozen=True, slots=True)
class Measurement:
    """Everything measured of one variant, whose `.tflite` has this SHA-256. A part that failed costs only itself."""

    file_sha256: str
    inspection: Inspection | Failure
    score: Score | Failure | None
    micro: Micro
    training: TrainingFacts = TrainingFacts()


Outcome = Measurement | Failure


@dataclass(frozen=True, slots=True)
class SoFar:
    """The parts of a measurement that are known before it is complete; None for each that is not."""

    inspection: Inspection | None = None
    score: Score | Failure | None = None


NOTHING = SoFar()


@dataclass(frozen=True, slots=True)
class Agreement:
    """A variant against float32 on the same samples (paired).

    Attributes:
        value: Share of samples with the same answer.
        worse, better: Answers that changed from right to wrong, and back (of a regression: whose error grew, or shrank).
        changed: All answers that changed, also from one wrong class to another.
        difference: Score minus float32's score, in the score's unit.
        p_value: Probability of so uneven a change by chance alone (exact McNemar test, a sign-flip test, or DeLong's).
    """

    value: float
    worse: int
    better: int
    changed: int
    difference: float
    p_value: float

    @property
    def beyond_chance(self) -> bool:
        """True if the paired test tells the two scores apart."""
        return self.p_value < SIGNIFICANT
