"""Loads and DERs of an OpenDSS circuit."""

from __future__ import annotations

from typing import Literal

from tieline.feeders.elements import (
    CONSTANT_CURRENT,
    CONSTANT_IMPEDANCE,
    CONSTANT_POWER,
    Connection,
    Generator,
    Load,
    Nodes,
    Pv,
    Storage,
)
from tieline.feeders.opendss.circuit import Circuit, Properties
from tieline.units import SQRT3

Shares = tuple[float, float, float]
Attachment = tuple[str, Nodes, Connection, float]

LOAD_MODELS: dict[int, tuple[Shares, Shares]] = {
    1: (CONSTANT_POWER, CONSTANT_POWER),
    2: (CONSTANT_IMPEDANCE, CONSTANT_IMPEDANCE),
    3: (CONSTANT_POWER, CONSTANT_IMPEDANCE),
    5: (CONSTANT_CURRENT, CONSTANT_CURRENT),
    6: (CONSTANT_POWER, CONSTANT_POWER),
    7: (CONSTANT_POWER, CONSTANT_IMPEDANCE),
}
"""ZIP shares of P and Q of the load models that are ZIP by definition; 4 (exponents) and 8 (own shares) are worked out."""

POWER_OUTSIDE = (3, 4, 6, 7)
"""Models that the engine turns into the impedance of a constant-power load outside their voltage band."""


def read_loads(circuit: Circuit) -> list[Load]:
    """All loads at the circuit's load multiplier."""
    multiplier = float(circuit.engine.Solution.LoadMult())
    if multiplier != 1:
        circuit.warn("OPENDSS.LOADMULT", "loads", f"the file's load multiplier {multiplier:g} is written into every load that is not fixed.")
    return [_load(circuit, p, multiplier) for p in circuit.elements("Load")]


def _load(circuit: Circuit, p: Properties, multiplier: float) -> Load:
    name = p["Name"].lower()
    bus, nodes, connection, kv = _attachment(circuit, "Load", p)
    scale = 1.0 if str(p["Status"]).lower() == "fixed" else multiplier
    zip_p, zip_q = _zip_shares(circuit, f"load {name}", p)
    return Load(
        name=name,
        bus=bus,
        nodes=nodes,
        connection=connection,
        kv=kv,
        p_kw=float(p["kW"]) * scale,
        q_kvar=float(p["kvar"]) * scale,
        zip_p=zip_p,
        zip_q=zip_q,
        v_min_pu=float(p["VMinpu"]),
        v_max_pu=float(p["VMaxpu"]),
        v_low_pu=float(p["VLowpu"]),
        power_outside=int(p["Model"]) in POWER_OUTSIDE,
    )


def _attachment(circuit: Circuit, kind: str, p: Properties) -> Attachment:
    """Bus, nodes, connection and rated voltage across a phase, from the nodes the engine uses."""
    name, phases = p["Name"].lower(), int(p["Phases"])
    nodes = circuit.terminal_nodes(kind, name)[0]
    bus = circuit.bus_names(kind, name)[0]
    connection: Connection = "delta" if str(p["Conn"]).lower() in ("delta", "ll") else "wye"
    kv = float(p["kV"])
    if connection == "wye":
        return bus, nodes, connection, kv / SQRT3 if phases > 1 else kv
    if phases == 2:
        circuit.refuse("OPENDSS.TWO_PHASE_DELTA", f"{kind.lower()} {name}", "a two-phase delta cannot be read.", "Split it into single phases.")
    return bus, nodes[: max(phases, 2)], connection, kv


def _zip_shares(circuit: Circuit, component: str, p: Properties) -> tuple[Shares, Shares]:
    model = int(p["Model"])
    if model in LOAD_MODELS:
        return LOAD_MODELS[model]
    if model == 8:
        z_p, i_p, c_p, z_q, i_q, c_q, cut_off = (float(value) for value in p["ZIPV"])
        if cut_off > 0:
            circuit.warn("OPENDSS.ZIPV_CUTOFF", component, f"the cut-off at {cut_off:g} pu is not modelled.")
        return (z_p, i_p, c_p), (z_q, i_q, c_q)
    exponents = float(p["CVRWatts"]), float(p["CVRVars"])
    if any(n not in (0.0, 1.0, 2.0) for n in exponents):
        what = f"P ~ V^{exponents[0]:g}, Q ~ V^{exponents[1]:g} is taken as the ZIP load with the same value, slope and curvature at rated voltage."
        circuit.warn("OPENDSS.LOAD_EXPONENT", component, what)
    return zip_of_exponent(exponents[0]), zip_of_exponent(exponents[1])


def zip_of_exponent(exponent: float) -> Shares:
    """ZIP shares with the value, slope and curvature of V^n at V = 1; exact for n = 0, 1, 2."""
    z = exponent * (exponent - 1) / 2
    i = exponent - 2 * z
    return z, i, 1.0 - z - i


def read_pvs(circuit: Circuit) -> list[Pv]:
    """All PV systems at the irradiance and output the file states."""
    return [_pv(circuit, p) for p in circuit.elements("PVSystem")]


def _pv(circuit: Circuit, p: Properties) -> Pv:
    name = p["Name"].lower()
    if p.get("EffCurve") or p.get("PTCurve") or p.get("P-TCurve"):
        circuit.warn("OPENDSS.PV_CURVES_DROPPED", f"pvsystem {name}", "its efficiency and temperature curves are not modelled.")
    kva = float(p["kVA"])
    p_kw = min(float(p["Pmpp"]) * float(p["irradiance" if "irradiance" in p else "Irradiance"]) * float(p["pctPmpp"]) / 100, kva)
    q_kvar = _reactive_kvar(p, p_kw, kva)
    return Pv(name, *_attachment(circuit, "PVSystem", p), float(p["Pmpp"]), kva, p_kw, q_kvar)


def _reactive_kvar(p: Properties, p_kw: float, kva: float) -> float:
    """Reactive power by the stated kvar or power factor (negative: absorbing), within the inverter's circle."""
    power_factor = p.get("PF")
    if power_factor is None:
        q_kvar = float(p.get("kvar") or 0.0)
    else:
        q_kvar = p_kw * (1 / float(power_factor) ** 2 - 1) ** 0.5 * (1 if power_factor > 0 else -1)
    most = max(kva**2 - p_kw**2, 0.0) ** 0.5
    return max(-most, min(most, q_kvar))


def read_storages(circuit: Circuit) -> list[Storage]:
    """All storage elements in the state the file states."""
    return [_storage(circuit, p) for p in circuit.elements("Storage")]


def _storage(circuit: Circuit, p: Properties) -> Storage:
    rated_kw, energy = float(p["kWRated"]), float(p["kWhRated"])
    state: Literal["charging", "discharging", "idling"] = str(p["State"]).lower()  # type: ignore[assignment]
    charge = rated_kw * float(p["pctCharge"]) / 100 if state == "charging" else 0.0
    discharge = rated_kw * float(p["pctDischarge"]) / 100 if state == "discharging" else 0.0
    return Storage(
        p["Name"].lower(),
        *_attachment(circuit, "Storage", p),
        rated_kw=rated_kw,
        energy_kwh=energy,
        inverter_kva=float(p["kVA"]),
        stored_kwh=energy * float(p["pctStored"]) / 100,
        reserve_kwh=energy * float(p["pctReserve"]) / 100,
        efficiency_charge=float(p["pctEffCharge"]) / 100,
        efficiency_discharge=float(p["pctEffDischarge"]) / 100,
        p_charge_kw=charge,
        p_discharge_kw=discharge,
    )


def read_generators(circuit: Circuit) -> list[Generator]:
    """All generators; one that holds a voltage is refused, other models are taken as constant power."""
    return [_generator(circuit, p) for p in circuit.elements("Generator")]


def _generator(circuit: Circuit, p: Properties) -> Generator:
    name, model = p["Name"].lower(), int(p["Model"])
    if model == 3:
        circuit.refuse("OPENDSS.GENERATOR_HOLDS_VOLTAGE", f"generator {name}", "model 3 holds its voltage.", "Use model 1 with its P and Q.")
    elif model != 1:
        circuit.warn("OPENDSS.GENERATOR_MODEL", f"generator {name}", f"model {model} is taken as constant P and Q.")
    return Generator(name, *_attachment(circuit, "Generator", p), float(p["kVA"]), float(p["kW"]), float(p["kvar"]))
