"""DERs with an inverter control as OpenDSS commands: a `PVSystem` or `Storage` with an `InvControl` of its own."""

from __future__ import annotations

from collections.abc import Iterator

from tieline.feeders.connections import phase_pairs
from tieline.feeders.elements import InverterControl, Pv, Storage
from tieline.feeders.feeder import Feeder
from tieline.feeders.opendss.writer.devices import band_of, place_of
from tieline.feeders.opendss.writer.shapes import ShapeWords
from tieline.feeders.opendss.writer.words import Properties, at, command

MON_WORDS = {"mean": "avg", "highest": "max", "lowest": "min"}

CURVES = (
    ("vv", "vvc_curve1", "volt_var_v_pu", "volt_var_q_share"),
    ("vw", "voltwatt_curve", "volt_watt_v_pu", "volt_watt_p_share"),
    ("cw", "voltwattch_curve", "charge_watt_v_pu", "charge_watt_p_share"),
    ("wv", "wattvar_curve", "watt_var_p_share", "watt_var_q_share"),
    ("pf", "wattpf_curve", "watt_pf_p_share", "watt_pf"),
)
"""Prefix of the curve's name, property of the engine, fields of the control."""

FAR = 1e3
"""Beyond any voltage or share: curves are constant up to there, where OpenDSS would go on straight."""


def inverter_commands(feeder: Feeder, shapes: ShapeWords) -> Iterator[str]:
    """All DERs with an inverter control, and then the controls."""
    has_band = feeder.load_model == "opendss-band"
    by_name = {
        "pv": {pv.name: pv for pv in feeder.pvs},
        "storage": {unit.name: unit for unit in feeder.storages},
    }
    for control in feeder.inverter_controls:
        der = by_name[control.der_kind][control.der]
        yield from shapes.left_out(der)
        yield _der_command(der, control, has_band, shapes.following(der))
        yield from _curve_commands(control)
        yield _control_command(der, control)


def _der_command(
    der: Pv | Storage, control: InverterControl, has_band: bool, following: Properties
) -> str:
    if isinstance(der, Pv):
        rated_kw = control.p_base_kw or max(der.rated_kw, der.p_kw) or 1.0
        kind_properties = _pv(der, control, rated_kw)
    else:
        rated_kw = max(der.rated_kw, der.p_charge_kw, der.p_discharge_kw) or 1.0
        kind_properties = _storage(der, rated_kw)
    properties: Properties = {
        **place_of(der),
        "kva": der.inverter_kva,
        **kind_properties,
        **_limits(der, control),
        "wattpriority": "yes" if control.yields == "q" else "no",
        "%cutin": 0.0,
        "%cutout": 0.0,
        **band_of(der, has_band),
        **following,
    }
    # in percent of the rating; left out they are off
    if control.least_p_kw:
        properties["%pminnovars"] = 100 * control.least_p_kw / rated_kw
    if control.full_q_kw:
        properties["%pminkvarmax"] = 100 * control.full_q_kw / rated_kw
    return command(f"new {_class(der)}.{der.name}", properties)


def _class(der: Pv | Storage) -> str:
    return "pvsystem" if isinstance(der, Pv) else "storage"


def _limits(der: Pv | Storage, control: InverterControl) -> Properties:
    kva = der.inverter_kva
    high_kvar = kva if control.q_high_kvar is None else control.q_high_kvar
    low_kvar = kva if control.q_low_kvar is None else control.q_low_kvar
    return {"kvarmax": high_kvar, "kvarmaxabs": low_kvar}


def _pv(pv: Pv, control: InverterControl, rated_kw: float) -> Properties:
    """Panels that give what it would like to give, at a rating that its control counts from."""
    share = pv.p_kw / rated_kw
    return {
        "pmpp": rated_kw,
        "irradiance": share,
        # more sun than its rating is no more than its rating, unless the rating is raised
        "%pmpp": 100 * max(1.0, share, pv.rated_kw / rated_kw),
        **_reactive(pv.p_kw, pv.q_kvar, control),
    }


def _storage(unit: Storage, rated_kw: float) -> Properties:
    p_kw = unit.p_discharge_kw - unit.p_charge_kw
    share_pct = 100 * abs(p_kw) / rated_kw
    state = "idling"
    if p_kw:
        state = "discharging" if p_kw > 0 else "charging"
    return {
        "kwrated": rated_kw,
        "kwhrated": max(unit.energy_kwh, rated_kw),
        # neither full nor empty, so that it does what its state says
        "%stored": 50.0,
        "%reserve": 0.0,
        "%idlingkw": 0.0,
        "state": state,
        "%charge": share_pct,
        "%discharge": share_pct,
        "kvar": unit.q_kvar,
    }


def _reactive(p_kw: float, q_kvar: float, control: InverterControl) -> Properties:
    """Q by its power factor where that is what it keeps."""
    if control.keeps_power_factor and p_kw:
        sign = -1.0 if q_kvar < 0 else 1.0
        return {"pf": sign * p_kw / (p_kw**2 + q_kvar**2) ** 0.5}
    return {"kvar": q_kvar}


def _curve_commands(control: InverterControl) -> Iterator[str]:
    for prefix, _, across, along in CURVES:
        x = getattr(control, across)
        y = getattr(control, along)
        if x:
            flat_x = (x[0] - FAR, *x, x[-1] + FAR)
            flat_y = (y[0], *y, y[-1])
            yield command(
                f"new xycurve.{prefix}_{control.name}",
                {"npts": len(flat_x), "xarray": flat_x, "yarray": flat_y},
            )


def _control_command(der: Pv | Storage, control: InverterControl) -> str:
    properties: Properties = {
        "derlist": f"({_class(der)}.{der.name})",
        **_mode(control),
    }
    for prefix, word, across, _ in CURVES:
        if getattr(control, across):
            properties[word] = f"{prefix}_{control.name}"
    properties |= {
        "refreactivepower": "varaval" if control.q_base == "headroom" else "varmax",
        "voltwattyaxis": "pavailablepu" if control.p_base_kw is None else "pmpppu",
        "monvoltagecalc": MON_WORDS[control.watched_rule],
        **_watched(der, control),
    }
    return command(f"new invcontrol.{control.name}", properties)


def _mode(control: InverterControl) -> Properties:
    lowers_p = bool(control.volt_watt_v_pu or control.charge_watt_v_pu)
    if control.volt_var_v_pu and lowers_p:
        return {"combimode": "vv_vw"}
    if lowers_p:
        return {"mode": "voltwatt"}
    if control.watt_pf:
        return {"mode": "wattpf"}
    if control.watt_var_p_share:
        return {"mode": "wattvar"}
    return {"mode": "voltvar"}


def _watched(der: Pv | Storage, control: InverterControl) -> Properties:
    """Where it looks; OpenDSS by itself looks at each node against ground."""
    if control.watched_kv is not None:
        places = [
            at(str(control.watched_bus), [n]) for n in control.watched_nodes or ()
        ]
        volts = [control.watched_kv * 1e3] * len(places)
        return _places(places, volts)
    pairs = phase_pairs(der.nodes, der.connection)
    if der.connection == "wye" and not any(minus for _, minus in pairs):
        return {}
    places = [at(der.bus, [plus, minus] if minus else [plus]) for plus, minus in pairs]
    return _places(places, [der.kv * 1e3] * len(places))


def _places(places: list[str], volts: list[float]) -> Properties:
    return {"monbus": f"({' '.join(places)})", "monbusesvbase": volts}
