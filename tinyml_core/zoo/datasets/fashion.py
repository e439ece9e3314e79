"""Fashion-MNIST: 70,000 pictures of clothes, from Debian's package where it is installed, else fetched on request."""

from tinyml_core.domain.dataset import Arrays, Dataset, Task
from tinyml_core.zoo.data_files import four_files, read_official_split

CLASSES = ("T-shirt", "trouser", "pullover", "dress", "coat", "sandal", "shirt", "sneaker", "bag", "ankle boot")

FILES = four_files(
    # The publishers' own address (their README names it); it speaks HTTP only, so the SHA-256 carries all the trust.
    "http://fashion-mnist.s3-website.eu-central-1.amazonaws.com/",
    {
        "train-images-idx3-ubyte.gz": (26421880, "3aede38d61863908ad78613f6a32ed271626dd12800ba2636569512369268a84"),
        "train-labels-idx1-ubyte.gz": (29515, "a04f17134ac03560a47e3764e11b92fc97de4d1bfaf8ba1a3aa29af54cc90845"),
        "t10k-images-idx3-ubyte.gz": (4422102, "346e55b948d973a97e58d2351dde16a484bd415d4595297633bb08f03db6a073"),
        "t10k-labels-idx1-ubyte.gz": (5148, "67da17c76eaffca5446c3361aaab5c3cd6d1c2608764d35dfb1850b086bf8dd5"),
    },
    published_by="TensorFlow Datasets, checksums of fashion_mnist",
)


def load(folder: str | None) -> Arrays:
    """All 70,000 pictures in the official split.

    Debian's files hold the same compressed bytes; only the headers of the gzip format differ (name and time).
    """
    from pathlib import Path

    if folder is None:
        raise FileNotFoundError("Fashion-MNIST has not been fetched")
    return read_official_split(Path(folder), *(file.name for file in FILES))


DATASET = Dataset(
    name="fashion", title="Fashion-MNIST", task=Task.CLASSIFICATION, input_shape=(28, 28, 1), classes=10,
    samples_train=60000, samples_test=10000,
    split="The official split: 60,000 pictures to train and calibrate, 10,000 held out, 1,000 of each class.",
    licence="MIT",
    source="H. Xiao, K. Rasul and R. Vollgraf, Fashion-MNIST: a Novel Image Dataset for Benchmarking Machine Learning "
    "Algorithms (2017), Zalando SE; the four official files, or Debian's package dataset-fashion-mnist",
    source_url="https://github.com/zalandoresearch/fashion-mnist",
    fetched_files=FILES, system_folder="fashion-mnist", system_package="dataset-fashion-mnist", load=load,
)  # fmt: skip
