"""Chord Newton with controls that act on the way: every lane follows a scenario of its own, at its own stage.

A lane iterates at its taps and steps until it is certain what its controls want (see `decisions`); they move, and it goes on
from its last voltages. Once its controls rest and its voltages have converged, or it needs another method, the next scenario
takes its place. So all lanes are busy until the last scenarios, though some need one round and others twenty.

An iteration walks forward through all rows, then through the tail (see `kernel.tail`), which is all that controls look at, and
back. Controls act between: the tail is solved again at the new taps, as often as there are lanes enough that move once more, and
device currents are worked out again only then.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from tieline.powerflow.controls.crew import make_crew
from tieline.powerflow.controls.decisions import Settings, act, decide, waits
from tieline.powerflow.controls.meters import Meters, read_meters
from tieline.powerflow.kernel.chord import PATIENCE
from tieline.powerflow.kernel.compiled import entry, leaf
from tieline.powerflow.kernel.iteration import MARGIN, finish, update_errors
from tieline.powerflow.kernel.lane_traffic import (
    load_lane_scenario,
    load_lane_states,
    load_lane_voltages,
    load_outer,
    write_inner,
    write_lane_voltages,
)
from tieline.powerflow.kernel.lanes import LANES, larger, load, root, spread, store
from tieline.powerflow.kernel.own_rows import factorise_own_rows
from tieline.powerflow.kernel.served import is_served
from tieline.powerflow.kernel.system import System
from tieline.powerflow.kernel.tail import (
    back_head,
    forward_head,
    make_tail,
    solve_tail,
)
from tieline.powerflow.kernel.threads import take_number
from tieline.powerflow.kernel.workspace import begin_anew, make_workspace
from tieline.typing import FloatArray, IntArray

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


def lanes_worth_a_pass(system: System) -> int:
    """How many lanes have to have moved for another pass through the tail to cost less than the iterations that it saves.

    Costs are counted in multiplications of lanes: an entry takes four in an iteration, a port some twenty; an entry of an own row
    and each product taken off it take eight.
    """
    pattern = system.pattern
    rows = system.matrix.own
    outer = slice(pattern.n_inner, None)
    n_entries = (pattern.row_start[1:] - pattern.active_start)[outer].sum()
    of_iteration = 4 * n_entries + 20 * len(system.ports.kind)
    of_pass = 8 * (len(rows.slot) + len(rows.left))
    return int(1 + LANES * of_pass // of_iteration)


@entry
def solve_acting(queue, least_moved, system, controls, limits, progress):
    """Solve scenarios until the queue is empty; any number of threads may do so at once.

    Args:
        queue: scenarios to be solved.
        least_moved: lanes that have to have moved for another pass through the tail.
        system: what is solved.
        controls: of the network.
        limits: when to stop; a scenario leaves after `PATIENCE` iterations at the same taps in any case.
        progress: of all scenarios, to be brought up to date.
    """
    work = make_workspace(system, 0)
    tail = make_tail(system)
    n_readings = len(controls.meters.is_power)
    crew = make_crew(controls.settings, n_readings, system.scenarios.rank)
    crew.is_done[:] = True  # every lane is free for a first scenario
    n_busy = _fill_lanes(queue, system, progress, work, crew)
    while n_busy > 0:
        forward_head(system, tail, work)
        move_while_certain(
            least_moved, system, controls, limits, progress, tail, work, crew
        )
        back_head(system, tail, work)
        update_errors(limits.tolerance, work)
        for b in range(LANES):
            crew.is_done[b] = crew.is_busy[b] and (
                crew.is_done[b]
                or act_or_release(b, limits, controls.settings, progress, work, crew)
            )
        n_busy = _fill_lanes(queue, system, progress, work, crew)


@entry
def fill_inner(begin, end, system, progress):
    """Voltages of the inner nodes from those of all others, for the blocks begin to end; no lane had to wait for them."""
    work = make_workspace(system, 0)
    has_own_inner_rows = len(system.variable.dead) > 0
    for block in range(begin, end):
        first = block * LANES
        last = min(first + LANES, len(progress.voltage)) - 1
        for b in range(LANES):
            work.scenario[b] = min(first + b, last)
            load_lane_states(b, work.scenario[b], progress.state, work)
        load_outer(first, last, progress.voltage, system, work)
        if has_own_inner_rows:
            factorise_own_rows(system, work)
        finish(system, work)
        write_inner(first, last, system, progress.voltage, work)


@leaf
def move_while_certain(
    least_moved, system, controls, limits, progress, tail, work, crew
):
    """Solve the tail, let controls act where it is certain what they want, and once more for those that have moved.

    Lanes that have moved after the last pass wait for the next iteration.
    """
    is_first = True
    while True:
        solve_tail(system, tail, work)
        read_meters(is_first, work.vr, work.vi, work.state, controls.meters, crew.sheet)
        store(crew.step, 0, root(load(tail.change, 0)))
        if is_first:
            _update_quotients(work, crew)
        _estimate_reading_errors(crew)
        _find_resting(controls.settings, crew)
        n_stale = _act_where_certain(
            is_first, controls.settings, limits.max_rounds, progress, work, crew
        )
        if n_stale == 0 or (not is_first and n_stale < least_moved):
            break
        factorise_own_rows(system, work)
        crew.is_current[:] = True
        is_first = False
    for b in range(LANES):
        crew.reach[b] = crew.step[0, b]


@leaf
def _act_where_certain(is_first, settings, max_rounds, progress, work, crew):
    """Let the controls of all lanes act that read something new and have no doubt; returns how many lanes need other factors."""
    n_stale = 0
    for b in range(LANES):
        # whose taps have not moved since the first pass reads what it did
        is_new = is_first or crew.was_stale[b]
        may_act = is_new and crew.is_current[b] and _is_fast(b, crew)
        may_act = may_act and not crew.is_done[b] and not _rests(b, crew)
        if may_act and _decide_and_act(b, settings, work, crew):
            crew.is_done[b] = _begin_round(b, max_rounds, progress, work, crew)
        crew.was_stale[b] = not crew.is_current[b]
        n_stale += 1 if crew.was_stale[b] else 0
    return n_stale


@leaf
def _is_fast(b, crew):
    """Whether the steps of lane b shrink so fast that an estimate of its errors can be trusted."""
    return crew.is_calm[b] and crew.quotient[b] <= CALM


@leaf
def _update_quotients(work, crew):
    """How fast the steps of the tail shrink in each lane that iterates at the taps of before."""
    for b in range(LANES):
        if crew.is_current[b] and work.age[b] > 0:
            quotient = crew.step[0, b] / crew.reach[b]
            crew.quotient[b] = max(crew.quotient[b], quotient)


@leaf
def _estimate_reading_errors(crew):
    """Write how far off the readings of each lane may be.

    Steps shrink in proportion to their distance from the operating voltage, which after a move may double: the next quotient is
    taken for twice the last. A reading is at least as far off, relative to itself, as the voltages, and moves on as it did last.
    """
    for b in range(LANES):
        quotient = 2.0 * crew.quotient[b]
        crew.share[0, b] = MARGIN * quotient / (1.0 - quotient)
    share = load(crew.share, 0)
    step = load(crew.step, 0)
    for k in range(len(crew.sheet.readings)):
        re = load(crew.sheet.re, k)
        im = load(crew.sheet.im, k)
        size = root(re * re + im * im)
        store(crew.sheet.error, k, share * (load(crew.sheet.moved, k) + size * step))


@leaf
def _find_resting(settings, crew):
    """Write by how much a reading may lie outside of its regulator's band, at most; infinite where that does not tell all."""
    most = spread(-np.inf)
    for k in range(len(settings.regulators)):
        regulator = settings.regulators[k]
        if regulator.is_elaborate:
            most = spread(np.inf)
        off = load(crew.sheet.readings, k) - spread(regulator.set_v)
        size = larger(off, spread(0.0) - off)
        most = larger(
            most, size + load(crew.sheet.error, k) - spread(regulator.band_v / 2)
        )
    if len(settings.capacitors) > 0:
        most = spread(np.inf)
    store(crew.outside, 0, most)


@leaf
def _rests(b, crew):
    """Whether all controls of lane b want nothing for certain, and none has entered anything: most do at most times."""
    return crew.outside[0, b] <= 0.0 and not crew.waits[b]


@leaf
def _decide_and_act(b, settings, work, crew):
    """Let the controls of lane b act if it is certain what they want; True if they have moved."""
    is_certain = decide(
        b,
        crew.sheet.readings,
        crew.sheet.error,
        crew.tap,
        crew.memory,
        work.state,
        settings,
        crew.wishes,
    )
    if not is_certain:
        return False
    has_moved = act(b, crew.wishes, settings, crew.tap, crew.memory, work.state)
    crew.waits[b] = has_moved and waits(b, crew.memory)
    return has_moved


@leaf
def act_or_release(b, limits, settings, progress, work, crew):
    """Let the controls of lane b act if its voltages have converged; True if the scenario is to leave the lane.

    It leaves when its controls rest at converged voltages, or when it needs another method.
    """
    if not crew.is_current[b]:
        # its step was not yet one at its taps
        progress.iterations[work.scenario[b]] += 1
        begin_anew(b, work)
        return False
    if work.age[b] > 1:
        is_fast = work.quotient[0, b] <= CALM
        crew.is_calm[b] = is_fast and (crew.is_calm[b] or work.age[b] == 2)
        crew.quotient[b] = max(crew.quotient[b], work.quotient[0, b])
    if not np.isfinite(work.before[0, b]):
        return True  # beyond rescue at these taps; Newton's method may still solve it
    if work.error[b] <= limits.tolerance:
        if _is_fast(b, crew) and _rests(b, crew):
            return True
        for k in range(len(crew.sheet.error)):
            crew.sheet.error[k, b] = 0.0
        if _decide_and_act(b, settings, work, crew):
            return _begin_round(b, limits.max_rounds, progress, work, crew)
        return True
    return work.age[b] >= min(PATIENCE, limits.max_iterations + 1)


@leaf
def _begin_round(b, max_rounds, progress, work, crew):
    """Lane b goes on with what its controls have done; True if that was its last round."""
    scenario = work.scenario[b]
    progress.iterations[scenario] += _iterations(b, work, crew)
    progress.rounds[scenario] += 1
    # Steps before the move say nothing of those after it; the voltages stay, as the best start there is.
    crew.came_solved[b] = False
    crew.is_current[b] = False
    begin_anew(b, work)
    return progress.rounds[scenario] == max_rounds


@leaf
def _iterations(b, work, crew):
    """Iterations of lane b that it needed, since its controls last moved."""
    return 0 if crew.came_solved[b] else min(work.last[b] + 1, work.age[b])


@leaf
def _fill_lanes(queue, system, progress, work, crew):
    """Write down the scenarios of the lanes that are done and give these lanes the next; returns how many lanes are busy."""
    n_busy = 0
    for b in range(LANES):
        if crew.is_done[b]:
            if crew.is_busy[b]:
                _write_lane(b, system, progress, work, crew)
            place = take_number(queue.taken)
            crew.is_busy[b] = place < len(queue.pending)
            crew.is_done[b] = False
            # no step of a new scenario has been seen, and an empty lane never moves
            crew.is_calm[b] = False
            crew.is_current[b] = True
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
        n_inner = system.pattern.n_inner
        write_lane_voltages(b, crew.node, n_inner, progress.voltage, work)


@leaf
def _load_lane(b, scenario, system, progress, work, crew):
    """Take a scenario into lane b, with taps and states as they are by now."""
    load_lane_scenario(b, scenario, system, work)
    load_lane_states(b, scenario, progress.state, work)
    # Solved by Newton's method: its controls look at those voltages, and it counts as converged until they move.
    work.error[b] = progress.error[scenario]
    crew.came_solved[b] = progress.error[scenario] < np.inf
    crew.quotient[b] = 0.0
    crew.waits[b] = True
    crew.is_current[b] = False
    for k in range(len(crew.tap)):
        crew.tap[k, b] = progress.tap[scenario, k]
    for k in range(len(crew.memory)):
        crew.memory[k, b] = progress.memory[scenario, k]
    if crew.came_solved[b]:
        load_lane_voltages(b, scenario, progress.voltage, crew.node, system, work)
    else:
        start = system.scenarios.start
        load_lane_voltages(b, scenario, start, crew.node, system, work)
