"""The loop of controls on feeders with a short tail (see `kernel.tail`): controls act within an iteration, too.

The tail is all that they look at, and taps and steps stand in it. It is solved between the two halves of an iteration, and solved
again at the new taps while controls move; device currents are worked out again only then. What the move itself and the currents
that follow it may still change, the estimate of the reading errors covers: it counts the move as a step of the iteration.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from tieline.powerflow.controls.crew import make_crew
from tieline.powerflow.controls.loop import (
    CALM,
    act_if_certain,
    begin_round,
    estimate_reading_errors,
    fill_lanes,
)
from tieline.powerflow.controls.meters import read_meters
from tieline.powerflow.kernel.arrays import zeros
from tieline.powerflow.kernel.chord import PATIENCE, factorise_own_rows
from tieline.powerflow.kernel.compiled import entry, leaf, maker
from tieline.powerflow.kernel.iteration import update_errors
from tieline.powerflow.kernel.lanes import LANES, load, store
from tieline.powerflow.kernel.tail import (
    back_head,
    forward_head,
    make_tail,
    solve_tail,
)
from tieline.powerflow.kernel.workspace import make_workspace
from tieline.typing import BoolArray, FloatArray

UNSEEN = -1.0
"""The quotient of a scenario before its second step."""


class Pace(NamedTuple):
    """How fast each lane comes to its readings.

    Attributes:
        re, im: the phasors or complex powers before the iteration, (reading, LANES).
        step: how far the voltages of the tail have moved in the last iteration, taps included, (LANES,) [pu].
        quotient: the most that was left of a step in the next iteration of the scenario, (LANES,), `UNSEEN` at first.
        has_moved: whether the controls have moved since the tail was last solved, (LANES,).
    """

    re: FloatArray
    im: FloatArray
    step: FloatArray
    quotient: FloatArray
    has_moved: BoolArray


@maker
def make_pace(n_readings):
    """Arrays that a thread uses for all its scenarios."""
    return Pace(
        re=zeros((n_readings, LANES), np.float64),
        im=zeros((n_readings, LANES), np.float64),
        step=zeros((LANES,), np.float64),
        quotient=zeros((LANES,), np.float64),
        has_moved=zeros((LANES,), np.bool_),
    )


@entry
def solve_acting_by_tail(queue, system, controls, limits, progress):
    """`solve_acting`, with moves within iterations."""
    work = make_workspace(system, 0)
    tail = make_tail(system)
    n_readings = len(controls.meters.is_power)
    crew = make_crew(controls.settings, n_readings)
    pace = make_pace(n_readings)
    most_iterations = min(PATIENCE, limits.max_iterations + 1)
    crew.is_done[:] = True  # every lane is free for a first scenario
    pace.quotient[:] = UNSEEN
    n_busy = fill_lanes(queue, system, progress, work, crew)
    while n_busy > 0:
        crew.is_done[:] = False
        forward_head(system, tail, work)
        _move_while_certain(system, controls, limits, progress, tail, work, crew, pace)
        back_head(system, tail, work)
        update_errors(limits.tolerance, work)
        for b in range(LANES):
            crew.is_done[b] = crew.is_busy[b] and (
                crew.is_done[b]
                or _act_or_release(
                    b, limits, controls.settings, progress, work, crew, pace
                )
                or work.age[b] >= most_iterations
            )
            if crew.is_done[b]:
                pace.quotient[b] = UNSEEN
        n_busy = fill_lanes(queue, system, progress, work, crew)


@leaf
def _move_while_certain(system, controls, limits, progress, tail, work, crew, pace):
    """Solve the tail and let controls act, again and again until no lane moves any more."""
    _copy_rows(crew.re, pace.re)
    _copy_rows(crew.im, pace.im)
    pace.has_moved[:] = True
    n_moved = LANES
    while n_moved > 0:
        factorise_own_rows(system, work)
        solve_tail(system, tail, work)
        _read_meters(controls.meters, work, crew, pace)
        _update_quotients(tail, work, pace)
        n_moved = _act_where_certain(
            controls.settings, limits.max_rounds, progress, tail, work, crew, pace
        )
    for b in range(LANES):
        pace.step[b] = np.sqrt(tail.change[0, b])


@leaf
def _read_meters(meters, work, crew, pace):
    """Readings at the voltages of now, and how far they have moved from those before the iteration."""
    _copy_rows(pace.re, crew.re)
    _copy_rows(pace.im, crew.im)
    read_meters(
        work.vr,
        work.vi,
        work.state,
        meters,
        crew.re,
        crew.im,
        crew.readings,
        crew.moved,
    )


@leaf
def _copy_rows(source, target):
    for k in range(len(source)):
        store(target, k, load(source, k))


@leaf
def _update_quotients(tail, work, pace):
    """What is left of the last step of the tail in each lane whose taps are those of the iteration before."""
    for b in range(LANES):
        if pace.quotient[b] != UNSEEN and work.age[b] > 0:
            quotient = np.sqrt(tail.change[0, b]) / pace.step[b]
            pace.quotient[b] = max(pace.quotient[b], quotient)


@leaf
def _act_where_certain(settings, max_rounds, progress, tail, work, crew, pace):
    """Let the controls of all lanes act that read something new; returns in how many they have moved."""
    n_moved = 0
    for b in range(LANES):
        # whose taps have not moved reads what it did
        pace.has_moved[b] = (
            pace.has_moved[b]
            and not crew.is_done[b]
            and _moves(b, settings, tail, work, crew, pace)
        )
        if pace.has_moved[b]:
            crew.is_done[b] = begin_round(b, max_rounds, progress, work, crew)
            n_moved += 1
    return n_moved


@leaf
def _moves(b, settings, tail, work, crew, pace):
    """Let the controls of lane b act if its steps shrink so fast that what they want is certain; True if they have moved."""
    if not 0.0 <= pace.quotient[b] <= CALM:
        return False
    step = np.sqrt(tail.change[0, b])
    estimate_reading_errors(b, pace.quotient[b], step, crew)
    return act_if_certain(b, settings, work, crew)


@leaf
def _act_or_release(b, limits, settings, progress, work, crew, pace):
    """Let the controls of lane b act if its voltages have converged; True if the scenario is to leave the lane.

    It leaves when its controls rest at converged voltages, or when it needs another method.
    """
    if work.age[b] > 1:
        pace.quotient[b] = max(pace.quotient[b], work.quotient[0, b])
    if not np.isfinite(work.before[0, b]):
        return True  # beyond rescue at these taps; Newton's method may still solve it
    if not work.error[b] <= limits.tolerance:
        return False
    estimate_reading_errors(b, 0.0, 0.0, crew)
    if act_if_certain(b, settings, work, crew):
        return begin_round(b, limits.max_rounds, progress, work, crew)
    return True
