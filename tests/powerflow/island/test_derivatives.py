"""Derivatives of an island by every input are those that differences of exact solutions show, forward and backward."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from island_cases import (
    balanced_feeder,
    bundled_island,
    droop_units,
    ieee123_island,
    ring,
)

from builders import two_bus
from tieline.errors import InputError, ShapeError
from tieline.feeders.elements import Generator
from tieline.powerflow.island import (
    Island,
    IslandSolution,
    island_adjoint,
    island_tangent,
    make_island,
    solve_island,
)
from tieline.powerflow.island.operating_point import SETTING_NAMES
from tieline.typing import FloatArray

TOLERANCE = 1e-11
STEP = {"kw": 0.5, "kvar": 0.5, "pu": 1e-4, "mvar": 1e-4, "hz": 1e-3, "mw": 1e-3}
"""Step of each unit: the error of a central difference, and that of the solutions over it, are then both below the test's."""


def _three_phase() -> Island:
    return make_island(ieee123_island(), droop_units("67"))


def _shared_three_phase() -> Island:
    """Two units on either side of a delta-wye transformer, loads and a generator at their buses."""
    feeder = balanced_feeder()
    turbine = Generator(
        "turbine", "c", (1, 2, 3, 0), "wye", 4.16 / 3**0.5, 100.0, 50.0, 20.0
    )
    return make_island(
        feeder.replace(generators=(turbine,)),
        droop_units("a", "c", f_droop=[1.0, 2.0], v_droop=[0.05, 0.02]),
    )


def _loop() -> Island:
    loads = {"a": 200 + 50j, "b": 500 + 100j, "c": 100 + 20j, "d": 300 + 100j}
    return make_island(ring(loads), droop_units("a", "c", f_droop=[1.0, 0.0]))


CASES = {
    "two-bus": lambda: make_island(two_bus(), droop_units("a")),
    "ieee36": lambda: bundled_island("ieee36"),
    "case141": lambda: bundled_island("case141"),
    "loop": _loop,
    "ieee123": _three_phase,
    "delta-wye": _shared_three_phase,
}


def _inputs(island: Island) -> dict[str, Any]:
    """All inputs of one scenario by name."""
    devices = island.network.devices
    inputs = {
        "load_kw": devices.p_kw[: devices.n_loads],
        "load_kvar": devices.q_kvar[: devices.n_loads],
        **island.units.settings._asdict(),
    }
    n_ders = len(devices.der_kw)
    if n_ders:
        inputs |= {"der_kw": np.full(n_ders, 30.0), "der_kvar": np.full(n_ders, 10.0)}
    return inputs


def _number(weight: dict[str, Any], solution: IslandSolution) -> FloatArray:
    """A number made of all that an island has, (scenario,)."""
    of_voltage = (np.conj(weight["v"]) * solution.flow.v_pu).real.sum(axis=1)
    of_power = (solution.p_kw * weight["p"] + solution.q_kvar * weight["q"]).sum(axis=1)
    return of_voltage + of_power + weight["f"] * solution.frequency_hz


def _weights(rng: np.random.Generator, solution: IslandSolution) -> dict[str, Any]:
    shape = solution.flow.v_pu.shape
    return {
        "v": rng.normal(size=shape) + 1j * rng.normal(size=shape),
        "p": 1e-2 * rng.normal(size=solution.p_kw.shape),
        "q": 1e-2 * rng.normal(size=solution.p_kw.shape),
        "f": 3.0,
    }


@pytest.mark.parametrize("case", CASES)
def test_by_differences(case: str) -> None:
    island = CASES[case]()
    rng = np.random.default_rng(3)
    inputs = _inputs(island)
    solution = solve_island(island, tolerance=TOLERANCE, **inputs)
    weight = _weights(rng, solution)
    gradient = island_adjoint(
        solution,
        weight["v"],
        p_bar=weight["p"],
        q_bar=weight["q"],
        frequency_bar=weight["f"],
    )
    for name, value in inputs.items():
        # a stiff unit stays stiff: with a slope below 0 there is no island
        direction = rng.normal(size=value.shape) * (value != 0)
        step = STEP[name.rsplit("_", 1)[1]]
        both = np.stack([value - step * direction, value + step * direction])
        moved_inputs: dict[str, Any] = inputs | {name: both}
        moved = solve_island(island, tolerance=TOLERANCE, **moved_inputs)
        low, high = _number(weight, moved)
        difference = (high - low) / (2 * step)
        change = island_tangent(solution, **{name: direction})
        forward = (np.conj(weight["v"]) * change.v_pu).real.sum()
        forward += (change.p_kw * weight["p"] + change.q_kvar * weight["q"]).sum()
        forward += weight["f"] * change.frequency_hz[0]
        backward = (getattr(gradient, name)[0] * direction).sum()
        assert forward == pytest.approx(difference, rel=1e-4, abs=1e-6), name
        assert backward == pytest.approx(forward, rel=1e-8, abs=1e-10), name


@pytest.mark.parametrize("case", ["loop", "delta-wye"])
def test_power_taken_at_nodes(case: str) -> None:
    """A load that asks for constant power at a bus is the same as power taken at its nodes, also where a unit stands."""
    island = CASES[case]()
    solution = solve_island(island)
    change = island_adjoint(solution, frequency_bar=1.0)
    network = island.network
    for k, load in enumerate(network.feeder.loads):
        if load.connection == "wye" and load.zip_p == (0.0, 0.0, 1.0):
            phases = [node for node in load.nodes if node]
            nodes = network.nodes(*(f"{load.bus}.{phase}" for phase in phases))
            by_nodes = change.node_kw[0, nodes].mean()
            assert by_nodes == pytest.approx(change.load_kw[0, k], rel=1e-9)
    nowhere = np.zeros(network.n_nodes)
    nowhere[island.unit_nodes[0]] = 1.0
    moved = island_tangent(solution, node_kw=nowhere, node_kvar=nowhere)
    expected = change.node_kw[0] @ nowhere + change.node_kvar[0] @ nowhere
    assert moved.frequency_hz[0] == pytest.approx(expected, rel=1e-9)


def test_scenarios_without_an_answer_have_no_derivative() -> None:
    island = CASES["two-bus"]()
    solution = solve_island(island, load_scale=np.array([[1.0], [500.0]]))
    gradient = island_adjoint(solution, p_bar=1.0)
    assert np.isfinite(gradient.load_kw[0]).all()
    assert np.isnan(gradient.load_kw[1]).all()
    change = island_tangent(solution, load_kw=[1.0])
    assert np.isnan(change.frequency_hz).tolist() == [False, True]


def test_what_is_no_input() -> None:
    solution = solve_island(CASES["two-bus"]())
    with pytest.raises(InputError, match="p_set_kw"):
        island_tangent(solution, p_set=[1.0])
    with pytest.raises(InputError, match="Unknown input 'source_pu' of an island"):
        island_tangent(solution, source_pu=[1.0])
    with pytest.raises(ShapeError, match="v_set_pu"):
        island_tangent(solution, v_set_pu=[1.0, 2.0])
    with pytest.raises(ShapeError, match="v_bar"):
        island_adjoint(solution, np.ones(2))
    assert set(SETTING_NAMES) < set(vars(island_adjoint(solution, p_bar=1.0)))
