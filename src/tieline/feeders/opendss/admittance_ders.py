"""Generators, PV systems and batteries that are admittances, as loads of negative power.

Model 2 of each class is the admittance that injects its power at rated voltage; model 5 of a generator has constant P, and the Q
of an admittance that does not follow GenMult. Outside the voltage band P of model 5 is an admittance as well. The engine divides
the admittance of a delta by three, also of one with a single branch, which is left with a third of its power.
"""

from __future__ import annotations

from tieline.feeders.elements import CONSTANT_IMPEDANCE, CONSTANT_POWER, Load
from tieline.feeders.opendss.circuit import DssCircuit, Record, Report
from tieline.feeders.opendss.connections import (
    Hookup,
    hookup,
    is_delta,
    is_in_service,
)
from tieline.feeders.opendss.ders import AS_LOADS, powers_now
from tieline.feeders.opendss.series import free_name

FIXED_Q_MODEL = 5


def read_admittance_ders(
    circuit: DssCircuit, used_names: set[str], report: Report
) -> list[Load]:
    """Loads for all DERs that are admittances; `used_names` are names of other loads."""
    units = [
        record
        for kind, models in AS_LOADS.items()
        for record in circuit.records(kind)
        if record["Model"] in models and is_in_service(record, report)
    ]
    if not units:
        return []
    circuit.solve_once()
    powers = powers_now(circuit)
    loads: list[Load] = []
    names = set(used_names)
    for record in units:
        where = _place(record, report)
        if where is not None:
            name = free_name(record, names)
            names.add(name)
            loads.append(_load(record, name, where, *powers[record.kind][record.name]))
            what = "Its power follows the voltage, so it is a load of negative power: no study and no control moves it."
            report.warning("DER_AS_LOAD", record.component, what, "Use model 1.")
    return loads


def _place(record: Record, report: Report) -> Hookup | None:
    if _is_single_delta(record) and record["Model"] == FIXED_Q_MODEL:
        what = "As a delta of one branch it has all of its P and a third of its Q in OpenDSS."
        report.error("DER_MODEL", record.component, what, "Use model 1, or conn=wye.")
        return None
    return hookup(record, report)


def _is_single_delta(record: Record) -> bool:
    return is_delta(record) and record["Phases"] == 1


def _load(record: Record, name: str, where: Hookup, p_kw: float, q_kvar: float) -> Load:
    has_constant_p = record["Model"] == FIXED_Q_MODEL
    if has_constant_p:
        q_kvar = float(record["kvar"])
    part = 1 / 3 if _is_single_delta(record) else 1.0
    return Load(
        name=name,
        bus=where.bus,
        nodes=where.nodes,
        connection=where.connection,
        kv=where.kv,
        p_kw=-p_kw * part,
        q_kvar=-q_kvar * part,
        zip_p=CONSTANT_POWER if has_constant_p else CONSTANT_IMPEDANCE,
        zip_q=CONSTANT_IMPEDANCE,
        v_min_pu=float(record["VMinpu"]),
        v_max_pu=float(record["VMaxpu"]),
        # a generator keeps the admittance found at Vminpu down to no voltage at all
        v_low_pu=0.0,
        power_outside=has_constant_p,
        q_impedance_outside=has_constant_p,
    )
