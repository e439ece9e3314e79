"""Photographs of five kinds of flowers, fetched on request, resized to 160x160 pixels."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, Any

from tinyml_core.domain.dataset import Arrays, Dataset, FetchedFile, Task
from tinyml_core.domain.splits import shuffled_split

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    import numpy as np

CLASSES = ("daisy", "dandelion", "roses", "sunflowers", "tulips")

SIDE = 160
"""Pixels; what TensorFlow's tutorial on transfer learning feeds MobileNetV2. 224 would take twice the memory and time."""

PHOTOS = 3670
HELD_OUT = 734
LARGEST_PHOTO_BYTES = 8 * 1024**2

ARCHIVE = FetchedFile(
    name="flower_photos.tgz",
    address="https://storage.googleapis.com/download.tensorflow.org/example_images/flower_photos.tgz",
    size_bytes=228813984,
    sha256="4c54ace7911aaffe13a365c34f650e71dd5bf1be0a58b464e5a7183e3e595d9c",
    published_by="TensorFlow Datasets, checksums of tf_flowers",
)


def load(folder: str | None) -> Arrays:
    """All 3,670 photographs: 2,936 to train on, 734 held out, every class in its share.

    A pixel `p` is kept as `p - 128` in one signed byte and stands for `(p - 128) / 128`: the range from -1 to 1 that
    MobileNetV2 was trained on (its authors use `p / 127.5 - 1`, at most 1/128 off), and what an int8 model takes as it is.
    """
    from pathlib import Path

    if folder is None:
        raise FileNotFoundError("the photographs of flowers have not been fetched")
    return read_archive(Path(folder) / ARCHIVE.name, SIDE, PHOTOS, HELD_OUT)


def read_archive(path: Path, side: int, most_photos: int, held_out: int) -> Arrays:
    """Read the photographs straight from the compressed archive, one after the other; nothing is unpacked to the disk.

    A photograph is an ordinary file `FOLDER/CLASS/NAME.jpg`, all else is passed over. Each is resized to `side` pixels
    in width and height without keeping its proportions: 77 KB a photograph of 160x160, 282 MB in all. At most
    `most_photos` are read.
    """
    import hashlib

    import numpy as np

    x = np.empty((most_photos, side, side, 3), dtype=np.int8)
    labels: list[int] = []
    contents: list[bytes] = []
    for label, content in _photos(path):
        if len(labels) == most_photos:
            break
        x[len(labels)] = _pixels(content, side)
        labels.append(label)
        contents.append(hashlib.sha256(content).digest())
    y = np.array(labels, dtype=np.int64)
    train, test = shuffled_split(y, test_samples=held_out, seed=1)
    train, test = without_copies(contents, y, train, test)
    return Arrays(x=x[: len(y)], y=y, train=train, test=test, x_scale=1 / 128)


def _photos(path: Path) -> Iterator[tuple[int, bytes]]:
    """Class and JPEG of each photograph, in the order of the archive."""
    import tarfile

    with tarfile.open(path, "r|gz") as archive:
        for entry in archive:
            parts = entry.name.split("/")
            if not entry.isfile() or len(parts) != 3 or parts[1] not in CLASSES or not parts[2].endswith(".jpg"):
                continue
            if entry.size > LARGEST_PHOTO_BYTES:
                raise ValueError(f"{entry.name} has {entry.size:,} bytes")
            content = archive.extractfile(entry)
            assert content is not None
            yield CLASSES.index(parts[1]), content.read()


def _pixels(jpeg: bytes, side: int) -> np.ndarray:
    import io

    import numpy as np
    from PIL import Image

    with Image.open(io.BytesIO(jpeg), formats=["JPEG"]) as photo:
        resized: Any = photo.convert("RGB").resize((side, side), Image.Resampling.BILINEAR)
    return (np.asarray(resized).astype(np.int16) - 128).astype(np.int8)


def without_copies(
    contents: list[bytes], y: np.ndarray, train: np.ndarray, test: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    """The split with every held-out photograph that has a copy in the training part exchanged for one of its class without.

    People upload a photograph twice; one that was trained on must not be tested on. Sizes and shares stay as they are.
    """
    import numpy as np

    count = Counter(contents)
    train, test = train.copy(), test.copy()
    unique = np.array([count[content] == 1 for content in contents], dtype=bool)
    for place in np.flatnonzero(~unique[test]):
        fit = np.flatnonzero(unique[train] & (y[train] == y[test[place]]))
        if len(fit):
            train[fit[-1]], test[place] = test[place], train[fit[-1]]
    return train, test


DATASET = Dataset(
    name="flowers", title="TensorFlow's photographs of flowers", task=Task.CLASSIFICATION,
    input_shape=(SIDE, SIDE, 3), classes=len(CLASSES), samples_train=PHOTOS - HELD_OUT, samples_test=HELD_OUT,
    split="734 photographs (a fifth) held out at random with a fixed seed, every class in its share, none with a copy among "
    "the other 2,936, which train and calibrate.",
    licence="each photograph CC BY 2.0 by its photographer; LICENSE.txt in the archive names them all",
    source="The TensorFlow Team, Flowers (2019): 3,670 photographs of daisies, dandelions, roses, sunflowers and tulips "
    "from Flickr; the archive is checked against its published SHA-256",
    source_url="https://www.tensorflow.org/datasets/catalog/tf_flowers",
    fetched_files=(ARCHIVE,), load=load,
)  # fmt: skip
