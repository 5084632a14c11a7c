"""MATPOWER cases: `read_matpower(path) -> Feeder`, a single-phase equivalent.

`script` runs the file's own conversions; this, `branches` and `generators` turn the per-unit matrices into kW, ohm and kV. The
numbers are taken as they stand: a case whose data are those of one phase (power per phase, kV line-to-neutral) gives the right
per-unit voltages, and totals of one phase. Isolated buses, open transformers and what has no supply then are left out with a
warning. Left out: angle limits, HVDC lines, limits of Q where a generator holds a voltage, as in `runpf`.
"""

from __future__ import annotations

import math
from dataclasses import replace
from pathlib import Path

import numpy as np

from tieline.feeders.elements import Bus, Load, Shunt
from tieline.feeders.feeder import Feeder
from tieline.feeders.findings import FeederError, Finding
from tieline.feeders.matpower.branches import (
    ONE,
    TO_GROUND,
    bus_name,
    kilo,
    kv_by_bus,
    read_branches,
)
from tieline.feeders.matpower.columns import COLUMNS
from tieline.feeders.matpower.generators import read_generators
from tieline.feeders.matpower.numbers import find_bad_numbers
from tieline.feeders.matpower.script import Case, run_script
from tieline.feeders.unsupplied import without_unsupplied
from tieline.typing import BoolArray, FloatArray

REFERENCE = 3
ISOLATED = 4

ANY_FREQUENCY_HZ = 50.0
"""Line charging comes out the same at any frequency."""

ANY_KV = 1.0
"""Base voltage of buses that state none."""


def read_matpower(path: Path | str, frequency_hz: float | None = None) -> Feeder:
    """Read a MATPOWER case file.

    Args:
        path: the `.m` file, case format version 2.
        frequency_hz: nominal frequency, which the format does not state; it turns line charging into capacitance and back, and
            says which standard the feeder is judged by. One is assumed if not given.

    Returns:
        A single-phase equivalent; bus k is named "k". Lines out of service are open switches.

    Raises:
        InputError: if the file is missing or cannot be followed.
        FeederError: if the case has no reference bus, or a branch to a bus that is not there.
    """
    path = Path(path)
    case = run_script(path)
    # first of all: a bus number that is none makes false followers
    _stop_on(path, find_bad_numbers(case))
    # before buses are looked up: MATPOWER drops these too, with whatever is wrong at them
    case, notes = _without_isolated(case)
    _stop_on(path, [*_unknown_buses(case), *_without_reference(case)])
    case, base_notes = _with_base_kv(case)
    hertz = ANY_FREQUENCY_HZ if frequency_hz is None else frequency_hz
    branches = read_branches(case, hertz)
    sources, generators, generator_notes = read_generators(case)
    feeder = Feeder(
        name=path.stem.lower(),
        title=f"MATPOWER case {path.stem}",
        origin=f"read from {path.name}",
        buses=_buses(case),
        sources=sources,
        lines=branches.lines,
        transformers=branches.transformers,
        loads=_loads(case),
        generators=generators,
        shunts=_shunts(case),
        frequency_hz=hertz,
        frequency_is_assumed=frequency_hz is None,
        single_phase_equivalent=True,
        notes=(*notes, *base_notes, *branches.notes, *generator_notes),
    )
    return without_unsupplied(feeder)


def _stop_on(path: Path, findings: list[Finding]) -> None:
    if findings:
        raise FeederError(path.stem, findings)


def _buses(case: Case) -> tuple[Bus, ...]:
    """Buses with the limits of their voltage; 0 and what is infinite limit nothing."""
    rows = zip(*case.columns("bus", "BUS_I", "BASE_KV", "VMIN", "VMAX"), strict=True)
    return tuple(
        Bus(
            bus_name(number),
            ONE,
            kv,
            v_low_limit_pu=_voltage_limit(low),
            v_high_limit_pu=_voltage_limit(high),
        )
        for number, kv, low, high in rows
    )


def _voltage_limit(v_pu: float) -> float | None:
    return v_pu if math.isfinite(v_pu) and v_pu > 0 else None


def _without_isolated(case: Case) -> tuple[Case, list[Finding]]:
    """The case without buses of type 4 and all that hangs on them."""
    is_isolated = case.column("bus", "BUS_TYPE") == ISOLATED
    isolated = case.column("bus", "BUS_I")[is_isolated]
    if not isolated.size:
        return case, []
    is_near = np.isin(case.column("branch", "F_BUS"), isolated) | np.isin(
        case.column("branch", "T_BUS"), isolated
    )
    keep = {
        "bus": ~is_isolated,
        "gen": ~np.isin(case.column("gen", "GEN_BUS"), isolated),
        "branch": ~is_near,
    }
    message = f"buses {', '.join(map(bus_name, isolated))} are isolated (type 4); they and what hangs on them are left out."
    matrices = {name: matrix[keep[name]] for name, matrix in case.matrices.items()}
    note = Finding("MATPOWER.ISOLATED", "warning", "case", message)
    return replace(
        case, matrices=matrices, gencost=_kept_costs(case.gencost, keep["gen"])
    ), [note]


def _kept_costs(gencost: FloatArray | None, keep: BoolArray) -> FloatArray | None:
    """The costs of the generators that are kept: rows of active power, then rows of reactive power if the case has them."""
    if gencost is None:
        return None
    # `np.resize` repeats the pattern for the rows of reactive power, if there are any
    return gencost[np.resize(keep, len(gencost))] if keep.size else gencost


def _unknown_buses(case: Case) -> list[Finding]:
    """Every branch and generator is at a bus of the case."""
    names = set(kv_by_bus(case))
    ends = [("branch", column) for column in ("F_BUS", "T_BUS")] + [("gen", "GEN_BUS")]
    return [
        Finding(
            "MATPOWER.BUS_UNKNOWN",
            "error",
            f"{matrix} {k}",
            f"there is no bus {bus_name(number)}.",
            "Correct the bus number.",
        )
        for matrix, column in ends
        for k, number in enumerate(case.column(matrix, column), start=1)
        if bus_name(number) not in names
    ]


def _without_reference(case: Case) -> list[Finding]:
    """Some bus is the reference."""
    if REFERENCE in case.columns("bus", "BUS_TYPE")[0]:
        return []
    message = "0 reference buses."
    remedy = "Make the bus where the grid feeds it one (type 3)."
    return [Finding("MATPOWER.REFERENCE", "error", "case", message, remedy)]


def _with_base_kv(case: Case) -> tuple[Case, list[Finding]]:
    """The case with a base voltage at every bus. A case in per unit alone states none: any one gives the same answer per unit."""
    has_none = ~(case.column("bus", "BASE_KV") > 0)
    if not has_none.any():
        return case, []
    bus = case.matrices["bus"].copy()
    bus[has_none, COLUMNS["bus"].index("BASE_KV")] = ANY_KV
    message = (
        f"{has_none.sum()} bus(es) state no base voltage; {ANY_KV:g} kV stands for it."
    )
    remedy = "Voltages in per unit are right, those in kV and currents in A are not: state baseKV."
    note = Finding("MATPOWER.NO_BASE_KV", "warning", "case", message, remedy)
    return replace(case, matrices={**case.matrices, "bus": bus}), [note]


def _loads(case: Case) -> tuple[Load, ...]:
    rows = zip(*case.columns("bus", "BUS_I", "PD", "QD", "BASE_KV"), strict=True)
    return tuple(
        Load(
            f"load_{bus_name(number)}",
            bus_name(number),
            TO_GROUND,
            "wye",
            kv,
            kilo(p),
            kilo(q),
        )
        for number, p, q, kv in rows
        # the format has a load at every bus, and zero is its way to say none
        if p != 0 or q != 0
    )


def _shunts(case: Case) -> tuple[Shunt, ...]:
    """Gs is MW taken, Bs Mvar given, at one per unit."""
    rows = zip(*case.columns("bus", "BUS_I", "GS", "BS", "BASE_KV"), strict=True)
    return tuple(
        Shunt(
            f"shunt_{bus_name(number)}",
            bus_name(number),
            TO_GROUND,
            "wye",
            kv,
            kilo(g),
            -kilo(b),
        )
        for number, g, b, kv in rows
        if g != 0 or b != 0
    )
