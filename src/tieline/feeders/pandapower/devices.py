"""Loads, motors, static generators, storage, shunts and wards of a pandapower net, in kW and our signs."""

from __future__ import annotations

import math
from typing import Any

from tieline.feeders.elements import Generator, Load, Pv, Shunt, Storage
from tieline.feeders.pandapower.limits import rating_of, read_limits
from tieline.feeders.pandapower.mixed_shares import note_mixed_shares
from tieline.feeders.pandapower.net import (
    TO_GROUND,
    Net,
    Row,
    is_empty,
    kilo,
    name_some,
    number,
)
from tieline.feeders.pandapower.options import Options
from tieline.units import tidy

SHARE_COLUMNS = (
    "const_z_p_percent",
    "const_i_p_percent",
    "const_z_q_percent",
    "const_i_q_percent",
)
"""Of constant impedance and current in P and Q; what is missing to 100 is constant power."""


WARDS = ("ward", "xward")
"""Tables of a load and a shunt in one; the latter has a voltage behind an impedance beside them (`xwards`)."""


def read_loads(net: Net, options: Options) -> tuple[Load, ...]:
    """Loads with their shares, motors, and the constant-power part of wards."""
    wards = [
        (table, row)
        for table in WARDS
        for row in net.rows(table)
        if number(row, "ps_mw") or number(row, "qs_mvar")
    ]
    loads = (
        *(_load(net, row, options) for row in net.rows("load")),
        *(_motor(net, row) for row in net.rows("motor")),
        *(_ward_load(net, *ward) for ward in wards),
    )
    note_mixed_shares(net, loads)
    return loads


def _motor(net: Net, row: Row) -> Load:
    """A motor at its loading: shaft power over efficiency, and the reactive power of its power factor."""
    shaft_mw = number(row, "pn_mech_mw") * number(row, "loading_percent", 100.0) / 100
    efficiency = number(row, "efficiency_percent", 100.0) / 100
    p_mw = shaft_mw * number(row, "scaling", 1.0) / efficiency
    tangent = math.tan(math.acos(number(row, "cos_phi", 1.0)))
    name = net.made_up_name("load", net.element_name("motor", row))
    return Load(
        name, **_at(net, row), p_kw=kilo(p_mw), q_kvar=kilo(abs(p_mw) * tangent)
    )


def _load(net: Net, row: Row, options: Options) -> Load:
    shares: dict[str, Any] = {}
    # without the option pandapower passes over the shares, and all is constant power
    if options.voltage_depend_loads:
        shares = {name: _shares(row, name[-1]) for name in ("zip_p", "zip_q")}
    return Load(net.element_name("load", row), **_at(net, row), **_power(row), **shares)


def _shares(row: Row, part: str) -> tuple[float, float, float]:
    """Constant impedance, current, power; nets of earlier versions have one share for P and Q."""
    z, i = (
        number(
            row, f"const_{kind}_{part}_percent", number(row, f"const_{kind}_percent")
        )
        / 100
        for kind in "zi"
    )
    return tidy(z), tidy(i), tidy(1 - z - i)


def _ward_load(net: Net, table: str, row: Row) -> Load:
    name = net.made_up_name("load", f"{table}_{net.element_name(table, row)}")
    return Load(
        name,
        **_at(net, row),
        p_kw=kilo(number(row, "ps_mw")),
        q_kvar=kilo(number(row, "qs_mvar")),
    )


def _at(net: Net, row: Row) -> dict[str, Any]:
    """Where an element of one bus hangs."""
    return {
        "bus": net.bus_names[row["bus"]],
        "nodes": TO_GROUND,
        "connection": "wye",
        "kv": net.kv(row["bus"]),
    }


def _power(row: Row) -> dict[str, Any]:
    return {"p_kw": _scaled(row, "p_mw"), "q_kvar": _scaled(row, "q_mvar")}


def read_sgens(net: Net) -> dict[str, tuple[Any, ...]]:
    """Static generators: those of a type with "pv" in it as PV, the others as generators."""
    pvs = []
    generators = []
    dropped = []
    for row in net.rows("sgen"):
        name = net.element_name("sgen", row)
        limits = read_limits(net, "sgen", row)
        power = _power(row)
        rated_kva = _rated_kva(row, limits)
        if rated_kva == 0:
            dropped.append(name)
        # the type is free text, by convention PV, WP or CHP; what takes power is no PV
        elif "pv" in str(row.get("type")).lower() and power["p_kw"] >= 0:
            # a net has no rating of panels, for which that of the inverter stands in
            rated = {
                "rated_kw": max(rated_kva, power["p_kw"]),
                "inverter_kva": rated_kva,
            }
            pvs.append(Pv(name, **_at(net, row), **rated, **power, **limits))
        else:
            generators.append(
                Generator(name, **_at(net, row), rated_kva=rated_kva, **power, **limits)
            )
    _note_dropped(net, "sgen", dropped)
    return {"pvs": tuple(pvs), "generators": tuple(generators)}


def _note_dropped(net: Net, table: str, names: list[str]) -> None:
    if names:
        message = f"{name_some(names)} without rating and power: left out."
        net.warn(
            f"{table.upper()}_DROPPED",
            table,
            message,
            "State sn_mva if it is to count.",
        )


def _scaled(row: Row, column: str) -> float:
    return kilo(number(row, column) * number(row, "scaling", 1.0))


def _rated_kva(row: Row, limits: dict[str, Any]) -> float:
    """The rating; where none is given that of the limits, or of the power of the snapshot if that is larger."""
    rated = kilo(number(row, "sn_mva"))
    if rated > 0:
        return rated
    return max(
        rating_of(limits),
        tidy(math.hypot(_scaled(row, "p_mw"), _scaled(row, "q_mvar"))),
    )


def read_storages(net: Net) -> tuple[Storage, ...]:
    """Storage; pandapower counts charging (and inductive) as positive."""
    storages = []
    dropped = []
    for row in net.rows("storage"):
        limits = read_limits(net, "storage", row)
        rated_kva = _rated_kva(row, limits)
        if rated_kva == 0:
            dropped.append(net.element_name("storage", row))
        else:
            storages.append(_storage(net, row, rated_kva, limits))
    _note_dropped(net, "storage", dropped)
    return tuple(storages)


def _storage(net: Net, row: Row, rated_kva: float, limits: dict[str, Any]) -> Storage:
    p_kw = _scaled(row, "p_mw")
    energy_kwh = kilo(number(row, "max_e_mwh"))
    return Storage(
        net.element_name("storage", row),
        **_at(net, row),
        rated_kw=rated_kva,
        energy_kwh=energy_kwh,
        inverter_kva=rated_kva,
        stored_kwh=tidy(energy_kwh * number(row, "soc_percent") / 100),
        reserve_kwh=kilo(number(row, "min_e_mwh")),
        p_charge_kw=max(p_kw, 0.0),
        p_discharge_kw=max(-p_kw, 0.0),
        q_kvar=-_scaled(row, "q_mvar"),
        **limits,
    )


def read_shunts(net: Net) -> tuple[Shunt, ...]:
    """Shunts at their step, and the constant-impedance part of wards."""
    wards = [
        (table, row)
        for table in WARDS
        for row in net.rows(table)
        if number(row, "pz_mw") or number(row, "qz_mvar")
    ]
    return (
        *(_shunt(net, row) for row in net.rows("shunt")),
        *(_ward_shunt(net, *ward) for ward in wards),
    )


def _shunt(net: Net, row: Row) -> Shunt:
    name = net.element_name("shunt", row)
    p_mw, q_mvar = _shunt_power(net, name, row)
    # P and Q are those at the shunt's own voltage, which need not be that of its bus
    rated = {**_at(net, row), "kv": number(row, "vn_kv", net.kv(row["bus"]))}
    return Shunt(name, **rated, p_kw=kilo(p_mw), q_kvar=kilo(q_mvar))


def _shunt_power(net: Net, name: str, row: Row) -> tuple[float, float]:
    """P and Q of the steps that are in, of a table if the shunt follows one [MW, Mvar]."""
    step = number(row, "step", 1.0)
    follows_table = row.get("step_dependency_table")
    if is_empty(follows_table) or not follows_table:
        return number(row, "p_mw") * step, number(row, "q_mvar") * step
    table = row.get("id_characteristic_table")
    for line in net.all_rows("shunt_characteristic_table"):
        if line["id_characteristic"] == table and line["step"] == step:
            return number(line, "p_mw"), number(line, "q_mvar")
    message = f"no line of shunt_characteristic_table has its table and step {step:g}."
    remedy = "Add the line, or correct the step."
    net.refuse("SHUNT_TABLE", f"shunt {name}", message, remedy)
    return 0.0, 0.0


def _ward_shunt(net: Net, table: str, row: Row) -> Shunt:
    name = net.made_up_name("shunt", f"{table}_{net.element_name(table, row)}")
    return Shunt(
        name,
        **_at(net, row),
        p_kw=kilo(number(row, "pz_mw")),
        q_kvar=kilo(number(row, "qz_mvar")),
    )
