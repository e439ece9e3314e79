"""Shoulder exercises seen by a smartwatch: which of seven does a person do, within two seconds?"""

from tinyml_core.domain.dataset import Arrays, Dataset, Task
from tinyml_core.domain.splits import grouped_split
from tinyml_core.zoo import data_files


def load(folder: str | None) -> Arrays:
    """All windows of ten persons; the windows of three persons are held out."""
    x, exercise, person = data_files.windows()
    train, test = grouped_split(person, data_files.HELD_OUT_PERSONS, seed=1)
    return Arrays(x=x, y=exercise, train=train, test=test, x_scale=1.0, groups=person)


DATASET = Dataset(
    name="motion",
    title="Shoulder exercises, six axes of a smartwatch",
    task=Task.CLASSIFICATION,
    input_shape=(1, 100, 6),
    classes=7,
    class_names=data_files.EXERCISES,
    kind_of_sample="series",
    samples_train=3193,
    samples_test=749,
    grouped_by="person",
    groups_test=3,
    split="By person: seven of ten persons train and calibrate, three others are held out. Windows of 100 samples (2 s at "
    "50 Hz); those to train on overlap by half, those held out do not overlap.",
    licence="BSD 3-Clause, as part of the seglearn package",
    source="D. Burns et al., Shoulder physiotherapy exercise recognition: machine learning the inertial signals from a "
    "smartwatch, Physiological Measurement 2018, as shipped by seglearn",
    source_url="https://arxiv.org/abs/1802.01489",
    package="seglearn",
    module="seglearn",
    package_files=(data_files.PACKAGE_FILE,),
    load=load,
)
