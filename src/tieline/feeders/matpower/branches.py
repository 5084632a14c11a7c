"""Branches of a MATPOWER case as lines and transformers.

A branch between equal base voltages, without ratio or shift, is a line: r + jx and half of the charging b at either end. Any
other is an ideal transformer tap * exp(j shift) at its "from" end, followed by the same pi section; half of its charging stands
on each winding. Source: MATPOWER manual, section 3.2, "Branches".
"""

from __future__ import annotations

import math
from dataclasses import dataclass

from tieline.feeders.elements import Line, LineCode, Nodes, Transformer, Winding
from tieline.feeders.findings import Finding
from tieline.feeders.matpower.script import Case
from tieline.units import tidy

ONE: Nodes = (1,)
TO_GROUND: Nodes = (1, 0)
TAP_RANGE = (0.5, 1.5)
"""The format states a ratio but no range; wide enough for most that is meant, and widened where it is not."""


@dataclass(frozen=True, slots=True)
class Branch:
    """One row of the branch matrix, impedances and powers in per unit of `base_mva`."""

    name: str
    from_bus: str
    to_bus: str
    kv_from: float
    kv_to: float
    base_mva: float
    r: float
    x: float
    b: float
    rate_mva: float
    tap: float
    shift_deg: float
    in_service: bool

    @property
    def is_line(self) -> bool:
        """True if nothing changes the voltage on the way."""
        return self.tap == 1 and self.shift_deg == 0 and self.kv_from == self.kv_to


@dataclass(frozen=True, slots=True)
class Branches:
    """All branches, and what there is to say."""

    lines: tuple[Line, ...]
    transformers: tuple[Transformer, ...]
    notes: tuple[Finding, ...]


def read_branches(case: Case, frequency_hz: float) -> Branches:
    """Lines, open or closed, and the transformers in service."""
    branches = _rows(case)
    transformers = [branch for branch in branches if not branch.is_line]
    # a line out of service becomes an open switch, for which a transformer has no counterpart
    open_ones = [branch.name for branch in transformers if not branch.in_service]
    message = f"transformers {', '.join(open_ones)} are out of service and left out."
    return Branches(
        lines=tuple(
            _line(branch, frequency_hz) for branch in branches if branch.is_line
        ),
        transformers=tuple(
            _transformer(branch) for branch in transformers if branch.in_service
        ),
        notes=(Finding("MATPOWER.TRANSFORMER_OPEN", "warning", "case", message),)
        if open_ones
        else (),
    )


def bus_name(number: float) -> str:
    """Bus k is named "k"."""
    return str(int(number))


def kv_by_bus(case: Case) -> dict[str, float]:
    """Base voltage of every bus, by name [kV]."""
    return {
        bus_name(number): kv
        for number, kv in zip(*case.columns("bus", "BUS_I", "BASE_KV"), strict=True)
    }


def kilo(mega: float) -> float:
    """MW to kW, without the binary dust of the file's own conversion."""
    return tidy(mega * 1e3)


def _rows(case: Case) -> list[Branch]:
    kv = kv_by_bus(case)
    columns = (
        "F_BUS",
        "T_BUS",
        "BR_R",
        "BR_X",
        "BR_B",
        "RATE_A",
        "TAP",
        "SHIFT",
        "BR_STATUS",
    )
    branches = []
    for k, (start, end, r, x, b, rate_mva, tap, shift_deg, status) in enumerate(
        zip(*case.columns("branch", *columns), strict=True), start=1
    ):
        from_bus = bus_name(start)
        to_bus = bus_name(end)
        # A ratio of 0 is the format's way to say "a line", which counts as 1.
        branches.append(
            Branch(
                f"branch_{k}",
                from_bus,
                to_bus,
                kv[from_bus],
                kv[to_bus],
                case.base_mva,
                r,
                x,
                b,
                rate_mva,
                tap or 1.0,
                shift_deg,
                status > 0,
            )
        )
    return branches


def _line(branch: Branch, frequency_hz: float) -> Line:
    base_ohm = branch.kv_from**2 / branch.base_mva
    # the format states a susceptance, omega C, of the whole line
    c_nf = branch.b / base_ohm / (2 * math.pi * frequency_hz) * 1e9
    r_ohm, x_ohm, c_nf = (
        tidy(value) for value in (branch.r * base_ohm, branch.x * base_ohm, c_nf)
    )
    return Line(
        branch.name,
        branch.from_bus,
        branch.to_bus,
        ONE,
        ONE,
        LineCode(branch.name, ((r_ohm,),), ((x_ohm,),), ((c_nf,),)),
        rating_kva=_rating_kva(branch),
        is_switch=not branch.in_service,
        closed=branch.in_service,
    )


def _transformer(branch: Branch) -> Transformer:
    """In percent of the case's own base: then nothing but the factor of 100 is rounded."""
    kva = kilo(branch.base_mva)
    tap_min, tap_max = min(TAP_RANGE[0], branch.tap), max(TAP_RANGE[1], branch.tap)
    windings = (
        Winding(
            branch.from_bus,
            TO_GROUND,
            "wye",
            branch.kv_from,
            kva,
            tidy(branch.r * 100),
            branch.tap,
            tap_min,
            tap_max,
        ),
        Winding(branch.to_bus, TO_GROUND, "wye", branch.kv_to, kva),
    )
    # charging is a magnetising current with the other sign
    half_charging_pct = tidy(-branch.b / 2 * 100)
    return Transformer(
        branch.name,
        1,
        windings,
        (tidy(branch.x * 100),),
        magnetizing_pct=half_charging_pct,
        first_magnetizing_pct=half_charging_pct,
        # a delay counts as positive in MATPOWER as it does here
        shift_deg=branch.shift_deg,
        rating_kva=_rating_kva(branch),
    )


def _rating_kva(branch: Branch) -> float | None:
    # RATE_A limits MVA, not current, and 0 is the format's word for no limit
    return kilo(branch.rate_mva) if branch.rate_mva > 0 else None
