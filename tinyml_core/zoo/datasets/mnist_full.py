"""Whole MNIST: 60,000 images to train on and the official 10,000 to test, fetched on request."""

from tinyml_core.domain.dataset import Arrays, Dataset, Task
from tinyml_core.zoo.data_files import four_files, read_official_split

BASE = "https://storage.googleapis.com/cvdf-datasets/mnist/"


FILES = four_files(
    BASE,
    {
        "train-images-idx3-ubyte.gz": (9912422, "440fcabf73cc546fa21475e81ea370265605f56be210a4024d2ca8f203523609"),
        "train-labels-idx1-ubyte.gz": (28881, "3552534a0a558bbed6aed32b30c495cca23d567ec52cac8be1a0730e8010255c"),
        "t10k-images-idx3-ubyte.gz": (1648877, "8d422c7b0a1c1c79245a5bcf07fe86e33eeafee792b84584aec276f5a2dbc4e6"),
        "t10k-labels-idx1-ubyte.gz": (4542, "f7ae60f92e00ec6debd23a6088c31dbd2371eca3ffa0defaefb259924204aec6"),
    },
    published_by="TensorFlow Datasets, checksums of mnist",
)


def load(folder: str | None) -> Arrays:
    """All 70,000 images in the official split."""
    from pathlib import Path

    if folder is None:
        raise FileNotFoundError("whole MNIST has not been fetched")
    return read_official_split(Path(folder), *(file.name for file in FILES))


DATASET = Dataset(
    name="mnist_full",
    title="MNIST, all 70,000 images (fetched on request)",
    task=Task.CLASSIFICATION,
    input_shape=(28, 28, 1),
    classes=10,
    samples_train=60000,
    samples_test=10000,
    split="The official split: 60,000 images to train and calibrate, 10,000 by other writers held out.",
    licence="usually given as CC BY-SA 3.0",
    source="Y. LeCun and C. Cortes, MNIST, the four official files (checked against their published SHA-256)",
    source_url=BASE,
    fetched_files=FILES,
    load=load,
)
