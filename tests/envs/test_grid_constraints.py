"""Slopes of all voltages and flows by many injections against differences of the power flow, on three phases with taps."""

from __future__ import annotations

import numpy as np
import pytest

from builders import with_generators
from tieline.envs.grid_constraints import GridConstraints, Injections
from tieline.feeders import load_feeder
from tieline.network import Network
from tieline.network.voltage_points import voltage_points
from tieline.opf.branch_limits import BranchLimit
from tieline.opf.flow_limits import FlowLimits
from tieline.powerflow import Solution, solve

N_SCENARIOS = 4


def feeder_of(name: str) -> tuple[Network, GridConstraints]:
    """A feeder with three generators, limits on two lines and on every transformer, of all kinds."""
    network = Network.from_feeder(with_generators(load_feeder(name), 3, 200.0))
    first, second, *_ = [line.name for line in network.feeder.lines if line.closed]
    limits = [
        BranchLimit("line", first, a=400.0),
        BranchLimit("line", second, forward_kw=900.0, reverse_kw=100.0),
        *(
            BranchLimit("transformer", t.name, kva=500.0)
            for t in network.feeder.transformers
        ),
    ]
    flows = FlowLimits.of(network, limits)
    return network, GridConstraints(voltage_points(network), 0.95, 1.05, flows)


def solved(network: Network, p_kw: np.ndarray, q_kvar: np.ndarray) -> Solution:
    """Taps where the feeder has them, different in each scenario if there are any."""
    taps = np.tile(network.regulators.initial_tap, (N_SCENARIOS, 1))
    if taps.size:
        taps = taps + np.arange(N_SCENARIOS)[:, None]
    return solve(
        network,
        der_kw=p_kw,
        der_kvar=q_kvar,
        taps=taps,
        controls="off",
        tolerance=1e-13,
    )


@pytest.mark.parametrize("name", ["ieee13", "ieee33"])
def test_slopes_against_differences(name: str) -> None:
    network, constraints = feeder_of(name)
    n_ders = len(network.feeder.ders)
    random = np.random.default_rng(0)
    p_kw = random.uniform(50.0, 150.0, (N_SCENARIOS, n_ders))
    q_kvar = random.uniform(-50.0, 50.0, (N_SCENARIOS, n_ders))
    chosen = np.array([2, 0])
    injections: Injections = (("der_kw", chosen), ("der_kvar", np.array([1])))
    here = solved(network, p_kw, q_kvar)
    every = np.arange(len(constraints.names))
    slopes = constraints.slopes(here, injections, every)
    assert slopes.shape == (N_SCENARIOS, len(every), 3)
    assert constraints.beyond(here).shape == slopes.shape[:2]
    for column, (is_kvar, der) in enumerate([(0, 2), (0, 0), (1, 1)]):
        sides = []
        for sign in (1, -1):
            moved = [p_kw.copy(), q_kvar.copy()]
            moved[is_kvar][:, der] += sign * 0.05
            sides.append(constraints.beyond(solved(network, *moved)))
        difference = (sides[0] - sides[1]) / 0.1
        largest = np.abs(difference).max()
        assert slopes[:, :, column] == pytest.approx(difference, abs=1e-6 * largest)
        assert largest > 1e-6


def test_some_of_them_are_those_of_all() -> None:
    network, constraints = feeder_of("ieee13")
    n_ders = len(network.feeder.ders)
    here = solved(network, *np.full((2, N_SCENARIOS, n_ders), 40.0))
    injections: Injections = (("der_kw", np.arange(n_ders)),)
    every = np.arange(len(constraints.names))
    all_slopes = constraints.slopes(here, injections, every)
    chosen, scenarios = np.array([len(every) - 1, 3, 60]), np.array([2, 0])
    some = constraints.slopes(here, injections, chosen, scenarios)
    assert some == pytest.approx(all_slopes[np.ix_(scenarios, chosen)], rel=1e-12)
    assert constraints.names[3].endswith("high")
    assert constraints.names[-1].startswith("transformer")


def test_beyond_by_hand() -> None:
    """A voltage v is v - 1.05 beyond the upper limit and 0.95 - v beyond the lower: together -0.1 at every point."""
    network, constraints = feeder_of("ieee33")
    n_ders = len(network.feeder.ders)
    beyond = constraints.beyond(solved(network, *np.zeros((2, N_SCENARIOS, n_ders))))
    n = len(constraints.points.names)
    both = beyond[:, :n] + beyond[:, n : 2 * n]
    assert both == pytest.approx(np.full_like(both, -0.1))
    # ieee33 falls to 0.913 pu at full load
    assert beyond[0, n : 2 * n].max() == pytest.approx(0.95 - 0.913, abs=1e-3)
