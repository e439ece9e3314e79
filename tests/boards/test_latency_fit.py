"""The fit behind the estimates: its data, its errors on what it has not seen, and the table it writes."""

from __future__ import annotations

import tomllib
from dataclasses import replace

import numpy as np
import pytest

from benchmarks.estimator.fitting import Beliefs, fit_cost, predicted_cycles
from benchmarks.estimator.published import FOLDER, chosen_rows, model_table, networks, published
from benchmarks.estimator.scoring import (
    FEW,
    band,
    by_cost,
    in_sample,
    left_out,
    one_number,
    score,
    share_held,
    table_rows,
)
from tinyml_core.boards.latency.coefficients import COLUMNS, COSTS, read_rows
from tinyml_core.boards.latency.coefficients import FOLDER as TABLE_FOLDER

RECORDED = tomllib.loads((FOLDER / "recorded.toml").read_text(encoding="utf-8"))


@pytest.fixture(scope="module")
def rows():
    return published()


@pytest.fixture(scope="module")
def errors(rows):
    return left_out(rows, rows.model, by_cost(Beliefs()))


@pytest.mark.parametrize(
    ("key", "classes", "operators"),
    [
        ("ad", {"fully connected": 264_192}, 10),
        ("ic", {"conv": 11_796_480, "conv 1x1": 262_144, "first conv": 442_368, "fully connected": 640}, 16),
        ("kws", {"conv 1x1": 2_048_000, "first conv": 320_000, "depthwise": 288_000, "fully connected": 768}, 13),
        ("vww", {"conv 1x1": 6_193_152, "first conv": 497_664, "depthwise": 798_336, "fully connected": 512}, 31),
        ("sww", {"conv 1x1": 786_432, "depthwise": 39_840, "fully connected": 96}, 11),
    ],
)
def test_macs_of_the_mlperf_models(key, classes, operators):
    network, found = networks()[key], {}
    for layer in network.layers:
        found[layer.kind] = found.get(layer.kind, 0) + layer.macs
    assert found == classes and network.operators == operators


@pytest.mark.parametrize(
    ("key", "macs"),
    [
        ("mn_kws_s", 8_326_752),
        ("mn_kws_m", 15_556_352),
        ("mn_kws_l", 65_714_076),
        ("mn_ad_s", 18_739_088),
        ("mn_ad_m", 62_345_616),
        ("mn_ad_l", 64_493_664),
        ("mbv1_0.25_224", 40_775_552),
        ("mbv1_0.5_224", 148_987_648),
    ],
)
def test_architectures_have_the_published_macs(key, macs):
    assert sum(layer.macs for layer in networks()[key].layers) == macs


def test_half_of_the_multiplications_of_vww_are_dead():
    layers = networks()["vww"].layers
    live = sum(layer.macs * layer.live for layer in layers) / sum(layer.macs for layer in layers)
    assert live == pytest.approx(0.5, abs=0.001)
    last = [layer.live for layer in layers if layer.kind == "conv 1x1"][-2:]
    assert last == pytest.approx([32 / 256, 22 / 256], abs=0.03)


def test_models_table_is_what_the_architectures_say():
    assert read_rows(FOLDER / "models.csv") == list(model_table())


def test_all_published_rows_are_there(rows):
    assert len(rows.ms) == 204
    assert (rows.cycles > 0).all() and (rows.macs.sum(axis=1) > 0).all()
    assert rows.dead.sum() == 14


def test_table_is_what_the_fit_gives(rows, errors):
    written, fitted = read_rows(TABLE_FOLDER / "coefficients.csv"), table_rows(rows, errors)
    assert tuple(written[0]) == COLUMNS
    assert len(written) == len(fitted)
    for one, other in zip(written, fitted, strict=True):
        numbers = {*COSTS, "band_low", "band_high"}
        assert {key: one[key] for key in one if key not in numbers} == {key: other[key] for key in numbers ^ set(one)}
        for key in numbers:  # libraries of linear algebra differ in the last digit
            assert float(one[key] or 0) == pytest.approx(float(other[key] or 0), rel=0.002), (one["runtime"], key)


def test_table_offers_no_guess():
    assert not any("guess" in row["evidence"] for row in read_rows(TABLE_FOLDER / "coefficients.csv"))
    assert all(
        float(row["band_low"]) < 1 < float(row["band_high"]) for row in read_rows(TABLE_FOLDER / "coefficients.csv")
    )


def test_error_on_left_out_models_is_no_worse_than_recorded(errors):
    found = score(errors)
    assert found.rows == 202
    assert found.mean <= RECORDED["found"]["now"] + 0.0005
    assert found.mean < RECORDED["published"]["class_ratios"] < RECORDED["published"]["one_number_per_core"]


def test_first_figure_is_as_recorded():
    even = published(even_dead_share=True)
    assert score(left_out(even, even.model, by_cost(Beliefs()))).mean == pytest.approx(
        RECORDED["found"]["first"], abs=0.001
    )


def test_left_out_errors_are_larger_than_those_in_sample_and_smaller_than_of_one_number(rows, errors):
    assert score(in_sample(rows, by_cost(Beliefs()))).mean < score(errors).mean
    assert score(errors).mean < score(left_out(rows, rows.model, one_number)).mean


def test_bands_hold_four_of_five_left_out_rows(rows, errors):
    many = ~np.isin(rows.family, FEW)
    assert share_held(chosen_rows(rows, many), errors[many]) >= 0.8
    few = 1 / (1 + errors[~many & ~np.isnan(errors)])
    assert ((few > 0.5) & (few < 2)).mean() >= 0.8


def test_a_left_out_model_is_left_out_everywhere(rows):
    """Whatever its latencies are, they must not change what is predicted for it."""
    other = replace(rows, cycles=np.where(rows.model == "ic", rows.cycles * 7, rows.cycles))
    ic = rows.model == "ic"
    usual, changed = (left_out(given, given.model, by_cost(Beliefs()))[ic] for given in (rows, other))
    assert (changed + 1) * 7 == pytest.approx(usual + 1)


def test_fit_finds_the_costs_that_made_the_data(rows):
    everything = np.arange(len(rows.ms))
    known = fit_cost(rows, everything)
    made = replace(rows, cycles=predicted_cycles(known, rows, everything))
    found = fit_cost(made, everything, replace(Beliefs(), error_spread=0.001))
    assert np.abs(predicted_cycles(found, made, everything) / made.cycles - 1).max() < 0.002
    assert [*found.speed.values()] == pytest.approx([*known.speed.values()], rel=0.03)


def test_repetitions_count_as_one(rows):
    twice = np.concatenate([np.arange(len(rows.ms)), np.flatnonzero(rows.family == "HALE")])
    halved = replace(rows, weight=np.where(rows.family == "HALE", rows.weight / 2, rows.weight))
    one, other = fit_cost(rows, np.arange(len(rows.ms))), fit_cost(halved, twice)
    assert [*other.speed.values()] == pytest.approx([*one.speed.values()])


def test_band_reaches_over_the_estimate():
    low, high = band(np.array([-0.2, 0.0, 0.25, np.nan]))
    assert low == pytest.approx(0.82) and high == pytest.approx(1.225)
