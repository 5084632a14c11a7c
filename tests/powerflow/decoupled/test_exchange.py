"""Microgrids that tell each other their borders come to the power flow of the whole feeder."""

from __future__ import annotations

import numpy as np
import pytest

from builders import random_feeder, with_generators
from tieline import Network, load_feeder, solve
from tieline.errors import InputError, NotConvergedError
from tieline.network.partition import partition, partition_around, region_around
from tieline.powerflow import Outcome
from tieline.powerflow.decoupled import Decoupled, decouple, solve_decoupled


def cut(name: str, microgrids: int | None = None) -> Decoupled:
    feeder = load_feeder(name)
    divided = partition(feeder, microgrids=microgrids)
    return decouple(Network.from_feeder(feeder), divided)


@pytest.mark.parametrize(
    ("name", "microgrids", "rounds"),
    [
        ("ieee33", 2, 3),
        ("ieee69", 2, 4),
        ("ieee123", 6, 8),
        # three wires without a ground, told as powers between phases
        ("ieee37", 4, 6),
        # conductors of the laterals are fewer than the source has
        ("ieee13", 2, 6),
    ],
)
def test_regions_come_to_the_whole_feeder(name: str, microgrids: int, rounds: int):
    decoupled = cut(name, microgrids)
    whole = solve(decoupled.network)
    positions = {"taps": whole.taps[0], "capacitor_steps": whole.capacitor_steps[0]}
    parts = solve_decoupled(decoupled, **positions)
    assert parts.v_pu == pytest.approx(whole.v_pu, abs=5e-6)
    assert parts.loss_kw == pytest.approx(whole.loss_kw, abs=3e-5)
    assert parts.source_kva == pytest.approx(whole.source_kva, abs=5e-4)
    assert parts.rounds[0] <= rounds


@pytest.mark.parametrize("seed", range(6))
def test_random_feeders_with_phases_and_any_connection(seed: int):
    feeder = random_feeder(seed, 30)
    network = Network.from_feeder(feeder)
    whole = solve(network, load_scale=[[0.3]], controls="off")
    decoupled = decouple(network, partition(feeder, microgrids=5))
    parts = solve_decoupled(decoupled, load_scale=[[0.3]])
    assert parts.converged.all()
    assert parts.v_pu == pytest.approx(whole.v_pu, abs=5e-6)


def test_flow_over_each_border_is_that_of_its_line():
    decoupled = cut("ieee123", 6)
    whole = solve(decoupled.network, controls="off")
    parts = solve_decoupled(decoupled)
    table = whole.branch_table().set_index("name")
    for k, border in enumerate(decoupled.partition.borders):
        row = table.loc[border.branch.name]
        assert border.branch.from_bus == border.near_bus
        behind_line = row.p_from_kw - row.loss_kw
        assert parts.flow_kva[0, k].real == pytest.approx(behind_line, abs=2e-3)
    assert parts.region_loss_kw.shape == (1, 6)


def test_scenarios_with_their_own_loads_ders_taps_and_source():
    feeder = with_generators(load_feeder("ieee123"), 3, 200.0)
    network = Network.from_feeder(feeder)
    decoupled = decouple(network, partition(feeder, microgrids=6))
    random = np.random.default_rng(2)
    asked = {
        "load_scale": random.uniform(0.2, 1.1, (5, len(feeder.loads))),
        "der_kw": random.uniform(0, 150, (5, 3)),
        "der_kvar": random.uniform(-50, 50, (5, 3)),
        "taps": random.integers(-4, 5, (5, len(feeder.regulators))),
        "source_pu": random.uniform(0.98, 1.03, (5, 3)),
    }
    whole = solve(network, controls="off", **asked)
    parts = solve_decoupled(decoupled, **asked)
    assert parts.converged.all()
    assert parts.v_pu == pytest.approx(whole.v_pu, abs=5e-6)
    assert parts.loss_kw == pytest.approx(whole.loss_kw, abs=1e-4)


def test_region_around_a_bus_and_what_it_leaves():
    feeder = load_feeder("ieee69")
    region = region_around(feeder, "15", 0.040, barriers=("4", "5"))
    network = Network.from_feeder(feeder)
    parts = solve_decoupled(decouple(network, partition_around(feeder, region)))
    assert parts.v_pu == pytest.approx(solve(network).v_pu, abs=5e-6)


def test_one_region_is_the_feeder_itself():
    decoupled = cut("ieee33", 1)
    parts = solve_decoupled(decoupled)
    assert parts.rounds.tolist() == [1]
    assert parts.v_pu == pytest.approx(solve(decoupled.network).v_pu, abs=1e-8)


def test_scenario_beyond_collapse_is_marked_with_its_region():
    decoupled = cut("ieee33", 2)
    parts = solve_decoupled(decoupled, load_scale=[[1.0], [5.0]])
    assert parts.converged.tolist() == [True, False]
    assert parts.outcome[1] in (Outcome.DIVERGED, Outcome.ITERATION_LIMIT)
    assert np.isnan(parts.v_pu[1]).all()
    assert np.isnan(parts.flow_kva[1]).all()
    assert np.isfinite(parts.v_pu[0]).all()
    assert "in the region of bus '1'" in parts.reasons[1]
    with pytest.raises(NotConvergedError, match="in the region of bus '1'"):
        solve_decoupled(decoupled, load_scale=5.0)


def test_too_few_rounds_are_no_answer():
    decoupled = cut("ieee33", 2)
    parts = solve_decoupled(decoupled, load_scale=[[1.0]], max_rounds=2)
    assert parts.outcome.tolist() == [Outcome.ITERATION_LIMIT]
    assert "did not settle in 2 rounds" in parts.reasons[0]
    with pytest.raises(InputError, match="at least 1"):
        solve_decoupled(decoupled, max_rounds=0)
