"""Keras files of strangers: what is not plain is refused by name before Keras sees any of it. All of them are written by hand."""

from __future__ import annotations

import io
import json
import random
import sys
import time
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import h5py
import numpy as np
import pytest
from keras_files_made import Config, dense, hdf5_file, keras_file, layer, sequential, weights_file

from tinyml_core.engine.call import Expected
from tinyml_core.uploads.keras import config
from tinyml_core.uploads.keras.config import MOST_DEPTH, MOST_LAYERS, read_config
from tinyml_core.uploads.keras.hdf5 import read_hdf5
from tinyml_core.uploads.keras.legacy import rebuilt
from tinyml_core.uploads.keras.parts import read_parts

BOTH_FORMS = pytest.mark.parametrize("form", [keras_file, hdf5_file])
LAMBDA = layer("Lambda", "lambda_1", function=["4wEAAAA=", None, None], function_type="lambda")
SLOW_S = 20
"""A reader that takes so long for a few kilobytes has been led on; nobody's machine is that busy."""


def refusal(content: bytes) -> str:
    """Why the file is refused."""
    with pytest.raises(Expected) as caught:
        read_parts(content)
    failure = caught.value.failure
    assert failure.lasting and failure.advice and failure.reason.count("\n") == 0
    return failure.reason


# ---- Code and what is not built in


@BOTH_FORMS
@pytest.mark.parametrize(
    "hiding",
    [
        sequential(dense(), LAMBDA),
        sequential(layer("TimeDistributed", "each", layer=LAMBDA)),
        sequential(layer("Bidirectional", "both", layer=layer("LSTM", "lstm"), backward_layer=LAMBDA)),
        sequential(layer("RNN", "rnn", cell=layer("StackedRNNCells", "cells", cells=[LAMBDA]))),
        sequential(sequential(sequential(LAMBDA))),
        sequential({**dense(), "build_config": {"input_shape": LAMBDA}}),
        sequential(dense(), dense(activation=LAMBDA)),
        {"class_name": "Sequential", "config": [LAMBDA]},
    ],
    ids=[
        "plain",
        "TimeDistributed",
        "Bidirectional",
        "in a cell",
        "models in models",
        "build",
        "activation",
        "bare list",
    ],
)
def test_a_lambda_is_refused_by_its_name_wherever_it_hides(form: Callable[..., bytes], hiding: Config) -> None:
    assert refusal(form(hiding)) == "The layer Lambda ('lambda_1') holds code of its own, which is never run here."


@BOTH_FORMS
@pytest.mark.parametrize(
    ("class_name", "reason"),
    [
        ("TFOpLambda", "holds code"),
        ("SlicingOpLambda", "holds code"),
        ("TFSMLayer", "holds code"),
        ("TorchModuleWrapper", "holds code"),
        ("__lambda__", "holds code"),
        ("StringLookup", "reads text or a vocabulary"),
        ("TextVectorization", "reads text or a vocabulary"),
        ("Custom>Dense", "is not one of the built-in parts"),
        ("MyLayer", "is not one of the built-in parts"),
        ("__typespec__", "is not one of the built-in parts"),
        ("Wrapper", "is not one of the built-in parts"),
        ("dense", "is not one of the built-in parts"),
        ("", "is not one of the built-in parts"),
    ],
)
def test_only_named_built_in_layers_pass(form: Callable[..., bytes], class_name: str, reason: str) -> None:
    assert reason in refusal(form(sequential(layer(class_name, "odd"))))


@BOTH_FORMS
@pytest.mark.parametrize(
    "odd",
    [
        {**dense(), "module": "os"},
        {**dense(), "module": "keras.src.layers.core.lambda_layer"},
        {**dense(), "module": "keras.layers "},
        {**dense(), "module": "builtins"},
        {**dense(), "registered_name": "Custom>Dense"},
        {**dense(), "registered_name": "Lambda"},
        {**dense(), "module": None, "registered_name": "my_package>Evil"},
        layer("Add", module="keras.src.ops.nn"),
        dense(activation={"module": "os", "class_name": "function", "config": "relu", "registered_name": "function"}),
        dense(activation={"module": "builtins", "class_name": "function", "config": "relu", "registered_name": "a>b"}),
    ],
)
def test_a_built_in_name_from_elsewhere_is_refused(form: Callable[..., bytes], odd: Config) -> None:
    assert "code outside of Keras's built-in parts" in refusal(form(sequential(odd)))


@BOTH_FORMS
@pytest.mark.parametrize(
    ("settings", "reason"),
    [
        ({"activation": "os.system"}, "The activation 'os.system' of 'dense'"),
        ({"activation": {"class_name": "function", "config": "eval", "module": "builtins"}}, "The function 'eval'"),
        ({"activation": {"class_name": "function", "config": {"class_name": "Dense"}}}, "The function"),
        ({"activation": {"class_name": "__lambda__", "config": {"value": ["4wEAAAA="]}}}, "holds code of its own"),
        ({"activation": ["4wEAAAA=", None]}, "The activation '4wEAAAA='"),
        ({"kernel_initializer": "file:///etc/passwd"}, "The initializer"),
        ({"bias_regularizer": "deserialize"}, "The regularizer"),
        ({"kernel_constraint": "get"}, "The constraint"),
        ({"dtype": "string"}, "The number type 'string'"),
        (
            {
                "dtype": {
                    "module": "keras",
                    "class_name": "DTypePolicy",
                    "config": {"name": "float32"},
                    "registered_name": "x",
                }
            },
            "outside",
        ),
    ],
)
def test_words_that_keras_looks_up_must_be_known(form: Callable[..., bytes], settings: Any, reason: str) -> None:
    assert reason in refusal(form(sequential(dense(**settings))))


def test_nothing_dangerous_is_on_the_list() -> None:
    names = frozenset().union(*(kind.names for kind in config.KINDS))
    assert not names & (
        config.CODE | config.READERS | {"Layer", "Wrapper", "function", "__typespec__", "CompositeTensor"}
    )


def test_a_model_that_is_rebuilt_later_is_checked_again() -> None:
    with pytest.raises(Expected, match="Lambda"):
        rebuilt(json.dumps(sequential(LAMBDA)))


def test_what_trained_the_model_is_left_out_at_every_depth() -> None:
    trained = {"optimizer": {"class_name": "MyOptimizer", "config": {}}, "loss": {"class_name": "__lambda__"}}
    config = sequential(sequential(dense(), compile_config=trained), compile_config=trained)
    assert "compile_config" not in json.dumps(read_parts(keras_file(config)).config)
    extra = {"training_config": json.dumps({"loss": "my_loss"})}
    read = read_parts(hdf5_file(config, lambda file: file.attrs.update(extra)))
    assert b"my_loss" not in read.weights


@BOTH_FORMS
def test_an_invisible_or_long_name_does_not_reach_the_page(form: Callable[..., bytes]) -> None:
    reason = refusal(form(sequential(layer("Lambda", "a\u202eb\n" + "x" * 5000))))
    assert len(reason) < 200 and "\u202e" not in reason


# ---- Size and depth of the configuration


@BOTH_FORMS
@pytest.mark.parametrize("opening", ["[", '{"a":'])
@pytest.mark.parametrize("depth", [MOST_DEPTH + 1, 500, 20_000])
def test_deep_nesting_ends_in_a_sentence(form: Callable[..., bytes], opening: str, depth: int) -> None:
    closing = "]" if opening == "[" else "}"
    deep = '{"class_name": "Sequential", "config": ' + opening * depth + "1" + closing * depth + "}"
    start = time.monotonic()
    assert "levels deep" in (reason := refusal(form(deep))) or "damaged" in reason
    assert time.monotonic() - start < SLOW_S


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("", "damaged"),
        ("[]", "damaged"),
        ("{}", "damaged"),
        ('{"class_name": 3, "config": {}}', "damaged"),
        ('{"class_name": ["Sequential"], "config": {}}', "damaged"),
        ('{"class_name": "Dense", "config": {}, "class_name": "Lambda"}', "damaged"),
        ('{"class_name": "Lambda", "config": {}}', "holds code of its own"),
        ('{"class_name": "Sequential", "config": ' + "9" * 5000 + "}", "damaged"),
        ('{"class_name": "Sequential", "config": [' + "1," * 400_000 + "1]}", "more than 300,000 values"),
        (" " * 4_000_001, "longer than 4,000,000 characters"),
    ],
)
def test_a_configuration_that_is_none_or_too_large_ends_in_a_sentence(text: str, reason: str) -> None:
    with pytest.raises(Expected, match=reason):
        read_config(text)


def test_more_layers_than_any_network_are_refused() -> None:
    assert "1,500 layers" in refusal(keras_file(sequential(*[dense()] * (MOST_LAYERS + 1))))


# ---- Archives


@pytest.mark.parametrize(
    "name", ["../evil", "/etc/passwd", "assets/vocabulary.txt", "C:\\evil", "model.weights.npz", "a/"]
)
def test_other_members_of_an_archive_are_refused_by_name(name: str) -> None:
    assert "does not belong into a Keras model" in refusal(keras_file(sequential(dense()), more={name: b"x"}))


@pytest.mark.filterwarnings("ignore:Duplicate name")
def test_two_configurations_in_one_archive_are_refused() -> None:
    assert "twice" in refusal(keras_file(sequential(dense()), more={"config.json": b"{}"}))


def test_zip_bombs_are_refused_before_they_are_unpacked() -> None:
    dense_bytes = keras_file(sequential(dense()), bytes(40 * 1024**2), packing=zipfile.ZIP_DEFLATED)
    assert len(dense_bytes) < 100_000 and "packed" in refusal(dense_bytes)
    assert "MB large" in refusal(keras_file(" " * 20_000_000, packing=zipfile.ZIP_DEFLATED))
    assert "does not use" in refusal(keras_file(sequential(dense()), packing=zipfile.ZIP_LZMA))


def test_a_member_that_is_larger_than_it_says_is_not_read_on() -> None:
    content = keras_file(sequential(dense()), bytes(2 * 1024**2), packing=zipfile.ZIP_DEFLATED)
    lying = content.replace((2 * 1024**2).to_bytes(4, "little"), (50).to_bytes(4, "little"))
    assert lying != content and "damaged" in refusal(lying)


# ---- HDF5


def external_storage(file: Any) -> None:
    file["layers"].create_dataset("evil", (8,), "uint8", external=[("/etc/passwd", 0, 8)])


def virtual_data(file: Any) -> None:
    layout = h5py.VirtualLayout((8,), "f4")
    layout[:] = h5py.VirtualSource("/tmp/other.h5", "x", (8,))
    file["layers"].create_virtual_dataset("evil", layout)


def a_circle(file: Any) -> None:
    file["layers/again"] = file["layers"]


def huge(file: Any) -> None:
    file["layers"].create_dataset("evil", (2**40,), "f4", chunks=(1024,))


def huge_chunk(file: Any) -> None:
    file["layers"].create_dataset("evil", (2**28,), "f4", chunks=(2**28,))


def of_objects(file: Any) -> None:
    file["layers"].create_dataset("evil", (2,), h5py.string_dtype())


def of_records(file: Any) -> None:
    file["layers"]["evil"] = np.zeros(2, [("a", "f4"), ("b", "f4")])


def large_attribute(file: Any) -> None:
    file["layers"].attrs["evil"] = np.zeros(5000)


def reference(file: Any) -> None:
    file["layers"].attrs["evil"] = file.ref


def other_packing(file: Any) -> None:
    file["layers"].create_dataset("evil", (8,), "f4", compression="lzf")


def a_type(file: Any) -> None:
    file["layers"]["evil"] = np.dtype("f4")


HOSTILE = {
    "external link": (
        lambda file: file.__setitem__("x", h5py.ExternalLink("/etc/passwd", "/")),
        "a link to another file: 'x'",
    ),
    "soft link": (lambda file: file["layers"].__setitem__("x", h5py.SoftLink("/layers")), "a soft link: 'x'"),
    "external storage": (external_storage, "The numbers of 'evil' are said to lie in another file."),
    "virtual data": (virtual_data, "put together from other files"),
    "circle": (a_circle, "links one of its objects twice"),
    "huge": (huge, "more than 64 MB of weights"),
    "huge chunk": (huge_chunk, "too large pieces"),
    "objects": (of_objects, "holds something else than numbers"),
    "records": (of_records, "holds something else than numbers"),
    "large attribute": (large_attribute, "The attribute 'evil' of the HDF5 file is too large."),
    "reference": (reference, "neither numbers nor text"),
    "other packing": (other_packing, "packed in a way"),
    "a type": (a_type, "something else than groups and numbers"),
}


@pytest.mark.parametrize("kind", HOSTILE)
@pytest.mark.parametrize("place", ["in .keras", "in .h5", "in what is left out"])
def test_an_hdf5_file_that_points_elsewhere_is_refused(kind: str, place: str) -> None:
    change, reason = HOSTILE[kind]
    if place == "in .keras":
        assert reason in refusal(keras_file(sequential(dense()), weights_file(change)))
        return

    def changed(file: Any) -> None:
        group = file["model_weights"] if place == "in .h5" else file.create_group("optimizer_weights")
        group.create_group("layers")
        change(group)

    content = hdf5_file(sequential(dense()), changed)
    if kind == "huge" and place == "in what is left out":
        assert read_parts(content).values == 10  # never read, so it may be as large as it likes
    else:
        assert reason in refusal(content)


def test_a_text_whose_heap_has_no_end_is_not_read() -> None:
    whole = hdf5_file(sequential(dense()))
    heap = whole.index(b"GCOL")
    # The library goes from the free space at the end to where it is told; told to stay, it stays for ever.
    endless = whole[: heap + 16] + bytes(16) + whole[heap + 32 :]
    assert "damaged" in refusal(endless)
    too_long = whole[: heap + 24] + (2**63).to_bytes(8, "little") + whole[heap + 32 :]
    assert "damaged" in refusal(too_long)


def test_weights_alone_are_told_from_a_model() -> None:
    assert "only the weights" in refusal(weights_file())


def test_only_groups_numbers_and_attributes_are_taken_over() -> None:
    read = read_parts(hdf5_file(sequential(dense()), lambda file: file.attrs.update({"training_config": "{}"})))
    with h5py.File(io.BytesIO(read.weights)) as file:
        assert set(file) == {"model_weights"} and not set(file.attrs)
        assert file["model_weights/dense/dense/kernel:0"][2, 1] == 5
        assert list(file["model_weights"].attrs["layer_names"]) == [b"dense"]
    assert read.values == 10 and read.keras_version == "2.15.0"


# ---- Damage


def outcome(content: bytes) -> str:
    """What comes of reading: nothing but parts or an expected failure, and soon."""
    start = time.monotonic()
    try:
        read_parts(content)
        return "read"
    except Expected as expected:
        return expected.failure.reason
    finally:
        assert time.monotonic() - start < SLOW_S


@BOTH_FORMS
def test_a_file_that_is_cut_short_ends_in_a_sentence(form: Callable[..., bytes]) -> None:
    whole = form(sequential(dense()))
    assert outcome(whole) == "read"
    for tenth in range(10):
        assert outcome(whole[: len(whole) * tenth // 10]) != "read"


def test_random_bytes_end_in_a_sentence() -> None:
    chance = random.Random(1)
    for start in (b"", b"PK\x03\x04", b"\x89HDF\r\n\x1a\n"):
        for size in (0, 1, 10, 1000, 50_000):
            assert outcome(start + chance.randbytes(size)) != "read"


SEEDS = 300
MANY_SEEDS = 2000


def mutated_json(seed: int) -> str:
    """A good configuration with some values replaced, moved or wrapped."""
    chance = random.Random(seed)
    config = sequential(
        dense(activation="relu", kernel_initializer={"class_name": "Zeros", "config": {}}),
        layer("TimeDistributed", layer=dense()),
        sequential(
            layer(
                "Conv2D",
                filters=4,
                kernel_size=[3, 3],
                dtype={"class_name": "DTypePolicy", "config": {"name": "float32"}},
            )
        ),
    )
    oddities: list[Any] = [
        None,
        True,
        -1,
        1e308,
        10**18,
        "",
        "Lambda",
        "\ud800",
        [],
        {},
        [[]],
        {"class_name": []},
        LAMBDA,
        config,
    ]
    places: list[tuple[Any, Any]] = []

    def collect(value: Any) -> None:
        for key, inner in value.items() if isinstance(value, dict) else enumerate(value):
            places.append((value, key))
            if isinstance(inner, dict | list):
                collect(inner)

    config = json.loads(json.dumps(config))
    collect(config)
    for _ in range(chance.randint(1, 4)):
        held, key = chance.choice(places)
        held[key] = chance.choice([chance.choice(oddities), [held[key]], {"config": held[key]}])
    text = json.dumps(config) if not _circular(config) else "{"
    if chance.random() < 0.3:
        cut = chance.randrange(len(text))
        text = text[:cut] + chance.choice(["{", "}", '"', "\\", "\x00", ",", "NaN"]) + text[cut + 1 :]
    return text


def _circular(config: Any) -> bool:
    try:
        json.dumps(config)
    except ValueError:
        return True
    return False


def mutated_bytes(seed: int, whole: bytes) -> bytes:
    """A good file with some bytes changed, removed or doubled."""
    chance = random.Random(seed)
    content = bytearray(whole)
    for _ in range(chance.randint(1, 8)):
        at = chance.randrange(len(content))
        kind = chance.random()
        if kind < 0.7:
            content[at] = chance.choice([0, 1, 0x7F, 0x80, 0xFF, chance.randrange(256)])
        elif kind < 0.85:
            del content[at : at + chance.randint(1, 64)]
        else:
            content[at:at] = content[at : at + chance.randint(1, 64)]
    return bytes(content)


def _json_outcomes(seeds: range) -> set[str]:
    found = set()
    for seed in seeds:
        try:
            read_config(mutated_json(seed))
            found.add("read")
        except Expected as expected:
            found.add(expected.failure.reason[:20])
    return found


def test_a_mutated_configuration_is_read_or_refused() -> None:
    assert len(_json_outcomes(range(SEEDS))) > 5


@pytest.mark.every
def test_thousands_of_mutated_configurations_are_read_or_refused() -> None:
    assert len(_json_outcomes(range(SEEDS, SEEDS + MANY_SEEDS))) > 5


@BOTH_FORMS
def test_a_mutated_file_is_read_or_refused(form: Callable[..., bytes]) -> None:
    whole = form(sequential(dense()))
    assert {outcome(mutated_bytes(seed, whole)) for seed in range(SEEDS)} != {"read"}


def test_mutated_weights_in_a_whole_archive_are_read_or_refused() -> None:
    config, whole = sequential(dense()), weights_file()
    found = {outcome(keras_file(config, mutated_bytes(seed, whole))) for seed in range(SEEDS)}
    assert len(found) > 1


@pytest.mark.every
@BOTH_FORMS
def test_thousands_of_mutated_files_are_read_or_refused(form: Callable[..., bytes]) -> None:
    whole = form(sequential(dense()))
    assert {outcome(mutated_bytes(seed, whole)) for seed in range(SEEDS, SEEDS + MANY_SEEDS)} != {"read"}


def test_reading_loads_no_keras(tmp_path: Path) -> None:
    import subprocess

    file = tmp_path / "model.h5"
    file.write_bytes(hdf5_file(sequential(dense())))
    script = (
        "import sys; from pathlib import Path; from tinyml_core.uploads.keras.parts import read_parts;"
        f"read_parts(Path({str(file)!r}).read_bytes()); print([n for n in ('keras', 'tf_keras', 'tensorflow') if n in sys.modules])"
    )
    assert (
        subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True).stdout.strip()
        == "[]"
    )


def test_a_plain_hdf5_file_survives_a_second_reading() -> None:
    once = read_hdf5(weights_file())
    assert read_hdf5(once.image).values == once.values == 10
