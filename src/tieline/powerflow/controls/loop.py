"""Chord Newton with controls that act on the way: every lane follows a scenario of its own, at its own stage.

A lane iterates at its taps and steps until it is certain what its controls want (see `decisions`); they move, and it goes on
from its last voltages. Once its controls rest and its voltages have converged, or it needs another method, the next scenario
takes its place. So all lanes are busy until the last scenarios, though some need one round and others twenty.

The rows of the factors that depend on taps are worked out anew every `TURN` iterations, for all lanes at once.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from tieline.powerflow.controls.crew import make_crew
from tieline.powerflow.controls.decisions import Settings, act, decide
from tieline.powerflow.controls.meters import Meters, read_meters
from tieline.powerflow.kernel.chord import PATIENCE, factorise_own_rows
from tieline.powerflow.kernel.compiled import entry, leaf
from tieline.powerflow.kernel.iteration import MARGIN, finish, iterate, update_errors
from tieline.powerflow.kernel.lane_traffic import (
    load_lane_scenario,
    load_lane_states,
    load_lane_voltages,
    write_lane_voltages,
)
from tieline.powerflow.kernel.lanes import LANES
from tieline.powerflow.kernel.served import is_served
from tieline.powerflow.kernel.threads import take_number
from tieline.powerflow.kernel.workspace import begin_anew, make_workspace
from tieline.typing import FloatArray, IntArray

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


class Queue(NamedTuple):
    """Scenarios that wait for a lane: `pending`, and how many of them have been `taken`, (1,), by any thread."""

    taken: IntArray
    pending: IntArray


class Progress(NamedTuple):
    """How far each scenario has come.

    `voltage` (scenario, 2 * node in network order) real and imaginary parts in turn [pu]; `tap` (scenario, regulator); `memory`,
    what the controls remember (scenario, control); `state` (scenario, varying state); estimated `error` [pu], `iterations` so far
    and `rounds` of moves so far (scenario,). A scenario of finite error at the outset has been solved at its taps by another
    method.
    """

    voltage: FloatArray
    tap: IntArray
    memory: np.ndarray
    state: FloatArray
    error: FloatArray
    iterations: IntArray
    rounds: IntArray


@entry
def solve_acting(queue, system, controls, limits, progress):
    """Solve scenarios until the queue is empty; any number of threads may do so at once.

    Args:
        queue: scenarios to be solved.
        system: what is solved.
        controls: of the network.
        limits: when to stop; a scenario leaves after `PATIENCE` iterations at the same taps in any case.
        progress: of all scenarios, to be brought up to date.
    """
    work = make_workspace(system, 0)
    crew = make_crew(controls.settings, len(controls.meters.is_power))
    most_iterations = min(PATIENCE, limits.max_iterations + 1)
    crew.is_done[:] = True  # every lane is free for a first scenario
    n_busy = fill_lanes(queue, system, progress, work, crew)
    while n_busy > 0:
        # Taps may have moved in any lane: all lanes go through the few rows together, which costs less than to ask which.
        factorise_own_rows(system, work)
        for _ in range(TURN):
            iterate(system, work)
            update_errors(limits.tolerance, work)
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
            crew.is_done[b] = crew.is_busy[b] and (
                act_or_release(b, limits, controls.settings, progress, work, crew)
                or work.age[b] >= most_iterations
            )
        n_busy = fill_lanes(queue, system, progress, work, crew)


@entry
def fill_inner(begin, end, system, progress):
    """Voltages of the inner nodes from those of all others, for the blocks begin to end; no lane had to wait for them."""
    work = make_workspace(system, 0)
    has_own_inner_rows = len(system.variable.dead) > 0
    rank = system.scenarios.rank
    n_inner = system.pattern.n_inner
    for block in range(begin, end):
        first = block * LANES
        last = min(first + LANES, len(progress.voltage)) - 1
        for b in range(LANES):
            work.scenario[b] = min(first + b, last)
            load_lane_states(b, work.scenario[b], progress.state, work)
            load_lane_voltages(b, work.scenario[b], progress.voltage, system, work)
        if has_own_inner_rows:
            factorise_own_rows(system, work)
        finish(system, work)
        for b in range(last + 1 - first):
            write_lane_voltages(b, rank, 0, n_inner, progress.voltage, work)


@leaf
def act_or_release(b, limits, settings, progress, work, crew):
    """Let the controls of lane b act if it is certain what they want; True if the scenario is to leave the lane."""
    has_converged = work.error[b] <= limits.tolerance
    if not np.isfinite(work.before[0, b]):
        return True  # beyond rescue at these taps; Newton's method may still solve it
    last_quotient = work.quotient[0, b]
    crew.is_calm[b] = has_converged or (crew.is_calm[b] and last_quotient <= CALM)
    if not crew.is_calm[b]:
        return False
    quotient = 0.0 if has_converged else last_quotient
    estimate_reading_errors(b, quotient, work.before[0, b], crew)
    if act_if_certain(b, settings, work, crew):
        return begin_round(b, limits.max_rounds, progress, work, crew)
    # Unless the voltages are final too, a later reading may still wake a control.
    return has_converged


@leaf
def act_if_certain(b, settings, work, crew):
    """Let the controls of lane b act if the errors of its readings leave no doubt what they want; True if they have moved."""
    is_certain = decide(
        b,
        crew.readings,
        crew.error,
        crew.tap,
        crew.memory,
        work.state,
        settings,
        crew.wishes,
    )
    return is_certain and act(
        b, crew.wishes, settings, crew.tap, crew.memory, work.state
    )


@leaf
def begin_round(b, max_rounds, progress, work, crew):
    """Lane b goes on with what its controls have done; True if that was its last round."""
    scenario = work.scenario[b]
    progress.iterations[scenario] += _iterations(b, work, crew)
    progress.rounds[scenario] += 1
    # Steps before the move say nothing of those after it; the voltages stay, as the best start there is.
    crew.came_solved[b] = False
    crew.is_calm[b] = True
    begin_anew(b, work)
    return progress.rounds[scenario] == max_rounds


@leaf
def _iterations(b, work, crew):
    """Iterations of lane b that it needed, since its controls last moved."""
    return 0 if crew.came_solved[b] else min(work.last[b] + 1, work.age[b])


@leaf
def estimate_reading_errors(b, last_quotient, step, crew):
    """Write how far off the readings of lane b may be after a step of its voltages, nothing if its quotient is zero.

    Steps shrink in proportion to their distance from the operating voltage, which after a move may double: the next quotient is
    taken for twice the last. A reading is at least as far off, relative to itself, as the voltages, and moves on as it did last.
    """
    quotient = 2.0 * last_quotient
    factor = MARGIN * quotient / (1.0 - quotient)
    for k in range(len(crew.readings)):
        size = np.hypot(crew.re[k, b], crew.im[k, b])
        last_move = crew.moved[k, b] + size * step
        crew.error[k, b] = factor * last_move


@leaf
def fill_lanes(queue, system, progress, work, crew):
    """Write down the scenarios of the lanes that are done and give these lanes the next; returns how many lanes are busy."""
    n_busy = 0
    for b in range(LANES):
        if crew.is_done[b]:
            if crew.is_busy[b]:
                _write_lane(b, system, progress, work, crew)
            place = take_number(queue.taken)
            crew.is_busy[b] = place < len(queue.pending)
            if crew.is_busy[b]:
                _load_lane(b, queue.pending[place], system, progress, work, crew)
        n_busy += 1 if crew.is_busy[b] else 0
    return n_busy


@leaf
def _write_lane(b, system, progress, work, crew):
    """Write down how far the scenario in lane b has come; `fill_inner` does the rest."""
    scenario = work.scenario[b]
    progress.error[scenario] = (
        work.error[b] if is_served(b, system.ports, work) else np.inf
    )
    progress.iterations[scenario] += _iterations(b, work, crew)
    for k in range(len(crew.tap)):
        progress.tap[scenario, k] = crew.tap[k, b]
    for k in range(len(crew.memory)):
        progress.memory[scenario, k] = crew.memory[k, b]
    for k in range(len(work.state)):
        progress.state[scenario, k] = work.state[k, b]
    if not crew.came_solved[b]:
        rank = system.scenarios.rank
        write_lane_voltages(
            b, rank, system.pattern.n_inner, len(rank), progress.voltage, work
        )


@leaf
def _load_lane(b, scenario, system, progress, work, crew):
    """Take a scenario into lane b, with taps and states as they are by now."""
    load_lane_scenario(b, scenario, system, work)
    load_lane_states(b, scenario, progress.state, work)
    # Solved by Newton's method: its controls look at those voltages, and it counts as converged until they move.
    work.error[b] = progress.error[scenario]
    crew.came_solved[b] = progress.error[scenario] < np.inf
    crew.is_calm[b] = True
    for k in range(len(crew.tap)):
        crew.tap[k, b] = progress.tap[scenario, k]
    for k in range(len(crew.memory)):
        crew.memory[k, b] = progress.memory[scenario, k]
    if crew.came_solved[b]:
        load_lane_voltages(b, scenario, progress.voltage, system, work)
    else:
        load_lane_voltages(b, scenario, system.scenarios.start, system, work)
