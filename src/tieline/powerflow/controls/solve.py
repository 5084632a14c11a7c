"""Solve a batch with the feeder's own controls: regulators and switched capacitors act until they rest.

Rounds of solve, measure, act, as in the static control mode of OpenDSS: see `meters` for what is measured, `decisions` for who
acts and how far, `loop` for the loop itself. Scenarios that chord Newton cannot solve at their taps are solved there by Newton's
method and go back to the loop.

Source: line-drop compensator as in W. H. Kersting, Distribution System Modeling and Analysis, 4th ed., ch. 7; share and
rounding of a move as in OpenDSS' static mode.
"""

from __future__ import annotations

from functools import lru_cache, partial
from typing import Any

import numpy as np

from tieline.network.network import Network
from tieline.powerflow.controls.decisions import settings_of
from tieline.powerflow.controls.loop import (
    Controls,
    Progress,
    Queue,
    fill_inner,
    solve_acting,
)
from tieline.powerflow.controls.loop_by_tail import solve_acting_by_tail
from tieline.powerflow.controls.meters import meters_of
from tieline.powerflow.controls.parts import compile_parts
from tieline.powerflow.kernel.chord import PATIENCE
from tieline.powerflow.kernel.held_positions import outcomes, run_newton
from tieline.powerflow.kernel.lanes import LANES
from tieline.powerflow.kernel.machine_code import laid_out, machine_code
from tieline.powerflow.kernel.matrix import varying_columns
from tieline.powerflow.kernel.prepare import (
    POINT_TOLERANCE,
    SYSTEMS_KEPT,
    at_operating_point,
    differing_states,
    prepare,
)
from tieline.powerflow.kernel.system import (
    Inputs,
    Limits,
    System,
    complex_rows,
    real_rows,
)
from tieline.powerflow.kernel.tail import has_tail
from tieline.powerflow.kernel.threads import in_threads, over_threads
from tieline.powerflow.outcome import Outcome
from tieline.typing import BoolArray, ComplexArray, FloatArray, IntArray


def solve_with_controls(
    network: Network,
    inputs: Inputs,
    tap: IntArray,
    n_scenarios: int,
    limits: Limits,
    *,
    use_band: bool,
    memory: np.ndarray | None = None,
    out: ComplexArray | None = None,
) -> tuple[Progress, IntArray, FloatArray]:
    """Solve a batch with all controls of the feeder active.

    Args:
        network: feeder arrays.
        inputs: what the scenarios ask.
        tap: taps from which regulators start, (scenario or 1, regulator).
        n_scenarios: number of scenarios.
        limits: when to stop.
        use_band: apply OpenDSS' load band.
        memory: what the controls remember of rounds before, (scenario, control); None for nothing.
        out: takes the voltages, (scenario, node); a new array if None.

    Returns:
        Where all scenarios have ended, their `Outcome` codes (scenario,), and their states (scenario or 1, state). Voltages of
        failed scenarios are NaN.
    """
    varying = _varying(network, inputs.state)
    system, controls = _posed(network, inputs, varying, use_band)
    if n_scenarios > LANES:
        solve_one = partial(_solve_one, controls, tap)
        system = at_operating_point(system, inputs.start is not None, solve_one)
    progress = _begin(system, controls, tap, n_scenarios)
    if out is not None:
        out[...] = 0.0
        progress = progress._replace(voltage=real_rows(out))
    if memory is not None:
        progress = progress._replace(memory=memory)
    _bring_to_rest(system, controls, limits, progress)
    outcome = outcomes(progress.error, limits.tolerance)
    outcome[progress.rounds == limits.max_rounds] = Outcome.CONTROL_LIMIT
    progress.voltage[outcome != Outcome.CONVERGED] = np.nan
    return progress, outcome, _final_state(inputs.state, varying, progress)


def compile_ahead(network: Network, inputs: Inputs, tap: IntArray) -> None:
    """Compile parts of what solves this question with one scenario, without solving it; for a process beside one that does."""
    varying = _varying(network, inputs.state)
    system, controls = _posed(network, inputs, varying, use_band=True)
    progress = _begin(system, controls, tap, 1)
    compile_parts(system, controls, Limits(POINT_TOLERANCE, PATIENCE), progress)


def _posed(
    network: Network, inputs: Inputs, varying: BoolArray, use_band: bool
) -> tuple[System, Controls]:
    """What is solved, and who acts on it, where some states vary, (state,)."""
    watched = np.unique(meters_of(network).node)
    system = prepare(network, inputs, varying, use_band=use_band, watched=watched)
    return system, _controls(network, system, inputs.state[0], varying)


def _varying(network: Network, state: FloatArray) -> BoolArray:
    """States that differ between scenarios or that controls may change, (state,)."""
    varying = differing_states(state)
    states = network.states
    varying[states.regulated_windings] = True
    varying[states.capacitors.start + network.capacitor_controls.capacitor] = True
    return varying


def _controls(
    network: Network, system: System, state: FloatArray, varying: BoolArray
) -> Controls:
    """Controls in the terms of compiled code, for scenarios that share all but the `varying` ones of the states, (state,)."""
    fixed = np.where(varying, 1.0, state)
    rank = system.scenarios.rank
    return _placed_controls(network, rank.tobytes(), varying.tobytes(), fixed.tobytes())


@lru_cache(maxsize=SYSTEMS_KEPT)
def _placed_controls(
    network: Network, rank_bytes: bytes, varying_bytes: bytes, fixed_bytes: bytes
) -> Controls:
    """The answer is the same for the same arguments: a network never changes, and is its own key."""
    column = varying_columns(np.frombuffer(varying_bytes, dtype=bool))
    rank = np.frombuffer(rank_bytes, dtype=np.int64)
    meters = meters_of(network).at(rank, column, np.frombuffer(fixed_bytes))
    return laid_out(Controls(meters, settings_of(network).at(column)))


def _begin(system: System, controls: Controls, tap: IntArray, count: int) -> Progress:
    """The first `count` scenarios before their first round; taps have one row each or one for all."""
    return Progress(
        voltage=np.zeros((count, 2 * len(system.scenarios.rank))),
        tap=_copied_rows(tap, count),
        memory=controls.settings.memory(system.variable.state[:count], count),
        state=_copied_rows(system.variable.state, count),
        error=np.full(count, np.inf),
        iterations=np.zeros(count, dtype=np.int64),
        rounds=np.zeros(count, dtype=np.int64),
    )


def _bring_to_rest(
    system: System, controls: Controls, limits: Limits, progress: Progress
) -> None:
    """Bring all scenarios to rest, or find out that they have no answer; brings `progress` up to date."""
    pending = np.arange(len(progress.error))
    while len(pending) > 0:
        _act(pending, system, controls, limits, progress)
        has_failed = ~(progress.error[pending] <= limits.tolerance)
        unsolved = pending[has_failed & (progress.rounds[pending] < limits.max_rounds)]
        if len(unsolved) == 0 or limits.max_iterations <= PATIENCE:
            break
        _solve_there(unsolved, system, limits, progress)
        # Those that Newton's method has solved at their taps go back: their controls may now want to move.
        pending = unsolved[progress.error[unsolved] <= limits.tolerance]
    pattern = system.pattern
    n_inner_entries = int(pattern.row_start[pattern.n_inner])
    n_blocks = -(-len(progress.error) // LANES)
    over_threads(machine_code(fill_inner), n_blocks, n_inner_entries, system, progress)


def _act(
    pending: IntArray,
    system: System,
    controls: Controls,
    limits: Limits,
    progress: Progress,
) -> None:
    """Chord Newton, controls acting on the way."""
    queue = Queue(np.zeros(1, dtype=np.int64), pending)
    n_blocks = -(-len(pending) // LANES)
    n_entries = system.pattern.n_positions
    loop = solve_acting_by_tail if has_tail(system) else solve_acting
    solve_queue = machine_code(loop)
    in_threads(
        solve_queue, n_blocks, n_entries, queue, system, controls, limits, progress
    )


def _solve_there(
    unsolved: IntArray, system: System, limits: Limits, progress: Progress
) -> None:
    """Newton's method at the present taps of some scenarios."""
    variable = system.variable._replace(state=progress.state)
    answers = run_newton(unsolved, system._replace(variable=variable), limits)
    progress.voltage[unsolved] = answers.voltage
    progress.error[unsolved] = answers.error
    progress.iterations[unsolved] += answers.iterations


def _solve_one(
    controls: Controls, tap: IntArray, system: System
) -> ComplexArray | None:
    """Voltages of one scenario at rest, as good as an operating point needs to be, (node,)."""
    progress = _begin(system, controls, tap, 1)
    _bring_to_rest(system, controls, Limits(POINT_TOLERANCE, PATIENCE), progress)
    if progress.error[0] <= POINT_TOLERANCE:
        return complex_rows(progress.voltage)[0]
    return None


def _final_state(
    state: FloatArray, varying: BoolArray, progress: Progress
) -> FloatArray:
    """States of all scenarios after the last moves, one row if they are the same, (scenario or 1, state)."""
    is_same = (progress.state == progress.state[0]).all()
    count = 1
    if not is_same:
        count = len(progress.state)
    final = _copied_rows(state, count)
    # the first column is the constant one
    final[:, varying] = progress.state[:count, 1:]
    return final


def _copied_rows(array: Any, count: int) -> Any:
    """A row for each of the first `count` scenarios, to be written to, of an array that may have one row for all."""
    shape = (count, array.shape[1])
    # row by row, or compiled code would be compiled once more for the other order
    return np.array(np.broadcast_to(array[:count], shape), order="C")
