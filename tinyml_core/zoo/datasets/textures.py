"""Brick, grass or gravel: patches of 32x32 pixels of three photographs."""

from tinyml_core.domain.dataset import Arrays, Dataset, Task
from tinyml_core.domain.splits import grouped_split

PHOTOGRAPHS = ("brick", "grass", "gravel")
SIDE = 32

COLUMNS = 16
"""Patches along one side of a photograph."""


def load(folder: str | None) -> Arrays:
    """256 patches of each photograph, without overlap; a place is a column of patches, and the right quarter is held out."""
    import numpy as np
    from PIL import Image

    from tinyml_core.engine.fingerprint import package_file

    patches = []
    for name in PHOTOGRAPHS:
        with Image.open(package_file("skimage", f"data/{name}.png")) as photograph:
            pixels = np.asarray(photograph.convert("L"))
        rows = pixels.reshape(COLUMNS, SIDE, COLUMNS, SIDE)
        patches.append(rows.transpose(2, 0, 1, 3).reshape(-1, SIDE, SIDE, 1))
    y = np.repeat(np.arange(len(PHOTOGRAPHS)), COLUMNS * COLUMNS)
    places = np.repeat(np.arange(len(PHOTOGRAPHS) * COLUMNS), COLUMNS)
    right_quarter = tuple(place for place in range(len(PHOTOGRAPHS) * COLUMNS) if place % COLUMNS >= 3 * COLUMNS // 4)
    train, test = grouped_split(places, right_quarter, seed=1)
    return Arrays(x=np.concatenate(patches), y=y, train=train, test=test, x_scale=1 / 255, groups=places)


DATASET = Dataset(
    name="textures", title="Textures, 32x32", task=Task.CLASSIFICATION, input_shape=(32, 32, 1), classes=3,
    class_names=PHOTOGRAPHS, samples_train=576, samples_test=192, grouped_by="patch column", groups_test=12,
    split="By place: the left three quarters of each photograph train and calibrate, the right quarter is held out. Patches "
    "touch and do not overlap.",
    licence="CC0",
    source="CC0Textures (brick, gravel) and linolafett (grass): three photographs of 512x512 pixels, as shipped by scikit-image",
    source_url="https://scikit-image.org/docs/stable/api/skimage.data.html",
    package="scikit-image", module="skimage",
    package_files=tuple(f"data/{name}.png" for name in PHOTOGRAPHS),
    load=load,
)  # fmt: skip
