"""What is measured of a file: sizes, census, MACs, answers, and what TFLM says."""

from __future__ import annotations

import gzip
import json
import re
import subprocess
import sys
from math import prod
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests import wants
from tinyml_core import catalog
from tinyml_core.compress import techniques
from tinyml_core.domain.dataset import unpack
from tinyml_core.domain.inspection import Inspection
from tinyml_core.domain.outcome import Failure, Measurement, Score
from tinyml_core.engine.call import Answer, Blob, Expected
from tinyml_core.measure import tflm
from tinyml_core.measure.inspect_file import c_source, sizes
from tinyml_core.measure.litert import stored_inputs, to_real, to_stored
from tinyml_core.measure.tflite import parse
from tinyml_core.measure.tflm_refusals import KNOWN, explain
from tinyml_core.pipeline.steps import INSPECT, LATENCY
from tinyml_core.zoo.fetch import weights_path

if TYPE_CHECKING:
    from pathlib import Path

    from tests.conftest import Lab

MODELS = [
    name
    for name, model in catalog.models().items()
    if model.datasets and not catalog.datasets()[model.default_dataset].fetched_files
]
# Those that suit the digits model: its last layer has 40 inputs, which do not divide into blocks of 32.
TECHNIQUES = [name for name in techniques.techniques() if name not in ("lq_w4b32", "lq_w2b32")]
UNPACKED = [name for name in TECHNIQUES if techniques.technique(name).packing == "none"]
# The student is another network; of packed weights the file states no shapes.
SAME_NETWORK = [
    name for name in UNPACKED if not techniques.stages()[techniques.technique(name).training].builds_student
]
ON_TFLM = pytest.mark.skipif(
    not (sys.platform == "linux" and __import__("platform").machine() == "x86_64"),
    reason="the tflite-micro package has a wheel for Linux on x86-64 only",
)


def inspected(measured: Measurement) -> Inspection:
    """The inspection of a variant that must be readable."""
    assert isinstance(measured.inspection, Inspection), measured.inspection
    return measured.inspection


def in_child(code: str, *arguments: str) -> Any:
    """What a fresh interpreter prints as JSON: executing a model stays out of this process."""
    done = subprocess.run([sys.executable, "-c", code, *arguments], capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout.strip().splitlines()[-1])


# ---- sizes -------------------------------------------------------------------------------------------------------


@given(st.binary(min_size=1, max_size=3000))
def test_flash_is_the_file_rounded_up_to_16_bytes(content: bytes) -> None:
    counted = sizes(content)
    assert counted.tflite_bytes == len(content)
    assert counted.flash_bytes % 16 == 0
    assert 0 <= counted.flash_bytes - counted.tflite_bytes < 16


@given(st.binary(min_size=1, max_size=3000))
def test_the_c_source_read_back_is_the_file(content: bytes) -> None:
    text = c_source(content, "g_digits")
    body = re.search(r"g_digits\[\] = \{(.*?)\};", text, flags=re.DOTALL)
    assert body is not None
    assert bytes(int(number, 16) for number in re.findall(r"0x([0-9a-f]{2})", body[1])) == content
    assert "alignas(16)" in text
    assert sizes(content).c_source_bytes == len(c_source(content).encode())


@pytest.mark.parametrize("technique", TECHNIQUES)
def test_the_counted_sizes_are_those_of_the_file(technique: str, lab: Lab) -> None:
    content, counted = lab.tflite("digits", technique), inspected(lab.measured("digits", technique)).sizes
    packed = gzip.compress(content, compresslevel=9, mtime=0)
    assert gzip.decompress(packed) == content
    assert (counted.tflite_bytes, counted.gzip_bytes) == (len(content), len(packed))
    assert counted.gzip_bytes < counted.tflite_bytes <= counted.flash_bytes < counted.c_source_bytes


# ---- reading the file --------------------------------------------------------------------------------------------


@pytest.mark.parametrize("technique", UNPACKED)
def test_the_census_counts_every_tensor_once(technique: str, lab: Lab) -> None:
    inspection = inspected(lab.measured("digits", technique))
    tensors = sum(len(graph.tensors) for graph in parse(lab.tflite("digits", technique)).subgraphs)
    assert sum(inspection.census.values()) == tensors
    for dtype, number in inspection.weights_census.items():
        assert number <= inspection.census[dtype]
    assert sum(inspection.weights_census.values()) == 4  # two convolutions, two dense layers


# Places where a kernel is applied, by weight: 8x8 with padding; 26x26 without, then 13x13 after pooling is in the shape.
PLACES = {"digits": {"w00": 64, "w02": 64}, "mnist": {"w00": 26 * 26}, "sine": {}}


@pytest.mark.parametrize("model", list(PLACES))
@pytest.mark.parametrize("technique", ["float32", "int8"])
def test_macs_are_those_of_the_layers(model: str, technique: str, lab: Lab) -> None:
    with np.load(weights_path(catalog.models()[model]), allow_pickle=False) as stored:
        expected = sum(
            prod(stored[name].shape) * PLACES[model].get(name, 1) for name in stored.files if stored[name].ndim >= 2
        )
    assert inspected(lab.measured(model, technique)).macs == expected


def test_digits_takes_325008_macs(lab: Lab) -> None:
    assert inspected(lab.measured("digits", "float32")).macs == 325_008


@pytest.mark.parametrize("technique", SAME_NETWORK)
def test_the_technique_changes_the_numbers_and_not_the_work(technique: str, lab: Lab) -> None:
    assert inspected(lab.measured("digits", technique)).macs == 325_008


@pytest.mark.parametrize(
    ("technique", "quantized"),
    [("float32", False), ("float16", False), ("dynamic", False), ("int8_float_io", True), ("int8", True), ("int16x8", True)],
)  # fmt: skip
def test_a_model_that_computes_in_integers_has_an_output_step(technique: str, quantized: bool, lab: Lab) -> None:
    step = inspected(lab.measured("digits", technique)).output_step
    assert (step is not None and step > 0) == quantized


@pytest.mark.parametrize(
    "content",
    [b"", b"TFL3", b"PK\x03\x04 this is a zip file, not a model", b"\x00" * 100, b"\x18\x00\x00\x00TFL3" + b"\xff" * 200],
    ids=["empty", "short", "zip", "zeros", "mark and noise"],
)  # fmt: skip
def test_what_is_not_a_tflite_is_a_lasting_failure_in_words(content: bytes) -> None:
    with pytest.raises(Expected) as refused:
        parse(content)
    assert refused.value.failure.lasting
    assert "not a readable .tflite" in refused.value.failure.reason


@pytest.fixture(scope="module")
def small_file(lab: Lab) -> bytes:
    """The smallest file there is."""
    return lab.tflite("sine", "int8")


def reading(content: bytes) -> Failure | None:
    """The failure of reading a file, or None if it can be read; anything else is raised."""
    try:
        parse(content)
    except Expected as refused:
        return refused.failure
    return None


@given(data=st.data())
def test_a_damaged_file_never_surprises(data: st.DataObject, small_file: bytes) -> None:
    content = bytearray(small_file)
    for place in data.draw(st.lists(st.integers(8, len(content) - 1), min_size=1, max_size=8)):
        content[place] = data.draw(st.integers(0, 255))
    told = reading(bytes(content))
    assert told is None or (told.lasting and told.reason.endswith("."))


@pytest.mark.parametrize("part", [0.1, 0.5, 0.9])
def test_a_file_that_was_cut_off_is_a_failure_in_a_worker(part: float, lab: Lab) -> None:
    content = lab.tflite("digits", "int8")
    reply = wants.ask(lab.desk, wants.on_file(INSPECT, content[: int(len(content) * part)]))
    assert isinstance(reply, Failure)
    assert reply.lasting


# ---- quantizing inputs -------------------------------------------------------------------------------------------


def details(dtype: type, scale: float, zero_point: int, *shape: int) -> dict[str, Any]:
    """Tensor details as LiteRT gives them."""
    return {"dtype": dtype, "quantization": (scale, zero_point), "shape": np.array([1, *shape])}


@given(
    values=st.lists(st.integers(0, 255), min_size=4, max_size=4),
    scale=st.floats(1e-4, 1.0),
    zero_point=st.integers(-128, 127),
)
def test_looking_bytes_up_is_the_direct_formula(values: list[int], scale: float, zero_point: int) -> None:
    x, tensor = np.array([values], dtype=np.uint8), details(np.int8, scale, zero_point, 2, 2)
    real = x.astype(np.float32) * np.float32(1 / 255)
    direct = np.clip(np.round(real / np.float32(scale)) + zero_point, -128, 127).astype(np.int8)
    assert np.array_equal(stored_inputs(x, 1 / 255, tensor), direct.reshape(1, 2, 2))


@given(
    stored=st.lists(st.integers(-128, 127), min_size=1, max_size=20),
    scale=st.floats(1e-4, 10.0),
    zero_point=st.integers(-128, 127),
)
def test_dequantized_and_quantized_again_is_the_same(stored: list[int], scale: float, zero_point: int) -> None:
    numbers, tensor = np.array(stored, dtype=np.int8), details(np.int8, scale, zero_point)
    assert np.array_equal(to_stored(to_real(numbers, tensor), tensor), numbers)


@given(real=st.floats(-1, 1, width=32), scale=st.floats(0.01, 1.0))
def test_quantizing_costs_at_most_half_a_step_within_the_range(real: float, scale: float) -> None:
    tensor = details(np.int8, scale, 0)
    back = to_real(to_stored(np.array([real], dtype=np.float32), tensor), tensor)
    assert abs(float(back[0]) - real) <= scale / 2 * 1.001


def test_values_beyond_the_range_are_clipped_and_do_not_wrap() -> None:
    tensor = details(np.int8, 0.01, 0)
    assert to_stored(np.array([-99.0, 99.0], dtype=np.float32), tensor).tolist() == [-128, 127]


def test_floats_stay_as_they_are() -> None:
    x = np.array([[0.25, -3.5]], dtype=np.float32)
    assert np.array_equal(stored_inputs(x, 1.0, details(np.float32, 0.0, 0, 2)), x)


# ---- answers -----------------------------------------------------------------------------------------------------

ONE_BY_ONE = """
import json, sys
import numpy as np
from pathlib import Path
from tinyml_core.measure import litert
from tinyml_core.measure.litert import stored_inputs
from tinyml_core.domain.dataset import unpack
content, packed = (Path(path).read_bytes() for path in sys.argv[1:])
arrays = unpack(packed)
x = arrays.x[arrays.test]
equal = []
for reference in (False, True):
    outputs, put, get = litert.run(content, x, arrays.x_scale, reference)
    single = litert.interpreter(content, reference)
    single.allocate_tensors()
    alone = litert.one_by_one(single, stored_inputs(x, arrays.x_scale, put))
    equal.append(bool(np.array_equal(outputs, alone)))
print(json.dumps({"equal": equal, "answers": alone.argmax(axis=1).tolist()}))
"""


@pytest.mark.parametrize("technique", ["float32", "dynamic", "int8", "int16x8"])
def test_scoring_in_batches_gives_the_numbers_of_one_by_one(technique: str, lab: Lab, tmp_path: Path) -> None:
    (tmp_path / "model.tflite").write_bytes(lab.tflite("digits", technique))
    reply = wants.ask(lab.desk, wants.loaded("digits"))
    assert isinstance(reply, Answer)
    (tmp_path / "arrays.npz").write_bytes(reply.blobs["arrays"].read())
    told = in_child(ONE_BY_ONE, str(tmp_path / "model.tflite"), str(tmp_path / "arrays.npz"))
    assert told["equal"] == [True, True]


@pytest.mark.parametrize("model", MODELS)
def test_a_score_is_the_mean_of_its_errors(model: str, lab: Lab) -> None:
    score = lab.measured(model, "int8").score
    assert isinstance(score, Score)
    arrays = lab.arrays(catalog.models()[model].datasets[0])
    expected = arrays.y[arrays.test].ravel()
    mean = float(np.mean(score.errors))
    if score.metric == "accuracy":
        assert score.errors == tuple((np.array(score.answers) != expected).astype(int))
        mean = 1 - mean
    elif score.metric == "roc_auc":
        # Either kind's mean alone is the area; the two kinds are not equally many.
        assert score.anomalous == tuple(expected)
        mean = 1 - float(np.mean(np.array(score.errors)[expected == 1]))
        assert mean == pytest.approx(1 - float(np.mean(np.array(score.errors)[expected == 0])))
    else:
        assert score.errors == pytest.approx(np.abs(np.array(score.answers) - expected), abs=1e-6)
    assert score.value == pytest.approx(mean)
    assert score.low <= score.value <= score.high
    assert len(score.answers) == len(score.errors) == score.samples


def test_timing_gives_percentiles_of_its_own_runs(lab: Lab) -> None:
    tflite = Blob.of(lab.tflite("digits", "int8"))
    reply = wants.ask(lab.desk, wants.on_file(LATENCY, tflite))
    assert isinstance(reply, Answer), reply
    runs = reply.body["runs_ms"]
    assert len(runs) >= 20
    assert min(runs) > 0
    assert reply.body["p50_ms"] == pytest.approx(np.percentile(runs, 50), abs=1e-5)
    assert reply.body["p90_ms"] == pytest.approx(np.percentile(runs, 90), abs=1e-5)


def test_data_unpacked_from_other_bytes_is_other_data() -> None:
    import io

    def packed(number: int) -> bytes:
        file = io.BytesIO()
        one = np.array([number])
        np.savez(file, x=one, y=one, train=one, test=one, x_scale=1.0)
        return file.getvalue()

    # Each `bytes` dies after its use, so the next one may lie at the same address.
    assert [int(unpack(packed(number)).x[0]) for number in range(200)] == list(range(200))


# ---- TFLM --------------------------------------------------------------------------------------------------------

IN_ARENA = """
import sys
from pathlib import Path
from tflite_micro import runtime
ready = runtime.Interpreter.from_bytes(Path(sys.argv[1]).read_bytes(), arena_size=int(sys.argv[2]))
ready.get_input_details(0)
ready.invoke()
"""


def runs_in(path: Path, arena_bytes: int) -> bool:
    """Whether TFLM alone runs the file in that arena; where it is too small TFLM may even crash."""
    return (
        subprocess.run([sys.executable, "-c", IN_ARENA, str(path), str(arena_bytes)], capture_output=True).returncode
        == 0
    )


@ON_TFLM
@pytest.mark.parametrize(
    ("model", "technique"), [*((model, "int8") for model in MODELS), ("digits", "float32"), ("digits", "int16x8")]
)
def test_the_smallest_arena_runs_and_16_bytes_less_do_not(model: str, technique: str, lab: Lab, tmp_path: Path) -> None:
    (tmp_path / "model.tflite").write_bytes(lab.tflite(model, technique))
    told = lab.measured(model, technique).micro
    assert told.status == "runs", told.cause
    assert told.arena_minimum_bytes is not None
    assert told.arena_minimum_bytes % 16 == 0
    assert runs_in(tmp_path / "model.tflite", told.arena_minimum_bytes)
    assert not runs_in(tmp_path / "model.tflite", told.arena_minimum_bytes - 16)


@ON_TFLM
@pytest.mark.parametrize("model", MODELS)
@pytest.mark.parametrize("technique", ["float32", "int8"])
def test_the_arena_is_its_head_and_its_tail(model: str, technique: str, lab: Lab) -> None:
    told = lab.measured(model, technique).micro
    assert told.status == "runs"
    assert None not in (told.arena_head_bytes, told.arena_tail_bytes, told.arena_bytes)
    assert told.arena_head_bytes + told.arena_tail_bytes == told.arena_bytes  # type: ignore[operator]
    assert 0 < told.arena_32bit_bytes < told.arena_bytes  # type: ignore[operator]


@ON_TFLM
@pytest.mark.parametrize("model", MODELS)
def test_tflm_gives_the_answers_of_litert(model: str, lab: Lab) -> None:
    agreement = lab.measured(model, "int8").micro.agreement
    assert agreement is not None
    assert agreement.samples == catalog.datasets()[catalog.models()[model].datasets[0]].samples_test
    assert agreement.equal_answers == agreement.samples
    assert agreement.unit == "steps"
    assert agreement.largest_difference <= 2


@ON_TFLM
@pytest.mark.parametrize(("technique", "words"), [("float16", "16-bit floats"), ("dynamic", "hybrid")])
def test_a_refusal_is_explained_with_cause_fix_and_link(technique: str, words: str, lab: Lab) -> None:
    told = lab.measured("digits", technique).micro
    assert told.status == "refused"
    assert told.error
    assert words in told.cause
    assert "int8" in told.fix
    assert re.fullmatch(r"https://github\.com/tensorflow/tflite-micro/issues/\d+", told.link)
    assert told.arena_bytes is None


@pytest.mark.parametrize(
    ("words", "cause"),
    [
        ("Hybrid models are not supported on TFLite Micro.", "hybrid"),
        ("Input tensor type FLOAT16 not supported", "16-bit floats"),
        ("Didn't find op for builtin opcode 'UNIDIRECTIONAL_SEQUENCE_RNN'", "operator UNIDIRECTIONAL_SEQUENCE_RNN"),
        ("Failed to resize buffer. Requested: 67108880, available 66000000, missing: 1108880", "arena of 64 MB"),
    ],
)
def test_tflms_words_are_put_into_plain_ones(words: str, cause: str) -> None:
    told = explain(words)
    assert told.status == "refused"
    assert told.error == words
    assert cause in told.cause


def test_a_missing_kernel_is_named_even_if_it_is_densify_or_dequantize() -> None:
    assert "DENSIFY" in explain("Didn't find op for builtin opcode 'DENSIFY'").cause


@given(st.text(max_size=300))
def test_any_words_of_tflm_give_a_cause_and_a_fix(words: str) -> None:
    told = explain(words)
    assert told.error
    assert told.cause.endswith(".")
    assert told.fix.endswith(".")
    assert told.link.startswith("https://")


def test_every_known_refusal_says_what_to_do() -> None:
    for refusal in KNOWN:
        assert re.compile(refusal.pattern)
        assert refusal.fix.endswith(".")
        assert refusal.link.startswith("https://")


INT8_OUT = details(np.int8, 0.5, 0)
FLOAT_OUT = details(np.float32, 0.0, 0)


def test_equal_outputs_agree_in_all_answers() -> None:
    outputs = np.array([[1, 5, 2], [9, 0, 3]], dtype=np.int8)
    found = tflm.compare(outputs, outputs.copy(), INT8_OUT, None, 0.5)
    assert (found.equal_answers, found.samples, found.largest_difference, found.unit) == (2, 2, 0, "steps")


def test_another_class_is_another_answer_and_the_difference_is_counted_in_steps() -> None:
    expected = np.array([[1, 5, 2], [9, 0, 3]], dtype=np.int8)
    actual = np.array([[7, 5, 2], [9, 0, 4]], dtype=np.int8)
    found = tflm.compare(actual, expected, INT8_OUT, None, 0.5)
    assert (found.equal_answers, found.samples, found.largest_difference) == (1, 2, 6)


def test_differences_of_int8_do_not_wrap_around() -> None:
    found = tflm.compare(np.array([[-128, 0]], dtype=np.int8), np.array([[127, 0]], dtype=np.int8), INT8_OUT, None, 0.5)
    assert found.largest_difference == 255


def test_floats_behind_a_dequantize_are_counted_in_steps_too() -> None:
    actual, expected = np.array([[0.5, 1.0]], dtype=np.float32), np.array([[0.5, 2.0]], dtype=np.float32)
    found = tflm.compare(actual, expected, FLOAT_OUT, None, 0.5)
    assert (found.largest_difference, found.unit) == (2, "steps")


def test_a_float_model_differs_relative_to_its_largest_output() -> None:
    actual, expected = np.array([[1.0, 4.0]], dtype=np.float32), np.array([[2.0, 4.0]], dtype=np.float32)
    found = tflm.compare(actual, expected, FLOAT_OUT, None, None)
    assert (found.largest_difference, found.unit) == (0.25, "relative")


def test_answers_of_a_regression_are_equal_within_the_tolerance() -> None:
    expected = np.zeros((3, 1), dtype=np.float32)
    actual = np.array([[0.0], [0.01], [0.03]], dtype=np.float32)
    assert tflm.compare(actual, expected, FLOAT_OUT, 0.02, None).equal_answers == 2


def test_one_sigmoid_output_is_not_compared_by_its_class() -> None:
    # With one output argmax is always 0: every answer would count as equal.
    actual, expected = np.array([[3]], dtype=np.int8), np.array([[90]], dtype=np.int8)
    assert tflm.compare(actual, expected, INT8_OUT, None, 0.5).equal_answers == 0
