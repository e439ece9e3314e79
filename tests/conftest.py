"""What the tests share: one desk with real workers for the whole run, so that each variant is made once.

Nothing here touches the user's own store: the run has folders of its own.
"""

from __future__ import annotations

import gc
import os
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import hypothesis
import pytest

from tests import wants
from tinyml_core import catalog
from tinyml_core.compare.comparison import Comparison
from tinyml_core.compare.question import question_of
from tinyml_core.domain.dataset import Arrays, unpack
from tinyml_core.domain.inspection import Inspection, Sizes, Tensor
from tinyml_core.domain.outcome import Agreement, Measurement, Micro, MicroAgreement, Outcome, Score
from tinyml_core.domain.technique import Job, Settings
from tinyml_core.engine.call import Answer
from tinyml_core.engine.desk import Desk
from tinyml_core.engine.store import NoStore, Store
from tinyml_core.lab import open_desk
from tinyml_core.pipeline.run import ComparisonRun
from tinyml_core.pipeline.variant import Variant, ask_variant

# How fast an example runs is no claim here: the machine may be busy.
hypothesis.settings.register_profile("lab", deadline=None, database=None)
hypothesis.settings.load_profile("lab")

PATIENCE_S = 500
"""Long past any real wait, so that a hanging test ends with a place in the code and not with the whole run."""


@pytest.fixture(scope="session", autouse=True)
def own_folders(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """Store and fetched data of this run; every worker and every page under test inherits them."""
    base = tmp_path_factory.getbasetemp()
    # Tests that run side by side share what they made, as servers with one store do.
    root = (base.parent if "PYTEST_XDIST_WORKER" in os.environ else base) / "lab"
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("TINYML_STORE", str(root / "store"))
        patch.setenv("TINYML_DATA", str(root / "data"))
        patch.setenv("TINYML_SYSTEM_DATASETS", str(root / "system"))
        patch.delenv("PYTHONDONTWRITEBYTECODE", raising=False)
        yield root


@pytest.fixture(scope="module", autouse=True)
def what_is_there_stays() -> None:
    """Streamlit collects garbage after every run of a page; with TensorFlow in the process that took most of its time.

    What was alive before a file of tests is left out: a page's run costs 0.8 s instead of 4.5 s.
    """
    gc.collect()
    gc.freeze()


class Lab:
    """The shared desk, and short ways to ask it and wait."""

    def __init__(self, desk: Desk) -> None:
        self.desk = desk

    def variant(self, model: str, technique: str, **settings: Any) -> Variant:
        """One variant, measured; on the model's first data set, if it has one."""
        job = Job(model, catalog.models()[model].default_dataset, technique, Settings(**settings))
        variant = ask_variant(self.desk, job)
        variant.outcome.result(PATIENCE_S)
        return variant

    def outcome(self, model: str, technique: str, **settings: Any) -> Outcome:
        """What was measured of a variant, or why it was not."""
        return self.variant(model, technique, **settings).outcome.result(0)

    def measured(self, model: str, technique: str, **settings: Any) -> Measurement:
        """The measurement of a variant that must be measurable."""
        outcome = self.outcome(model, technique, **settings)
        assert isinstance(outcome, Measurement), outcome
        return outcome

    def tflite(self, model: str, technique: str, **settings: Any) -> bytes:
        """The file of a variant that must be convertible."""
        variant = self.variant(model, technique, **settings)
        assert variant.tflite is not None, variant.outcome.result(0)
        return variant.tflite.read()

    def arrays(self, dataset: str) -> Arrays:
        """A data set, loaded in a worker."""
        reply = wants.ask(self.desk, wants.loaded(dataset))
        assert isinstance(reply, Answer), reply
        return unpack(reply.blobs["arrays"].read())

    def comparison(self, model: str, *techniques: str) -> Comparison:
        """A whole comparison on the usual boards, not timed; of all techniques if none is named."""
        question, sentences = question_of(model, techniques or ["all"])
        assert question is not None, sentences
        return ComparisonRun(self.desk, question, latency=False).wait()

    def forgetful(self) -> Desk:
        """A desk before the same warm workers that knows nothing yet and keeps nothing."""
        return Desk(self.desk.executors, self.desk.slots, NoStore(), self.desk.progress)


@pytest.fixture(scope="session")
def lab(own_folders: Path) -> Iterator[Lab]:
    """One desk with worker processes and a store for the whole run."""
    desk = open_desk(Store(Path(os.environ["TINYML_STORE"])))
    yield Lab(desk)
    desk.close()


class Made:
    """Answers made by hand, plain and consistent; name only what the test is about."""

    @staticmethod
    def score(value: float = 0.97, **changes: Any) -> Score:
        """An accuracy on 100 samples unless changed."""
        plain = Score("accuracy", value, value - 0.02, min(1.0, value + 0.02), 100, 0.1, (0.0,), (0.0,))
        return replace(plain, **changes)

    @staticmethod
    def sizes(flash_bytes: int) -> Sizes:
        """Sizes that fit together."""
        return Sizes(flash_bytes, flash_bytes // 2, flash_bytes * 6, flash_bytes)

    @staticmethod
    def tensor(dtype: str = "int8") -> Tensor:
        """An input or output."""
        quantized = dtype.startswith("int")
        return Tensor("x", (1, 8), dtype, 0.5 if quantized else None, 0 if quantized else None, "dense")

    def inspection(self, flash_bytes: int = 1600, dtype: str = "int8", **changes: Any) -> Inspection:
        """A file whose weights, input and output are all of one type."""
        plain = Inspection(
            sizes=self.sizes(flash_bytes),
            census={dtype: 4},
            weights_census={dtype: 2},
            macs=1000,
            operators=("FULLY_CONNECTED",),
            weight_zeros=0.0,
            inputs=(self.tensor(dtype),),
            outputs=(self.tensor(dtype),),
            output_step=0.5 if dtype.startswith("int") else None,
            arena_saving_bytes=300,
        )
        return replace(plain, **changes)

    @staticmethod
    def runs(arena_bytes: int = 2000, agreement: MicroAgreement | None = None) -> Micro:
        """TFLM runs it."""
        head = arena_bytes // 4
        return Micro(
            "runs",
            arena_bytes=arena_bytes,
            arena_head_bytes=head,
            arena_tail_bytes=arena_bytes - head,
            arena_minimum_bytes=arena_bytes,
            arena_32bit_bytes=arena_bytes - 300,
            agreement=agreement,
        )

    @staticmethod
    def refused() -> Micro:
        """TFLM refuses it."""
        return Micro("refused", error="no", cause="It cannot.", fix="Use int8.", link="https://example.org")

    def measurement(self, flash_bytes: int = 1600, accuracy: float = 0.97, **changes: Any) -> Measurement:
        """An int8 variant that runs everywhere."""
        plain = Measurement("0" * 64, self.inspection(flash_bytes), self.score(accuracy), self.runs())
        return replace(plain, **changes)

    @staticmethod
    def agreement(worse: int = 2, better: int = 1, **changes: Any) -> Agreement:
        """Against float32 on 100 samples."""
        changed = worse + better
        plain = Agreement(1 - changed / 100, worse, better, changed, (better - worse) / 100, 1.0)
        return replace(plain, **changes)


@pytest.fixture(scope="session")
def made() -> Made:
    """Answers made by hand."""
    return Made()


Waiter = Callable[[Callable[[], object]], None]


@pytest.fixture(scope="session")
def until() -> Waiter:
    """Waits until something is true; fails after a time so long that only a hang can reach it."""
    import time

    def wait(condition: Callable[[], object]) -> None:
        end = time.monotonic() + 120
        while not condition():
            assert time.monotonic() < end, "waited for two minutes in vain"
            time.sleep(0.01)

    return wait
