"""Training stages keep what they promise: zeros and centroids are counted in the final file, layer by layer."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest

from tinyml_core import catalog
from tinyml_core.compress import techniques
from tinyml_core.compress.training.cluster import is_clusterable
from tinyml_core.compress.training.fit import clean_state
from tinyml_core.compress.training.layers import wrap_layers
from tinyml_core.compress.training.prune import is_prunable, is_prunable_in_blocks
from tinyml_core.compress.training.quantization_aware import unknown_layer
from tinyml_core.domain.inspection import Inspection, WeightLayer
from tinyml_core.domain.model import Model
from tinyml_core.domain.outcome import Failure, Measurement, Score
from tinyml_core.domain.technique import Settings, Trained
from tinyml_core.engine.call import Expected

if TYPE_CHECKING:
    from tests.conftest import Lab

POINT = 0.01
WITH_STUDENT = [name for name, model in catalog.models().items() if model.student is not None]


def inspected(measured: Measurement) -> Inspection:
    """The inspection of a variant that must be readable."""
    assert isinstance(measured.inspection, Inspection), measured.inspection
    return measured.inspection


def layers(lab: Lab, technique: str, model: str = "digits") -> tuple[WeightLayer, ...]:
    """The weights of a variant, layer by layer."""
    return inspected(lab.measured(model, technique)).weight_layers


def accuracy(lab: Lab, technique: str, model: str = "digits") -> Score:
    """The score of a variant that must be scored."""
    score = lab.measured(model, technique).score
    assert isinstance(score, Score), score
    return score


# ---- pruning ---------------------------------------------------------------------------------------------------------


@pytest.mark.slow
@pytest.mark.parametrize("number_format", ["float32", "int8"])
@pytest.mark.parametrize(("stage", "target"), [("prune50", 0.5), ("prune75", 0.75), ("prune90", 0.9)])
def test_every_pruned_layer_reaches_its_sparsity_in_the_file(
    stage: str, target: float, number_format: str, lab: Lab
) -> None:
    found = layers(lab, f"{stage}_{number_format}")
    assert len(found) == 4
    for layer in found:
        assert layer.zeros / layer.elements == pytest.approx(target, abs=POINT), layer.name


@pytest.mark.slow
@pytest.mark.parametrize("technique", ["prune50_int8", "prune75_int8"])
def test_half_and_three_quarters_pruned_digits_are_read_as_well_as_before(technique: str, lab: Lab) -> None:
    row = lab.comparison("digits", "float32", technique).row(technique)
    assert row is not None
    assert row.agreement is not None
    assert row.agreement.difference > 0 or row.agreement.p_value > 0.05


@pytest.mark.slow
def test_pruning_shrinks_the_compressed_file_and_not_the_flash(lab: Lab) -> None:
    plain, pruned = (inspected(lab.measured("digits", name)).sizes for name in ("int8", "prune75_int8"))
    assert pruned.flash_bytes == pytest.approx(plain.flash_bytes, rel=0.02)
    assert pruned.gzip_bytes < 0.6 * plain.gzip_bytes


@pytest.mark.slow
def test_two_of_four_neighbouring_weights_are_zero_after_2_to_4_pruning(lab: Lab) -> None:
    measured = lab.measured("digits", "prune24_int8")
    assert measured.training.dense_layers == ("conv2d",)  # it has one input channel
    pruned = [layer for layer in inspected(measured).weight_layers if layer.shape[-1] >= 4]
    assert len(pruned) == 3
    for layer in pruned:
        assert layer.zeros / layer.elements == pytest.approx(0.5, abs=POINT), layer.name


@pytest.mark.slow
def test_the_sparse_form_of_2_to_4_pruning_is_a_smaller_file(lab: Lab) -> None:
    sparse, dense = (inspected(lab.measured("digits", f"prune24_{form}")).sizes for form in ("sparse32", "float32"))
    assert sparse.flash_bytes < 0.8 * dense.flash_bytes
    assert lab.measured("digits", "prune24_sparse32").micro.status == "refused"


# ---- clustering ------------------------------------------------------------------------------------------------------


@pytest.mark.slow
@pytest.mark.parametrize("centroids", [8, 16, 32])
def test_no_channel_holds_more_values_than_there_are_centroids(centroids: int, lab: Lab) -> None:
    for layer in layers(lab, f"cluster{centroids}_int8"):
        assert layer.distinct_per_channel <= centroids, layer.name
    for layer in layers(lab, f"cluster{centroids}_float32"):
        assert layer.distinct <= centroids, layer.name


@pytest.mark.slow
@pytest.mark.parametrize("technique", ["cluster16_int8", "cluster32_int8"])
def test_clustered_digits_are_read_as_well_as_before(technique: str, lab: Lab) -> None:
    row = lab.comparison("digits", "float32", technique).row(technique)
    assert row is not None
    assert row.agreement is not None
    assert row.agreement.difference > 0 or row.agreement.p_value > 0.05


# ---- joint forms -----------------------------------------------------------------------------------------------------


@pytest.mark.slow
@pytest.mark.parametrize(
    ("technique", "zeros", "values"), [("pqat_int8", 0.5, 256), ("cqat_int8", 0.0, 16), ("pcqat_int8", 0.5, 16)]
)
def test_zeros_and_centroids_survive_quantization_aware_training(
    technique: str, zeros: float, values: int, lab: Lab
) -> None:
    found = layers(lab, technique)
    assert len(found) == 4
    for layer in found:
        assert layer.zeros / layer.elements >= zeros - POINT, layer.name
        assert layer.distinct_per_channel <= values, layer.name


# ---- students --------------------------------------------------------------------------------------------------------


def test_a_student_has_fewer_weights_than_its_teacher() -> None:
    for name in WITH_STUDENT:
        model = catalog.models()[name]
        assert model.student is not None
        assert model.student.parameters < model.parameters


@pytest.mark.slow
@pytest.mark.skipif("digits" not in WITH_STUDENT, reason="the digits model names no student yet")
def test_both_students_have_one_architecture_and_other_weights(lab: Lab) -> None:
    taught, alone = (lab.measured("digits", f"{stage}_int8") for stage in ("distil", "small"))
    assert [layer.shape for layer in inspected(taught).weight_layers] == [
        layer.shape for layer in inspected(alone).weight_layers
    ]
    assert taught.file_sha256 != alone.file_sha256
    whole = inspected(lab.measured("digits", "int8")).sizes.flash_bytes
    assert inspected(taught).sizes.flash_bytes < whole


@pytest.mark.slow
@pytest.mark.skipif("digits" not in WITH_STUDENT, reason="the digits model names no student yet")
def test_without_soft_targets_the_temperature_changes_nothing(lab: Lab) -> None:
    """With the teacher's weight at zero, only the labels are left of the loss."""
    one, two = (lab.measured("digits", "distil_int8", soft_weight=0.0, temperature=t) for t in (2.0, 8.0))
    assert one.file_sha256 == two.file_sha256


# ---- what cannot be done ---------------------------------------------------------------------------------------------


def digits_with(build: Callable[[], Any]) -> Model:
    """The digits model with another architecture."""
    return replace(catalog.models()["digits"], build=build)


def only_conv1d() -> Any:
    """A model without a layer for 2:4 or for quantization-aware training."""
    from tf_keras import Sequential, layers

    shape = (8, 8, 1)
    return Sequential(
        [layers.InputLayer(shape), layers.Reshape((64, 1)), layers.Conv1D(10, 3), layers.GlobalMaxPooling1D()]
    )


def separable() -> Any:
    """A model with a depthwise layer."""
    from tf_keras import Sequential, layers

    return Sequential([
        layers.InputLayer((8, 8, 1)),
        layers.Conv2D(8, 3),
        layers.DepthwiseConv2D(3),
        layers.Flatten(),
        layers.Dense(10),
    ])  # fmt: skip


def apply(stage: str, build: Callable[[], Any], lab: Lab) -> Trained | Failure:
    """What a stage gives for an architecture, in this process."""
    report: list[str] = []
    try:
        return techniques.stages()[stage].apply(
            build(), digits_with(build), lab.arrays("digits"), Settings(fine_tuning_epochs=1), report.append
        )
    except Expected as error:
        return error.failure


def test_the_advice_about_batch_normalization_is_not_that_about_other_layers() -> None:
    words = (
        "Layer bn:<class 'tf_keras.src.layers.normalization.batch_normalization.BatchNormalization'> is not supported."
    )
    nothing_nested, model = SimpleNamespace(layers=[]), catalog.models()["digits"]
    told = unknown_layer(nothing_nested, model, words)
    assert "the layer bn (BatchNormalization)" in told.reason
    assert "directly behind a convolution" in told.advice and "Conv1D" not in told.advice
    assert "Conv1D" in unknown_layer(nothing_nested, model, words.replace("BatchNormalization", "Conv1D")).advice


@pytest.mark.slow
@pytest.mark.parametrize(
    ("stage", "words"), [("prune24", "No layer of"), ("qat", "the layer conv1d"), ("pqat", "the layer conv1d")]
)
def test_a_stage_that_cannot_do_a_model_says_why(stage: str, words: str, lab: Lab) -> None:
    told = apply(stage, only_conv1d, lab)
    assert isinstance(told, Failure), told
    assert words in told.reason
    assert told.advice.endswith(".")
    assert told.lasting


@pytest.mark.slow
@pytest.mark.parametrize("stage", ["prune50", "cluster8"])
def test_depthwise_layers_are_named_as_left_dense(stage: str, lab: Lab) -> None:
    trained = apply(stage, separable, lab)
    assert isinstance(trained, Trained), trained
    assert any("depthwise" in name for name in trained.dense_layers)
    assert len(trained.dense_layers) == 1


def beginning_with(first: str) -> Callable[[], Any]:
    """Architectures with a layer that quantization-aware training does not know: `Normalization`, ..."""

    def build() -> Any:
        from tf_keras import Model, Sequential, layers

        if first == "arithmetic":
            given = layers.Input((8, 8, 1))
            hidden = layers.Dense(16, activation="relu")(layers.Flatten()(given / 16.0 - 0.5))
            return Model(given, layers.Dense(10)(hidden))
        begins = {
            "Rescaling": [layers.Rescaling(1 / 16)],
            "Normalization": [layers.Normalization()],
            "BatchNormalization": [layers.BatchNormalization()],
            "Sequential": [Sequential([layers.InputLayer((8, 8, 1)), layers.Conv2D(4, 3)], name="inner")],
            "Conv1D": [layers.Reshape((8, 8)), layers.Conv1D(8, 3)],
            "LSTM": [layers.Reshape((8, 8)), layers.LSTM(8)],
        }.get(first, [])
        inside = [layers.LayerNormalization()] if first == "LayerNormalization" else []
        ends = [layers.Flatten(), layers.Dense(16, activation="relu"), *inside, layers.Dense(10)]
        built = Sequential([layers.InputLayer((8, 8, 1)), *begins, *ends])
        if first == "Normalization":
            built.layers[0].set_weights([np.array([40.0]), np.array([9.0]), np.array(1)])
        return built

    return build


def prepared_for(stage: str, build: Callable[[], Any], lab: Lab) -> Callable[[], Any]:
    """What builds the model that a stage starts from: clustered, if centroids have to be kept."""
    clean_state(1)
    if stage != "cqat":
        return build
    clustered = apply("cluster8", build, lab)
    assert isinstance(clustered, Trained), clustered
    return lambda: clustered.keras_model


@pytest.mark.slow
@pytest.mark.parametrize("stage", ["qat", "pqat", "cqat"])
@pytest.mark.parametrize(
    ("first", "named"),
    [
        ("Rescaling", ["rescaling"]),
        ("Normalization", ["normalization"]),
        ("BatchNormalization", ["batch_normalization"]),
        ("LayerNormalization", ["layer_normalization"]),
        ("Conv1D", ["conv1d"]),
        ("LSTM", ["lstm"]),
        ("Sequential", ["inner"]),
        ("arithmetic", ["tf.math.truediv", "tf.math.subtract"]),
    ],
)
def test_quantization_aware_training_leaves_out_and_names_what_it_cannot_wrap(
    stage: str, first: str, named: list[str], lab: Lab
) -> None:
    trained = apply(stage, prepared_for(stage, beginning_with(first), lab), lab)
    assert isinstance(trained, Trained), trained
    assert len(trained.notes) == 1
    assert [name for name in named if f"{name} (" in trained.notes[0]] == named
    assert trained.notes[0].count("(") == len(named)
    assert [layer.name for layer in trained.keras_model.layers if layer.name.startswith("quant_dense")]


@pytest.mark.slow
@pytest.mark.parametrize("stage", ["qat", "pqat", "cqat", "prune50", "cluster8"])
def test_a_normalization_subtracts_its_mean_after_training_too(stage: str, lab: Lab) -> None:
    trained = apply(stage, prepared_for(stage, beginning_with("Normalization"), lab), lab)
    assert isinstance(trained, Trained), trained
    normalization = trained.keras_model.get_layer("normalization")
    assert normalization(np.full((1, 8, 8, 1), 46.0, np.float32)).numpy() == pytest.approx(2.0)


@pytest.mark.slow
@pytest.mark.parametrize("stage", ["qat", "pqat", "cqat"])
def test_nothing_is_told_of_models_that_are_wrapped_whole(stage: str, lab: Lab) -> None:
    trained = apply(stage, prepared_for(stage, beginning_with("nothing"), lab), lab)
    assert isinstance(trained, Trained), trained
    assert trained.notes == ()


def recurrent() -> Any:
    """A model whose only large layer tfmot reaches in a way of its own."""
    from tf_keras import Sequential, layers

    return Sequential([layers.InputLayer((8, 8)), layers.LSTM(12), layers.Dense(3)])


def weightless() -> Any:
    """A model that only pools."""
    from tf_keras import Sequential, layers

    return Sequential([layers.InputLayer((8, 8, 10)), layers.GlobalAveragePooling2D()])


@pytest.mark.slow
@pytest.mark.parametrize("stage", ["prune50", "cluster8"])
def test_recurrent_layers_are_named_as_left_dense(stage: str) -> None:
    suits = is_prunable if stage == "prune50" else lambda layer: is_clusterable(layer, 8)
    assert [suits(layer) for layer in recurrent().layers] == [False, True]


@pytest.mark.slow
@pytest.mark.parametrize(
    ("stage", "words"), [("prune50", "can be pruned"), ("cluster8", "can be clustered to 8 values")]
)
def test_a_model_without_a_suited_layer_is_told_and_not_measured(stage: str, words: str, lab: Lab) -> None:
    told = apply(stage, weightless, lab)
    assert isinstance(told, Failure)
    assert words in told.reason
    assert told.lasting


@pytest.mark.slow
def test_zeros_that_stay_look_for_no_centroid() -> None:
    from tf_keras import Sequential, layers

    dense = Sequential([layers.InputLayer((4,)), layers.Dense(5)]).layers[0]
    dense.set_weights([np.array([[1.0] * 5, [2.0] * 5, [0.0] * 5, [0.0] * 5]), np.zeros(5)])
    assert is_clusterable(dense, 16)
    assert not is_clusterable(dense, 16, keep_zeros=True)


@pytest.mark.slow
def test_the_layers_that_can_be_pruned_2_to_4_are_known_beforehand() -> None:
    keras_model = separable()
    assert [is_prunable(layer) for layer in keras_model.layers] == [True, False, False, True]
    assert [is_prunable_in_blocks(layer) for layer in keras_model.layers] == [False, False, False, True]


@pytest.mark.slow
@pytest.mark.parametrize(("channels", "whole"), [(3, False), (4, True), (6, False), (8, True), (10, False)])
def test_only_whole_blocks_of_input_channels_are_pruned_2_to_4(channels: int, whole: bool) -> None:
    import tf_keras

    keras_model = tf_keras.Sequential([tf_keras.Input((8, 8, channels)), tf_keras.layers.Conv2D(4, 3)])
    assert is_prunable_in_blocks(keras_model.layers[0]) is whole


@pytest.mark.slow
def test_wrapping_leaves_the_given_model_as_it_was() -> None:
    keras_model = separable()
    before = [weight.copy() for weight in keras_model.get_weights()]
    wrapped = wrap_layers(keras_model, lambda layer: False, lambda layer: layer)
    wrapped.keras_model.set_weights([np.zeros_like(weight) for weight in before])
    assert all(np.array_equal(one, other) for one, other in zip(before, keras_model.get_weights(), strict=True))


@pytest.mark.every
@pytest.mark.parametrize("technique", ["prune75_int8", "cluster16_int8", "pcqat_int8", "distil_int8"])
def test_the_same_stage_gives_the_same_bytes_again(technique: str, lab: Lab) -> None:
    from tinyml_core.domain.technique import Job
    from tinyml_core.pipeline.variant import ask_variant

    first = lab.measured("digits", technique, fine_tuning_epochs=1).file_sha256
    job = Job("digits", "digits", technique, Settings(fine_tuning_epochs=1))
    again = ask_variant(lab.forgetful(), job).outcome.result(500)
    assert isinstance(again, Measurement), again
    assert again.file_sha256 == first
