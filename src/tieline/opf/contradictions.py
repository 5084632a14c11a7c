"""Limits that contradict each other before anything is solved: boxes, circles, stored energy, voltages."""

from __future__ import annotations

import numpy as np

from tieline.errors import InputError
from tieline.opf.problem import Problem
from tieline.typing import BoolArray, FloatArray

ROUNDING = 1e-12
"""Relative slack of checks: the last digits of a conversion."""

POINTS_NAMED = 3
"""Voltage points that a message spells out: crossed limits are mostly crossed everywhere."""


def require_answerable(problem: Problem) -> None:
    """Check a problem.

    Raises:
        InputError: if there is nothing to decide, or limits contradict each other; every contradiction is named.
    """
    name = problem.network.feeder.name
    has_flexible_load = problem.flexible.is_flexible.any()
    if not (problem.n_ders or has_flexible_load or problem.rebounds.n_devices):
        raise InputError(
            f"Feeder '{name}' has no DER and no flexible load: there is nothing to decide. Add one."
        )
    steps = problem.steps
    if not steps.hours > 0:
        raise InputError(f"hours must be above 0; got {steps.hours}.")
    contradictions = [
        *_missing_numbers(problem),
        *_der_contradictions(problem),
        *_storage_contradictions(problem),
        *_rebound_contradictions(problem),
        *_voltage_contradictions(problem),
    ]
    if contradictions:
        head = f"Limits contradict each other on feeder '{name}'; correct them:"
        raise InputError("\n".join([head, *contradictions]))


def _missing_numbers(problem: Problem) -> list[str]:
    steps = problem.steps
    numbers = {
        "price": steps.price,
        "load_kw": steps.load_kw,
        "load_kvar": steps.load_kvar,
        "cost": problem.ders.cost,
        "cost_square": problem.ders.cost_square,
        "value": problem.flexible.value,
        "curtail_cost": problem.rebounds.curtail_cost,
        "shift_cost": problem.rebounds.shift_cost,
        "after_cost": problem.rebounds.after_cost,
    }
    return [
        f"  {name} has a value that is not a finite number"
        for name, array in numbers.items()
        if not np.isfinite(array).all()
    ]


def _der_contradictions(problem: Problem) -> list[str]:
    ders = problem.ders
    messages = []
    # The point of the box nearest to zero has the least apparent power.
    least_p = np.clip(0.0, ders.p_min_kw, ders.p_max_kw)
    least_q = np.clip(0.0, ders.q_min_kvar, ders.q_max_kvar)
    outside = np.hypot(least_p, least_q) > ders.kva * (1 + ROUNDING)
    p_crossed = ~(ders.p_min_kw <= ders.p_max_kw)
    q_crossed = ~(ders.q_min_kvar <= ders.q_max_kvar)
    for k, der in enumerate(problem.network.feeder.ders):
        rules = (
            (p_crossed[:, k], "p_min_kw is above p_max_kw"),
            (q_crossed[:, k], "q_min_kvar is above q_max_kvar"),
            (outside[:, k], f"no P and Q of its box lie within {ders.kva[k]:g} kVA"),
        )
        messages += [
            f"  DER '{der.name}', step {np.argmax(broken)}: {rule}"
            for broken, rule in rules
            if broken.any()
        ]
        if ders.energy_min_kwh[k] > ders.energy_max_kwh[k]:
            messages.append(
                f"  DER '{der.name}': energy_min_kwh is above energy_max_kwh"
            )
    return messages


def _storage_contradictions(problem: Problem) -> list[str]:
    storage = problem.storage
    messages = []
    batteries = storage.batteries
    for k, name in enumerate(batteries.names):
        low = batteries.stored_min_kwh[k]
        high = batteries.stored_max_kwh[k]
        start, end = storage.stored_kwh[k], storage.stored_end_kwh[k]
        limits = f"is outside its limits {low:g} to {high:g} kWh"
        if not low <= start <= high:
            messages.append(f"  storage '{name}': stored_kwh {start:g} {limits}")
        if end > high:
            messages.append(f"  storage '{name}': stored_end_kwh {end:g} {limits}")
    return messages


def _rebound_contradictions(problem: Problem) -> list[str]:
    rebounds = problem.rebounds
    steps = problem.steps
    load = rebounds.load
    # Without active power there is no power factor that reactive power could follow.
    without_factor = (steps.load_kw[:, load] == 0) & (steps.load_kvar[:, load] != 0)
    without_factor &= rebounds.devices.at_power_factor
    is_shed = np.broadcast_to(problem.flexible.is_flexible[load], without_factor.shape)
    owed_kw = rebounds.owed_kw.T
    rules = (
        (~_is_amount(rebounds.curtail_max_kw), "curtail_max_kw must be 0 or more"),
        (~_is_amount(rebounds.shift_max_kw), "shift_max_kw must be 0 or more"),
        (~_is_amount(owed_kw), "owed_kw must be 0 or more"),
        (is_shed, "its load may be shed as well; leave it out of is_flexible"),
        (
            without_factor,
            "its load has kvar and no kW, so no power factor to keep; set at_power_factor=False",
        ),
    )
    return [
        f"  flexible load '{name}', step {np.argmax(broken[:, k])}: {rule}"
        for k, name in enumerate(rebounds.devices.names)
        for broken, rule in rules
        if broken[:, k].any()
    ]


def _is_amount(values: FloatArray) -> BoolArray:
    """Whether each is a finite number of zero or more."""
    return (values >= 0) & np.isfinite(values)


def _voltage_contradictions(problem: Problem) -> list[str]:
    limits = problem.limits
    low, high = limits.v_min_pu, limits.v_max_pu
    crossed = np.flatnonzero(~(low <= high))[:POINTS_NAMED]
    return [
        f"  voltage at '{limits.points.names[k]}': lowest {low[k]:g} pu is above highest {high[k]:g} pu"
        for k in crossed
    ]
