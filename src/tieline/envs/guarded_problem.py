"""The steps of a `Problem` as `GuardedSteps`: what the safety step may change, and how far, in a step.

    P    within its box, ramp x h of the power before, and what a battery can hold in the step
    Q    within its box; beside a P that is not decided, such as the sun's, within the apparent power too

A set-point is decided if its box has room in any step. Rows are whatever the caller puts side by side: steps of days that are
played together, or the one step that is next. Left out: flexible loads, which are served in full, and energy over all steps.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from tieline.devices.apparent_power import q_room
from tieline.envs.box import Box
from tieline.envs.grid_constraints import GridConstraints
from tieline.envs.guarded_steps import GuardedSteps, StepRows
from tieline.envs.set_point_entries import Entries
from tieline.opf import Problem
from tieline.typing import FloatArray, IntArray


@dataclass(frozen=True, eq=False)
class DevicesNow:
    """What devices bring into steps side by side.

    Attributes:
        p_min_kw, p_max_kw: box of P, (row, der).
        stored_kwh: before the step, (row, storage).
        last_kw: injection before the step, (row, der); NaN where the step is free.
    """

    p_min_kw: FloatArray
    p_max_kw: FloatArray
    stored_kwh: FloatArray
    last_kw: FloatArray


def guard_problem(problem: Problem, order: IntArray | None = None) -> GuardedSteps:
    """What can be corrected in the steps of a problem.

    Args:
        problem: all steps, whose boxes say what is decided.
        order: DERs that may be decided, in the order in which they stand in an action, P before Q; all if left out.
    """
    network = problem.network
    limits = problem.limits
    every = np.arange(problem.n_ders)
    if order is not None:
        every = order
    entries, action = _decided(problem, every)
    grid = GridConstraints(
        limits.points, limits.v_min_pu, limits.v_max_pu, limits.flows
    )
    return GuardedSteps(
        network=network,
        grid=grid,
        entries=entries,
        kva=problem.ders.kva,
        line_closed=problem.positions["line_closed"],
        source_pu=problem.setting.source_pu,
        action=action,
    )


def rows_now(
    guarded: GuardedSteps,
    problem: Problem,
    load_kw: FloatArray,
    load_kvar: FloatArray,
    devices: DevicesNow,
) -> StepRows:
    """Steps side by side, (row, load) each, at the positions of the problem."""
    low_kw, high_kw = p_range_kw(problem, devices)
    entries = guarded.entries
    low_kvar, high_kvar = _q_range_kvar(problem, entries, low_kw)
    count = len(load_kw)
    positions = problem.positions
    return StepRows(
        load_kw=load_kw,
        load_kvar=load_kvar,
        # what is not decided has a box without room
        der_kw=low_kw,
        der_kvar=low_kvar,
        low=entries.taken(low_kw, low_kvar),
        high=entries.taken(high_kw, high_kvar),
        taps=np.tile(positions["taps"], (count, 1)),
        capacitor_steps=np.tile(positions["capacitor_steps"], (count, 1)),
    )


def next_step(guarded: GuardedSteps, problem: Problem) -> StepRows:
    """The first step of a problem, with the state that it begins with, as one row."""
    ders = problem.ders
    devices = DevicesNow(
        p_min_kw=ders.p_min_kw[:1],
        p_max_kw=ders.p_max_kw[:1],
        stored_kwh=problem.storage.stored_kwh[None],
        last_kw=ders.last_kw[None],
    )
    steps = problem.steps
    return rows_now(
        guarded,
        problem,
        steps.load_kw[:1],
        steps.load_kvar[:1],
        devices,
    )


def p_range_kw(problem: Problem, devices: DevicesNow) -> tuple[FloatArray, FloatArray]:
    """Least and largest P of every DER in its step, (row, der) each [kW]."""
    ramp_kw = problem.ders.ramp_kw
    # fmax and fmin pass over NaN, of a first step that is free
    low = np.fmax(devices.p_min_kw, devices.last_kw - ramp_kw)
    high = np.fmin(devices.p_max_kw, devices.last_kw + ramp_kw)
    storage = problem.storage
    charge_kw, discharge_kw = storage.batteries.power_limits_kw(
        devices.stored_kwh, problem.steps.hours
    )
    der = storage.der
    low[:, der] = np.maximum(low[:, der], -charge_kw)
    high[:, der] = np.minimum(high[:, der], discharge_kw)
    # out of a ramp's reach the near edge of the box is what comes nearest
    low = np.minimum(low, devices.p_max_kw)
    return low, np.maximum(high, devices.p_min_kw)


def _q_range_kvar(
    problem: Problem, entries: Entries, der_kw: FloatArray
) -> tuple[FloatArray, FloatArray]:
    """Least and largest Q of every DER in its step, (row, der) each [kvar]; `der_kw` tells the P of those not decided."""
    ders = problem.ders
    room_kvar = q_room(ders.kva, der_kw)
    # beside a P that is decided there is another room for each P
    decided = entries.der[entries.active]
    room_kvar[:, decided] = np.inf
    low = np.clip(ders.q_min_kvar[0], -room_kvar, room_kvar)
    high = np.clip(ders.q_max_kvar[0], -room_kvar, room_kvar)
    return low, high


def _decided(problem: Problem, order: IntArray) -> tuple[Entries, Box]:
    """The set-points with room in any step, and the bounds of their shares; P and Q of a DER stand side by side."""
    ders = problem.ders
    low = _side_by_side(ders.p_min_kw, ders.q_min_kvar, order)
    high = _side_by_side(ders.p_max_kw, ders.q_max_kvar, order)
    has_room = (high > low).any(axis=0)
    lowest = low.min(axis=0)[has_room]
    highest = high.max(axis=0)[has_room]
    der = np.repeat(order, 2)
    is_reactive = np.tile([False, True], len(order))
    entries = Entries(
        der=der[has_room],
        is_reactive=is_reactive[has_room],
        unit=np.maximum(np.abs(lowest), np.abs(highest)),
    )
    names = _names(problem, entries)
    return entries, Box(names, lowest / entries.unit, highest / entries.unit)


def _side_by_side(p: FloatArray, q: FloatArray, order: IntArray) -> FloatArray:
    """P, Q, P, Q, ... of some DERs, (step, 2 der), of (step, der) each."""
    pairs = np.stack([p[:, order], q[:, order]], axis=2)
    return pairs.reshape(len(p), -1)


def _names(problem: Problem, entries: Entries) -> tuple[str, ...]:
    ders = problem.network.feeder.ders
    names = []
    for der, is_reactive in zip(entries.der, entries.is_reactive, strict=True):
        word = "q_share" if is_reactive else "p_share"
        names.append(f"{word} of {ders[der].name}")
    return tuple(names)
