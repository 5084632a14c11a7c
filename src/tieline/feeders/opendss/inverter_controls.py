"""`InvControl` of OpenDSS as characteristics of its DERs: volt-var, volt-watt, both, watt-pf and watt-var.

The equilibrium is read, not the way to it: `DeltaQ_factor`, tolerances and the exponential model time how OpenDSS gets there.
What is not read (dynamic reactive current, voltage regulation, grid forming, limits of the rate of change) keeps its DERs at the
power at which OpenDSS settles them, see `left_out_controls`, and a note says why.

OpenDSS measures the nodes of a DER against ground, per unit of its rated voltage (of three phases the one to neutral, of one
phase the one that its file states), and so it is read.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import Any, NamedTuple

from tieline.feeders.elements import InverterControl, Pv, Storage
from tieline.feeders.elements.inverters import InverterKind, SharedRule
from tieline.feeders.opendss.characteristics import Points, curve_points
from tieline.feeders.opendss.circuit import DssCircuit, Record, Report
from tieline.feeders.opendss.options import STATIC, option
from tieline.units import SQRT3

RULES: dict[str, SharedRule] = {"avg": "mean", "max": "highest", "min": "lowest"}
"""Words of MonVoltageCalc."""

SMALL_SHARE = 1e-4
"""Change of Q per rating below which OpenDSS stops as near to the curve as a power flow can tell."""

KINDS: dict[str, InverterKind] = {"pvsystem": "pv", "storage": "storage"}

VOLT_VAR, VOLT_WATT, BOTH = "voltvar", "voltwatt", "vv_vw"
WATT_PF, WATT_VAR = "wattpf", "wattvar"
READ = (VOLT_VAR, VOLT_WATT, BOTH, WATT_PF, WATT_VAR)

Units = dict[tuple[str, str], Record]
"""Records of DERs that were read, by kind and name."""


class Inverters(NamedTuple):
    """Controls that were read, and the full names of the `InvControl`s that they come from."""

    controls: list[InverterControl]
    names: set[str]


def read_inverter_controls(
    circuit: DssCircuit,
    pvs: Sequence[Pv],
    storages: Sequence[Storage],
    report: Report,
) -> Inverters:
    """The controls of DERs that were read; none if the file switches controls off or follows a clock."""
    inverters = Inverters([], set())
    if option(circuit.engine, "controlmode").lower() != STATIC:
        return inverters
    units = _units(circuit, pvs, storages)
    records = circuit.records("InvControl")
    targets = [_targets(record) for record in records]
    counts = Counter(der for ders in targets for der in ders)
    for record, ders in zip(records, targets, strict=True):
        problem = next(_problems(record, ders, units, circuit), "")
        for der in ders:
            if counts[der] > 1:
                problem = f"It shares {'.'.join(der)} with another InvControl"
        if problem:
            what = f"{problem}, which is not modelled: its DERs hold the power at which OpenDSS settles them."
            report.warning("INVERTER_CONTROL_HELD", record.component, what)
            continue
        _note_surprises(record, ders, units, report)
        inverters.controls.extend(
            _control(record, der, units[der], circuit) for der in ders if der in units
        )
        inverters.names.add(f"InvControl.{record.name}")
    return inverters


def wanted_powers(
    circuit: DssCircuit, pvs: Sequence[Pv], controls: Sequence[InverterControl]
) -> list[Pv]:
    """PV systems under these controls with the P of their panels, which no rating and no Q have cut."""
    controlled = {control.der for control in controls if control.der_kind == "pv"}
    return [
        replace(pv, p_kw=_panel_kw(circuit, pv)) if pv.name in controlled else pv
        for pv in pvs
    ]


def _panel_kw(circuit: DssCircuit, pv: Pv) -> float:
    """P behind the efficiency of the inverter, within `%Pmpp`; 0 where the inverter is off."""
    if pv.p_kw == 0:
        return 0.0
    engine = circuit.engine
    engine.Circuit.SetActiveElement(f"PVSystem.{pv.name}")
    names = [name.lower() for name in engine.CktElement.AllVariableNames()]
    values = engine.CktElement.AllVariableValues()
    value_of = dict(zip(names, map(float, values), strict=True))
    panel_kw = value_of["panelkw"] * value_of["efficiency"]
    (record,) = [one for one in circuit.records("PVSystem") if one.name == pv.name]
    return min(panel_kw, _most_kw(record))


def _most_kw(unit: Record) -> float:
    """What `%Pmpp` allows panels."""
    return float(unit["Pmpp"]) * float(unit["pctPmpp"]) / 100


def _units(
    circuit: DssCircuit, pvs: Sequence[Pv], storages: Sequence[Storage]
) -> Units:
    names = {"pvsystem": {pv.name for pv in pvs}}
    names["storage"] = {unit.name for unit in storages}
    return {
        (kind.lower(), record.name): record
        for kind in ("PVSystem", "Storage")
        for record in circuit.records(kind)
        if record.name in names[kind.lower()]
    }


def _targets(record: Record) -> list[tuple[str, str]]:
    """Class and name of the DERs of a control, which the engine lists where the file names none."""
    targets = []
    for full_name in record["DERList"] or []:
        kind, _, name = str(full_name).lower().partition(".")
        targets.append((kind, name))
    return targets


def _mode(record: Record) -> str:
    return (str(record["CombiMode"] or "") or str(record["Mode"] or "")).lower()


def _problems(
    record: Record, ders: list[tuple[str, str]], units: Units, circuit: DssCircuit
) -> Iterator[str]:
    """Why a control cannot be read, the beginning of a sentence."""
    mode = _mode(record)
    if mode not in READ:
        yield f"Its mode is {mode or 'none'}"
        return
    if str(record["RateOfChangeMode"]).lower() != "inactive":
        yield "It limits the rate of change"
    curves = _curve_names(record)
    if any(name is None for name in curves.values()):
        yield "It has no curve for its mode"
        return
    if any(_points(circuit, key, name) is None for key, name in curves.items() if name):
        yield "A curve of it does not rise along its first axis"
        return
    yield from _watching_problems(record)
    for der in ders:
        if der not in units:
            yield f"{'.'.join(der)} is no PV system or storage of constant power"
            continue
        yield from _unit_problems(mode, der, units[der], record, circuit)


def _watching_problems(record: Record) -> Iterator[str]:
    places = record["MonBus"] or []
    if not places:
        return
    buses = {str(place).lower().partition(".")[0] for place in places}
    is_single = all(str(place).count(".") == 1 for place in places)
    bases = set(record["MonBusesVBase"] or ())
    has_rule = str(record["MonVoltageCalc"]).lower() in RULES
    if len(buses) > 1 or not is_single or len(bases) != 1 or not has_rule:
        yield "It looks at several buses, between phases, or at one of several places"


def _unit_problems(
    mode: str,
    der: tuple[str, str],
    unit: Record,
    record: Record,
    circuit: DssCircuit,
) -> Iterator[str]:
    name = ".".join(der)
    is_pv = der[0] == "pvsystem"
    if str(unit["ControlMode"]).upper() != "GFL":
        yield f"{name} forms the grid"
    if mode in (VOLT_WATT, WATT_PF) and unit["PFPriority"]:
        yield f"{name} keeps its power factor before its power (PFPriority)"
    counts_present_p = str(record["VoltWattYAxis"]).lower() == "pavailablepu"
    if mode in (VOLT_WATT, BOTH) and counts_present_p and not is_pv:
        yield f"{name} is a storage, whose volt-watt OpenDSS counts from the P that it has cut already"
    if mode in (WATT_PF, WATT_VAR) and not is_pv:
        yield f"{name} is a storage, of whose P OpenDSS makes no Q"
    if mode == WATT_VAR and is_pv and not _has_room(unit, record, circuit):
        yield f"{name} may reach a limit, at which OpenDSS moves P along the curve"


def _has_room(unit: Record, record: Record, circuit: DssCircuit) -> bool:
    """Whether a watt-var curve can be followed without meeting a limit of Q or of the kVA."""
    points = _points(circuit, "WattVar_Curve", str(record["WattVar_Curve"]))
    assert points is not None  # asked before
    kva = float(unit["kVA"])
    most_kw = _most_kw(unit)
    base_kw = _p_base_kw(record, unit)
    assert base_kw is not None  # of this mode it is a number
    most_share = _largest_share(points, most_kw / base_kw)
    limits = (float(unit["kvarMax"]), float(unit["kvarMaxAbs"]))
    if _has_headroom_base(record):
        return most_share < 1 and min(limits) >= kva
    most_kvar = most_share * max(limits)
    return most_share < 1 and most_kw**2 + most_kvar**2 <= kva**2


def _largest_share(points: Points, up_to: float) -> float:
    """Largest |share| of a curve from 0 up to some P."""
    corners = [x for x in points[0] if 0 < x < up_to]
    return max(abs(_interpolated(points, x)) for x in (0.0, *corners, up_to))


def _curve_names(record: Record) -> dict[str, str | None]:
    """Property and curve of all that the mode of a control needs; of a storage that charges there may be none."""
    mode = _mode(record)
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


FIELDS = {
    "VVC_Curve1": ("volt_var_v_pu", "volt_var_q_share"),
    "VoltWatt_Curve": ("volt_watt_v_pu", "volt_watt_p_share"),
    "VoltWattCH_Curve": ("charge_watt_v_pu", "charge_watt_p_share"),
    "WattPF_Curve": ("watt_pf_p_share", "watt_pf"),
    "WattVar_Curve": ("watt_var_p_share", "watt_var_q_share"),
}
"""Property of the engine -> fields of an `InverterControl`."""


def _points(circuit: DssCircuit, key: str, name: str) -> Points | None:
    low = 0.0 if key.startswith("VoltWatt") else -1.0
    return curve_points(circuit, name, low, 1.0)


def _control(
    record: Record, der: tuple[str, str], unit: Record, circuit: DssCircuit
) -> InverterControl:
    curves: dict[str, Any] = {}
    for key, name in _curve_names(record).items():
        points = _points(circuit, key, str(name))
        curves |= dict(zip(FIELDS[key], points or ((), ()), strict=True))
    has_one = len(record["DERList"]) == 1
    return InverterControl(
        name=record.name if has_one else f"{record.name}_{der[1]}",
        der=der[1],
        der_kind=KINDS[der[0]],
        **curves,
        q_base="headroom" if _has_headroom_base(record) else "limits",
        p_base_kw=_p_base_kw(record, unit),
        q_high_kvar=float(unit["kvarMax"]),
        q_low_kvar=float(unit["kvarMaxAbs"]),
        least_p_kw=_least_p_kw(unit, circuit),
        full_q_kw=_rated_kw(unit) * max(float(unit["pctPMinkvarMax"]), 0.0) / 100,
        yields="q" if unit["WattPriority"] else "p",
        keeps_power_factor=_states_power_factor(unit),
        **_watched(record, unit),
    )


def _has_headroom_base(record: Record) -> bool:
    return str(record["RefReactivePower"]).upper().startswith("VARAVAL")


def _rated_kw(unit: Record) -> float:
    return float(unit["Pmpp"] if unit.kind == "PVSystem" else unit["kWRated"])


def _p_base_kw(record: Record, unit: Record) -> float | None:
    """What P is a share of; None for the P that the inverter would like to give."""
    rated_kw = _rated_kw(unit)
    kva = float(unit["kVA"])
    if _mode(record) == WATT_PF:
        return rated_kw
    if _mode(record) == WATT_VAR:
        return min(kva, rated_kw)
    share = "pctPmpp" if unit.kind == "PVSystem" else "pctkWRated"
    bases = {
        "pavailablepu": None,
        "pmpppu": rated_kw,
        "pctpmpppu": rated_kw * float(unit[share]) / 100,
        "kvaratingpu": kva,
    }
    return bases[str(record["VoltWattYAxis"]).lower()]


def _least_p_kw(unit: Record, circuit: DssCircuit) -> float:
    """P below which there is no Q; where Q follows the inverter, the P at which that switches off."""
    least_kw = _rated_kw(unit) * max(float(unit["pctPMinNoVars"]), 0.0) / 100
    if unit.kind != "PVSystem" or not unit["VarFollowInverter"]:
        return least_kw
    cut_out = float(unit["pctCutOut"]) / 100
    efficiency = 1.0
    if unit["EffCurve"]:
        points = curve_points(circuit, str(unit["EffCurve"]), 0.0, 1.0)
        efficiency = _interpolated(points, cut_out) if points else 1.0
    return max(least_kw, cut_out * float(unit["kVA"]) * efficiency)


def _interpolated(points: Points, x: float) -> float:
    # not at the top: only files with such curves need it
    import numpy as np

    return float(np.interp(x, *points))


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


def _note_surprises(
    record: Record, ders: list[tuple[str, str]], units: Units, report: Report
) -> None:
    """Say where OpenDSS does other than an engineer expects, or than a run over time would."""
    if str(record["Voltage_CurveX_Ref"]).lower() != "rated":
        what = "Its curve counts from an average of past voltages; a snapshot has none, and it counts from the rated one here."
        report.warning("INVERTER_CONTROL_AVERAGE", record.component, what)
    if float(record["Hysteresis_Offset"]):
        what = "Hysteresis is left out: it is on its first curve, as OpenDSS in a snapshot."
        report.warning("INVERTER_CONTROL_HYSTERESIS", record.component, what)
    _note_tolerance(record, report)
    for der in ders:
        _note_full(record, units[der], report)
    if record["MonBus"]:
        return
    for der in ders:
        unit = units[der]
        ends = unit.terminals[0].nodes
        if int(unit["Phases"]) == 1 and len(ends) > 1 and ends[1]:
            what = (
                "It stands between two conductors, and OpenDSS reads the first one to ground, per unit of the voltage between "
                "both; so it is read."
            )
            remedy = "Let it look at its bus: MonBus and MonBusesVBase."
            report.warning("INVERTER_CONTROL_SEES", unit.component, what, remedy)


def _note_tolerance(record: Record, report: Report) -> None:
    """Say how near OpenDSS comes to where curve and grid agree."""
    of_voltage_pu = float(record["VoltageChangeTolerance"])
    of_q = float(record["VarChangeTolerance"])
    if of_q > SMALL_SHARE:
        what = (
            f"OpenDSS stops where a voltage changes by less than {of_voltage_pu:g} pu and a Q by less than {of_q:.1%} from one "
            "round to the next; tieline goes on until curve and grid agree, so that the two may differ by as much."
        )
        report.warning("INVERTER_CONTROL_TOLERANCE", record.component, what)


def _note_full(record: Record, unit: Record, report: Report) -> None:
    """Say that an inverter may be full of P, where its Q is a share of what P leaves."""
    if unit.kind != "PVSystem" or _mode(record) not in (VOLT_VAR, BOTH):
        return
    most_kw = _most_kw(unit)
    if _has_headroom_base(record) and most_kw > float(unit["kVA"]):
        what = (
            "Where its panels give as much as its kVA, nothing is left for Q (VARAVAL): it then gives none here, while OpenDSS "
            "does not come to rest."
        )
        remedy = "Set RefReactivePower=VARMAX to let it give Q at full sun."
        report.warning("INVERTER_CONTROL_FULL", unit.component, what, remedy)
