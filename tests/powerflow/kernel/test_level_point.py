"""The grid of operating points: answers hang neither on it nor on what was solved before, and take few iterations anywhere."""

from __future__ import annotations

import numpy as np
import pytest

from tieline.feeders import load_feeder
from tieline.network import Network
from tieline.powerflow.kernel import held_positions, level_point
from tieline.powerflow.solution import Solution
from tieline.typing import FloatArray

FEEDERS = ("ieee33", "ieee34", "ieee123", "case141")

LEVELS = {
    "night": (0.0, 0.1),
    "stated": (0.8, 1.2),
    "mixed": (0.3, 1.0),
    "export": (-1.5, 0.2),
}
"""Lowest and highest share of the stated load."""


def solved(network: Network, shares: FloatArray) -> Solution:
    """Loads at shares of what the feeder states, (scenario, load)."""
    devices = network.devices
    load_kw = shares * devices.p_kw[: devices.n_loads]
    load_kvar = shares * devices.q_kvar[: devices.n_loads]
    solver = network.solver(controls="off")
    return solver.solve(load_kw=load_kw, load_kvar=load_kvar)


def shares_of(network: Network, level: str, count: int) -> FloatArray:
    random = np.random.default_rng(3)
    return random.uniform(*LEVELS[level], (count, network.devices.n_loads))


@pytest.mark.parametrize("level", LEVELS)
@pytest.mark.parametrize("name", FEEDERS)
def test_it_is_as_good_as_a_point_of_the_batch(
    name: str, level: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    network = Network.from_feeder(load_feeder(name))
    shares = shares_of(network, level, 40)
    on_grid = solved(network, shares)
    monkeypatch.setattr(held_positions, "FEW", 0)
    own = solved(network, shares)
    assert on_grid.converged.all()
    assert on_grid.v_pu == pytest.approx(own.v_pu, abs=2e-8)
    assert on_grid.iterations.mean() <= own.iterations.mean() + 0.3


def test_the_same_inputs_give_the_same_numbers_after_whatever_was_solved() -> None:
    shares = shares_of(Network.from_feeder(load_feeder("ieee33")), "mixed", 5)
    network = Network.from_feeder(load_feeder("ieee33"))
    first = solved(network, shares)
    for level in LEVELS:
        solved(network, shares_of(network, level, 5))
    again = solved(network, shares)
    assert (first.v_pu == again.v_pu).all()


def test_ders_that_rest_in_the_feeder_have_levels_too() -> None:
    """The feeder's PV gives nothing; a noon at which it gives twice the load needs no more iterations than a night."""
    feeder = load_feeder("ieee33").with_pv(bus="18", kw=0.0, kva=5000.0)
    network = Network.from_feeder(feeder)
    solver = network.solver(controls="off")
    noon = solver.solve(load_scale=0.5, der_kw=np.full((4, 1), 3000.0))
    assert noon.converged.all()
    assert noon.iterations.mean() <= 5


def test_bad_numbers_spoil_their_own_scenario_alone() -> None:
    network = Network.from_feeder(load_feeder("ieee33"))
    shares = shares_of(network, "mixed", 4)
    shares[1, 0] = np.nan
    shares[2, 0] = np.inf
    solution = solved(network, shares)
    assert solution.converged.tolist() == [True, False, False, True]


def test_a_feeder_without_load_has_the_point_that_it_states() -> None:
    level = level_point._level(np.zeros((3, 2)), 0.0)
    assert level == level_point.STEPS


def test_sources_with_angles_stay_off_the_grid() -> None:
    network = Network.from_feeder(load_feeder("ieee33"))
    angles = np.exp(1j * np.array([[0.0], [2.0]]))
    solver = network.solver(controls="off")
    turned = solver.solve(source_pu=angles)
    straight = solver.solve(source_pu=np.ones((2, 1)))
    assert turned.v_pu == pytest.approx(straight.v_pu * angles, abs=2e-8)
