"""Losses on paths: the published table of the 33-bus feeder, and laws on random feeders."""

from __future__ import annotations

import dataclasses

import numpy as np
import pytest

from builders import random_feeder, two_bus
from tieline.bench.tree_search.measure import sunny_state
from tieline.feeders import load_feeder
from tieline.network import Network
from tieline.network.topology import path, paths_from
from tieline.powerflow import solve
from tieline.powerflow.path_loss import path_loss_kw

# M. Al-Saffar, PhD thesis, University of Alberta, table 4.2: losses from bus 16 [kW], voltages [pu]
PUBLISHED_LOSS_KW = {
    "2": 60.873,
    "3": 38.641,
    "4": 30.951,
    "5": 23.797,
    "6": 9.298,
    "7": 8.392,
    "8": 6.12,
    "9": 4.172,
    "10": 2.536,
    "11": 2.285,
    "12": 1.882,
    "13": 0.654,
    "14": 0.314,
    "15": 0.136,
    "19": 60.968,
    "20": 61.458,
    "21": 61.517,
    "22": 61.543,
    "23": 40.343,
    "24": 43.104,
    "25": 43.791,
    "26": 10.018,
    "27": 10.898,
    "28": 13.731,
    "29": 15.57,
    "30": 16.384,
    "31": 17.1,
    "32": 17.194,
    "33": 17.1994,
}
PUBLISHED_V_PU = {
    "2": 1.002,
    "6": 1.027,
    "8": 1.031,
    "16": 1.045,
    "18": 1.047,
    "25": 1.018,
    "30": 1.038,
    "33": 1.040,
}


def test_published_path_losses_and_voltages_of_the_33_bus_feeder() -> None:
    solution = sunny_state(load_feeder("ieee33"))
    index = {bus.name: k for k, bus in enumerate(solution.network.feeder.buses)}
    loss = path_loss_kw(solution, "16")[0]
    for bus, kw in PUBLISHED_LOSS_KW.items():
        assert loss[index[bus]] == pytest.approx(kw, abs=0.0025), bus
    for bus, v_pu in PUBLISHED_V_PU.items():
        assert solution.vm_pu[0, index[bus]] == pytest.approx(v_pu, abs=0.0006), bus


def test_two_buses_and_a_batch() -> None:
    solution = solve(
        Network.from_feeder(two_bus()), load_scale=np.array([[0.5], [1.0], [np.nan]])
    )
    loss = path_loss_kw(solution, "b")
    assert loss[:2] == pytest.approx(np.stack([solution.loss_kw[:2], [0, 0]], axis=1))
    assert np.isnan(loss[2]).all()


@pytest.mark.parametrize("seed", range(3))
def test_steps_away_from_the_root_sum_to_all_losses(seed: int) -> None:
    # each branch of a radial feeder is the step to exactly one bus
    feeder = random_feeder(seed, 20)
    solution = solve(Network.from_feeder(feeder))
    index = {bus.name: k for k, bus in enumerate(feeder.buses)}
    for root in ("b0", "b11"):
        loss, tree = path_loss_kw(solution, root)[0], paths_from(feeder, root)
        steps = sum(
            loss[index[bus]] - loss[index[above]]
            for bus, above in tree.parent.items()
            if above is not None
        )
        assert steps == pytest.approx(solution.loss_kw[0])


def test_a_path_is_as_long_there_as_back() -> None:
    feeder = random_feeder(4, 20, n_loops=3)
    solution = solve(Network.from_feeder(feeder))
    index = {bus.name: k for k, bus in enumerate(feeder.buses)}
    assert paths_from(feeder, "b3").loops
    there = path_loss_kw(solution, "b3")[0]
    for bus in feeder.buses:
        back = path_loss_kw(solution, bus.name)[0, index["b3"]]
        assert there[index[bus.name]] == pytest.approx(back)


def test_elements_side_by_side_count_together() -> None:
    feeder = two_bus()
    twin = dataclasses.replace(feeder.lines[0], name="twin")
    solution = solve(Network.from_feeder(feeder.replace(lines=(*feeder.lines, twin))))
    assert path_loss_kw(solution, "a")[0, 1] == pytest.approx(solution.loss_kw[0])


def test_regulator_banks_are_on_the_path() -> None:
    feeder = load_feeder("ieee123")
    solution = solve(Network.from_feeder(feeder))
    index = {bus.name: k for k, bus in enumerate(feeder.buses)}
    loss = path_loss_kw(solution, feeder.source.bus)[0]
    buses = path(feeder, feeder.source.bus, "83")
    at = dict(
        zip(solution.network.elements, solution.element_loss_kva[0].real, strict=True)
    )
    tree = paths_from(feeder, feeder.source.bus)
    passed = [branch for bus in buses for branch in tree.branches[bus]]
    lines = [
        at["line", branch.name]
        for branch in passed
        if branch.kind in ("line", "switch")
    ]
    banks = [
        at["transformer", branch.name]
        for branch in passed
        if branch.kind == "regulator"
    ]
    assert len(lines) + len(banks) == len(passed)
    assert len(banks) > 1
    assert loss[index["83"]] == pytest.approx(sum(lines) + sum(banks))


def test_a_bus_cut_off_has_no_path() -> None:
    feeder = load_feeder("ieee33")
    solution = solve(Network.from_feeder(feeder.replace(lines=feeder.lines[:16])))
    loss = path_loss_kw(solution, "1")[0]
    assert np.isinf(loss[17])
    assert np.isfinite(loss[:17]).all()
