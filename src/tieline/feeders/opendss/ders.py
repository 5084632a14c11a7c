"""PV systems, batteries and generators with the power they have in the snapshot.

That power (irradiance, temperature, inverter efficiency, power factor, dispatch, idling loss) is asked from the engine after one
solution without controls. All are read as constant power within their voltage band; outside it OpenDSS turns them into
impedances, as `Feeder.load_model` says. What controls of DERs make of it: see `left_out_controls`.
"""

from __future__ import annotations

import math
from dataclasses import replace
from typing import Any, TypedDict

from tieline.feeders.elements import Connection, Generator, Nodes, Pv, Storage
from tieline.feeders.opendss.circuit import DssCircuit, Record, Report
from tieline.feeders.opendss.connections import (
    Hookup,
    has_size,
    hookup,
    is_delta,
    is_in_service,
)

GENERATOR_MODELS = (1, 3, 4, 7)
"""Constant P and Q; 4 fixes Q: neither GenMult nor the voltage band changes it. 3 holds its voltage, 7 limits its current."""

AS_LOADS = {"Generator": (2, 5), "PVSystem": (2,), "Storage": (2,)}
"""Models that are admittances, by class; `admittance_ders` reads them."""

HOLDING_MODEL = 3
FIXED_Q_MODEL = 4
INVERTER_MODEL = 7

Power = tuple[float, float]
"""P and Q injected in the snapshot [kW, kvar]."""


class Common(TypedDict):
    """Fields that all DERs have."""

    name: str
    bus: str
    nodes: Nodes
    connection: Connection
    kv: float
    v_min_pu: float | None
    v_max_pu: float | None


def read_pvs(circuit: DssCircuit, report: Report) -> list[Pv]:
    """All PV systems."""
    records = _in_service(circuit, "PVSystem", (1,), report)
    power = _powers(circuit.engine.PVsystems) if records else {}
    sized = [
        (record, where)
        for record, where in records
        if has_size(record, report, record["kVA"])
    ]
    return [_pv(record, where, power[record.name], report) for record, where in sized]


def _pv(record: Record, where: Hookup, power: Power, report: Report) -> Pv:
    _note_inverter(record, report)
    p_kw, q_kvar = power
    return Pv(
        **_common(record, where),
        rated_kw=float(record["Pmpp"]),
        inverter_kva=float(record["kVA"]),
        p_kw=p_kw,
        q_kvar=q_kvar,
    )


def read_storages(circuit: DssCircuit, report: Report) -> list[Storage]:
    """All batteries."""
    records = _in_service(circuit, "Storage", (1,), report)
    return [
        _storage(record, where, report)
        for record, where in records
        if has_size(record, report, record["kVA"])
    ]


def _storage(record: Record, where: Hookup, report: Report) -> Storage:
    _note_inverter(record, report)
    p_kw = float(record["kW"])
    if str(record["State"]).lower().startswith("idl") and p_kw:
        what = (
            "It idles; its idling loss is charging power in the snapshot. An optimal power flow and the microgrids study leave "
            "the loss out where they dispatch it."
        )
        report.warning("IDLING_LOSS", record.component, what)
    return Storage(
        **_common(record, where),
        rated_kw=float(record["kWRated"]),
        energy_kwh=float(record["kWhRated"]),
        inverter_kva=float(record["kVA"]),
        stored_kwh=float(record["kWhStored"]),
        reserve_kwh=float(record["kWhRated"]) * float(record["pctReserve"]) / 100,
        efficiency_charge=float(record["pctEffCharge"]) / 100,
        efficiency_discharge=float(record["pctEffDischarge"]) / 100,
        p_charge_kw=max(-p_kw, 0.0),
        p_discharge_kw=max(p_kw, 0.0),
        q_kvar=float(record["kvar"]),
        idling_kw=float(record["kWRated"]) * float(record["pctIdlingkW"]) / 100,
    )


def read_generators(circuit: DssCircuit, report: Report) -> list[Generator]:
    """All generators."""
    records = _in_service(circuit, "Generator", GENERATOR_MODELS, report)
    power = _powers(circuit.engine.Generators) if records else {}
    sized = [
        (record, where)
        for record, where in records
        if has_size(record, report, record["kVA"], *power[record.name])
    ]
    _note_inverters([record for record, _ in sized], report)
    return [_generator(record, where, power[record.name]) for record, where in sized]


def _note_inverters(records: list[Record], report: Report) -> None:
    for record in records:
        if int(record["Model"]) == INVERTER_MODEL:
            what = "Below Vminpu it is an impedance; model 7 keeps its current there. Inside it is the same."
            report.warning("CURRENT_LIMIT_DROPPED", record.component, what)


def _generator(record: Record, where: Hookup, power: Power) -> Generator:
    model = int(record["Model"])
    has_fixed_q = model == FIXED_Q_MODEL
    p_kw, q_kvar = power
    hookup_fields = _common(record, where)
    holding: dict[str, Any] = {}
    if model == HOLDING_MODEL:
        holding |= _held(record)
        # no voltage changes its active power, nor its reactive power once that is at a limit
        hookup_fields |= {"v_min_pu": None, "v_max_pu": None}
    if model == INVERTER_MODEL:
        # a voltage that is too high does not change its power
        hookup_fields["v_max_pu"] = None
    return Generator(
        **hookup_fields,
        **holding,
        # a study needs some rating: the power of the snapshot is one that the unit can bear
        rated_kva=float(record["kVA"]) or math.hypot(p_kw, q_kvar),
        p_kw=p_kw,
        q_kvar=float(record["kvar"]) if has_fixed_q else q_kvar,
        q_impedance_outside=has_fixed_q,
    )


def _held(record: Record) -> dict[str, float]:
    """The voltage that it holds, and the reactive power that it may take for it."""
    return {
        "held_v_pu": float(record["Vpu"]),
        "held_q_low_kvar": float(record["Minkvar"]),
        "held_q_high_kvar": float(record["Maxkvar"]),
    }


def _common(record: Record, where: Hookup) -> Common:
    return {
        "name": record.name,
        "bus": where.bus,
        "nodes": where.nodes,
        "connection": where.connection,
        "kv": where.kv,
        "v_min_pu": float(record["VMinpu"]),
        "v_max_pu": float(record["VMaxpu"]),
    }


def _powers(elements: Any) -> dict[str, Power]:
    """Power of all elements of a class of the engine, by name."""
    power = {}
    for name in elements.AllNames():
        # makes it the active element, of which the next questions are
        elements.Name(name)
        power[name.lower()] = float(elements.kW()), float(elements.kvar())
    return power


def powers_now(circuit: DssCircuit) -> dict[str, dict[str, Power]]:
    """Power of all DERs in the engine's present solution, by class and name."""
    batteries = circuit.objects("Storage", full=True)
    return {
        "PVSystem": _powers(circuit.engine.PVsystems),
        "Storage": {
            str(o["Name"]).lower(): (float(o["kW"]), float(o["kvar"]))
            for o in batteries
        },
        "Generator": _powers(circuit.engine.Generators),
    }


def _note_inverter(record: Record, report: Report) -> None:
    """What an inverter does that the snapshot's power does not tell."""
    if record["Balanced"] and record["Phases"] == 3:
        what = "It injects balanced currents (balanced=yes); here every phase injects the same power."
        report.warning(
            "BALANCED_DROPPED",
            record.component,
            what,
            "Where the voltages are unbalanced the answer differs.",
        )
    if record["LimitCurrent"]:
        what = "Its current limit (LimitCurrent=yes) is left out; outside Vminpu..Vmaxpu it is an impedance."
        report.warning("CURRENT_LIMIT_DROPPED", record.component, what)


def _in_service(
    circuit: DssCircuit, kind: str, models: tuple[int, ...], report: Report
) -> list[tuple[Record, Hookup]]:
    """Elements of a class that are closed and of a supported model, with their hookups, after the engine's solution."""
    if circuit.names(kind):
        # before the records are read: that of a battery holds the power which the solution settles
        circuit.solve_once()
    closed = []
    for record in circuit.records(kind):
        if record["Model"] in AS_LOADS[kind]:
            continue
        if record["Model"] not in models:
            supported = " or ".join(str(model) for model in models)
            what = f"Its model {record['Model']} is a program of the user's or a machine, not a power."
            report.error("DER_MODEL", record.component, what, f"Use model {supported}.")
            continue
        where = hookup(record, report) if is_in_service(record, report) else None
        if where is not None:
            closed.append((record, _with_connection(record, where)))
    return closed


def _with_connection(record: Record, where: Hookup) -> Hookup:
    """The hookup of a DER; one branch to ground stays a delta if the file says so, for its power outside the voltage band."""
    # that of two phases is open, and written as two branches that meet
    if is_delta(record) and record["Phases"] != 2:
        return replace(where, connection="delta")
    return where
