"""Solve a batch at given taps, line positions and capacitor steps: from states and powers to voltages.

Chord Newton first, with the slopes of the devices taken where the batch works: at the voltages of the mean of a sample of its
scenarios, or of the voltages it starts from. A batch that fits one block is not worth that and runs as a plain fixed point.
Newton's method then solves what is left.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import lru_cache
from typing import Any

import numpy as np

from tieline.network.network import Network
from tieline.network.sections import sections_of
from tieline.powerflow.kernel.block import ROUNDING, Matrix, Scenarios, Variable
from tieline.powerflow.kernel.chord import PATIENCE, solve_by_chord
from tieline.powerflow.kernel.lanes import LANES
from tieline.powerflow.kernel.matrix import (
    Admittance,
    OperatingPoint,
    admittance_of_many,
    make_matrix,
    matrix_of_one,
)
from tieline.powerflow.kernel.newton import solve_by_newton
from tieline.powerflow.kernel.plan import NOTHING, PLANS_KEPT, Plan, plan_for
from tieline.powerflow.kernel.threads import over_threads
from tieline.powerflow.outcome import Outcome
from tieline.typing import BoolArray, ComplexArray, FloatArray, IntArray

SAMPLE = 64
"""At most so many scenarios, whose mean is the operating point of a batch: enough for a mean, and no pass through all inputs."""

POINT_TOLERANCE = 1e-3
"""Error of the voltages at the operating point [pu]: slopes need no more."""

UNDETERMINED = 1e-4
"""Where rounding moves a voltage by so much, nothing determines it: that is no answer."""


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
    plan = plan_of(network, state, varying, use_band)
    scenarios = scenarios_of(network, plan, p_kw, q_kvar, source_pu, start)
    snapshot, matrix = matrix_of_one(network, plan, state[0].tobytes())
    point = None
    if n_scenarios > LANES:
        point = operating_point(
            scenarios, start is not None, lambda middle: _solve_one(plan, snapshot, matrix, middle)
        )
        scenarios = started_at(point, scenarios, start is not None)
    admittance = admittance_of_many(network, plan, state, varying) if varying.any() else snapshot
    if point is not None or varying.any():
        matrix = make_matrix(plan, admittance, point)
    v, error, iterations = _run(
        solve_by_chord,
        n_scenarios,
        plan,
        matrix,
        admittance.variable,
        scenarios,
        tolerance,
        max_iterations,
    )
    left = np.flatnonzero(~(error <= tolerance))
    if len(left) > 0 and max_iterations > PATIENCE:
        v[left], error[left], more = run_newton(
            left, plan, matrix, admittance.variable, scenarios, tolerance, max_iterations
        )
        iterations[left] += more
    outcome = outcomes(error, tolerance)
    v[outcome != Outcome.CONVERGED] = complex(np.nan, np.nan)
    return v, outcome, iterations


def outcomes(error: FloatArray, tolerance: float) -> IntArray:
    """`Outcome` codes of scenarios by the estimated errors of their voltages, (scenario,)."""
    outcome = np.full(len(error), Outcome.CONVERGED, dtype=np.int64)
    outcome[~(error <= tolerance)] = Outcome.ITERATION_LIMIT
    outcome[~np.isfinite(error)] = Outcome.DIVERGED
    return outcome


def run_newton(
    left: IntArray,
    plan: Plan,
    matrix: Matrix,
    variable: Variable,
    scenarios: Scenarios,
    tolerance: float,
    max_iterations: int,
) -> tuple[ComplexArray, FloatArray, IntArray]:
    """Newton's method for the scenarios `left`, with the iterations that the chord method has left over; see `_run`."""
    some, varies = _rows_of(scenarios, left), _rows_of(variable, left)
    some = some._replace(noise=scenarios.newton_noise)
    return _run(
        solve_by_newton, len(left), plan, matrix, varies, some, tolerance, max_iterations - PATIENCE
    )


def _run(
    solve_blocks: Callable[..., None],
    n_scenarios: int,
    plan: Plan,
    matrix: Matrix,
    variable: Variable,
    scenarios: Scenarios,
    tolerance: float,
    max_iterations: int,
) -> tuple[ComplexArray, FloatArray, IntArray]:
    """Voltages (scenario, node) [pu], estimated errors [pu] and iterations (scenario,) of one method."""
    v = np.empty((n_scenarios, len(plan.rank)), dtype=np.complex128)
    error, iterations = np.empty(n_scenarios), np.empty(n_scenarios, dtype=np.int64)
    n_blocks = -(-n_scenarios // LANES)
    arguments = (matrix, plan.pattern, plan.points, variable, scenarios, tolerance, max_iterations)
    over_threads(
        solve_blocks, n_blocks, plan.pattern.n_positions, parts(v), error, iterations, *arguments
    )
    return v, error, iterations


def scenarios_of(
    network: Network,
    plan: Plan,
    p_kw: FloatArray,
    q_kvar: FloatArray,
    source_pu: FloatArray,
    start: ComplexArray | None,
) -> Scenarios:
    """Inputs as the compiled steps want them; arguments as for `solve_at_rest`."""
    source = network.source_current[network.source_nodes]
    return Scenarios(
        p_kw=p_kw,
        q_kvar=q_kvar,
        source_pu=source_pu,
        source_re=np.ascontiguousarray(source.real),
        source_im=np.ascontiguousarray(source.imag),
        start=np.zeros((1, 2 * network.n_nodes)) if start is None else parts(start),
        rank=plan.rank,
        noise=_noise(network)[0][plan.order],
        newton_noise=_noise(network)[1][plan.order],
    )


@lru_cache(maxsize=PLANS_KEPT)
def _noise(network: Network) -> FloatArray:
    """Squared steps of chord's and of Newton's method that are made of rounding errors, (2, node); none where voltages are known
    to `ROUNDING`, or not at all.
    """
    sections = sections_of(network)
    noise = np.stack([sections.noise_pu, sections.newton_noise_pu])[:, sections.of_node]
    return np.where((noise > ROUNDING) & (noise < UNDETERMINED), noise, 0.0) ** 2


def _rows_of(arrays: Scenarios | Variable, chosen: IntArray) -> Any:
    """The same for some scenarios only."""
    per_scenario = ("p_kw", "q_kvar", "source_pu", "start", "state", "dead")
    rows = {name: getattr(arrays, name) for name in arrays._fields if name in per_scenario}
    return arrays._replace(
        **{name: array[chosen] for name, array in rows.items() if len(array) > 1}
    )


def plan_of(
    network: Network,
    state: FloatArray,
    varying: BoolArray,
    use_band: bool,
    watched: IntArray = NOTHING,
) -> Plan:
    """A plan that also serves the next batch: without the lines that are open throughout, and ready for the taps of all
    regulators if some vary, and for the steps of all capacitors. `watched` as for `plan.plan_for`.
    """
    layout = network.states
    can_conduct = np.ones(state.shape[1], dtype=bool)
    can_conduct[layout.lines] = (state[:, layout.lines] != 0).any(axis=0)
    varies = varying.copy()
    for together in (layout.regulated_windings, layout.capacitors):
        varies[together] = varying[together].any()
    return plan_for(network, can_conduct, varies, use_band, watched)


def operating_point(
    scenarios: Scenarios, is_started: bool, solve_one: Callable[[Scenarios], ComplexArray | None]
) -> OperatingPoint | None:
    """Where a batch works: at the mean of the voltages it starts from, or else at the mean of a sample of its scenarios, of which
    `solve_one` finds the voltages, (node,); None if it finds none.
    """
    p_kw, q_kvar, source_pu = (
        _middle(array) for array in (scenarios.p_kw, scenarios.q_kvar, scenarios.source_pu)
    )
    if is_started:
        return OperatingPoint(_middle(scenarios.start).view(np.complex128), p_kw, q_kvar)
    v = solve_one(
        scenarios._replace(p_kw=p_kw[None], q_kvar=q_kvar[None], source_pu=source_pu[None])
    )
    return None if v is None else OperatingPoint(v, p_kw, q_kvar)


def started_at(point: OperatingPoint | None, scenarios: Scenarios, is_started: bool) -> Scenarios:
    """The same, with the operating point for a start if there is one and no better start."""
    return (
        scenarios
        if is_started or point is None
        else scenarios._replace(start=parts(point.v_pu[None, :]))
    )


def _solve_one(
    plan: Plan, snapshot: Admittance, matrix: Matrix, middle: Scenarios
) -> ComplexArray | None:
    """Voltages of one scenario, as good as an operating point needs to be, (node,)."""
    v, error, _ = _run(
        solve_by_chord, 1, plan, matrix, snapshot.variable, middle, POINT_TOLERANCE, PATIENCE
    )
    return v[0] if error[0] <= POINT_TOLERANCE else None


def parts(v_pu: ComplexArray) -> FloatArray:
    """The same memory as real and imaginary parts in turn, (scenario, node) -> (scenario, 2 * node)."""
    return np.ascontiguousarray(v_pu).view(np.float64)


def _middle(rows: np.ndarray) -> np.ndarray:
    """Mean over a sample of rows, evenly spread, those with NaN or infinity left out."""
    some = rows[:: -(-len(rows) // SAMPLE)]
    sound = some[np.isfinite(some.reshape(len(some), -1)).all(axis=1)]
    return np.asarray(sound.mean(axis=0)) if len(sound) else np.zeros_like(rows[0])
