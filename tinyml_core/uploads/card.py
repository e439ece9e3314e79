"""The card of something that was brought: what the lab keeps of it beside its bytes. JSON on disk, content in its name."""

from __future__ import annotations

from dataclasses import dataclass, field

from tinyml_core.uploads.facts import DataFacts, Labels, ModelFacts

MODEL_PREFIX, DATA_PREFIX = "my-", "data-"


@dataclass(frozen=True, slots=True)
class BroughtData:
    """Data that somebody brought, as they were read for one model.

    Attributes:
        name: Its name in links: a hash of the file's content and of all that was chosen when it was read.
        title: The file's name, cleaned.
        task: A `Task`: what the labels are for.
        sha256: Of the file as it was brought.
        blobs: SHA-256 of what was made of it, by name: `arrays`.
    """

    name: str
    title: str
    facts: DataFacts
    task: str
    sha256: str
    blobs: dict[str, str] = field(hash=False)


@dataclass(frozen=True, slots=True)
class BroughtModel:
    """A model that somebody brought, with the data it is measured on.

    Attributes:
        name: Its name in links: a hash of the file's content, of the answers that its reader asked for, and of its data.
        title: The file's name, cleaned.
        task: A `Task`: what it answers with.
        input_shape: Of one sample, complete; of the first input where there are several.
        dataset: Name of a `BroughtData`; empty without.
        labels: What its data say of each sample; without any there is no score, and nothing can be trained on.
        blobs: SHA-256 of what was made of it, by name: `tflite`, and `saved_model` and `weights` where there are any.
    """

    name: str
    title: str
    facts: ModelFacts
    task: str
    input_shape: tuple[int, ...]
    size_bytes: int
    sha256: str
    blobs: dict[str, str] = field(hash=False)
    dataset: str = ""
    labels: Labels = "none"

    @property
    def quantizable(self) -> bool:
        """True if it is in float32, so that techniques have something to do."""
        return self.facts.float_weights
