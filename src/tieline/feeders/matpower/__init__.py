"""MATPOWER cases: `read_matpower(path) -> Feeder`, a single-phase equivalent.

`script` runs the file's own conversions; this turns the per-unit matrices into kW, ohm and kV. The numbers are taken as they stand: a case whose
data are those of one phase (power per phase, kV line-to-neutral) gives the right per-unit voltages, and totals of one phase. Left out: costs,
angle limits, HVDC lines. Generators hold no voltage: only the one at the reference bus does.
"""

from __future__ import annotations

import math
from pathlib import Path

import numpy as np

from tieline.feeders.elements import Bus, Generator, Line, LineCode, Load, Nodes, Shunt, Source, Transformer, Winding
from tieline.feeders.feeder import Feeder
from tieline.feeders.findings import FeederError, Finding
from tieline.feeders.matpower.script import Case, run_script
from tieline.typing import FloatArray
from tieline.units import SQRT3, tidy

ONE: Nodes = (1,)
TO_GROUND: Nodes = (1, 0)
PQ, PV, REFERENCE, ISOLATED = 1, 2, 3, 4
TAP_RANGE = (0.5, 1.5)
"""The format states a ratio but no range; wide enough for any that is meant."""


def read_matpower(path: Path, frequency_hz: float = 50.0) -> Feeder:
    """Read a MATPOWER case file.

    Args:
        path: the `.m` file, case format version 2.
        frequency_hz: nominal frequency, which the format does not state; it only turns line charging into capacitance and back.

    Returns:
        A single-phase equivalent; bus k is named "k". Branches out of service are open switches.

    Raises:
        InputError: if the file is missing or cannot be followed.
        FeederError: if the case holds a second reference bus or a bus that holds its voltage.
    """
    case = run_script(path)
    findings = _voltage_holders(case)
    if findings:
        raise FeederError(path.stem, findings)
    alive = case.column("bus", "BUS_TYPE") != ISOLATED
    lines, transformers = _branches(case, frequency_hz)
    return Feeder(
        name=path.stem.lower(),
        title=f"MATPOWER case {path.stem}",
        origin=f"read from {path.name}",
        buses=tuple(Bus(_name(number), ONE, kv) for number, kv in zip(*_columns(case, "bus", "BUS_I", "BASE_KV"), strict=True)),
        sources=(_source(case),),
        lines=lines,
        transformers=transformers,
        loads=_loads(case, alive),
        generators=_generators(case),
        shunts=_shunts(case),
        frequency_hz=frequency_hz,
        single_phase_equivalent=True,
        notes=(*_isolated(case, alive), *_charged_transformers(transformers)),
    )


def _columns(case: Case, matrix: str, *names: str) -> list[list[float]]:
    return [case.column(matrix, name).tolist() for name in names]


def _name(number: float) -> str:
    return str(int(number))


def _kv(case: Case) -> dict[str, float]:
    return {_name(number): kv for number, kv in zip(*_columns(case, "bus", "BUS_I", "BASE_KV"), strict=True)}


def _voltage_holders(case: Case) -> list[Finding]:
    """Exactly one bus may hold its voltage, and it needs a base voltage to be told in kV."""
    numbers, kinds, kvs = _columns(case, "bus", "BUS_I", "BUS_TYPE", "BASE_KV")
    findings = []
    for number, kind, kv in zip(numbers, kinds, kvs, strict=True):
        bus = f"bus {_name(number)}"
        if kind == PV:
            what = "type PV holds its voltage, which generators do not do here."
            findings.append(Finding("MATPOWER.PV_BUS", "error", bus, what, "Make it PQ with its P and Q, or the reference bus."))
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
    for bus, vg, status in zip(*_columns(case, "gen", "GEN_BUS", "VG", "GEN_STATUS"), strict=True):
        if bus == number and status > 0:
            vm = vg
    return Source("grid", _name(number), ONE, kv, vm, va)


def _loads(case: Case, alive: FloatArray) -> tuple[Load, ...]:
    rows = zip(*_columns(case, "bus", "BUS_I", "PD", "QD", "BASE_KV"), alive, strict=True)
    return tuple(
        Load(f"load_{_name(number)}", _name(number), TO_GROUND, "wye", kv, _milli(p), _milli(q))
        for number, p, q, kv, is_alive in rows
        if is_alive and (p != 0 or q != 0)
    )


def _milli(mega: float) -> float:
    """MW to kW without the binary dust of the file's own conversion."""
    return tidy(mega * 1e3)


def _generators(case: Case) -> tuple[Generator, ...]:
    """Generators in service away from the reference bus."""
    reference, kv = _source(case).bus, _kv(case)
    found = []
    rows = zip(*_columns(case, "gen", "GEN_BUS", "PG", "QG", "MBASE", "GEN_STATUS"), strict=True)
    for k, (number, p, q, base, status) in enumerate(rows, start=1):
        bus = _name(number)
        if status > 0 and bus != reference:
            found.append(Generator(f"gen_{k}", bus, TO_GROUND, "wye", kv[bus], _milli(base), _milli(p), _milli(q)))
    return tuple(found)


def _shunts(case: Case) -> tuple[Shunt, ...]:
    """Gs is MW taken, Bs Mvar given, at one per unit."""
    rows = zip(*_columns(case, "bus", "BUS_I", "GS", "BS", "BASE_KV"), strict=True)
    return tuple(
        Shunt(f"shunt_{_name(number)}", _name(number), TO_GROUND, "wye", kv, _milli(g), -_milli(b))
        for number, g, b, kv in rows
        if g != 0 or b != 0
    )


def _branches(case: Case, frequency_hz: float) -> tuple[tuple[Line, ...], tuple[Transformer, ...]]:
    """A branch between equal base voltages without ratio or shift is a line, any other a transformer."""
    kv, base_mva = _kv(case), case.scalars["mpc.baseMVA"]
    names = ("F_BUS", "T_BUS", "BR_R", "BR_X", "BR_B", "RATE_A", "TAP", "SHIFT", "BR_STATUS")
    lines, transformers = [], []
    for k, (start, end, r, x, b, rate, tap, shift, status) in enumerate(zip(*_columns(case, "branch", *names), strict=True), start=1):
        ends = _name(start), _name(end)
        if tap in (0, 1) and shift == 0 and kv[ends[0]] == kv[ends[1]]:
            lines.append(_line(f"branch_{k}", ends, kv[ends[0]], base_mva, (r, x, b), rate, status > 0, frequency_hz))
        elif status > 0:
            windings = (_winding(ends[0], kv[ends[0]], base_mva, r, tap or 1.0), _winding(ends[1], kv[ends[1]], base_mva, 0.0, 1.0))
            rating_kva = _milli(rate) or None
            transformers.append(
                Transformer(f"branch_{k}", 1, windings, (x * 100,), magnetizing_pct=-b * 100, shift_deg=shift, rating_kva=rating_kva)
            )
    return tuple(lines), tuple(transformers)


def _line(
    name: str,
    ends: tuple[str, str],
    kv: float,
    base_mva: float,
    rxb_pu: tuple[float, float, float],
    rate_mva: float,
    closed: bool,
    frequency_hz: float,
) -> Line:
    base_ohm = kv**2 / base_mva
    r, x, b = rxb_pu
    c_nf = b / base_ohm / (2 * math.pi * frequency_hz) * 1e9
    code = LineCode(name, *(((tidy(value),),) for value in (r * base_ohm, x * base_ohm, c_nf)))
    rating_a = rate_mva * 1e3 / (SQRT3 * kv) if rate_mva > 0 else None
    return Line(name, *ends, ONE, ONE, code, rating_a=rating_a, is_switch=not closed, closed=closed)


def _winding(bus: str, kv: float, base_mva: float, r_pu: float, tap: float) -> Winding:
    return Winding(bus, TO_GROUND, "wye", kv, base_mva * 1e3, r_pu * 100, tap, *TAP_RANGE)


def _isolated(case: Case, alive: FloatArray) -> tuple[Finding, ...]:
    names = [_name(number) for number in case.column("bus", "BUS_I")[~np.asarray(alive, dtype=bool)]]
    what = f"buses {', '.join(names)} are isolated (type 4); their loads are left out."
    return (Finding("MATPOWER.ISOLATED", "warning", "case", what),) if names else ()


def _charged_transformers(transformers: tuple[Transformer, ...]) -> tuple[Finding, ...]:
    """The format splits a branch's charging over both ends; a transformer here carries it on its second winding."""
    names = [transformer.name for transformer in transformers if transformer.magnetizing_pct != 0]
    what = f"the charging of transformers {', '.join(names)} is put on their second winding alone."
    return (Finding("MATPOWER.TRANSFORMER_CHARGING", "warning", "case", what),) if names else ()
