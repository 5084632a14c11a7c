"""Why an `InvControl` cannot be read: what tieline does not model, and what OpenDSS does with it that is no characteristic."""

from __future__ import annotations

from collections.abc import Iterator

from tieline.feeders.opendss.characteristics import Points
from tieline.feeders.opendss.circuit import DssCircuit, Record
from tieline.feeders.opendss.inverters.record import (
    BOTH,
    READ,
    RULES,
    VOLT_WATT,
    WATT_PF,
    WATT_VAR,
    Units,
    curve_names,
    has_headroom_base,
    interpolated,
    mode_of,
    most_kw,
    p_base_kw,
    points_of,
)


def problems(
    record: Record, ders: list[tuple[str, str]], units: Units, circuit: DssCircuit
) -> Iterator[str]:
    """Why a control cannot be read, the beginning of a sentence."""
    mode = mode_of(record)
    if mode not in READ:
        yield f"Its mode is {mode or 'none'}"
        return
    if str(record["RateOfChangeMode"]).lower() != "inactive":
        yield "It limits the rate of change"
    curves = curve_names(record)
    if any(name is None for name in curves.values()):
        yield "It has no curve for its mode"
        return
    if any(
        points_of(circuit, key, name) is None for key, name in curves.items() if name
    ):
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
    points = points_of(circuit, "WattVar_Curve", str(record["WattVar_Curve"]))
    assert points is not None  # asked before
    kva = float(unit["kVA"])
    highest_kw = most_kw(unit)
    base_kw = p_base_kw(record, unit)
    assert base_kw is not None  # of this mode it is a number
    most_share = _largest_share(points, highest_kw / base_kw)
    limits = (float(unit["kvarMax"]), float(unit["kvarMaxAbs"]))
    if has_headroom_base(record):
        return most_share < 1 and min(limits) >= kva
    most_kvar = most_share * max(limits)
    return most_share < 1 and highest_kw**2 + most_kvar**2 <= kva**2


def _largest_share(points: Points, up_to: float) -> float:
    """Largest |share| of a curve from 0 up to some P."""
    corners = [x for x in points[0] if 0 < x < up_to]
    return max(abs(interpolated(points, x)) for x in (0.0, *corners, up_to))
