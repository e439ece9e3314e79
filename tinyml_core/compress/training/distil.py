"""Knowledge distillation: a smaller network learns from the large one's answers; beside it, the same network alone."""

from __future__ import annotations

from typing import Any

from tinyml_core.compress.training.fit import Goal, clean_state, fit, keras_loss
from tinyml_core.domain.dataset import Arrays, Task
from tinyml_core.domain.model import Model, Student
from tinyml_core.domain.outcome import Failure, Report
from tinyml_core.domain.technique import Settings, Trained, TrainingStage
from tinyml_core.engine.call import Expected

BATCH = 500


def distil(keras_model: Any, model: Model, arrays: Arrays, settings: Settings, report: Report) -> Trained:
    """The model's student, trained on the labels and on the answers of the trained model, its teacher.

    Raises:
        Expected: The model names no student.
    """
    import numpy as np

    student = student_of(model)
    report("asking the teacher")
    x = arrays.x[arrays.train].astype("float32") * arrays.x_scale
    answers = keras_model.predict(x, batch_size=BATCH, verbose=0)
    labels = arrays.y[arrays.train].reshape(len(x), -1)
    targets = np.concatenate([labels, answers], axis=1).astype("float32")
    return _trained(student, arrays, settings, report, Goal(targets, soft_loss(student, model.task, settings)))


def alone(keras_model: Any, model: Model, arrays: Arrays, settings: Settings, report: Report) -> Trained:
    """The same student, trained by the same recipe, but on the labels alone: what distilling has to beat.

    Raises:
        Expected: The model names no student.
    """
    return _trained(student_of(model), arrays, settings, report, None)


def student_of(model: Model) -> Student:
    """The model's student.

    Raises:
        Expected: It names none.
    """
    if model.student is None:
        raise Expected(
            Failure(
                "training",
                f"The model {model.title} names no student: a smaller network for the same task.",
                "Choose a model that names one, or another technique.",
                lasting=True,
            )
        )
    return model.student


def soft_loss(student: Student, task: Task, settings: Settings) -> Any:
    """A loss of `[label, teacher's outputs]` and the student's outputs: part labels, part teacher.

    For classes it is that of Hinton, Vinyals and Dean (2015), with temperature T and weight w of the soft part:

        (1 - w) cross-entropy(label, student) + w T^2 KL(softmax(teacher / T) || softmax(student / T))

    T^2 keeps the soft part's gradients as large as the hard part's. Otherwise both parts are the student's own loss.
    """
    import tensorflow as tf
    import tf_keras

    weight, temperature = settings.soft_weight, settings.temperature
    hard = tf_keras.losses.get(keras_loss(student.training.loss))
    from_logits = student.training.loss.endswith("_from_logits")

    def logits(outputs: Any) -> Any:
        return outputs if from_logits else tf.math.log(tf.maximum(outputs, tf_keras.backend.epsilon()))

    def of_classes(targets: Any, outputs: Any) -> Any:
        teacher = tf.nn.softmax(logits(targets[:, 1:]) / temperature)
        student_log = tf.nn.log_softmax(logits(outputs) / temperature)
        divergence = tf.reduce_sum(teacher * (tf.math.log(tf.maximum(teacher, 1e-12)) - student_log), axis=1)
        return (1 - weight) * hard(targets[:, 0], outputs) + weight * temperature**2 * tf.reduce_mean(divergence)

    def of_values(targets: Any, outputs: Any) -> Any:
        true, teacher = tf.split(targets, 2, axis=1)
        return (1 - weight) * hard(true, outputs) + weight * hard(teacher, outputs)

    return of_classes if task is Task.CLASSIFICATION else of_values


def _trained(student: Student, arrays: Arrays, settings: Settings, report: Report, goal: Goal | None) -> Trained:
    """The student, built and trained from nothing; both ways start from the same weights and see the same batches."""
    clean_state(settings.seed)
    keras_model = student.build()
    recipe = student.training
    fit(keras_model, recipe, arrays, recipe.epochs, settings.seed, report, goal=goal)
    return Trained(keras_model)


STAGES = (
    TrainingStage(
        "distil",
        "Distilled student",
        40,
        distil,
        settings=("seed", "temperature", "soft_weight"),
        builds_student=True,
    ),
    TrainingStage("small", "Student alone", 41, alone, settings=("seed",), builds_student=True),
)
