"""Losses of lines and transformers in one pass: equal to the sum over elements from terminal currents, and by hand."""

from __future__ import annotations

import numpy as np
import pytest

from builders import random_feeder, two_bus
from tieline.feeders import load_feeder
from tieline.feeders.elements import Shunt
from tieline.network import Network
from tieline.powerflow import Solution, solve
from tieline.powerflow.losses import series_loss_kva, series_loss_slope
from tieline.typing import ComplexArray


def from_terminals(solution: Solution) -> ComplexArray:
    """The same from the currents into all terminals, (scenario,) [kVA]."""
    is_series = [
        kind in ("line", "transformer") for kind, _ in solution.network.elements
    ]
    return solution.element_loss_kva[:, is_series].sum(axis=1)


def test_two_buses_by_hand():
    solution = solve(
        Network.from_feeder(two_bus(p_kw=1000.0, q_kvar=500.0, r_ohm=0.5, x_ohm=0.3)),
        tolerance=1e-12,
    )
    squared_a = (
        (1000.0**2 + 500.0**2) / 3.0 / (np.abs(solution.v_pu[0, 1]) * 12.66) ** 2
    )
    expected = 3.0 * squared_a * (0.5 + 0.3j) / 1000.0
    assert solution.loss_kw[0] == pytest.approx(expected.real, rel=1e-7)
    assert solution.loss_kvar[0] == pytest.approx(expected.imag, rel=1e-7)


@pytest.mark.parametrize("name", ["ieee13", "ieee33", "ieee34", "ieee123"])
def test_regulators_acting(name: str):
    network = Network.from_feeder(load_feeder(name))
    solution = solve(network, load_scale=np.linspace(0.2, 1.1, 40)[:, None])
    # both sum terms as large as the admittance of a closed switch, so that rounding leaves the last digits open
    assert series_loss_kva(network, solution.v_pu, solution.state) == pytest.approx(
        from_terminals(solution), abs=1e-6
    )
    if network.feeder.regulators:
        assert len(solution.state) == 40  # taps differ, which is what is to be tried


def test_one_state_for_all_scenarios():
    network = Network.from_feeder(random_feeder(3, 20, n_loops=2))
    solution = solve(network, load_scale=np.linspace(0.2, 1.1, 33)[:, None])
    assert len(solution.state) == 1
    assert series_loss_kva(network, solution.v_pu, solution.state) == pytest.approx(
        from_terminals(solution), rel=1e-9
    )


def test_power_balance():
    """What the source and the DERs give and the loads do not take is lost, where no shunt takes any."""
    solution = solve(
        Network.from_feeder(load_feeder("ieee33")), load_scale=[[0.3], [1.0]]
    )
    balance = solution.source_kva - solution.load_kva.sum(axis=1)
    assert solution.loss_kw == pytest.approx(balance.real, abs=1e-4)
    assert solution.loss_kvar == pytest.approx(balance.imag, abs=1e-4)


@pytest.mark.parametrize(("is_loss", "extra_kw"), [(False, 0.0), (True, 4.0)])
def test_a_shunt_that_is_part_of_a_transformer_counts(is_loss: bool, extra_kw: float):
    """At the source's bus its voltage is rated, so it takes its rated power; the loss of the line stays."""
    feeder = two_bus()
    shunt = Shunt("neutral", "a", (1, 0), "wye", 12.66, 4.0, 1.0, is_loss=is_loss)
    without, with_shunt = (
        solve(Network.from_feeder(f), tolerance=1e-12)
        for f in (feeder, feeder.replace(shunts=(shunt,)))
    )
    assert with_shunt.loss_kw[0] - without.loss_kw[0] == pytest.approx(
        extra_kw, abs=1e-6
    )


def test_open_line_and_lost_scenario():
    network = Network.from_feeder(load_feeder("ieee33"))
    closed = np.array([[line.closed for line in network.feeder.lines]] * 3, dtype=float)
    closed[1, -6] = 0.0
    solution = solve(
        network, line_closed=closed, load_scale=[[1.0], [1.0], [50.0]], controls="off"
    )
    assert list(solution.converged) == [True, True, False]
    assert solution.loss_kw[:2] == pytest.approx(
        from_terminals(solution).real[:2], rel=1e-9
    )
    assert np.isnan(solution.loss_kw[2])


@pytest.mark.parametrize("name", ["ieee13", "ieee123"])
def test_slope_of_the_loss_against_central_differences(name: str):
    """Voltages moved at random, taps as they stand: no power flow in between."""
    network = Network.from_feeder(load_feeder(name))
    solution = solve(network, load_scale=np.array([[0.5], [1.0]]))
    slope = series_loss_slope(network, solution.v_pu, solution.state)
    random = np.random.default_rng(2)
    shape = solution.v_pu.shape
    step = 1e-6 * (random.normal(size=shape) + 1j * random.normal(size=shape))
    after = series_loss_kva(network, solution.v_pu + step, solution.state)
    before = series_loss_kva(network, solution.v_pu - step, solution.state)
    along = (slope.real * step.real + slope.imag * step.imag).sum(axis=1)
    assert 2 * along == pytest.approx((after - before).real, rel=1e-4)
