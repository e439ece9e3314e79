"""Handwritten digits, 8x8 pixels: 1,797 images that come with scikit-learn."""

from tinyml_core.dataset import Arrays, Dataset, Task
from tinyml_core.splits import shuffled_split


def load(folder: str | None) -> Arrays:
    """All 1,797 images: 1,347 to train on, 450 held out, every class in its share.

    scikit-learn's own loader takes a second, nearly all of it to import the package; NumPy reads the same numbers.
    """
    import gzip

    import numpy as np

    from tinyml_core.fingerprint import package_file

    with gzip.open(package_file("sklearn", "datasets/data/digits.csv.gz"), "rt") as file:
        table = np.loadtxt(file, delimiter=",", dtype=np.uint8)
    x, y = table[:, :-1].reshape(-1, 8, 8, 1), table[:, -1].astype(np.int64)
    train, test = shuffled_split(y, test_samples=450, seed=1)
    return Arrays(x=x, y=y, train=train, test=test, x_scale=1 / 16)


DATASET = Dataset(
    name="digits",
    title="Handwritten digits, 8x8",
    task=Task.CLASSIFICATION,
    input_shape=(8, 8, 1),
    classes=10,
    samples_train=1347,
    samples_test=450,
    split="450 images held out at random with a fixed seed, every class in its share; the other 1,347 train and calibrate.",
    licence="CC BY 4.0",
    source="E. Alpaydin and C. Kaynak, Optical Recognition of Handwritten Digits (test part), as shipped by scikit-learn",
    source_url="https://archive.ics.uci.edu/dataset/80/optical+recognition+of+handwritten+digits",
    package="scikit-learn",
    module="sklearn",
    package_files=("datasets/data/digits.csv.gz",),
    load=load,
)
