"""Chord Newton with controls that act on the way: every lane follows a scenario of its own, at its own stage.

A lane iterates at its taps and steps until it is certain what its controls want (see `decisions`); they move, and it goes on
from its last voltages. Once its controls rest and its voltages have converged, or it needs another method, the next scenario
takes its place. So all lanes are busy until the last scenarios, though some need one round and others twenty.

The rows of the factors that depend on taps are worked out anew every `TURN` iterations, for all lanes at once.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from tieline.powerflow.controls.decisions import Settings, act, decide
from tieline.powerflow.controls.memory import MEMORY
from tieline.powerflow.controls.meters import Meters, read_meters
from tieline.powerflow.kernel.block import (
    MARGIN,
    begin_anew,
    fill_own_rows,
    finish,
    is_settled,
    iterate,
    make_workspace,
)
from tieline.powerflow.kernel.chord import PATIENCE
from tieline.powerflow.kernel.compiled import entry, leaf, maker
from tieline.powerflow.kernel.factors import eliminate_own
from tieline.powerflow.kernel.lanes import LANES
from tieline.powerflow.kernel.served import is_served, leave_unserved
from tieline.powerflow.kernel.threads import take_number
from tieline.typing import BoolArray, FloatArray, IntArray

MAX_ROUNDS = 100
"""Three full sweeps of a 33-position changer; whoever still moves then is hunting."""

TURN = 2
"""Iterations between two looks at the controls: two steps are the least that say how fast they shrink."""

CALM = 0.25
"""Where a step was more than this part of the one before, the load may be one that no voltage can carry: controls then wait until
the voltages have converged. With an eye on the last two steps alone, one of 1000 scenarios around that load acted too soon.
"""


class Controls(NamedTuple):
    """What the controls of a network measure and how they are set."""

    meters: Meters
    settings: Settings


class Progress(NamedTuple):
    """How far each scenario has come.

    `voltage` (scenario, 2 * node in network order) real and imaginary parts in turn [pu]; `tap` (scenario, regulator); `memory`
    of the controls, records of `MEMORY` (scenario, control); `state` (scenario, varying state); estimated `error` [pu],
    `iterations` so far and `rounds` of moves so far (scenario,). A scenario of finite error at the outset has been solved at its
    taps by another method.
    """

    voltage: FloatArray
    tap: IntArray
    memory: np.ndarray
    state: FloatArray
    error: FloatArray
    iterations: IntArray
    rounds: IntArray


class Crew(NamedTuple):
    """What the lanes of a thread know of their controls: taps (regulator, LANES), memories (control, LANES), readings and their
    errors (reading, LANES), the phasors or powers `re` + j `im` that they come from and how far these moved in the last iteration
    (reading, LANES), wishes of one lane (control,), whether there is a scenario in a lane, whether it came solved, and whether
    its steps have shrunk fast ever since its controls last moved.
    """

    tap: IntArray
    memory: np.ndarray
    readings: FloatArray
    re: FloatArray
    im: FloatArray
    moved: FloatArray
    error: FloatArray
    wishes: IntArray
    is_busy: BoolArray
    came_solved: BoolArray
    is_calm: BoolArray


@maker
def _make_crew(n_regulators, n_capacitors, n_readings):
    """Arrays that a thread uses for all its scenarios."""
    return Crew(
        tap=np.zeros((n_regulators, LANES), dtype=np.int64),
        memory=np.zeros((n_regulators + n_capacitors, LANES), dtype=MEMORY),
        readings=np.zeros((n_readings, LANES)),
        re=np.zeros((n_readings, LANES)),
        im=np.zeros((n_readings, LANES)),
        moved=np.zeros((n_readings, LANES)),
        error=np.zeros((n_readings, LANES)),
        wishes=np.zeros(n_regulators + n_capacitors, dtype=np.int64),
        is_busy=np.zeros(LANES, dtype=np.bool_),
        came_solved=np.zeros(LANES, dtype=np.bool_),
        is_calm=np.ones(LANES, dtype=np.bool_),
    )


@entry
def solve_acting(
    queue,
    pending,
    progress,
    matrix,
    pattern,
    points,
    variable,
    scenarios,
    controls,
    tolerance,
    max_iterations,
):
    """Solve scenarios until the queue is empty; any number of threads may do so at once.

    Args:
        queue: number of scenarios taken so far, (1,).
        pending: scenarios to be solved, (scenario in the queue,).
        progress: of all scenarios, to be brought up to date.
        matrix, pattern, points, variable, scenarios, controls: as described at their classes.
        tolerance: estimated error of the voltages at which a scenario counts as converged [pu].
        max_iterations: leave a scenario after so many at the same taps, or after `PATIENCE`.
    """
    settings = controls.settings
    work = make_workspace(len(pattern.diagonal), points, variable.state.shape[1], matrix.n_slots)
    crew = _make_crew(
        len(settings.regulators), len(settings.capacitors), len(controls.meters.is_power)
    )
    factors, own, first, slope = matrix.factors, work.own, matrix.first, matrix.slope
    limit = min(PATIENCE, max_iterations + 1)
    is_done = np.ones(LANES, dtype=np.bool_)
    n_busy = _replace(
        is_done, queue, pending, progress, points, scenarios, pattern.n_inner, variable, work, crew
    )
    while n_busy > 0:
        fill_own_rows(factors, first, pattern, variable, work, own)
        eliminate_own(own, first, pattern)
        for _ in range(TURN):
            iterate(factors, own, first, pattern, points, slope, work.no_slope, scenarios, work)
            is_settled(tolerance, work)
            read_meters(
                work.vr,
                work.vi,
                work.state,
                controls.meters,
                crew.re,
                crew.im,
                crew.readings,
                crew.moved,
            )
        for b in range(LANES):
            is_done[b] = crew.is_busy[b] and _ends(
                b, limit, tolerance, settings, progress, work, crew
            )
        n_busy = _replace(
            is_done,
            queue,
            pending,
            progress,
            points,
            scenarios,
            pattern.n_inner,
            variable,
            work,
            crew,
        )


@entry
def fill_inner(begin, end, progress, matrix, pattern, points, variable, rank, noise):
    """Voltages of the inner nodes from those of all others, for the blocks begin to end; no lane had to wait for them."""
    work = make_workspace(len(pattern.diagonal), points, variable.state.shape[1], matrix.n_slots)
    for block in range(begin, end):
        first, last = block * LANES, min(block * LANES + LANES, len(progress.voltage)) - 1
        for b in range(LANES):
            work.scenario[b] = min(first + b, last)
            _load_states(b, work.scenario[b], progress.state, work)
            _load_voltage(
                b, work.scenario[b], progress.voltage, rank, pattern.n_inner, variable.dead, work
            )
        if len(variable.dead) > 0:  # else no inner row is one of its own
            fill_own_rows(matrix.factors, matrix.first, pattern, variable, work, work.own)
            eliminate_own(work.own, matrix.first, pattern)
        finish(matrix.factors, work.own, matrix.first, pattern, noise, work)
        for b in range(last + 1 - first):
            _write_voltage(b, rank, 0, pattern.n_inner, progress.voltage, work)


@leaf
def _ends(b, limit, tolerance, settings, progress, work, crew):
    """Let the controls of lane b act if it is certain what they want; True if the scenario leaves the lane."""
    scenario = work.scenario[b]
    has_converged = work.error[b] <= tolerance
    if not np.isfinite(work.before[0, b]):
        return True
    if _estimate_errors(b, has_converged, work, crew) and decide(
        b, crew.readings, crew.error, crew.tap, crew.memory, work.state, settings, crew.wishes
    ):
        if act(b, crew.wishes, settings, crew.tap, crew.memory, work.state):
            return _starts_round(b, scenario, progress, work, crew)
        if has_converged:
            return True
    return work.age[b] >= limit


@leaf
def _starts_round(b, scenario, progress, work, crew):
    """Lane b goes on with what its controls have done; True if that was its last round."""
    progress.iterations[scenario] += _iterations(b, work, crew)
    progress.rounds[scenario] += 1
    crew.came_solved[b], crew.is_calm[b] = False, True
    begin_anew(b, work)
    return progress.rounds[scenario] == MAX_ROUNDS


@leaf
def _iterations(b, work, crew):
    """Iterations of lane b that it needed, since its controls last moved."""
    return 0 if crew.came_solved[b] else min(work.last[b] + 1, work.age[b])


@leaf
def _estimate_errors(b, has_converged, work, crew):
    """Write how far off the readings of lane b may be, nothing if it has converged; False if that cannot be said yet.

    Steps shrink in proportion to their distance from the operating voltage, which after a move may double: the next quotient is
    taken for twice the last. A phasor is at least as far off, relative to itself, as the voltages, and moves on as it did last.
    """
    crew.is_calm[b] = has_converged or (crew.is_calm[b] and work.quotient[0, b] <= CALM)
    quotient = 0.0 if has_converged else 2.0 * work.quotient[0, b]
    factor = MARGIN * quotient / (1.0 - quotient)
    for k in range(len(crew.readings)):
        size = np.hypot(crew.re[k, b], crew.im[k, b])
        crew.error[k, b] = factor * (crew.moved[k, b] + size * work.before[0, b])
    return crew.is_calm[b]


@leaf
def _replace(is_done, queue, pending, progress, points, scenarios, n_inner, variable, work, crew):
    """Write down the scenarios of the lanes that are done and give these lanes the next; returns how many lanes are busy."""
    n_busy = 0
    for b in range(LANES):
        if is_done[b]:
            if crew.is_busy[b]:
                _write_lane(b, scenarios.rank, n_inner, points, progress, work, crew)
            place = take_number(queue)
            crew.is_busy[b] = place < len(pending)
            if crew.is_busy[b]:
                _load_lane(
                    b,
                    pending[place],
                    progress,
                    points,
                    scenarios,
                    n_inner,
                    variable.dead,
                    work,
                    crew,
                )
        n_busy += 1 if crew.is_busy[b] else 0
    return n_busy


@leaf
def _write_lane(b, rank, n_inner, points, progress, work, crew):
    """Write down how far the scenario in lane b has come; `fill_inner` does the rest."""
    scenario = work.scenario[b]
    progress.error[scenario] = work.error[b] if is_served(b, points, work) else np.inf
    progress.iterations[scenario] += _iterations(b, work, crew)
    for k in range(len(crew.tap)):
        progress.tap[scenario, k] = crew.tap[k, b]
    for k in range(len(crew.memory)):
        progress.memory[scenario, k] = crew.memory[k, b]
    for k in range(len(work.state)):
        progress.state[scenario, k] = work.state[k, b]
    if not crew.came_solved[b]:
        _write_voltage(b, rank, n_inner, len(rank), progress.voltage, work)


@leaf
def _write_voltage(b, rank, begin, end, voltage, work):
    """Write down the voltages of lane b at the elimination steps begin to end."""
    scenario = work.scenario[b]
    for node in range(len(rank)):
        if begin <= rank[node] < end:
            voltage[scenario, 2 * node] = work.vr[rank[node], b]
            voltage[scenario, 2 * node + 1] = work.vi[rank[node], b]


@leaf
def _load_lane(b, scenario, progress, points, scenarios, n_inner, dead, work, crew):
    """Take a scenario into lane b."""
    begin_anew(b, work)
    work.scenario[b], work.error[b] = scenario, progress.error[scenario]
    work.scale[0, b] = scenarios.source_pu[min(scenario, len(scenarios.source_pu) - 1)]
    crew.came_solved[b], crew.is_calm[b] = progress.error[scenario] < np.inf, True
    for k in range(len(crew.tap)):
        crew.tap[k, b] = progress.tap[scenario, k]
    for k in range(len(crew.memory)):
        crew.memory[k, b] = progress.memory[scenario, k]
    _load_states(b, scenario, progress.state, work)
    if crew.came_solved[b]:
        _load_voltage(b, scenario, progress.voltage, scenarios.rank, n_inner, dead, work)
    else:
        _load_voltage(b, scenario, scenarios.start, scenarios.rank, n_inner, dead, work)
    _load_power(b, scenario, scenarios.p_kw, scenarios.q_kvar, points, work.power)
    if len(dead) > 0:
        leave_unserved(b, dead[min(scenario, len(dead) - 1)], points, work.power)


@leaf
def _load_states(b, scenario, state, work):
    """Varying states of lane b."""
    for k in range(len(work.state)):
        work.state[k, b] = state[scenario, k]


@leaf
def _load_voltage(b, scenario, voltage, rank, n_inner, dead, work):
    """First voltages of lane b; those of de-energised nodes start and stay at zero."""
    row, dead_row = min(scenario, len(voltage) - 1), min(scenario, len(dead) - 1)
    for node in range(len(rank)):
        i = rank[node]
        if i >= n_inner:
            is_dead = dead_row >= 0 and dead[dead_row, i]
            work.vr[i, b] = 0.0 if is_dead else voltage[row, 2 * node]
            work.vi[i, b] = 0.0 if is_dead else voltage[row, 2 * node + 1]


@leaf
def _load_power(b, scenario, p_kw, q_kvar, points, power):
    """Rows of power of every point in lane b."""
    row_p, row_q = min(scenario, len(p_kw) - 1), min(scenario, len(q_kvar) - 1)
    for pair in range(len(points.term_start) - 1):
        p, q = 0.0, 0.0
        for k in range(points.term_start[pair], points.term_start[pair + 1]):
            p += points.term_p[k] * p_kw[row_p, points.term_device[k]]
            q += points.term_q[k] * q_kvar[row_q, points.term_device[k]]
        power[2 * pair, b], power[2 * pair + 1, b] = p, q
