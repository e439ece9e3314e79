"""Mixed precision: the ranking is true, and the worst layers are the ones that are kept."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pytest

from tinyml_core import catalog
from tinyml_core.charts.bars import layers as layer_frame
from tinyml_core.compress import converter
from tinyml_core.compress.mixed_precision import LayerDamage, int8_in, layers, mixed
from tinyml_core.compress.quantizer import INT8, observe, write
from tinyml_core.domain.dataset import Arrays
from tinyml_core.domain.inspection import Inspection
from tinyml_core.domain.technique import Calibration, Job
from tinyml_core.measure import litert
from tinyml_core.measure.inspect_file import inspect_file
from tinyml_core.measure.litert import to_real
from tinyml_core.pipeline import analyses
from tinyml_core.pipeline.graph import inquire
from tinyml_core.zoo import weights

if TYPE_CHECKING:
    from tests.conftest import Lab

SAMPLES = 100


@pytest.fixture(scope="module")
def ranking(lab: Lab) -> tuple[LayerDamage, ...]:
    """The layers of digits, worst first."""
    found = inquire(lab.desk, analyses.layer_ranking(Job("digits", "digits", "float32"))).found.result(300)
    assert isinstance(found, tuple), found
    return found


@pytest.fixture(scope="module")
def digits(lab: Lab) -> Arrays:
    """The data of digits."""
    return lab.arrays("digits")


@pytest.fixture(scope="module")
def float32() -> bytes:
    """The float32 file of digits."""
    blob = weights.kept_float32(catalog.models()["digits"])
    assert blob is not None
    return blob.read()


def calibration(arrays: Arrays) -> Calibration:
    """What the ranking was made with."""
    return converter.calibration(arrays, SAMPLES)


def test_every_layer_with_weights_is_ranked_once(ranking: tuple[LayerDamage, ...]) -> None:
    assert sorted(layer.layer for layer in ranking) == ["conv2d", "conv2d_1", "dense", "dense_1"]
    assert [layer.rank for layer in ranking] == [1, 2, 3, 4]
    assert [layer.damage for layer in ranking] == sorted((layer.damage for layer in ranking), reverse=True)
    assert all(0 < layer.damage < 100 for layer in ranking)


@pytest.mark.filterwarnings("ignore::UserWarning")
def test_the_worst_layer_really_costs_most(ranking: tuple[LayerDamage, ...], float32: bytes, digits: Arrays) -> None:
    """By brute force, one sample after the other, and as largest mean square rather than in percent."""
    ranges = observe(float32, INT8, calibration(digits))

    def outputs(content: bytes) -> np.ndarray:
        ready = litert.interpreter(content)
        ready.allocate_tensors()
        x = np.concatenate([inputs[0] for inputs in calibration(digits)()])
        details = ready.get_output_details()[0]
        return to_real(litert.one_by_one(ready, x), details)

    expected = outputs(float32)
    costs = {
        name: float(np.square(outputs(write(float32, int8_in(scope), ranges)) - expected).mean())
        for name, _, scope in layers(float32)
    }
    assert max(costs, key=lambda name: costs[name]) == ranking[0].layer


def test_only_the_layer_in_question_is_quantized(float32: bytes, digits: Arrays) -> None:
    ranges = observe(float32, INT8, calibration(digits))
    for _, _, scope in layers(float32):
        assert inspect_file(write(float32, int8_in(scope), ranges)).weights_census == {"int8": 1, "float32": 3}


@pytest.mark.parametrize("kept_layers", [1, 2])
def test_the_worst_layers_are_kept_in_float32(kept_layers: int, ranking: tuple[LayerDamage, ...], lab: Lab) -> None:
    inspection = lab.measured("digits", "lq_mixed", kept_layers=kept_layers).inspection
    assert isinstance(inspection, Inspection)
    kept = {layer.name.split("/")[1] for layer in inspection.weight_layers if layer.dtype == "float32"}
    assert kept == {layer.layer for layer in ranking[:kept_layers]}


def test_keeping_every_layer_keeps_float32(float32: bytes, digits: Arrays) -> None:
    content = mixed(float32, calibration(digits), 10, "float32")
    assert inspect_file(content).weights_census == {"float32": 4}


def test_int16_layers_keep_their_weights_in_eight_bits(lab: Lab) -> None:
    inspection = lab.measured("digits", "lq_mixed16").inspection
    assert isinstance(inspection, Inspection)
    assert inspection.weights_census == {"int8": 4}
    assert inspection.census["int16"] > 0


@pytest.mark.parametrize("name", ["lq_mixed", "lq_mixed16"])
def test_both_mixtures_run_on_tflm_with_the_same_answers(name: str, lab: Lab) -> None:
    micro = lab.measured("digits", name).micro
    assert micro.status == "runs"
    assert micro.agreement is not None and micro.agreement.equal_answers == micro.agreement.samples


@pytest.mark.slow
def test_layers_of_a_model_without_data_are_ranked_on_made_up_inputs(lab: Lab) -> None:
    found = inquire(lab.desk, analyses.layer_ranking(Job("mlperf_ad", "", "float32"))).found.result(300)
    assert isinstance(found, tuple) and len(found) == 10
    assert len({layer.layer for layer in found}) == 10


def test_the_frame_names_each_layer_with_its_place(ranking: tuple[LayerDamage, ...]) -> None:
    assert layer_frame(ranking)["label"].tolist() == [f"{layer.rank}. {layer.layer}" for layer in ranking]
