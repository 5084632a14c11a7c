"""Solve a batch at given taps, line positions and capacitor steps: from states and powers to voltages.

The slopes of the devices are taken where the batch works: at the voltages of the mean of a sample of its scenarios, or of the
voltages it starts from. A batch that fits one block is not worth that and runs as a plain fixed point.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numba import get_num_threads

from tieline.network.network import Network
from tieline.network.supply import dead_nodes, dead_nodes_per_scenario
from tieline.powerflow.factors import dependent_rows, eliminate_shared
from tieline.powerflow.kernel import Matrix, Scenarios, Variable, slopes_at, solve_batch
from tieline.powerflow.lanes import LANES
from tieline.powerflow.outcome import Outcome
from tieline.powerflow.plan import Plan, plan_for
from tieline.typing import BoolArray, ComplexArray, FloatArray, IntArray

SAMPLE = 64
"""Scenarios whose mean is the operating point of a batch: enough for a mean, and no pass through all inputs."""


@dataclass(frozen=True)
class _Admittance:
    """The nodal admittance of a batch: `common` to all scenarios, (position,), and what varies; `first` and `n_slots` of the own
    rows, see `kernel.Matrix`; `snapshot` is the whole matrix of the first scenario, (position,).
    """

    common: ComplexArray
    snapshot: ComplexArray
    variable: Variable
    first: IntArray
    n_slots: int


@dataclass(frozen=True)
class _Point:
    """Operating point of a batch: voltages (node,) [pu] in network order and powers (device,) [kW, kvar]."""

    v_pu: ComplexArray
    p_kw: FloatArray
    q_kvar: FloatArray


def solve_at_rest(
    network: Network,
    p_kw: FloatArray,
    q_kvar: FloatArray,
    state: FloatArray,
    source_pu: FloatArray,
    n_scenarios: int,
    *,
    use_band: bool,
    tolerance: float,
    max_iterations: int,
    start: ComplexArray | None = None,
) -> tuple[ComplexArray, IntArray, IntArray]:
    """Voltages of all scenarios at fixed states.

    Args:
        network: feeder arrays.
        p_kw, q_kvar: consumption of each device at rated voltage, (scenario or 1, device).
        state: state vectors, (scenario or 1, state).
        source_pu: source voltage, (scenario or 1,) [pu].
        n_scenarios: number of scenarios.
        use_band: apply OpenDSS' load band.
        tolerance: estimated error of the voltages at which a scenario counts as converged [pu].
        max_iterations: give up after so many.
        start: first voltages, (scenario or 1, node) [pu]; None starts from those of the operating point.

    Returns:
        Voltages (scenario, node) [pu], `Outcome` codes (scenario,), iterations (scenario,). Voltages of failed scenarios are NaN.
    """
    varying = (state != state[0]).any(axis=0)
    plan = _plan(network, state, varying, use_band)
    admittance = _admittance(network, plan, state, varying)
    source = network.source_current[network.source_nodes]
    scenarios = Scenarios(
        p_kw=p_kw,
        q_kvar=q_kvar,
        source_pu=source_pu,
        source_re=np.ascontiguousarray(source.real),
        source_im=np.ascontiguousarray(source.imag),
        start=_parts(np.zeros((1, network.n_nodes), dtype=complex) if start is None else start),
        rank=plan.rank,
    )
    point = _operating_point(plan, admittance, scenarios, n_scenarios, is_started=start is not None)
    if start is None and point is not None:
        scenarios = scenarios._replace(start=_parts(point.v_pu[None, :]))
    v = np.empty((n_scenarios, network.n_nodes), dtype=np.complex128)
    matrix = _matrix(plan, admittance.common, admittance.first, admittance.n_slots, point)
    arguments = (matrix, plan.pattern, plan.points, admittance.variable, scenarios)
    error, iterations = solve_batch(_parts(v), get_num_threads(), *arguments, tolerance, max_iterations)
    outcome = np.full(n_scenarios, Outcome.CONVERGED, dtype=np.int64)
    outcome[~(error <= tolerance)] = Outcome.ITERATION_LIMIT
    outcome[~np.isfinite(error)] = Outcome.DIVERGED
    v[outcome != Outcome.CONVERGED] = np.nan
    return v, outcome, iterations


def _plan(network: Network, state: FloatArray, varying: BoolArray, use_band: bool) -> Plan:
    """A plan that also serves the next batch: without the lines that are open throughout, and ready for the taps of all
    regulators if some vary, and for the steps of all capacitors.
    """
    layout = network.states
    can_conduct = np.ones(state.shape[1], dtype=bool)
    can_conduct[layout.lines] = (state[:, layout.lines] != 0).any(axis=0)
    varies = varying.copy()
    for together in (layout.regulated_windings, layout.capacitors):
        varies[together] = varying[together].any()
    return plan_for(network, can_conduct, varies, use_band)


def _operating_point(
    plan: Plan, admittance: _Admittance, scenarios: Scenarios, n_scenarios: int, *, is_started: bool
) -> _Point | None:
    """Where the batch works, or None if it is small or has no answer there."""
    if n_scenarios <= LANES:
        return None
    p_kw, q_kvar, source_pu = (_middle(array) for array in (scenarios.p_kw, scenarios.q_kvar, scenarios.source_pu))
    if is_started:
        return _Point(_middle(scenarios.start).view(np.complex128), p_kw, q_kvar)
    matrix = _matrix(plan, admittance.snapshot, np.full(len(plan.rank), -1), 0, None)
    middle = scenarios._replace(p_kw=p_kw[None], q_kvar=q_kvar[None], source_pu=source_pu[None])
    v = np.empty((1, len(plan.rank)), dtype=np.complex128)
    arguments = (matrix, plan.pattern, plan.points, _nothing_varies(), middle)
    error, _ = solve_batch(_parts(v), 1, *arguments, POINT_TOLERANCE, POINT_ITERATIONS)
    return _Point(v[0], p_kw, q_kvar) if error[0] <= POINT_TOLERANCE else None


POINT_TOLERANCE = 1e-3
"""Error of the voltages at the operating point [pu]: slopes need no more."""

POINT_ITERATIONS = 50
"""An operating point that takes longer is no good place for slopes."""


def _parts(v_pu: ComplexArray) -> FloatArray:
    """The same memory as real and imaginary parts in turn, (scenario, node) -> (scenario, 2 * node)."""
    return np.ascontiguousarray(v_pu).view(np.float64)


def _middle(rows: np.ndarray) -> np.ndarray:
    """Mean over a sample of rows, evenly spread, those with NaN or infinity left out."""
    some = rows[np.linspace(0, len(rows) - 1, min(len(rows), SAMPLE)).astype(np.int64)]
    sound = some[np.isfinite(some.reshape(len(some), -1)).all(axis=1)]
    return np.asarray(sound.mean(axis=0)) if len(sound) else np.zeros_like(rows[0])


def _matrix(plan: Plan, admittance: ComplexArray, first: IntArray, n_slots: int, point: _Point | None) -> Matrix:
    """Matrix of a batch with the slopes at its operating point, or none."""
    plain = np.column_stack([admittance.real, -admittance.imag, admittance.imag, admittance.real])
    points = plan.points
    if point is None:
        slope = np.zeros((len(points.kind), 4))
        common = plain
    else:
        slope = slopes_at(point.v_pu, point.p_kw, point.q_kvar, points, plan.rank)
        common = plain.copy()
        for column, sign in enumerate((1.0, -1.0, -1.0, 1.0)):
            into = points.into[:, column]
            np.add.at(common, into[into >= 0], sign * slope[into >= 0])
    return Matrix(plain, slope, eliminate_shared(common, first, plan.pattern), first, n_slots)


def _admittance(network: Network, plan: Plan, state: FloatArray, varying: BoolArray) -> _Admittance:
    """The nodal admittance at the states of a batch.

    De-energised nodes get one on the diagonal: with no current they end at zero voltage.
    """
    snapshot = _entries(network, plan, state[0], np.ones(len(plan.entries), dtype=bool))
    snapshot[plan.pattern.diagonal] += dead_nodes(network, state[0])[plan.order]
    if not varying.any():
        return _Admittance(snapshot, snapshot, _nothing_varies(), np.full(network.n_nodes, -1), 0)
    e = network.entries
    is_variable = varying[e.state_a[plan.entries]] | varying[e.state_b[plan.entries]]
    common = _entries(network, plan, state[0], ~is_variable)
    variable = _variable(network, plan, state, varying, is_variable)
    first, n_slots = _own_rows(plan, variable)
    return _Admittance(common, snapshot, variable, first, n_slots)


def _nothing_varies() -> Variable:
    nothing = np.empty(0, dtype=np.int64)
    no_state, no_dead = np.empty((0, 1)), np.empty((0, 0), dtype=bool)
    return Variable(nothing, nothing, np.empty(0, dtype=np.complex128), nothing, nothing, no_state, no_dead)


def _entries(network: Network, plan: Plan, state: FloatArray, chosen: BoolArray) -> ComplexArray:
    """Some entries of the plan at one state, summed per position; the identity in the rows of an ideal source."""
    e, some = network.entries, plan.entries[chosen]
    total = np.zeros(plan.pattern.n_positions, dtype=np.complex128)
    total[plan.held] = 1.0
    np.add.at(total, plan.position[chosen], e.value[some] * state[e.state_a[some]] * state[e.state_b[some]])
    return total


def _variable(network: Network, plan: Plan, state: FloatArray, varying: BoolArray, is_variable: BoolArray) -> Variable:
    """The entries that vary; a state that is the same everywhere moves into the value, leaving the constant one behind."""
    e, some = network.entries, plan.entries[is_variable]
    position = plan.position[is_variable]
    a, b = e.state_a[some], e.state_b[some]
    fixed = np.where(varying[a], 1.0, state[0, a]) * np.where(varying[b], 1.0, state[0, b])
    column = np.where(varying, np.cumsum(varying), 0)  # 0 is the constant one
    dead = dead_nodes_per_scenario(network, state)[:, plan.order]
    return Variable(
        row=np.searchsorted(plan.pattern.row_start, position, side="right") - 1,
        position=position,
        value=e.value[some] * fixed,
        a=column[a],
        b=column[b],
        state=np.ascontiguousarray(np.column_stack([np.ones(len(state)), state[:, varying]])),
        dead=np.ascontiguousarray(dead) if dead.any() else np.empty((0, 0), dtype=bool),
    )


def _own_rows(plan: Plan, variable: Variable) -> tuple[IntArray, int]:
    """First slot of each row that depends on a varying entry or on supply, -1 for the others, (node,), and slots in all."""
    seed = np.zeros(len(plan.rank), dtype=bool)
    seed[: variable.dead.shape[1]] = variable.dead.any(axis=0)
    seed[variable.row] = True
    seed[plan.pattern.column[variable.position]] = True
    depends = dependent_rows(seed, plan.pattern)
    width = np.where(depends, np.diff(plan.pattern.row_start), 0)
    return np.where(depends, np.cumsum(width) - width, -1), int(width.sum())
