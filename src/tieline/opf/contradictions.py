"""Limits that contradict each other before anything is solved: boxes, circles, stored energy, voltages."""

from __future__ import annotations

import numpy as np

from tieline.errors import InputError
from tieline.opf.problem import Problem

ROUNDING = 1e-12
"""Relative slack of checks: the last digits of a conversion."""


def require_answerable(problem: Problem) -> None:
    """Check a problem.

    Raises:
        InputError: if there is nothing to decide, or limits contradict each other; every contradiction is named.
    """
    name = problem.network.feeder.name
    if not problem.n_ders and not problem.is_flexible.any():
        raise InputError(
            f"Feeder '{name}' has no DER and no flexible load: there is nothing to decide. Add one."
        )
    if not problem.hours > 0:
        raise InputError(f"hours must be above 0; got {problem.hours}.")
    checks = (
        _missing_numbers,
        _der_contradictions,
        _storage_contradictions,
        _voltage_contradictions,
    )
    contradictions = [found for check in checks for found in check(problem)]
    if contradictions:
        raise InputError(
            "\n".join(
                [f"Limits contradict each other on feeder '{name}'; correct them:", *contradictions]
            )
        )


def _missing_numbers(problem: Problem) -> list[str]:
    names = ("price", "load_kw", "load_kvar", "cost", "cost_square", "value")
    return [
        f"  {name} has a value that is not a finite number"
        for name in names
        if not np.isfinite(getattr(problem, name)).all()
    ]


def _der_contradictions(problem: Problem) -> list[str]:
    found = []
    for k, der in enumerate(problem.network.feeder.ders):
        p, q = (
            (problem.p_min_kw[:, k], problem.p_max_kw[:, k]),
            (problem.q_min_kvar[:, k], problem.q_max_kvar[:, k]),
        )
        nearest = np.hypot(np.clip(0.0, *p), np.clip(0.0, *q))
        rules = (
            (~(p[0] <= p[1]), "p_min_kw is above p_max_kw"),
            (~(q[0] <= q[1]), "q_min_kvar is above q_max_kvar"),
            (
                nearest > problem.der_kva[k] * (1 + ROUNDING),
                f"no P and Q of its box lie within {problem.der_kva[k]:g} kVA",
            ),
        )
        found += [
            f"  DER '{der.name}', step {np.argmax(broken)}: {what}"
            for broken, what in rules
            if broken.any()
        ]
        if problem.energy_min_kwh[k] > problem.energy_max_kwh[k]:
            found.append(f"  DER '{der.name}': energy_min_kwh is above energy_max_kwh")
    return found


def _storage_contradictions(problem: Problem) -> list[str]:
    units, found = problem.batteries, []
    for k, name in enumerate(units.names):
        low, high = units.stored_min_kwh[k], units.stored_max_kwh[k]
        for text, energy in (
            ("stored_kwh", problem.stored_kwh[k]),
            ("stored_end_kwh", problem.stored_end_kwh[k]),
        ):
            if energy > high or (text == "stored_kwh" and energy < low):
                found.append(
                    f"  storage '{name}': {text} {energy:g} is outside its limits {low:g} to {high:g} kWh"
                )
    return found


def _voltage_contradictions(problem: Problem) -> list[str]:
    crossed = np.flatnonzero(~(problem.v_min_pu <= problem.v_max_pu))[:3]
    return [
        f"  voltage at '{problem.points.names[k]}': lowest {problem.v_min_pu[k]:g} pu is above highest {problem.v_max_pu[k]:g} pu"
        for k in crossed
    ]
