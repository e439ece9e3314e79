"""A smartwatch's recordings of shoulder exercises, cut into windows: what `motion` and `motion_anomaly` are made of.

10 persons did 7 exercises with either arm, about 20 times each; the watch on the wrist recorded acceleration and rotation.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import numpy as np

PACKAGE_FILE = "data/watch_dataset.npy"
EXERCISES = (
    "pendulum",
    "abduction",
    "forward elevation",
    "internal rotation",
    "external rotation",
    "trapezius extension",
    "upright row",
)
"""In the order of the labels; the file's own names are PEN, ABD, FEL, IR, ER, TRAP and ROW."""

HELD_OUT_PERSONS = (8, 9, 10)
"""The last three of ten, fixed before any model was trained."""

SAMPLES = 100
"""A window of two seconds at 50 Hz."""

FULL_SCALE_G = 4.0
FULL_SCALE_DEGREES_PER_S = 500.0
"""What a motion sensor is usually set to. One value in 1,000 lies beyond, and is clipped as that sensor would clip it."""


def windows() -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """All windows of all recordings.

    Windows of persons to train on begin every 50 samples and so overlap by half; those of held-out persons do not overlap,
    because a sample that is counted twice is no second witness.

    Returns:
        `(x, exercise, person)`: `(windows, 1, 100, 6)` float32 from -1 to 1 (three axes of acceleration, then three of
        rotation, 1 being full scale), label `(windows,)` and number of the person `(windows,)`, both int64.
    """
    import numpy as np

    from tinyml_core.fingerprint import package_file

    # Only the package's own file may be read so: unpickling runs code.
    stored = np.load(package_file("seglearn", PACKAGE_FILE), allow_pickle=True).item()
    full_scale = np.array([FULL_SCALE_G] * 3 + [np.deg2rad(FULL_SCALE_DEGREES_PER_S)] * 3)
    cut, exercise, person = [], [], []
    for recording, label, who in zip(stored["X"], stored["y"], stored["subject"], strict=True):
        scaled = np.clip(recording / full_scale, -1, 1).astype(np.float32)
        step = SAMPLES if who in HELD_OUT_PERSONS else SAMPLES // 2
        for start in range(0, len(scaled) - SAMPLES + 1, step):
            cut.append(scaled[start : start + SAMPLES])
            exercise.append(label)
            person.append(who)
    return np.stack(cut)[:, None], np.array(exercise, dtype=np.int64), np.array(person, dtype=np.int64)
