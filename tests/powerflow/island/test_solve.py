"""Operating points of islands: by hand on two and four buses, against a nonlinear program on 36, and what has none."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import casadi
import numpy as np
import pytest
from island_cases import (
    KV,
    RING,
    RING_OHM,
    balanced_feeder,
    bundled_island,
    droop_units,
    ieee123_island,
    ring,
)
from scipy.optimize import brentq

from builders import two_bus
from tieline.errors import InputError, NotConvergedError, ShapeError
from tieline.feeders.equivalent import equivalent
from tieline.powerflow import Outcome
from tieline.powerflow.island import Island, make_island, solve_island
from tieline.typing import ComplexArray, FloatArray
from tieline.units import base_ohm


def test_two_buses_by_hand() -> None:
    """At the load, v^2 is the larger root of a quadratic in the unit's voltage; the unit's Q is the load's and the line's."""
    p, q = 1.0, 0.5  # MW, Mvar, hence per unit
    r, x = np.array([0.5, 0.3]) / base_ohm(KV)

    def delivered(v: float) -> tuple[float, float]:
        # u^2 + (2 (r p + x q) - v^2) u + |z|^2 |s|^2 = 0 with u = v_load^2
        b = 2 * (r * p + x * q) - v**2
        u = (-b + np.sqrt(b**2 - 4 * (r**2 + x**2) * (p**2 + q**2))) / 2
        current_sq = (p**2 + q**2) / u
        return p + r * current_sq, q + x * current_sq

    def miss(v: float) -> float:
        return v - (1.0 - 0.05 * (delivered(v)[1] - 0.25))

    v = float(brentq(miss, 0.9, 1.1))  # type: ignore[arg-type]
    p_unit, q_unit = delivered(v)
    solution = solve_island(make_island(two_bus(), droop_units("a")))
    assert solution.v_unit_pu[0, 0] == pytest.approx(v, abs=1e-10)
    assert solution.p_kw[0, 0] == pytest.approx(1e3 * p_unit, abs=1e-6)
    assert solution.q_kvar[0, 0] == pytest.approx(1e3 * q_unit, abs=1e-6)
    assert solution.frequency_hz[0] == pytest.approx(60 - (p_unit - 0.3), abs=1e-9)


V_RING: ComplexArray = np.array(
    [1.01, np.exp(-0.01j), 1.005 * np.exp(0.004j), 0.998], dtype=complex
)


def _ring_injections(is_closed: bool) -> ComplexArray:
    """What has to enter at each bus of the ring at the voltages `V_RING`, (bus,) [kVA]."""
    current: ComplexArray = np.zeros(4, dtype=complex)
    count = len(RING) if is_closed else len(RING) - 1
    for (start, end), z_ohm in zip(RING[:count], RING_OHM[:count], strict=True):
        i, j = "abcd".index(start), "abcd".index(end)
        branch = (V_RING[i] - V_RING[j]) * base_ohm(KV) / z_ohm
        current[i] += branch
        current[j] -= branch
    return V_RING * np.conj(current) * 1e3


@pytest.mark.parametrize("is_closed", [True, False])
def test_four_buses_backwards(is_closed: bool) -> None:
    """Voltages are chosen; loads at b and d, and set-points of units at a and c beside loads, follow. Loop and tree."""
    entering = _ring_injections(is_closed)
    beside = {"a": 100 + 50j, "c": 80 - 20j}
    loads = {"b": -entering[1], "d": -entering[3], **beside}
    unit_kva = entering[[0, 2]] + np.array(list(beside.values()))
    units = droop_units(
        "a",
        "c",
        v_set_pu=np.abs(V_RING[[0, 2]]) + 0.03 * (unit_kva.imag - 40.0) / 1e3,
        q_set_kvar=40.0,
        v_droop=0.03,
        # both at 59.9 Hz
        p_set_kw=unit_kva.real - 100.0 / np.array([0.5, 0.2]),
        f_droop=[0.5, 0.2],
    )
    solution = solve_island(make_island(ring(loads, is_closed), units))
    turn = np.exp(-1j * np.angle(V_RING[0]))
    np.testing.assert_allclose(solution.flow.v_pu[0], V_RING * turn, atol=1e-9)
    np.testing.assert_allclose(solution.p_kw[0], unit_kva.real, atol=1e-5)
    np.testing.assert_allclose(solution.q_kvar[0], unit_kva.imag, atol=1e-5)
    assert solution.frequency_hz[0] == pytest.approx(59.9, abs=1e-7)


def _set_points(island: Island, count: int) -> dict[str, Any]:
    """Drawn loads and injections, around what the island can carry."""
    feeder = island.network.feeder
    rng = np.random.default_rng(7)
    served = rng.uniform(0.5, 0.9, (count, len(feeder.loads)))
    shape = (count, len(feeder.ders))
    return {
        "load_kw": served * [load.p_kw for load in feeder.loads],
        "load_kvar": served * [load.q_kvar for load in feeder.loads],
        "der_kw": rng.uniform(0.0, 200.0, shape),
        "der_kvar": rng.uniform(-50.0, 150.0, shape),
    }


class BranchFlow:
    """The island `ieee36` in the branch-flow form: 144 unknowns, 144 equations."""

    def __init__(self, island: Island, inputs: dict[str, FloatArray]):
        feeder = island.network.feeder
        buses = [bus.name for bus in feeder.buses]
        place = {name: k for k, name in enumerate(buses)}
        count = len(feeder.lines)
        x = casadi.SX.sym("x", 3 * count + len(buses) + 3)
        p, q, current_sq = (x[k * count : (k + 1) * count] for k in range(3))
        v_sq = x[3 * count : -3]
        p_unit, q_unit, omega = x[-3], x[-2], x[-1]
        net = casadi.SX.zeros(len(buses), 2)
        elements = (*feeder.loads, *feeder.ders)
        sign = [1.0] * len(feeder.loads) + [-1.0] * len(feeder.ders)
        power = np.hstack([inputs["load_kw"][0], inputs["der_kw"][0]]) * sign
        reactive = np.hstack([inputs["load_kvar"][0], inputs["der_kvar"][0]]) * sign
        for element, p_kw, q_kvar in zip(elements, power, reactive, strict=True):
            net[place[element.bus], 0] += p_kw / 1e3
            net[place[element.bus], 1] += q_kvar / 1e3
        root = place["799"]
        net[root, 0] -= p_unit
        net[root, 1] -= q_unit
        equations = []
        omega_rad = 2 * np.pi * feeder.frequency_hz
        for k, line in enumerate(feeder.lines):
            i, j = place[line.from_bus], place[line.to_bus]
            base = base_ohm(feeder.bus(line.from_bus).kv_ll)
            r = line.code.r_ohm_per_km[0][0] * line.impedance_factor / base
            xl = line.code.x_ohm_per_km[0][0] * line.impedance_factor / base
            c_nf = line.code.c_nf_per_km[0][0] * line.impedance_factor
            half_b = c_nf * 1e-9 * omega_rad * base / 2
            # charging stands at the buses, which the article leaves out
            net[i, 1] -= half_b * v_sq[i]
            net[j, 1] -= half_b * v_sq[j]
            equations.append(current_sq[k] * v_sq[i] - p[k] ** 2 - q[k] ** 2)
            drop = 2 * (r * p[k] + xl * q[k]) - (r**2 + xl**2) * current_sq[k]
            equations.append(v_sq[j] - v_sq[i] + drop)
            net[i, 0] += p[k]
            net[i, 1] += q[k]
            net[j, 0] -= p[k] - r * current_sq[k]
            net[j, 1] -= q[k] - xl * current_sq[k]
        settings = island.units.settings
        n = settings.v_droop_pu_per_mvar[0]
        m = settings.f_droop_hz_per_mw[0]
        q_beyond = q_unit - settings.q_set_kvar[0] / 1e3
        p_beyond = p_unit - settings.p_set_kw[0] / 1e3
        equations += [net[k, side] for k in range(len(buses)) for side in (0, 1)]
        equations.append(casadi.sqrt(v_sq[root]) - settings.v_set_pu[0] + n * q_beyond)
        equations.append(omega - settings.f_set_hz[0] + m * p_beyond)
        self.x = x
        self.equations = casadi.vertcat(*equations)
        self.v_place = slice(3 * count, -3)

    def solve(self) -> FloatArray:
        """By an interior-point method, from flat voltages."""
        start = np.zeros(self.x.numel())
        start[self.v_place] = 1.0
        start[-1] = 60.0
        program = {"x": self.x, "f": 0, "g": self.equations}
        options = {"ipopt.print_level": 0, "print_time": False, "ipopt.tol": 1e-12}
        solver = casadi.nlpsol("island", "ipopt", program, options)
        answer = solver(x0=start, lbg=0, ubg=0)
        assert solver.stats()["success"]
        return np.array(answer["x"]).ravel()


def test_36_buses_against_a_nonlinear_program() -> None:
    island = bundled_island("ieee36")
    inputs = _set_points(island, 1)
    model = BranchFlow(island, inputs)
    answer = model.solve()
    solution = solve_island(island, **inputs)
    v_pu = np.sqrt(answer[model.v_place])
    np.testing.assert_allclose(solution.flow.vm_pu[0], v_pu, atol=1e-8)
    assert solution.p_kw[0, 0] / 1e3 == pytest.approx(answer[-3], abs=1e-7)
    assert solution.q_kvar[0, 0] / 1e3 == pytest.approx(answer[-2], abs=1e-7)
    assert solution.frequency_hz[0] == pytest.approx(answer[-1], abs=1e-7)


def test_equations_of_36_buses_are_as_many_as_unknowns_and_independent() -> None:
    """3 (n - 1) + n + 2 D + 1 = 2 n + 2 (n - 1) + 2 D = 144, all independent at a solution: derivatives are unique."""
    island = bundled_island("ieee36")
    model = BranchFlow(island, _set_points(island, 1))
    jacobian = casadi.Function(
        "slopes", [model.x], [casadi.jacobian(model.equations, model.x)]
    )
    matrix = np.array(jacobian(model.solve()))
    assert matrix.shape == (144, 144)
    assert np.linalg.matrix_rank(matrix) == 144


@pytest.mark.parametrize("name", ["ieee36", "case141"])
def test_every_law_holds_in_a_batch(name: str) -> None:
    island = bundled_island(name)
    solution = solve_island(island, **_set_points(island, 32))
    assert solution.converged.all()
    law = solution.settings
    of_unit = law.frequency_hz(solution.p_kw)
    np.testing.assert_allclose(np.ptp(of_unit, axis=1), 0.0, atol=1e-7)
    v_law = law.v_pu(solution.q_kvar)
    np.testing.assert_allclose(solution.v_unit_pu, v_law, atol=1e-8)
    # what units deliver is what the network's own source delivers
    kva = solution.flow.source_kva
    np.testing.assert_allclose(solution.p_kw.sum(axis=1), kva.real, atol=1e-6)
    np.testing.assert_allclose(solution.q_kvar.sum(axis=1), kva.imag, atol=1e-6)


def test_units_share_by_their_slopes() -> None:
    """Twice the slope, half the power beyond the set-point; more at one set-point, less at the other."""
    island = make_island(ring({"b": 500 + 100j}), droop_units("a", "c", f_droop=[1, 2]))
    solution = solve_island(island)
    beyond = solution.p_kw[0] - 300.0
    assert beyond[0] == pytest.approx(2 * beyond[1], rel=1e-6)
    shifted = solve_island(island, p_set_kw=[400.0, 300.0])
    assert shifted.p_kw[0, 0] > solution.p_kw[0, 0]
    assert shifted.p_kw[0, 1] < solution.p_kw[0, 1]


def test_units_that_open_lines_part_are_refused() -> None:
    island = make_island(ring({"b": 500 + 100j}), droop_units("a", "c"))
    closed = np.ones((2, 4))
    closed[1, [0, 3]] = 0
    with pytest.raises(InputError, match=r"'c' from 'a' \(scenario 1\)"):
        solve_island(island, line_closed=closed)
    # one line is enough
    closed[1, 3] = 1
    assert solve_island(island, line_closed=closed).converged.all()


def test_a_stiff_unit_holds_the_frequency() -> None:
    island = make_island(ring({"b": 500 + 100j}), droop_units("a", "c", f_droop=[1, 0]))
    solution = solve_island(island)
    assert solution.frequency_hz[0] == pytest.approx(60.0, abs=1e-7)
    assert solution.p_kw[0, 0] == pytest.approx(300.0, abs=1e-3)


def test_three_phases_of_a_balanced_island_are_its_equivalent() -> None:
    """Both droop units see what they see in the single-phase equivalent, through a transformer that shifts by 30 degrees."""
    three_phase = balanced_feeder()
    one_phase = equivalent(three_phase)
    units = droop_units("a", "c", f_droop=[1.0, 2.0])
    whole = solve_island(make_island(three_phase, units))
    alike = solve_island(make_island(one_phase, units))
    np.testing.assert_allclose(whole.p_kw, alike.p_kw, atol=1e-4)
    np.testing.assert_allclose(whole.q_kvar, alike.q_kvar, atol=1e-4)
    np.testing.assert_allclose(whole.v_unit_pu, alike.v_unit_pu, atol=1e-8)


def test_power_of_an_unbalanced_unit_is_split_as_its_phases_ask() -> None:
    island = make_island(ieee123_island(), droop_units("67"))
    solution = solve_island(island)
    held = solution.flow.v_pu[0, island.unit_nodes[0]]
    np.testing.assert_allclose(np.abs(held), solution.v_unit_pu[0, 0], rtol=1e-12)
    per_phase = held * np.conj(solution.delivery.current[0]) * 1e3
    assert np.ptp(per_phase.real) > 50.0
    assert per_phase.sum() == pytest.approx(
        solution.p_kw[0, 0] + 1j * solution.q_kvar[0, 0]
    )


def test_load_beyond_all_bearing_is_marked() -> None:
    island = make_island(two_bus(), droop_units("a"))
    scale = np.array([[1.0], [500.0]])
    solution = solve_island(island, load_scale=scale)
    assert solution.converged.tolist() == [True, False]
    assert np.isnan(solution.p_kw[1]).all()
    assert np.isnan(solution.frequency_hz[1])
    assert "Reduce" in solution.flow.failures[0]
    with pytest.raises(NotConvergedError, match="two-bus"):
        solve_island(island, load_scale=500.0)


def test_a_slope_too_steep_has_no_common_point() -> None:
    """With 0.5 Mvar to deliver, 3 pu/Mvar leaves no voltage that carries the load."""
    island = make_island(two_bus(), droop_units("a", q_set_kvar=0.0, v_droop=3.0))
    solution = solve_island(island, load_scale=np.array([[1.0], [0.1]]))
    assert solution.converged.tolist() == [False, True]


def test_not_a_number_is_bad_input() -> None:
    island = make_island(two_bus(), droop_units("a"))
    solution = solve_island(island, p_set_kw=[[300.0]], v_set_pu=[[1.0], [np.nan]])
    assert solution.flow.outcome.tolist() == [Outcome.CONVERGED, Outcome.BAD_INPUT]


@pytest.mark.parametrize(
    ("inputs", "error", "message"),
    [
        ({"source_pu": 1.0}, InputError, "no source_pu"),
        ({"v_droop_pu_per_mvar": -0.1}, InputError, "run away"),
        ({"f_droop_hz_per_mw": [[-1.0]]}, InputError, "f_droop_hz_per_mw of droop"),
        ({"p_set_kw": [1.0, 2.0]}, ShapeError, "p_set_kw has shape"),
        ({"p_set": 3.0}, TypeError, "p_set_kw"),
        ({"p_set_kw": [[1.0]] * 2, "load_scale": [[1.0]] * 3}, ShapeError, "disagree"),
    ],
)
def test_bad_inputs(inputs: dict, error: type[Exception], message: str) -> None:
    island = make_island(two_bus(), droop_units("a"))
    with pytest.raises(error, match=message):
        solve_island(island, **inputs)


def test_one_scenario_of_a_batch_is_that_scenario() -> None:
    island = bundled_island("ieee36")
    inputs = _set_points(island, 5)
    batch = solve_island(island, **inputs)
    alone = solve_island(island, **{name: rows[3] for name, rows in inputs.items()})
    np.testing.assert_allclose(alone.flow.v_pu[0], batch.flow.v_pu[3], atol=1e-9)


def test_a_source_with_impedance_is_refused() -> None:
    feeder = two_bus()
    source = replace(feeder.source, r1_ohm=0.1, x1_ohm=0.1)
    with pytest.raises(InputError, match="behind an impedance"):
        make_island(feeder.replace(sources=(source,)), droop_units("a"))
