"""An `InverterControl` from an `InvControl` of OpenDSS and one of its DERs."""

from __future__ import annotations

from typing import Any

from tieline.feeders.elements import InverterControl
from tieline.feeders.elements.inverters import InverterKind
from tieline.feeders.opendss.characteristics import curve_points
from tieline.feeders.opendss.circuit import DssCircuit, Record
from tieline.feeders.opendss.inverters.record import (
    RULES,
    curve_names,
    has_headroom_base,
    interpolated,
    p_base_kw,
    points_of,
    rated_kw,
)
from tieline.units import SQRT3

KINDS: dict[str, InverterKind] = {"pvsystem": "pv", "storage": "storage"}

FIELDS = {
    "VVC_Curve1": ("volt_var_v_pu", "volt_var_q_share"),
    "VoltWatt_Curve": ("volt_watt_v_pu", "volt_watt_p_share"),
    "VoltWattCH_Curve": ("charge_watt_v_pu", "charge_watt_p_share"),
    "WattPF_Curve": ("watt_pf_p_share", "watt_pf"),
    "WattVar_Curve": ("watt_var_p_share", "watt_var_q_share"),
}
"""Property of the engine -> fields of an `InverterControl`."""


def control_of(
    record: Record, der: tuple[str, str], unit: Record, circuit: DssCircuit
) -> InverterControl:
    """The characteristic of one DER of a control that can be read."""
    curves: dict[str, Any] = {}
    for key, name in curve_names(record).items():
        points = points_of(circuit, key, str(name))
        curves |= dict(zip(FIELDS[key], points or ((), ()), strict=True))
    has_one = len(record["DERList"]) == 1
    return InverterControl(
        name=record.name if has_one else f"{record.name}_{der[1]}",
        der=der[1],
        der_kind=KINDS[der[0]],
        **curves,
        q_base="headroom" if has_headroom_base(record) else "limits",
        p_base_kw=p_base_kw(record, unit),
        q_high_kvar=float(unit["kvarMax"]),
        q_low_kvar=float(unit["kvarMaxAbs"]),
        least_p_kw=_least_p_kw(unit, circuit),
        full_q_kw=rated_kw(unit) * max(float(unit["pctPMinkvarMax"]), 0.0) / 100,
        yields="q" if unit["WattPriority"] else "p",
        keeps_power_factor=_states_power_factor(unit),
        **_watched(record, unit),
    )


def _least_p_kw(unit: Record, circuit: DssCircuit) -> float:
    """P below which there is no Q; where Q follows the inverter, the P at which that switches off."""
    least_kw = rated_kw(unit) * max(float(unit["pctPMinNoVars"]), 0.0) / 100
    if unit.kind != "PVSystem" or not unit["VarFollowInverter"]:
        return least_kw
    cut_out = float(unit["pctCutOut"]) / 100
    efficiency = 1.0
    if unit["EffCurve"]:
        points = curve_points(circuit, str(unit["EffCurve"]), 0.0, 1.0)
        efficiency = interpolated(points, cut_out) if points else 1.0
    return max(least_kw, cut_out * float(unit["kVA"]) * efficiency)


def _states_power_factor(unit: Record) -> bool:
    """Whether Q is that of a power factor, as it is unless kvar were stated last."""
    words = [word for word in unit.sequence if word in ("PF", "kvar")]
    return not words or words[-1] == "PF"


def _watched(record: Record, unit: Record) -> dict[str, Any]:
    """Where a control looks; nothing where that is what an inverter sees by itself."""
    word = str(record["MonVoltageCalc"]).lower()
    rule: dict[str, Any] = {"watched_rule": RULES.get(word, "mean")}
    places = [str(place).lower() for place in record["MonBus"] or []]
    if places:
        return rule | {
            "watched_bus": places[0].partition(".")[0],
            "watched_nodes": tuple(int(place.partition(".")[2]) for place in places),
            "watched_kv": float(record["MonBusesVBase"][0]) / 1e3,
        }
    terminal = unit.terminals[0]
    phases = int(unit["Phases"])
    nodes = terminal.nodes[:phases]
    if word not in RULES:
        nodes = (nodes[int(word) - 1],)
    return_nodes = terminal.nodes[phases:]
    is_to_ground = str(unit["Conn"]).lower() == "wye" and not any(return_nodes)
    if is_to_ground and len(nodes) == phases:
        return rule
    kv = float(unit["kV"])
    return rule | {
        "watched_bus": terminal.bus,
        "watched_nodes": nodes,
        "watched_kv": kv if phases == 1 else kv / SQRT3,
    }
