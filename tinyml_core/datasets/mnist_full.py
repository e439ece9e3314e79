"""Whole MNIST: 60,000 images to train on and the official 10,000 to test, fetched on request."""

from tinyml_core.values import Arrays, Dataset, Task

FILES = {
    "train-images-idx3-ubyte": "ba891046e6505d7aadcbbe25680a0738ad16aec93bde7f9b65e87a2fc25776db",
    "train-labels-idx1-ubyte": "65a50cbbf4e906d70832878ad85ccda5333a97f0f4c3dd2ef09a8a9eef7101c5",
    "t10k-images-idx3-ubyte": "0fa7898d509279e482958e8ce81c8e77db3f2f8254e26661ceb7762c4d494ce7",
    "t10k-labels-idx1-ubyte": "ff7bcfd416de33731a308c3f266cc351222c34898ecbeaf847f06e48f7ec33f2",
}


def load(folder: str | None) -> Arrays:
    """The four IDX files: a header of big-endian sizes (4 words for images, 2 for labels), then bytes."""
    from pathlib import Path

    import numpy as np

    if folder is None:
        raise FileNotFoundError("whole MNIST has not been fetched")
    train_x, train_y, test_x, test_y = (
        np.frombuffer((Path(folder) / name).read_bytes(), dtype=np.uint8, offset=16 if "images" in name else 8)
        for name in FILES
    )
    x = np.concatenate([train_x, test_x]).reshape(-1, 28, 28, 1)
    y = np.concatenate([train_y, test_y]).astype(np.int64)
    train = np.random.RandomState(1).permutation(len(train_y))
    return Arrays(x=x, y=y, train=train, test=np.arange(len(train_y), len(y)), x_scale=1 / 255)


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
    source_url="https://storage.googleapis.com/cvdf-datasets/mnist/",
    fetched_files=FILES,
    load=load,
)
