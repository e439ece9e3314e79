"""Shoulder exercises seen by a smartwatch: seven to tell apart, or rotations as the usual movement, five others as the unusual."""

from dataclasses import replace

from tinyml_core.domain.dataset import Arrays, Dataset, Task
from tinyml_core.domain.splits import grouped_split
from tinyml_core.zoo import data_files


def load_motion(folder: str | None) -> Arrays:
    """All windows of ten persons; the windows of three persons are held out."""
    x, exercise, person = data_files.windows()
    train, test = grouped_split(person, data_files.HELD_OUT_PERSONS, seed=1)
    return Arrays(x=x, y=exercise, train=train, test=test, x_scale=1.0, groups=person)


MOTION = Dataset(
    name="motion", title="Shoulder exercises, six axes of a smartwatch", task=Task.CLASSIFICATION,
    input_shape=(1, 100, 6), classes=7, class_names=data_files.EXERCISES, kind_of_sample="series", samples_train=3193,
    samples_test=749, grouped_by="person", groups_test=3,
    split="By person: seven of ten persons train and calibrate, three others are held out. Windows of 100 samples (2 s at "
    "50 Hz); those to train on overlap by half, those held out do not overlap.",
    licence="BSD 3-Clause, as part of the seglearn package",
    source="D. Burns et al., Shoulder physiotherapy exercise recognition: machine learning the inertial signals from a "
    "smartwatch, Physiological Measurement 2018, as shipped by seglearn",
    source_url="https://arxiv.org/abs/1802.01489",
    package="seglearn", module="seglearn", package_files=(data_files.PACKAGE_FILE,), load=load_motion,
)  # fmt: skip


# ---- Rotations of the shoulder as the usual movement, five other exercises as the unusual one ----------------------

NORMAL = ("internal rotation", "external rotation")
"""Chosen on the persons to train on alone: of all sets of usual exercises, the one in which looking at the form of a
movement helps most beyond looking at its strength, which is at chance here."""


def load_anomaly(folder: str | None) -> Arrays:
    """Windows of both rotations of seven persons to train on, and all windows of three others."""
    import numpy as np

    x, exercise, person = data_files.windows()
    anomalous = ~np.isin(exercise, [data_files.EXERCISES.index(name) for name in NORMAL])
    used = ~anomalous | np.isin(person, data_files.HELD_OUT_PERSONS)
    train, test = grouped_split(person[used], data_files.HELD_OUT_PERSONS, seed=1)
    y = anomalous[used].astype(np.int64)
    return Arrays(x=x[used], y=y, train=train, test=test, x_scale=1.0, groups=person[used])


MOTION_ANOMALY = replace(
    MOTION, name="motion_anomaly", title="Unusual movements, six axes of a smartwatch", task=Task.ANOMALY, classes=None,
    class_names=("usual", "unusual"), samples_train=1002, anomalies_test=527,
    split="By person: two exercises (internal and external rotation) of seven persons train and calibrate; all seven "
    "exercises of three other persons are held out, and the five that were never trained on are the anomalies. These two "
    "were chosen, on the persons to train on, because there the mere strength of a movement tells nothing.",
    load=load_anomaly,
)  # fmt: skip

DATASETS = (MOTION, MOTION_ANOMALY)
