"""Face or no face: 200 pictures of 25x25 pixels that come with scikit-image."""

from tinyml_core.domain.dataset import Arrays, Dataset, Task
from tinyml_core.domain.splits import shuffled_split


def load(folder: str | None) -> Arrays:
    """100 faces (label 1) and 100 pieces of background (label 0); 60 of the 200 are held out, half of them faces."""
    import numpy as np

    from tinyml_core.engine.fingerprint import package_file

    x = np.load(package_file("skimage", "data/lfw_subset.npy"), allow_pickle=False).astype(np.float32)[..., None]
    y = np.repeat(np.array([1, 0], dtype=np.int64), 100)
    train, test = shuffled_split(y, test_samples=60, seed=1)
    return Arrays(x=x, y=y, train=train, test=test, x_scale=1.0)


DATASET = Dataset(
    name="faces", title="Face or not, 25x25", task=Task.CLASSIFICATION, input_shape=(25, 25, 1), classes=2,
    class_names=("no face", "face"), samples_train=140, samples_test=60,
    split="60 pictures held out at random with a fixed seed, half of them faces; the other 140 train and calibrate. The "
    "package does not say which pictures show the same person, so the split cannot be by person.",
    licence="not stated by the package that ships the pictures (scikit-image, BSD-3); those of Labeled Faces in the Wild "
    "were published for research",
    source="Labeled Faces in the Wild: 100 faces and 100 pieces of background, as shipped by scikit-image (lfw_subset)",
    source_url="https://scikit-image.org/docs/stable/api/skimage.data.html#skimage.data.lfw_subset",
    package="scikit-image", module="skimage", package_files=("data/lfw_subset.npy",), load=load,
)  # fmt: skip
