"""Solve a batch at given taps, line positions and capacitor steps: from states and powers to voltages.

Chord Newton first, with the slopes of the devices at an operating point. Many scenarios have one of their own, at the voltages of
the mean of a sample of them, or of those they start from; a few take the nearest of a grid (`level_point`). A block that can have
neither runs as a plain fixed point. Newton's method then solves what is left.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from tieline.network.network import Network
from tieline.powerflow.kernel.chord import PATIENCE, solve_by_chord
from tieline.powerflow.kernel.lanes import LANES
from tieline.powerflow.kernel.level_point import has_angles, prepare_at_level
from tieline.powerflow.kernel.machine_code import machine_code
from tieline.powerflow.kernel.newton import solve_by_newton
from tieline.powerflow.kernel.prepare import (
    POINT_TOLERANCE,
    at_operating_point,
    differing_states,
    prepare,
)
from tieline.powerflow.kernel.system import (
    Answers,
    Inputs,
    Limits,
    System,
    real_rows,
    rows_of,
)
from tieline.powerflow.kernel.threads import over_threads
from tieline.powerflow.outcome import Outcome
from tieline.typing import ComplexArray, FloatArray, IntArray

FEW = 16 * LANES
"""Scenarios, at most, for which an operating point of their own does not pay: it takes a third of the time of as many. On 8500
nodes half a step of the grid costs a third of an iteration, so that for more it may not pay."""


def solve_at_rest(
    network: Network,
    inputs: Inputs,
    n_scenarios: int,
    limits: Limits,
    *,
    use_band: bool,
    out: ComplexArray | None = None,
) -> tuple[ComplexArray, IntArray, IntArray]:
    """Voltages of all scenarios at fixed states.

    Args:
        network: feeder arrays.
        inputs: what the scenarios ask.
        n_scenarios: number of scenarios.
        limits: when to stop.
        use_band: apply OpenDSS' load band.
        out: takes the voltages, (scenario, node); a new array if None.

    Returns:
        Voltages (scenario, node) [pu], `Outcome` codes (scenario,), iterations (scenario,). Voltages of failed scenarios are NaN.
    """
    system = _posed(network, inputs, n_scenarios, use_band)
    answers = _run(solve_by_chord, n_scenarios, system, limits, out)
    is_solved = answers.error <= limits.tolerance  # NaN is not
    if is_solved.all():
        converged = np.zeros(n_scenarios, dtype=np.int64)
        return answers.v_pu, converged, answers.iterations
    # Chord Newton slows down near the load at which the voltage collapses; there each scenario needs slopes of its own.
    if limits.max_iterations > PATIENCE:
        unsolved = np.flatnonzero(~is_solved)
        of_newton = run_newton(unsolved, system, limits)
        answers.voltage[unsolved] = of_newton.voltage
        answers.error[unsolved] = of_newton.error
        answers.iterations[unsolved] += of_newton.iterations
    outcome = outcomes(answers.error, limits.tolerance)
    v_pu = answers.v_pu
    v_pu[np.flatnonzero(outcome)] = complex(np.nan, np.nan)
    return v_pu, outcome, answers.iterations


def _posed(
    network: Network, inputs: Inputs, n_scenarios: int, use_band: bool
) -> System:
    """The system with slopes at an operating point, one that suits the number of scenarios."""
    # one alone needs no slopes: to compile them would be a third of the time of the first power flow after installation
    has_few = 1 < n_scenarios <= FEW and len(inputs.state) == 1
    if has_few and not has_angles(network, inputs):
        return prepare_at_level(network, inputs, _solve_one, use_band=use_band)
    system = prepare(network, inputs, differing_states(inputs.state), use_band=use_band)
    # slopes cost a solve of their own: a single block is through before they pay
    if n_scenarios > LANES:
        system = at_operating_point(system, inputs.start is not None, _solve_one)
    return system


def outcomes(error: FloatArray, tolerance: float) -> IntArray:
    """`Outcome` codes of scenarios by the estimated errors of their voltages, (scenario,)."""
    outcome = np.zeros(len(error), dtype=np.int64)
    has_failed = ~(error <= tolerance)  # so that NaN fails
    if has_failed.any():
        outcome[has_failed] = Outcome.ITERATION_LIMIT
        outcome[~np.isfinite(error)] = Outcome.DIVERGED
    return outcome


def run_newton(unsolved: IntArray, system: System, limits: Limits) -> Answers:
    """Newton's method for some scenarios, with the iterations that the chord method has left over."""
    subsystem = rows_of(system, unsolved)
    scenarios = subsystem.scenarios._replace(noise=subsystem.scenarios.newton_noise)
    remaining = limits._replace(max_iterations=limits.max_iterations - PATIENCE)
    return _run(
        solve_by_newton,
        len(unsolved),
        subsystem._replace(scenarios=scenarios),
        remaining,
    )


def _run(
    method: Callable[..., None],
    n_scenarios: int,
    system: System,
    limits: Limits,
    out: ComplexArray | None = None,
) -> Answers:
    """What one method makes of all scenarios of a system; `out` takes the voltages if there is one."""
    if out is None:
        out = np.empty((n_scenarios, len(system.scenarios.rank)), dtype=np.complex128)
    answers = Answers(
        voltage=real_rows(out),
        error=np.empty(n_scenarios),
        iterations=np.empty(n_scenarios, dtype=np.int64),
    )
    n_blocks = -(-n_scenarios // LANES)
    n_entries = system.pattern.n_positions
    solve_blocks = machine_code(method)
    over_threads(solve_blocks, n_blocks, n_entries, system, limits, answers)
    return answers


def _solve_one(system: System) -> ComplexArray | None:
    """Voltages of one scenario, as good as an operating point needs to be, (node,)."""
    answers = _run(solve_by_chord, 1, system, Limits(POINT_TOLERANCE, PATIENCE))
    if answers.error[0] <= POINT_TOLERANCE:
        return answers.v_pu[0]
    return None
