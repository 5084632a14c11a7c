"""PV systems, batteries and generators with the power they have in the snapshot.

PV power (irradiance, temperature, inverter efficiency, power factor) is asked from the engine after one solution without
controls. All are read as constant power; OpenDSS turns them into impedances outside their voltage band. Inverter controls
and dispatch are left out.
"""

from __future__ import annotations

from tieline.feeders.elements import Generator, Pv, Storage
from tieline.feeders.opendss.circuit import DssCircuit, Record, Report
from tieline.feeders.opendss.connections import Hookup, hookup, is_in_service

GENERATOR_MODELS = (1, 4)
"""Constant P and Q; 4 fixes them in time, which a snapshot does not see."""


def read_pvs(circuit: DssCircuit, report: Report) -> list[Pv]:
    """All PV systems."""
    records = _in_service(circuit, "PVSystem", (1,), report)
    power = _pv_power(circuit) if records else {}
    return [Pv(r.name, h.bus, h.nodes, h.connection, h.kv, float(r["Pmpp"]), float(r["kVA"]), *power[r.name]) for r, h in records]


def _pv_power(circuit: DssCircuit) -> dict[str, tuple[float, float]]:
    """P and Q of each PV system in the snapshot [kW, kvar]."""
    engine = circuit.engine
    engine.Text.Command("set mode=snapshot")
    engine.Solution.SolveNoControl()
    power = {}
    for name in engine.PVsystems.AllNames():
        engine.PVsystems.Name(name)
        power[name.lower()] = float(engine.PVsystems.kW()), float(engine.PVsystems.kvar())
    return power


def read_storages(circuit: DssCircuit, report: Report) -> list[Storage]:
    """All batteries."""
    return [_storage(record, where, report) for record, where in _in_service(circuit, "Storage", (1,), report)]


def _storage(record: Record, where: Hookup, report: Report) -> Storage:
    idle = str(record["State"]).lower().startswith("idl")
    p_kw = 0.0 if idle else float(record["kW"])
    if record["pctIdlingkW"]:
        report.warning("IDLING_LOSS_DROPPED", record.component, "Its idling loss is left out.")
    return Storage(
        name=record.name,
        bus=where.bus,
        nodes=where.nodes,
        connection=where.connection,
        kv=where.kv,
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
    )


def read_generators(circuit: DssCircuit, report: Report) -> list[Generator]:
    """All generators."""
    multiplier = _generation_multiplier(circuit)
    found = _in_service(circuit, "Generator", GENERATOR_MODELS, report)
    return [_generator(record, where, multiplier, report) for record, where in found]


def _generation_multiplier(circuit: DssCircuit) -> float:
    circuit.engine.Text.Command("get genmult")
    return float(circuit.engine.Text.Result())


def _generator(record: Record, where: Hookup, multiplier: float, report: Report) -> Generator:
    if record["DispValue"]:
        report.warning("DISPATCH_DROPPED", record.component, "Its dispatch value is left out; it runs.")
    scale = 1.0 if record["Status"] == "Fixed" else multiplier
    p_kw, q_kvar = float(record["kW"]) * scale, float(record["kvar"]) * scale
    return Generator(record.name, where.bus, where.nodes, where.connection, where.kv, float(record["kVA"]), p_kw, q_kvar)


def _in_service(circuit: DssCircuit, kind: str, models: tuple[int, ...], report: Report) -> list[tuple[Record, Hookup]]:
    """Elements of a class that are closed and of a supported model, with their hookups."""
    found = []
    for record in circuit.records(kind):
        if record["Model"] not in models:
            supported = " or ".join(str(model) for model in models)
            what = f"Its model {record['Model']} is not constant power."
            report.error("DER_MODEL", record.component, what, f"Use model {supported}.")
            continue
        where = hookup(record, report) if is_in_service(record, report) else None
        if where is not None:
            found.append((record, where))
    return found
