"""Summaries against the voltages they sum up."""

from __future__ import annotations

import numpy as np
import pytest

from tieline.errors import InputError
from tieline.feeders import load_feeder
from tieline.network import Network
from tieline.powerflow import Outcome, solve, summarise
from tieline.powerflow.summary import BINS, Histograms


@pytest.fixture(scope="module")
def network() -> Network:
    return Network.from_feeder(load_feeder("ieee33"))


@pytest.fixture(scope="module")
def scale(network: Network) -> np.ndarray:
    return np.random.default_rng(4).uniform(0.0, 1.5, (3000, len(network.feeder.loads)))


def test_minimum_maximum_and_quantiles_are_those_of_all_voltages(
    network: Network, scale: np.ndarray
) -> None:
    batches = ({"load_scale": part} for part in np.array_split(scale, 7))
    summary = summarise(
        network, batches, quantiles=(0.0, 0.05, 0.5, 0.95, 1.0), controls="off"
    )
    vm = solve(network, load_scale=scale, controls="off").vm_pu
    assert summary.n_scenarios == summary.n_converged == 3000
    assert summary.v_min_pu == pytest.approx(vm.min(axis=0), abs=1e-8)
    assert summary.v_max_pu == pytest.approx(vm.max(axis=0), abs=1e-8)
    exact = np.quantile(vm, summary.quantiles, axis=0, method="inverted_cdf")
    assert (
        np.abs(summary.v_quantile_pu - exact) <= summary.quantile_error_pu + 1e-8
    ).all()
    assert (
        summary.quantile_error_pu <= np.maximum(np.ptp(vm, axis=0) / (BINS / 4), 1e-9)
    ).all()


def test_scenarios_without_an_answer_are_counted_and_left_out(network: Network) -> None:
    summary = summarise(network, [{"load_scale": np.array([[1.0], [50.0], [np.nan]])}])
    alone = solve(network, load_scale=np.array([[1.0]])).vm_pu[0]
    assert summary.n_scenarios == 3
    assert summary.n_outcome[[Outcome.CONVERGED, Outcome.BAD_INPUT]].tolist() == [1, 1]
    assert summary.v_min_pu == pytest.approx(alone, abs=1e-7)
    assert summary.v_quantile_pu[1] == pytest.approx(alone, abs=1e-7)


def test_nothing_converged_gives_nan(network: Network) -> None:
    summary = summarise(network, [{"load_scale": np.array([[50.0]])}])
    assert summary.n_converged == 0
    assert np.isnan(summary.v_min_pu).all()
    assert np.isnan(summary.v_quantile_pu).all()


def test_bad_input(network: Network) -> None:
    with pytest.raises(InputError, match="from 0 to 1"):
        summarise(network, [{}], quantiles=(1.5,))
    with pytest.raises(InputError, match="no batch"):
        summarise(network, [])


@pytest.mark.parametrize("order", [1, -1])
def test_histograms_widen_without_losing_a_count(order: int) -> None:
    """Values over ten decades, ascending or descending, one at a time."""
    values = np.geomspace(1e-10, 1.0, 301)[::order]
    histograms = Histograms(1)
    for value in values:
        histograms.add(np.array([[value]]))
    for level in (0.1, 0.5, 0.9, 1.0):
        exact = np.quantile(values, level, method="inverted_cdf")
        assert abs(histograms.quantile(level)[0] - exact) <= histograms.width[0]
    assert histograms.width[0] <= 1.0 / (BINS / 4)
