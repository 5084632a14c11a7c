"""`Solver` gives what `solve` gives, call after call, from any thread, and refuses the same."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import numpy as np
import pytest

from builders import two_bus, two_bus_holding, with_pvs
from tieline import Network, Solver, load_feeder, solve
from tieline.errors import InputError, NotConvergedError, ShapeError
from tieline.feeders.elements import InverterControl
from tieline.powerflow import Outcome, Solution

COUNT = 40
"""Scenarios in two and a half blocks."""


def loads(network: Network, count: int = COUNT, seed: int = 0) -> dict[str, Any]:
    """Random loads, a row for each scenario."""
    devices = network.devices
    n_loads = devices.n_loads
    scale = np.random.default_rng(seed).uniform(0.3, 1.0, (count, n_loads))
    return {
        "load_kw": scale * devices.p_kw[:n_loads],
        "load_kvar": scale * devices.q_kvar[:n_loads],
    }


def assert_same(one: Solution, other: Solution) -> None:
    """To the last digit."""
    for name in ("v_pu", "outcome", "iterations", "taps", "state", "p_kw", "q_kvar"):
        np.testing.assert_array_equal(getattr(one, name), getattr(other, name), name)
    assert one.reasons == other.reasons
    assert one.holds_voltages == other.holds_voltages
    assert one.follows_curves == other.follows_curves


def following() -> Network:
    """Inverters on a volt-var characteristic, beside regulators."""
    feeder = with_pvs(load_feeder("ieee13"), every=3, p_kw=20.0)
    controls = tuple(
        InverterControl(
            f"control_{pv.name}",
            pv.name,
            volt_var_v_pu=(0.95, 1.05),
            volt_var_q_share=(1.0, -1.0),
        )
        for pv in feeder.pvs
    )
    return Network.from_feeder(feeder.replace(inverter_controls=controls))


NETWORKS: dict[str, Callable[[], Network]] = {
    "balanced": lambda: load_feeder("ieee33").network,
    "regulators": lambda: load_feeder("ieee13").network,
    "holders": lambda: Network.from_feeder(two_bus_holding(held_v_pu=1.0)),
}


@pytest.mark.parametrize("controls", ["feeder", "off"])
@pytest.mark.parametrize("name", NETWORKS)
@pytest.mark.parametrize("count", [1, 16, COUNT])
def test_a_solver_gives_what_solve_gives(name: str, count: int, controls: Any) -> None:
    network = NETWORKS[name]()
    solver = network.solver(controls=controls)
    inputs = loads(network, count)
    expected = solve(network, controls=controls, **inputs)
    assert expected.converged.all()
    assert_same(solver.solve(**inputs), expected)
    assert_same(solver.solve(), solve(network, controls=controls))


def test_the_order_of_calls_changes_no_answer() -> None:
    """Each question before and after all others: nothing is handed on."""
    network = load_feeder("ieee13").network
    solver = network.solver()
    n_lines = len(network.feeder.lines)
    one_open = np.ones(n_lines)
    one_open[-1] = 0.0
    questions = [
        loads(network),
        loads(network, count=3, seed=1),
        {},
        {"load_scale": [[0.1], [1.0], [60.0]]},
        {"line_closed": one_open, "load_scale": [[0.4]]},
        {"taps": np.full((2, len(network.feeder.regulators)), 2)},
        {"source_pu": [1.03, 0.98]},
    ]
    forwards = [solver.solve(**question) for question in questions]
    backwards = [solver.solve(**question) for question in reversed(questions)]
    for one, other in zip(forwards, reversed(backwards), strict=True):
        assert_same(one, other)


def test_a_solution_stays_when_the_solver_goes_on() -> None:
    network = load_feeder("ieee33").network
    solver = network.solver()
    first = solver.solve(**loads(network))
    kept = first.v_pu.copy()
    second = solver.solve(**loads(network, seed=1))
    assert not np.shares_memory(first.v_pu, second.v_pu)
    np.testing.assert_array_equal(first.v_pu, kept)
    assert (second.v_pu != kept).any()


@pytest.mark.parametrize("controls", ["feeder", "off"])
@pytest.mark.parametrize("name", NETWORKS)
def test_out_takes_the_voltages(name: str, controls: Any) -> None:
    network = NETWORKS[name]()
    inputs = loads(network)
    out = np.full((COUNT, network.n_nodes), complex(np.nan, np.nan))
    solver = network.solver(controls=controls)
    solution = solver.solve(out=out, **inputs)
    assert solution.v_pu is out or np.shares_memory(solution.v_pu, out)
    expected = solve(network, controls=controls, **inputs)
    np.testing.assert_array_equal(out, expected.v_pu)
    assert_same(solution, expected)
    again = solve(network, controls=controls, out=out, **inputs)
    assert_same(again, expected)


def test_out_is_overwritten_by_the_next_call_that_is_given_it() -> None:
    network = load_feeder("ieee33").network
    solver = network.solver()
    out = np.empty((COUNT, network.n_nodes), dtype=complex)
    first = solver.solve(out=out, **loads(network))
    second = solver.solve(out=out, **loads(network, seed=1))
    np.testing.assert_array_equal(first.v_pu, second.v_pu)
    assert_same(second, solve(network, **loads(network, seed=1)))


def test_the_last_voltages_may_be_start_and_out_at_once() -> None:
    network = load_feeder("ieee13").network
    solver = network.solver(controls="off")
    out = np.empty((COUNT, network.n_nodes), dtype=complex)
    inputs = loads(network, seed=1)
    solver.solve(out=out, **loads(network))
    expected = solver.solve(start_pu=out.copy(), **inputs)
    warm = solver.solve(start_pu=out, out=out, **inputs)
    np.testing.assert_array_equal(warm.v_pu, expected.v_pu)


def test_scenarios_without_an_answer_are_nan_in_out() -> None:
    network = Network.from_feeder(two_bus())
    out = np.zeros((2, 2), dtype=complex)
    solution = network.solver().solve(load_scale=[[1.0], [100.0]], out=out)
    assert solution.outcome.tolist()[0] == Outcome.CONVERGED
    assert solution.outcome.tolist()[1] != Outcome.CONVERGED
    assert np.isfinite(out[0]).all()
    assert np.isnan(out[1]).all()


@pytest.mark.parametrize(
    ("out", "error", "text"),
    [
        (np.zeros((3, 2), dtype=complex), ShapeError, r"\(3, 2\).*\(2, 2\)"),
        (np.zeros((2, 2)), InputError, "is float64"),
        (np.zeros((2, 2), dtype=np.complex64), InputError, "is complex64"),
        ([[0j, 0j], [0j, 0j]], InputError, "is list"),
        (np.zeros((2, 2), dtype=complex, order="F"), InputError, "row after row"),
        (np.zeros((2, 4), dtype=complex)[:, ::2], InputError, "row after row"),
        (np.broadcast_to(0j, (2, 2)), InputError, "row after row"),
    ],
)
def test_an_out_that_does_not_fit_is_refused(
    out: Any, error: type[Exception], text: str
) -> None:
    solver = Network.from_feeder(two_bus()).solver()
    with pytest.raises(error, match=text):
        solver.solve(load_scale=[[0.5], [1.0]], out=out)


BAD_INPUTS: list[dict[str, Any]] = [
    {"load_kw": [[1.0, 2.0]], "load_kvar": [[1.0, 2.0]]},
    {"load_kw": [1.0]},
    {"load_kw": {"nobody": 1.0}},
    {"load_kw": ["text"], "load_kvar": [0.0]},
    {"load_scale": [[1.0], [2.0]], "source_pu": [1.0, 1.0, 1.0]},
    {"load_scale": np.empty((0, 1))},
    {"source_pu": -1.0},
    {"line_closed": [[0.5]]},
    {"power_kw": [1.0]},
    {"load_scale": 100.0},
    {"load_scale": np.nan},
]


@pytest.mark.parametrize("inputs", BAD_INPUTS, ids=str)
def test_what_solve_refuses_a_solver_refuses_in_the_same_words(
    inputs: dict[str, Any],
) -> None:
    """Also after a sound call: what has been checked once is checked again."""
    network = Network.from_feeder(two_bus())
    solver = network.solver()
    solver.solve(load_scale=[[0.5], [1.0]])
    with pytest.raises((InputError, ShapeError, TypeError, NotConvergedError)) as one:
        solve(network, **inputs)
    with pytest.raises(type(one.value)) as other:
        solver.solve(**inputs)
    assert str(one.value) == str(other.value)


def test_nan_in_one_scenario_is_marked_there_alone() -> None:
    network = load_feeder("ieee33").network
    solver = network.solver()
    inputs = loads(network)
    sound = solver.solve(**inputs)
    inputs["load_kw"][7, 3] = np.nan
    solution = solver.solve(**inputs)
    assert solution.outcome[7] == Outcome.BAD_INPUT
    assert np.isnan(solution.v_pu[7]).all()
    others = np.arange(COUNT) != 7
    assert solution.converged[others].all()
    np.testing.assert_allclose(solution.v_pu[others], sound.v_pu[others], atol=1e-8)


@pytest.mark.parametrize(
    ("options", "text"),
    [
        ({"controls": "on"}, "controls must be one of"),
        ({"load_model": "pq"}, "load_model must be one of"),
        ({"inverters": "on"}, "inverters must be one of"),
        ({"tolerance": 0.0}, "tolerance"),
        ({"max_iterations": 0}, "max_iterations"),
    ],
)
def test_options_are_checked_when_a_solver_is_made(
    options: dict[str, Any], text: str
) -> None:
    network = Network.from_feeder(two_bus())
    with pytest.raises(InputError, match=text):
        network.solver(**options)
    with pytest.raises(InputError, match=text):
        Solver(network, **options)


@pytest.mark.parametrize("controls", ["feeder", "off"])
def test_threads_may_share_a_solver(controls: Any) -> None:
    network = load_feeder("ieee13").network
    solver = network.solver(controls=controls)
    # of different sizes, so that small batches meet helpers that are busy with large ones
    questions = [loads(network, 1 + 97 * (seed % 5), seed) for seed in range(20)]
    expected = [solver.solve(**question) for question in questions]
    with ThreadPoolExecutor(4) as pool:
        solutions = list(pool.map(lambda question: solver.solve(**question), questions))
    for solution, alone in zip(solutions, expected, strict=True):
        assert_same(solution, alone)


def test_inverters_follow_and_fill_out() -> None:
    network = following()
    solver = network.solver()
    inputs: dict[str, Any] = {"load_scale": np.linspace(0.3, 1.0, 5)[:, None]}
    out = np.empty((5, network.n_nodes), dtype=complex)
    solution = solver.solve(out=out, **inputs)
    assert solution.follows_curves
    assert np.shares_memory(solution.v_pu, out)
    assert_same(solution, solve(network, **inputs))
    decided = solver.solve(der_kvar=np.zeros((5, len(network.feeder.ders))), **inputs)
    assert not decided.follows_curves


def test_a_solver_takes_what_solve_takes_for_a_network() -> None:
    by_name = Solver("ieee13", controls="off").solve(load_scale=[[0.5]])
    feeder = load_feeder("ieee13")
    by_feeder = Solver(feeder, controls="off").solve(load_scale=[[0.5]])
    np.testing.assert_array_equal(by_name.v_pu, by_feeder.v_pu)
    assert repr(Solver(feeder)) == "Solver of feeder 'ieee13', controls acting"
    assert "held" in repr(Solver(feeder, controls="off"))
