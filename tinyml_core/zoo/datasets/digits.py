"""Handwritten digits, 8x8 pixels: 1,797 images that come with scikit-learn."""

from tinyml_core.domain.dataset import Arrays, Dataset, Task
from tinyml_core.zoo.data_files import read_images


def load(folder: str | None) -> Arrays:
    """All 1,797 images: 1,347 to train on, 450 held out, every class in its share."""
    return read_images("sklearn", "datasets/data/digits.csv.gz", side=8, white=16, test_samples=450)


DATASET = Dataset(
    name="digits", title="Handwritten digits, 8x8", task=Task.CLASSIFICATION, input_shape=(8, 8, 1), classes=10,
    samples_train=1347, samples_test=450,
    split="450 images held out at random with a fixed seed, every class in its share; the other 1,347 train and calibrate.",
    licence="CC BY 4.0",
    source="E. Alpaydin and C. Kaynak, Optical Recognition of Handwritten Digits (test part), as shipped by scikit-learn",
    source_url="https://archive.ics.uci.edu/dataset/80/optical+recognition+of+handwritten+digits",
    package="scikit-learn", module="sklearn", package_files=("datasets/data/digits.csv.gz",), load=load,
)  # fmt: skip
