"""What an `InvControl` and its DERs say: mode, curves, and what their shares are shares of."""

from __future__ import annotations

from tieline.feeders.elements.inverters import SharedRule
from tieline.feeders.opendss.characteristics import Points, curve_points
from tieline.feeders.opendss.circuit import DssCircuit, Record

RULES: dict[str, SharedRule] = {"avg": "mean", "max": "highest", "min": "lowest"}
"""Words of MonVoltageCalc."""

VOLT_VAR, VOLT_WATT, BOTH = "voltvar", "voltwatt", "vv_vw"
WATT_PF, WATT_VAR = "wattpf", "wattvar"
READ = (VOLT_VAR, VOLT_WATT, BOTH, WATT_PF, WATT_VAR)
"""Modes that are characteristics."""

Units = dict[tuple[str, str], Record]
"""Records of DERs that were read, by kind and name."""


def mode_of(record: Record) -> str:
    """In small letters; a combination of two modes counts before a single one."""
    return (str(record["CombiMode"] or "") or str(record["Mode"] or "")).lower()


def targets_of(record: Record) -> list[tuple[str, str]]:
    """Class and name of the DERs of a control, which the engine lists where the file names none."""
    targets = []
    for full_name in record["DERList"] or []:
        kind, _, name = str(full_name).lower().partition(".")
        targets.append((kind, name))
    return targets


def curve_names(record: Record) -> dict[str, str | None]:
    """Property and curve of all that the mode of a control needs; of a storage that charges there may be none."""
    mode = mode_of(record)
    keys = {
        VOLT_VAR: ("VVC_Curve1",),
        VOLT_WATT: ("VoltWatt_Curve",),
        BOTH: ("VVC_Curve1", "VoltWatt_Curve"),
        WATT_PF: ("WattPF_Curve",),
        WATT_VAR: ("WattVar_Curve",),
    }[mode]
    names = {key: record[key] for key in keys}
    if "VoltWatt_Curve" in keys and record["VoltWattCH_Curve"]:
        names["VoltWattCH_Curve"] = record["VoltWattCH_Curve"]
    return names


def points_of(circuit: DssCircuit, key: str, name: str) -> Points | None:
    """A curve by the property that names it; None if it does not rise along its first axis."""
    low = 0.0 if key.startswith("VoltWatt") else -1.0
    return curve_points(circuit, name, low, 1.0)


def interpolated(points: Points, x: float) -> float:
    """Value of a curve."""
    # not at the top: only files with such curves need it
    import numpy as np

    return float(np.interp(x, *points))


def has_headroom_base(record: Record) -> bool:
    """Whether Q is a share of what P leaves of the kVA, not of the kvar limits."""
    return str(record["RefReactivePower"]).upper().startswith("VARAVAL")


def rated_kw(unit: Record) -> float:
    """Of the panels or the storage [kW]."""
    return float(unit["Pmpp"] if unit.kind == "PVSystem" else unit["kWRated"])


def most_kw(unit: Record) -> float:
    """What `%Pmpp` allows panels [kW]."""
    return float(unit["Pmpp"]) * float(unit["pctPmpp"]) / 100


def p_base_kw(record: Record, unit: Record) -> float | None:
    """What P is a share of [kW]; None for the P that the inverter would like to give."""
    rating_kw = rated_kw(unit)
    kva = float(unit["kVA"])
    if mode_of(record) == WATT_PF:
        return rating_kw
    if mode_of(record) == WATT_VAR:
        return min(kva, rating_kw)
    share = "pctPmpp" if unit.kind == "PVSystem" else "pctkWRated"
    bases = {
        "pavailablepu": None,
        "pmpppu": rating_kw,
        "pctpmpppu": rating_kw * float(unit[share]) / 100,
        "kvaratingpu": kva,
    }
    return bases[str(record["VoltWattYAxis"]).lower()]
