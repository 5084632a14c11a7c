"""The loop in which controls act on the way, against plain rounds for one scenario: solve to the end, measure, act."""

from __future__ import annotations

import numpy as np
import pytest

from tieline.feeders import load_feeder
from tieline.network import Network
from tieline.powerflow import Outcome, Solution, solve

MOST_ROUNDS = 30


def taps_by_plain_rounds(network: Network, scale: np.ndarray) -> np.ndarray:
    """Taps at rest of one scenario by full solves with held taps in between, (regulator,); regulators of one delay only."""
    regulators, table = network.feeder.regulators, network.regulators
    assert len({regulator.delay_s for regulator in regulators}) == 1
    taps = table.initial_tap.copy()
    for _ in range(MOST_ROUNDS):
        solution = solve(
            network, load_scale=scale, taps=taps, controls="off", tolerance=1e-11
        )
        moves = np.array(
            [wanted_taps(network, solution, k, taps[k]) for k in range(len(regulators))]
        )
        if not moves.any():
            return taps
        taps = taps + moves
    raise AssertionError("the controls do not rest")


def wanted_taps(network: Network, solution: Solution, k: int, tap: int) -> int:
    """Taps that one regulator wants to move."""
    regulator, table = network.feeder.regulators[k], network.regulators
    v, remote = solution.v_pu[0], table.remote[k]
    ((plus, minus, terminal),) = table.phases[k]
    node, opposite = remote or (plus, minus)
    volt = (
        (v[node] - (v[opposite] if opposite >= 0 else 0))
        * network.node_kv[node]
        * 1e3
        / regulator.pt_ratio
    )
    ampere = solution.terminal_current_pu[0, terminal] * network.node_base_a[plus]
    drop = (
        0
        if remote is not None
        else complex(regulator.r_v, regulator.x_v) / regulator.ct_primary_a * ampere
    )
    error_v = regulator.v_set_v - abs(volt + drop)
    if abs(error_v) <= regulator.band_v / 2:
        return 0
    tap_v = table.rated_volt[k] * table.ratio_per_step[k] / regulator.pt_ratio
    whole = abs(round(error_v / tap_v))
    steps = int(np.sign(error_v)) * min(
        max(int(0.7 * whole), min(whole, 1)), regulator.max_tap_change
    )
    return int(np.clip(tap + steps, table.lowest_tap[k], table.highest_tap[k]) - tap)


@pytest.mark.parametrize("name", ["ieee13", "ieee34", "ieee123"])
def test_taps_are_those_of_plain_rounds(name: str) -> None:
    network = Network.from_feeder(load_feeder(name))
    scale = np.random.default_rng(3).uniform(0.1, 1.1, (40, len(network.feeder.loads)))
    together = solve(network, load_scale=scale)
    expected = [taps_by_plain_rounds(network, row) for row in scale]
    assert together.taps.tolist() == np.array(expected).tolist()
    held = solve(
        network, load_scale=scale, taps=together.taps, controls="off", tolerance=1e-11
    )
    assert np.abs(together.v_pu - held.v_pu).max() < 2e-8


def test_a_scenario_does_not_depend_on_its_neighbours_in_the_queue() -> None:
    network = Network.from_feeder(load_feeder("ieee34"))
    scale = np.random.default_rng(4).uniform(0.2, 1.0, (50, len(network.feeder.loads)))
    start = solve(network, load_scale=0.7).v_pu[0]
    forward = solve(network, load_scale=scale, start_pu=start)
    backward = solve(network, load_scale=scale[::-1], start_pu=start)
    assert (forward.taps == backward.taps[::-1]).all()
    assert (forward.iterations == backward.iterations[::-1]).all()
    assert np.abs(forward.v_pu - backward.v_pu[::-1]).max() < 1e-8


def test_controls_act_early_but_not_on_voltages_that_do_not_exist() -> None:
    # a load that no tap can carry, among loads that need few rounds
    network = Network.from_feeder(load_feeder("ieee13"))
    solution = solve(network, load_scale=np.array([0.5, 1.0, 8.0, 0.8])[:, None])
    assert solution.converged.tolist() == [True, True, False, True]
    assert solution.outcome[2] == Outcome.DIVERGED
    assert solution.taps[2].tolist() == network.regulators.initial_tap.tolist()
    assert np.isnan(solution.v_pu[2]).all()


def test_newtons_method_takes_over_and_hands_back() -> None:
    # near collapse the chord method gives up at the first taps; the regulators still end where plain rounds do
    network = Network.from_feeder(load_feeder("ieee34"))
    scale = np.full(len(network.feeder.loads), 1.9)
    solution = solve(network, load_scale=[scale])
    assert solution.converged.all()
    assert solution.iterations[0] > 40
    assert solution.taps[0].tolist() == taps_by_plain_rounds(network, scale).tolist()
