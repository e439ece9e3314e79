"""Claims about a SavedModel that somebody brings: only what computes is loaded, and it becomes a float32 `.tflite`."""

from __future__ import annotations

import io
import zipfile
from pathlib import Path
from typing import TYPE_CHECKING, Any

import cattrs
import pytest

from tests import wants
from tinyml_core.domain.technique import Job
from tinyml_core.engine.call import Expected
from tinyml_core.uploads.archives import open_archive
from tinyml_core.uploads.reading import read_model
from tinyml_core.uploads.savedmodel.scan import scanned

if TYPE_CHECKING:
    from tests.conftest import Lab

pytestmark = pytest.mark.slow


def in_zip(folder: Path, top: str = "") -> bytes:
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w") as archive:
        for path in sorted(path for path in folder.rglob("*") if path.is_file()):
            archive.writestr(zipfile.ZipInfo(top + str(path.relative_to(folder))), path.read_bytes())
    return content.getvalue()


def read(content: bytes, input_shape: list[int] | None = None) -> tuple[Any, dict[str, bytes]]:
    facts, made = read_model(content, "mine.zip", input_shape, lambda stage: None)
    return cattrs.unstructure(facts), made


def refusal(content: bytes) -> str:
    with pytest.raises(Expected) as caught:
        read(content)
    return caught.value.failure.reason


def saved(tmp_path: Path, function: Any, signature: list[Any], **attributes: Any) -> bytes:
    """A SavedModel of one function, whose module has those attributes."""
    import tensorflow as tf

    module = tf.Module()
    for name, value in attributes.items():
        setattr(module, name, value)
    module.serve_it = tf.function(function, input_signature=signature, autograph=False)
    tf.saved_model.save(module, str(tmp_path), signatures=module.serve_it)
    return in_zip(tmp_path)


@pytest.fixture(scope="module")
def plain(tmp_path_factory: pytest.TempPathFactory) -> bytes:
    """One dense layer with a variable."""
    import tensorflow as tf

    weights = tf.Variable(tf.ones([4, 2]))
    spec = tf.TensorSpec([None, 4], name="x")
    folder = tmp_path_factory.mktemp("plain")
    return saved(folder, lambda x: tf.nn.softmax(x @ weights), [spec], weights=weights)


def test_a_plain_network_becomes_a_float32_file(plain: bytes) -> None:
    facts, made = read(plain)
    assert facts["kind"] == "SavedModel" and facts["parameters"] == 8 and facts["last_activation"] == "softmax"
    assert facts["float_weights"] and not facts["legacy_config"] and "nothing can be trained" in facts["not_rebuilt"]
    assert made["tflite"][4:8] == b"TFL3"


def test_what_is_kept_of_it_cannot_write_files(plain: bytes) -> None:
    _, made = read(plain)
    kept = open_archive(made["saved_model"])
    assert "saved_model.pb" in kept and "variables/variables.index" in kept
    assert b"SaveV2" in open_archive(plain).read("saved_model.pb")
    assert b"SaveV2" not in kept.read("saved_model.pb")


def test_a_folder_within_the_zip_is_found(plain: bytes) -> None:
    packed = io.BytesIO()
    archive = open_archive(plain)
    with zipfile.ZipFile(packed, "w") as inner:
        for name in archive.names:
            inner.writestr(f"my_model/{name}", archive.read(name))
        inner.writestr("my_model/README.txt", "hello")
    assert read(packed.getvalue())[1]["tflite"] == read(plain)[1]["tflite"]


def test_a_zoo_model_exported_by_keras_gives_its_own_file(lab: Lab) -> None:
    reply = wants.ask(lab.desk, wants.need(wants.made(Job("sine", "sine", "float16")), "saved_model"))
    facts, made = read(reply.blobs["saved_model"].read())  # type: ignore[union-attr]
    assert facts["parameters"] == 321 and not facts["notes"]
    assert len(made["tflite"]) == len(lab.tflite("sine", "float32"))


def test_reading_a_file_is_refused_by_name(tmp_path: Path) -> None:
    import tensorflow as tf

    def peek(x: Any) -> Any:
        return x + tf.cast(tf.size(tf.io.decode_raw(tf.io.read_file("/etc/passwd"), tf.uint8)), tf.float32)

    reason = refusal(saved(tmp_path, peek, [tf.TensorSpec([None, 4])]))
    assert "ReadFile" in reason and "reach files" in reason


@pytest.mark.parametrize(
    "name", ["WriteFile", "PyFunc", "EagerPyFunc", "MatchingFiles", "PrintV2", "TextLineDataset", "MyOwnOperator"]
)
def test_every_operator_that_is_not_on_the_list_is_refused_by_name(plain: bytes, name: str) -> None:
    assert name in refusal(changed(plain, lambda graph: _add(graph.graph_def.node, name)))
    assert name in refusal(changed(plain, lambda graph: _add(_computing(graph).node_def, name)))


def _computing(graph: Any) -> Any:
    """A function that is not cut out; one that saves is, with all that is in it."""
    functions = graph.graph_def.library.function
    return next(each for each in functions if any(node.op in ("MatMul", "AddV2") for node in each.node_def))


def test_what_saves_is_cut_out_with_all_that_is_in_it(plain: bytes) -> None:
    def in_the_saver(graph: Any) -> None:
        saving = [each for each in graph.graph_def.library.function if any("Save" in node.op for node in each.node_def)]
        assert saving
        for function in saving:
            _add(function.node_def, "WriteFile")

    from tensorflow.core.protobuf import saved_model_pb2

    kept = scanned(open_archive(changed(plain, in_the_saver)).read("saved_model.pb")).SerializeToString()
    assert b"WriteFile" not in kept
    assert saved_model_pb2.SavedModel.FromString(kept).meta_graphs[0].graph_def.library.function


def _add(nodes: Any, name: str) -> None:
    node = nodes.add()
    node.name, node.op = "added", name


def changed(content: bytes, change: Any) -> bytes:
    """The zip with its graph changed."""
    from tensorflow.core.protobuf import saved_model_pb2

    archive, packed = open_archive(content), io.BytesIO()
    graph = saved_model_pb2.SavedModel.FromString(archive.read("saved_model.pb"))
    change(graph.meta_graphs[0])
    with zipfile.ZipFile(packed, "w") as ours:
        for name in archive.names:
            data = graph.SerializeToString() if name == "saved_model.pb" else archive.read(name)
            ours.writestr(name, data)
    return packed.getvalue()


def test_a_function_cannot_pass_for_an_operator(plain: bytes) -> None:
    def add(graph: Any) -> None:
        graph.graph_def.library.function.add().signature.name = "ReadFile"
        _add(graph.graph_def.node, "ReadFile")

    assert "bears the name" in refusal(changed(plain, add))


def test_saving_outside_the_saver_is_refused(plain: bytes) -> None:
    def call_the_saver(graph: Any) -> None:
        saver = next(each for each in graph.graph_def.library.function if any(n.op == "SaveV2" for n in each.node_def))
        serving = next(each for each in graph.graph_def.library.function if "signature_wrapper" in each.signature.name)
        node = serving.node_def.add()
        node.name, node.op = "sneaky", "StatefulPartitionedCall"
        node.attr["f"].func.name = saver.signature.name

    assert "writes files" in refusal(changed(plain, call_the_saver))


def test_restoring_from_a_file_of_its_own_choice_is_refused(plain: bytes) -> None:
    def restore_elsewhere(graph: Any) -> None:
        for function in graph.graph_def.library.function:
            for node in function.node_def:
                if node.op == "RestoreV2":
                    node.input[0] = "elsewhere:output:0"

    assert "RestoreV2" in refusal(changed(plain, restore_elsewhere))


def test_a_huge_constant_is_refused_before_it_is_made(plain: bytes) -> None:
    def add(graph: Any) -> None:
        _add(graph.graph_def.node, "Const")
        tensor = graph.graph_def.node[-1].attr["value"].tensor
        tensor.dtype = 1
        tensor.tensor_shape.dim.add().size = 10**10

    assert "10,000,000,000 numbers" in refusal(changed(plain, add))


def test_tables_and_files_of_its_own_are_refused(tmp_path: Path, plain: bytes) -> None:
    import tensorflow as tf

    keys = tf.constant([1, 2], tf.int64)
    table = tf.lookup.StaticHashTable(tf.lookup.KeyValueTensorInitializer(keys, keys), 0)
    spec = tf.TensorSpec([None, 4], tf.int64)
    assert "table" in refusal(saved(tmp_path, table.lookup, [spec], table=table))
    with_assets = io.BytesIO(plain)
    with zipfile.ZipFile(with_assets, "a") as archive:
        archive.writestr("assets/vocabulary.txt", "hello")
    assert "assets" in refusal(with_assets.getvalue())


def test_an_open_shape_is_asked_for_and_filled_in(tmp_path: Path) -> None:
    import tensorflow as tf

    content = saved(tmp_path, lambda x: tf.reduce_mean(x, axis=[1, 2]) * 2.0, [tf.TensorSpec([None, None, None, 3])])
    facts, made = read(content)
    assert facts["open_shape"] == [None, None, 3] and made == {}
    facts, made = read(content, [8, 8, 3])
    assert facts["open_shape"] is None and facts["inputs"][0]["shape"] == [8, 8, 3] and set(made) > {"tflite"}


def test_a_recurrent_network_is_converted_with_one_sample_at_once(tmp_path: Path) -> None:
    import tf_keras

    layers = [tf_keras.Input((10, 4)), tf_keras.layers.LSTM(8), tf_keras.layers.Dense(3)]
    tf_keras.Sequential(layers).save(tmp_path, save_format="tf")
    facts, _ = read(in_zip(tmp_path))
    assert "SEQUENCE_LSTM" in facts["architecture"] and "set to zero" in facts["notes"][0]


def test_a_damaged_graph_is_one_sentence() -> None:
    with pytest.raises(Expected, match="damaged"):
        scanned(b"\xff" * 100)
