"""MATPOWER cases: `read_matpower(path) -> Feeder`, a single-phase equivalent.

`script` runs the file's own conversions; this and `branches` turn the per-unit matrices into kW, ohm and kV. The numbers are
taken as they stand: a case whose data are those of one phase (power per phase, kV line-to-neutral) gives the right per-unit
voltages, and totals of one phase. Isolated buses and open transformers are left out with a warning. Left out: costs, angle
limits, HVDC lines. Generators hold no voltage: only the one at the reference bus does.
"""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np

from tieline.feeders.elements import Bus, Generator, Load, Shunt, Source
from tieline.feeders.feeder import Feeder
from tieline.feeders.findings import FeederError, Finding
from tieline.feeders.matpower.branches import ONE, TO_GROUND, bus_name, kilo, kv_by_bus, read_branches
from tieline.feeders.matpower.script import Case, run_script

PQ, PV, REFERENCE, ISOLATED = 1, 2, 3, 4


def read_matpower(path: Path | str, frequency_hz: float = 50.0) -> Feeder:
    """Read a MATPOWER case file.

    Args:
        path: the `.m` file, case format version 2.
        frequency_hz: nominal frequency, which the format does not state; it only turns line charging into capacitance and back.

    Returns:
        A single-phase equivalent; bus k is named "k". Lines out of service are open switches.

    Raises:
        InputError: if the file is missing or cannot be followed.
        FeederError: if the case has a second reference bus, a bus that holds its voltage, or a branch to a bus that is not there.
    """
    path = Path(path)
    case, notes = _without_isolated(run_script(path))
    findings = [*_unknown_buses(case), *_voltage_holders(case)]
    if findings:
        raise FeederError(path.stem, findings)
    branches = read_branches(case, frequency_hz)
    return Feeder(
        name=path.stem.lower(),
        title=f"MATPOWER case {path.stem}",
        origin=f"read from {path.name}",
        buses=tuple(Bus(name, ONE, kv) for name, kv in kv_by_bus(case).items()),
        sources=(_source(case),),
        lines=branches.lines,
        transformers=branches.transformers,
        loads=_loads(case),
        generators=_generators(case),
        shunts=(*_shunts(case), *branches.charging),
        frequency_hz=frequency_hz,
        single_phase_equivalent=True,
        notes=(*notes, *branches.notes),
    )


def _without_isolated(case: Case) -> tuple[Case, list[Finding]]:
    """The case without buses of type 4 and all that hangs on them."""
    is_isolated = case.column("bus", "BUS_TYPE") == ISOLATED
    isolated = case.column("bus", "BUS_I")[is_isolated]
    if not isolated.size:
        return case, []
    is_near = np.isin(case.column("branch", "F_BUS"), isolated) | np.isin(case.column("branch", "T_BUS"), isolated)
    keep = {"bus": ~is_isolated, "gen": ~np.isin(case.column("gen", "GEN_BUS"), isolated), "branch": ~is_near}
    message = f"buses {', '.join(map(bus_name, isolated))} are isolated (type 4); they and what hangs on them are left out."
    matrices = {name: matrix[keep[name]] for name, matrix in case.matrices.items()}
    return replace(case, matrices=matrices), [Finding("MATPOWER.ISOLATED", "warning", "case", message)]


def _unknown_buses(case: Case) -> list[Finding]:
    """Every branch and generator is at a bus of the case."""
    known = set(kv_by_bus(case))
    ends = [("branch", column) for column in ("F_BUS", "T_BUS")] + [("gen", "GEN_BUS")]
    return [
        Finding(
            "MATPOWER.BUS_UNKNOWN", "error", f"{matrix} {k}", f"there is no bus {bus_name(number)}.", "Correct the bus number."
        )
        for matrix, column in ends
        for k, number in enumerate(case.column(matrix, column), start=1)
        if bus_name(number) not in known
    ]


def _voltage_holders(case: Case) -> list[Finding]:
    """Exactly one bus may hold its voltage, and every bus needs a base voltage to be told in kV."""
    numbers, kinds, kvs = case.columns("bus", "BUS_I", "BUS_TYPE", "BASE_KV")
    findings = []
    for number, kind, kv in zip(numbers, kinds, kvs, strict=True):
        bus = f"bus {bus_name(number)}"
        if kind == PV:
            message = "type PV holds its voltage, which generators do not do here."
            findings.append(
                Finding("MATPOWER.PV_BUS", "error", bus, message, "Make it PQ with its P and Q, or the reference bus.")
            )
        if not kv > 0:
            findings.append(Finding("MATPOWER.NO_BASE_KV", "error", bus, f"baseKV is {kv:g}.", "State the base voltage in kV."))
    count = kinds.count(REFERENCE)
    if count != 1:
        findings.append(Finding("MATPOWER.REFERENCE", "error", "case", f"{count} reference buses.", "Keep exactly one."))
    return findings


def _source(case: Case) -> Source:
    """Ideal, at the reference bus; its voltage is the set point of a generator there, or the bus' own."""
    row = int(np.flatnonzero(case.column("bus", "BUS_TYPE") == REFERENCE)[0])
    number, vm, va, kv = (float(case.column("bus", name)[row]) for name in ("BUS_I", "VM", "VA", "BASE_KV"))
    for bus, vg, status in zip(*case.columns("gen", "GEN_BUS", "VG", "GEN_STATUS"), strict=True):
        if bus == number and status > 0:
            vm = vg
    return Source("grid", bus_name(number), ONE, kv, vm, va)


def _loads(case: Case) -> tuple[Load, ...]:
    rows = zip(*case.columns("bus", "BUS_I", "PD", "QD", "BASE_KV"), strict=True)
    return tuple(
        Load(f"load_{bus_name(number)}", bus_name(number), TO_GROUND, "wye", kv, kilo(p), kilo(q))
        for number, p, q, kv in rows
        if p != 0 or q != 0
    )


def _generators(case: Case) -> tuple[Generator, ...]:
    """Generators in service away from the reference bus; one without a base of its own has that of the case."""
    reference, kv, base_mva = _source(case).bus, kv_by_bus(case), case.scalars["mpc.baseMVA"]
    rows = zip(*case.columns("gen", "GEN_BUS", "PG", "QG", "MBASE", "GEN_STATUS"), strict=True)
    return tuple(
        Generator(f"gen_{k}", bus_name(bus), TO_GROUND, "wye", kv[bus_name(bus)], kilo(base or base_mva), kilo(p), kilo(q))
        for k, (bus, p, q, base, status) in enumerate(rows, start=1)
        if status > 0 and bus_name(bus) != reference
    )


def _shunts(case: Case) -> tuple[Shunt, ...]:
    """Gs is MW taken, Bs Mvar given, at one per unit."""
    rows = zip(*case.columns("bus", "BUS_I", "GS", "BS", "BASE_KV"), strict=True)
    return tuple(
        Shunt(f"shunt_{bus_name(number)}", bus_name(number), TO_GROUND, "wye", kv, kilo(g), -kilo(b))
        for number, g, b, kv in rows
        if g != 0 or b != 0
    )
