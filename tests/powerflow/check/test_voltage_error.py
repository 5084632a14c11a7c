"""How far voltages are from the answer, and that a small load beside a stiff source has one at any tolerance."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from builders import random_feeder, two_bus
from tieline import load_feeder
from tieline.feeders.elements import Bus, Load, Source
from tieline.feeders.feeder import Feeder
from tieline.network import Network
from tieline.powerflow import Outcome, Solution, solve
from tieline.powerflow.check.kirchhoff import mark_unbalanced
from tieline.powerflow.check.voltage_error import most_lost_pu, voltage_error_pu

KV_LL = 12.47
NODES = (1, 2, 3)
SOURCE_PU = np.full((1, 3), 1.0251)


def stiff(p_kw: float = 126.25, q_kvar: float = -6.8933) -> Feeder:
    """A load of 126 kVA at a source of 321.8 MVA short-circuit power: one of the random feeders of `soak`, made smaller."""
    x_ohm = KV_LL**2 / 321.8
    source = Source(
        "grid",
        "src",
        NODES,
        KV_LL,
        SOURCE_PU[0, 0],
        r1_ohm=x_ohm / 4,
        x1_ohm=x_ohm,
        r0_ohm=x_ohm / 4,
        x0_ohm=x_ohm,
    )
    load = Load("load", "src", (*NODES, 0), "wye", KV_LL / 3**0.5, p_kw, q_kvar)
    return Feeder("stiff", (Bus("src", NODES, KV_LL),), (source,), loads=(load,))


@pytest.mark.parametrize("tolerance", [1e-8, 1e-9, 1e-10, 1e-11, 1e-12])
@pytest.mark.parametrize("share", [1.0, 0.1, 0.01])
def test_a_small_load_beside_a_stiff_source_has_an_answer(
    tolerance: float, share: float
) -> None:
    """Its last step is thousands of tolerances long, and the error that remains is within one."""
    network = Network.from_feeder(stiff(126.25 * share, -6.8933 * share))
    exact = solve(network, tolerance=1e-14).v_pu[0]
    solution = solve(network, tolerance=tolerance)
    assert np.abs(solution.v_pu[0] - exact).max() <= max(tolerance, 1e-14)


@pytest.mark.parametrize("moved_pu", [1e-11, 1e-9, 1e-8])
def test_the_error_is_how_far_voltages_were_moved(moved_pu: float) -> None:
    network = Network.from_feeder(two_bus(p_kw=20.0, q_kvar=5.0))
    solution = moved(solve(network, tolerance=1e-13), moved_pu)
    error = voltage_error_pu(solution, np.ones((1, 1)), 0)
    # 12.66 kV over 0.583 ohm: 1 VA is missing from 3.6e-9 pu on
    if moved_pu > 3.6e-9:
        assert error == np.inf
    else:
        assert error == pytest.approx(moved_pu, rel=1e-3)


def moved(solution: Solution, by_pu: float) -> Solution:
    """The voltage of the last node moved."""
    v_pu = solution.v_pu.copy()
    v_pu[:, -1] += by_pu
    return replace(solution, v_pu=v_pu)


def test_near_the_collapse_a_residual_is_worth_more_than_on_the_network_alone() -> None:
    """Where load takes the voltage down with it the same residual is a larger error, as the iteration's quotient says."""
    feeder = two_bus(p_kw=45_000.0, q_kvar=20_000.0)
    network = Network.from_feeder(feeder)
    exact = solve(network, tolerance=1e-13)
    error = voltage_error_pu(moved(exact, 1e-9), np.ones((1, 1)), 0)
    assert error > 1e-9


@pytest.mark.parametrize("times", [0.5, 3.0])
def test_what_is_doubted_is_held_to_the_tolerance(times: float) -> None:
    network = Network.from_feeder(stiff())
    solution = solve(network, tolerance=1e-13)
    tolerance = 1e-10
    shifted = replace(solution, v_pu=solution.v_pu + times * tolerance)
    mark_unbalanced(shifted, SOURCE_PU, tolerance)
    assert (shifted.outcome[0] == Outcome.UNBALANCED) == (times > 1)


def test_what_is_missing_counts_whatever_voltage_it_makes() -> None:
    """A line of a micro-ohm: 1e-10 pu along it are kilowatts."""
    network = Network.from_feeder(two_bus(r_ohm=1e-6, x_ohm=0.0))
    solution = solve(network)
    assert voltage_error_pu(moved(solution, 1e-10), np.ones((1, 1)), 0) == np.inf
    shifted = moved(solution, 1e-10)
    mark_unbalanced(shifted, np.ones((1, 1)), 1e-8)
    assert shifted.outcome[0] == Outcome.UNBALANCED


def test_most_that_may_be_missing_is_a_millionth_of_the_load() -> None:
    network = Network.from_feeder(two_bus(p_kw=3000.0, q_kvar=4000.0))
    solution = solve(network, load_scale=[[1.0], [0.1]])
    assert most_lost_pu(solution).tolist() == pytest.approx([5e-6, 1e-6])


def test_every_scenario_of_a_batch_is_judged_by_its_own_load() -> None:
    """Loads from a thousandth on, where the short-circuit current is up to a million times that of the load."""
    scale = np.geomspace(1e-3, 1.0, 40)[:, None]
    for network in (
        Network.from_feeder(stiff()),
        Network.from_feeder(random_feeder(3, 12)),
    ):
        for tolerance in (1e-8, 1e-10):
            solution = solve(network, load_scale=scale, tolerance=tolerance)
            assert solution.converged.all()


@pytest.mark.parametrize("kw", [5e3, 8e3, 1e4])
def test_rounding_beside_switches_is_not_taken_for_a_voltage_error(kw: float) -> None:
    """Residuals at switches of next to no impedance are digits lost; what flows makes the fixed point contract slowly beside."""
    feeder = load_feeder("ieee123").with_pv("83", kw=kw)
    solution = feeder.solve(max_iterations=200)
    taps = solution.taps[0]
    exact = feeder.solve(taps=taps, controls="off", tolerance=1e-13, max_iterations=200)
    assert np.abs(solution.v_pu - exact.v_pu).max() < 1e-8
