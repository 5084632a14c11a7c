"""Asymmetric loads and static generators of a pandapower net: power by phase, from phase to ground ("wye") or between phases
("delta", where a stands for a to b).

In a single-phase equivalent each is one device of the total, as in `runpp`. With phases each phase that has power is a device,
unless all have the same.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from tieline.feeders.elements import Connection, Generator, Load, Nodes
from tieline.feeders.pandapower.limits import read_limits
from tieline.feeders.pandapower.net import TO_GROUND, Net, Row, kilo, number
from tieline.units import SQRT3, tidy

TABLES = ("asymmetric_load", "asymmetric_sgen")
PHASE_NAMES = "abc"

WYE: Nodes = (1, 2, 3, 0)
DELTA: Nodes = (1, 2, 3)
BETWEEN: tuple[Nodes, ...] = ((1, 2), (2, 3), (3, 1))
"""Nodes of the three branches of a delta."""


@dataclass(frozen=True, slots=True)
class Part:
    """What becomes one device: how its name ends, where it hangs, and its power."""

    ending: str
    nodes: Nodes
    connection: Connection
    kv: float
    p_kw: float
    q_kvar: float

    @property
    def kva(self) -> float:
        """Apparent power."""
        return math.hypot(self.p_kw, self.q_kvar)

    def at(self, bus: str) -> dict[str, Any]:
        """Fields of the device."""
        return {
            "bus": bus,
            "nodes": self.nodes,
            "connection": self.connection,
            "kv": self.kv,
            "p_kw": self.p_kw,
            "q_kvar": self.q_kvar,
        }


def has_unbalance(net: Net) -> bool:
    """Whether any such element has phases of different power."""
    return any(
        len(set(_phase_powers(row))) > 1 for table in TABLES for row in net.rows(table)
    )


def read_asymmetric_loads(net: Net, with_phases: bool) -> tuple[Load, ...]:
    """Loads of the table `asymmetric_load`."""
    loads = []
    for row in net.rows("asymmetric_load"):
        own_name = net.element_name("asymmetric_load", row)
        for part in _parts(net, row, with_phases):
            name = net.made_up_name("load", own_name + part.ending)
            loads.append(Load(name, **part.at(net.bus_names[row["bus"]])))
    return tuple(loads)


def read_asymmetric_sgens(net: Net, with_phases: bool) -> tuple[Generator, ...]:
    """Generators of the table `asymmetric_sgen`; what it says of their type is how they are connected."""
    generators = []
    for row in net.rows("asymmetric_sgen"):
        own_name = net.element_name("asymmetric_sgen", row)
        limits = read_limits(net, "asymmetric_sgen", row)
        parts = list(_parts(net, row, with_phases))
        total_kva = sum(part.kva for part in parts)
        rated_kva = kilo(number(row, "sn_mva"))
        for part in parts:
            share = part.kva / total_kva if total_kva else 1 / len(parts)
            part_kva = tidy(rated_kva * share) or tidy(part.kva)
            # neither rating nor power: nothing is there
            if part_kva > 0:
                name = net.made_up_name("gen", own_name + part.ending)
                place = part.at(net.bus_names[row["bus"]])
                unit = Generator(name, **place, rated_kva=part_kva, **limits)
                generators.append(unit)
    return tuple(generators)


def is_delta(row: Row) -> bool:
    """Whether an element hangs between the phases; without a word it hangs between phases and ground."""
    return str(row.get("type")).lower() == "delta"


def _phase_powers(row: Row) -> list[complex]:
    """P + jQ of each phase [kVA]."""
    factor = number(row, "scaling", 1.0)
    return [
        complex(
            kilo(number(row, f"p_{phase}_mw") * factor),
            kilo(number(row, f"q_{phase}_mvar") * factor),
        )
        for phase in PHASE_NAMES
    ]


def _parts(net: Net, row: Row, with_phases: bool) -> Iterator[Part]:
    powers = _phase_powers(row)
    total = sum(powers)
    power = (tidy(total.real), tidy(total.imag))
    kv_ll = net.kv(row["bus"])
    is_balanced = len(set(powers)) == 1
    if not with_phases:
        yield Part("", TO_GROUND, "wye", kv_ll, *power)
    elif is_balanced and is_delta(row):
        yield Part("", DELTA, "delta", kv_ll, *power)
    elif is_balanced:
        yield Part("", WYE, "wye", kv_ll / SQRT3, *power)
    else:
        yield from _phase_parts(row, powers, kv_ll)


def _phase_parts(row: Row, powers: list[complex], kv_ll: float) -> Iterator[Part]:
    for k, power in enumerate(powers):
        ending = f"_{PHASE_NAMES[k]}"
        if power == 0:
            continue
        if is_delta(row):
            yield Part(ending, BETWEEN[k], "delta", kv_ll, power.real, power.imag)
        else:
            nodes = (k + 1, 0)
            yield Part(ending, nodes, "wye", kv_ll / SQRT3, power.real, power.imag)
