"""Generators of a MATPOWER case: those away from the reference bus, and the source that stands for the others.

A generator may inject within Pmin to Pmax and Qmin to Qmax; its rating is the corner of this box, so that no circle cuts it, as
in MATPOWER's OPF. Where a limit is infinite or missing, the machine base stands in for the rating. Capability curves and ramps
are left out.

The first generator in service at a PV bus holds its voltage, with all the reactive power that this takes; others there give none.
`runpf` spreads it over them, which changes no voltage. As there, Q is not limited.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import numpy as np

from tieline.feeders.elements import Generator, Source
from tieline.feeders.findings import Finding, name_some
from tieline.feeders.matpower.branches import ONE, TO_GROUND, bus_name, kilo, kv_by_bus
from tieline.feeders.matpower.columns import COLUMNS
from tieline.feeders.matpower.costs import Cost, note_costs, note_dropped, read_costs
from tieline.feeders.matpower.script import Case
from tieline.units import tidy

PV = 2
REFERENCE = 3
"""Bus types."""

PRICE_REMEDY = "State the price of energy at the source with --price."

Row = dict[str, Any]


def read_generators(
    case: Case,
) -> tuple[tuple[Source, ...], tuple[Generator, ...], list[Finding]]:
    """A source for each reference bus, the generators in service away from them, and what there is to say."""
    costs = read_costs(case)
    rows: list[Row] = [
        dict(zip(COLUMNS["gen"], values, strict=True))
        for values in zip(*case.columns("gen", *COLUMNS["gen"]), strict=True)
    ]
    # any status above zero is in service, as the format has it
    in_service = [
        (k, row, costs[k]) for k, row in enumerate(rows) if row["GEN_STATUS"] > 0
    ]
    references = _references(case)
    at_reference: dict[float, list[tuple[Row, Cost]]] = {
        number: [] for number in references
    }
    elsewhere = []
    for k, row, cost in in_service:
        if row["GEN_BUS"] in at_reference:
            at_reference[row["GEN_BUS"]].append((row, cost))
        else:
            elsewhere.append((k, row, cost))
    kv = kv_by_bus(case)
    holding = _holding(case, [(k, row) for k, row, _ in elsewhere])
    generators = tuple(
        replace(
            _generator(k, row, cost, kv[bus_name(row["GEN_BUS"])], case.base_mva),
            **holding.get(k, {}),
        )
        for k, row, cost in elsewhere
    )
    dropped = [_note_generator(k) for k, _, cost in elsewhere if cost.is_dropped]
    of_source = [
        note
        for units in at_reference.values()
        for note in _note_source([cost for _, cost in units])
    ]
    notes = [
        *dropped,
        *of_source,
        *_note_holding(holding),
        *_note_loads([(k, row) for k, row, _ in elsewhere]),
        *note_costs(case, costs),
    ]
    sources = tuple(
        _source(case, number, "grid" if k == 0 else f"grid_{k + 1}", units)
        for k, (number, units) in enumerate(at_reference.items())
    )
    return sources, generators, notes


def _holding(case: Case, units: list[tuple[int, Row]]) -> dict[int, dict[str, Any]]:
    """What generators at PV buses are beside their rows, by their number: the first of each bus holds, the others give no Q."""
    kinds = dict(zip(*case.columns("bus", "BUS_I", "BUS_TYPE"), strict=True))
    by_bus: dict[float, list[tuple[int, Row]]] = {}
    for k, row in units:
        if kinds[row["GEN_BUS"]] == PV:
            by_bus.setdefault(row["GEN_BUS"], []).append((k, row))
    holding: dict[int, dict[str, Any]] = {}
    for at_bus in by_bus.values():
        # MATPOWER writes set points into the bus one after the other, so that the last one stays
        held_v_pu = at_bus[-1][1]["VG"]
        for k, _ in at_bus:
            holding[k] = {"q_kvar": 0.0}
        holding[at_bus[0][0]]["held_v_pu"] = held_v_pu
    return holding


def _note_holding(holding: dict[int, dict[str, Any]]) -> Iterator[Finding]:
    names = [_name(k) for k, values in holding.items() if "held_v_pu" in values]
    if names:
        message = "they hold their voltage with any reactive power that it takes, as runpf has it unless told to enforce limits."
        remedy = "Look at the Q that they give, and state held_q_low_kvar and held_q_high_kvar where it is too much."
        where = f"generator {name_some(names)}"
        yield Finding("MATPOWER.Q_LIMITS_FREE", "warning", where, message, remedy)


def _note_generator(k: int) -> Finding:
    message = "its cost is neither straight nor a convex parabola, and left out."
    return note_dropped(
        f"generator {_name(k)}", message, f"State it with --der-costs {_name(k)}:COST."
    )


def _note_loads(units: list[tuple[int, Row]]) -> Iterator[Finding]:
    """A generator that can only take power is a load that may be shed; MATPOWER's OPF holds its power factor."""
    names = [
        _name(k)
        for k, row in units
        # MATPOWER's `isload`, where there is reactive power to decide on
        if row["PMIN"] < 0 == row["PMAX"] and row["QMIN"] != row["QMAX"]
    ]
    if names:
        message = "they are loads that may be shed; runopf holds their power factor, and here Q is free within its limits."
        yield Finding(
            "MATPOWER.POWER_FACTOR_FREE",
            "warning",
            f"generator {', '.join(names)}",
            message,
        )


def _note_source(costs: list[Cost]) -> Iterator[Finding]:
    """A source has one price per kWh; any other cost is named."""
    if any(cost.is_dropped or cost.per_kw2h for cost in costs):
        yield note_dropped(
            "source grid", "its cost is not straight, and left out.", PRICE_REMEDY
        )
    elif len({cost.per_kwh for cost in costs}) > 1:
        message = (
            "generators at the reference bus have different costs, which are left out."
        )
        yield note_dropped("source grid", message, PRICE_REMEDY)


def _references(case: Case) -> list[float]:
    """Numbers of the reference buses."""
    is_reference = case.column("bus", "BUS_TYPE") == REFERENCE
    return case.column("bus", "BUS_I")[is_reference].tolist()


def _source(
    case: Case, number: float, name: str, units: list[tuple[Row, Cost]]
) -> Source:
    """Ideal; its voltage is the set point of the last generator there, or the bus' own."""
    row = int(np.flatnonzero(case.column("bus", "BUS_I") == number)[0])
    bus = {
        name: float(case.column("bus", name)[row])
        for name in ("BUS_I", "VM", "VA", "BASE_KV")
    }
    # MATPOWER writes set points into the bus one after the other, so that the last one stays
    v_pu = units[-1][0]["VG"] if units else bus["VM"]
    return Source(
        name,
        bus_name(bus["BUS_I"]),
        ONE,
        bus["BASE_KV"],
        v_pu,
        bus["VA"],
        **_source_limits(units),
    )


def _source_limits(units: list[tuple[Row, Cost]]) -> dict[str, Any]:
    """Limits of all generators at the reference bus together; the cost, if it is one price for all of them."""
    costs = [cost for _, cost in units]
    has_price = bool(costs) and not list(_note_source(costs))
    limits: dict[str, Any] = {"cost_per_kwh": costs[0].per_kwh} if has_price else {}
    for field, column in LIMITS.items():
        values = [_limit(row, column) for row, _ in units]
        # one generator without a limit leaves the sum without one
        if values and None not in values:
            limits[field] = tidy(sum(value for value in values if value is not None))
    return limits


LIMITS = {
    "p_low_limit_kw": "PMIN",
    "p_high_limit_kw": "PMAX",
    "q_low_limit_kvar": "QMIN",
    "q_high_limit_kvar": "QMAX",
}


def _limit(row: Row, column: str) -> float | None:
    """A limit, None if it is infinite or missing."""
    return kilo(row[column]) if math.isfinite(row[column]) else None


def _generator(k: int, row: Row, cost: Cost, kv: float, base_mva: float) -> Generator:
    limits: dict[str, Any] = {
        field: _limit(row, column) for field, column in LIMITS.items()
    }
    return Generator(
        _name(k),
        bus_name(row["GEN_BUS"]),
        TO_GROUND,
        "wye",
        kv,
        rated_kva=_rating_kva(row, limits, base_mva),
        p_kw=kilo(row["PG"]),
        q_kvar=kilo(row["QG"]),
        **limits,
        cost_per_kwh=cost.per_kwh,
        cost_per_kw2h=cost.per_kw2h,
    )


def _name(k: int) -> str:
    return f"gen_{k + 1}"


def _rating_kva(row: Row, limits: dict[str, Any], base_mva: float) -> float:
    """The corner of the box of limits; the machine base, or that of the case, where there is no box."""
    if None not in limits.values():
        p_kw = max(abs(limits["p_low_limit_kw"]), abs(limits["p_high_limit_kw"]))
        q_kvar = max(abs(limits["q_low_limit_kvar"]), abs(limits["q_high_limit_kvar"]))
        if p_kw or q_kvar:
            return tidy(math.hypot(p_kw, q_kvar))
    base = row["MBASE"]
    return kilo(base if math.isfinite(base) and base > 0 else base_mva)
