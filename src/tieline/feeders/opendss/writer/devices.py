"""What hangs on one bus as OpenDSS commands: capacitors, loads, shunts as loads of constant impedance, DERs as generators."""

from __future__ import annotations

from tieline.feeders.elements import (
    CONSTANT_CURRENT,
    CONSTANT_IMPEDANCE,
    CONSTANT_POWER,
    Capacitor,
    Der,
    Generator,
    Load,
    Shunt,
    Storage,
)
from tieline.feeders.opendss.writer.words import Properties, at, command
from tieline.units import SQRT3

MODELS = {CONSTANT_POWER: 1, CONSTANT_IMPEDANCE: 2, CONSTANT_CURRENT: 5}
"""Model of a load by its shares, where P and Q have the same."""

ANY_VOLTAGE: Properties = {"vminpu": 0.1, "vmaxpu": 3.0}
"""A band that no voltage leaves."""

ANY_KVAR = 1e9
"""Where nothing limits the reactive power of a generator."""


def capacitor_command(capacitor: Capacitor) -> str:
    """A bank with its steps."""
    is_wye = capacitor.connection == "wye"
    phases = capacitor.nodes[:-1] if is_wye else capacitor.nodes
    properties: Properties = {
        "bus1": at(capacitor.bus, phases),
        # without a second bus OpenDSS takes the neutral of a wye to ground
        **(
            {"bus2": at(capacitor.bus, [capacitor.nodes[-1]] * len(phases))}
            if is_wye
            else {}
        ),
        "phases": len(phases),
        "conn": capacitor.connection,
        "kv": capacitor.kv,
        "numsteps": capacitor.steps,
        "kvar": [capacitor.kvar / capacitor.steps] * capacitor.steps,
        "states": [1] * capacitor.steps_on
        + [0] * (capacitor.steps - capacitor.steps_on),
    }
    return command(f"new capacitor.{capacitor.name}", properties)


def load_command(load: Load, has_band: bool, following: Properties) -> str:
    """A load; without `has_band` it keeps its model at any voltage. `following`: the words that name its shapes."""
    # below Vlowpu OpenDSS makes any load an impedance; at zero that never comes
    band: Properties = {**ANY_VOLTAGE, "vlowpu": 0.0}
    if has_band:
        band = {
            "vminpu": load.v_min_pu,
            "vmaxpu": load.v_max_pu,
            "vlowpu": load.v_low_pu,
        }
    power: Properties = {"kw": load.p_kw, "kvar": load.q_kvar}
    return command(
        f"new load.{load.name}",
        {
            **place_of(load),
            **power,
            **_voltage_model(load),
            **band,
            **following,
        },
    )


def _voltage_model(load: Load) -> Properties:
    """The load model with these shares or exponents. Constant power outside its band is the exponential model too, whose exponent
    the shares z = n (n - 1) / 2 and i = n (2 - n) give back: n = 2 z + i.
    """
    if load.exponents is not None:
        watts, vars_ = load.exponents
        return {"model": 4, "cvrwatts": watts, "cvrvars": vars_}
    if load.q_impedance_outside:
        return {"model": 6 if load.zip_q == CONSTANT_POWER else 7}
    if load.power_outside:
        watts, vars_ = (
            2 * shares[0] + shares[1] for shares in (load.zip_p, load.zip_q)
        )
        return {"model": 4, "cvrwatts": watts, "cvrvars": vars_}
    if load.zip_p == load.zip_q and load.zip_p in MODELS:
        return {"model": MODELS[load.zip_p]}
    return {"model": 8, "zipv": (*load.zip_p, *load.zip_q, 0.0)}


def shunt_command(shunt: Shunt) -> str:
    """A shunt as the load of constant impedance that it is."""
    properties = {
        **place_of(shunt),
        "kw": shunt.p_kw,
        "kvar": shunt.q_kvar,
        # OpenDSS states no shunt by the power that it takes, but a load of this model is one
        "model": MODELS[CONSTANT_IMPEDANCE],
        **ANY_VOLTAGE,
    }
    return command(f"new load.shunt_{shunt.name}", properties)


def generator_command(der: Der, has_band: bool, following: Properties) -> str:
    """A DER at its snapshot; without `has_band` it keeps its power at any voltage. `following` as of a load."""
    p_kw = (
        der.p_discharge_kw - der.p_charge_kw if isinstance(der, Storage) else der.p_kw
    )
    model = 4 if isinstance(der, Generator) and der.q_impedance_outside else 1
    kva = der.rated_kva if isinstance(der, Generator) else der.inverter_kva
    # without one OpenDSS takes it from the power, which may be 0
    rating = {"kva": kva} if kva > 0 else {}
    properties = {
        **place_of(der),
        "kw": p_kw,
        "kvar": der.q_kvar,
        **rating,
        "model": model,
        **band_of(der, has_band),
        **_held(der),
        **following,
    }
    return command(f"new generator.{der.name}", properties)


def band_of(der: Der, has_band: bool) -> Properties:
    """The voltage band of a DER; without `has_band` one that no voltage leaves."""
    band: Properties = dict(ANY_VOLTAGE)
    if has_band:
        band |= {
            name: value
            for name, value in (("vminpu", der.v_min_pu), ("vmaxpu", der.v_max_pu))
            if value is not None
        }
    return band


def _held(der: Der) -> Properties:
    """The voltage that a generator holds, model 3; without limits the engine would take twice the power of the snapshot."""
    if not isinstance(der, Generator) or der.held_v_pu is None:
        return {}
    low = -ANY_KVAR if der.held_q_low_kvar is None else der.held_q_low_kvar
    high = ANY_KVAR if der.held_q_high_kvar is None else der.held_q_high_kvar
    return {"model": 3, "vpu": der.held_v_pu, "maxkvar": high, "minkvar": low}


def place_of(element: Load | Shunt | Der) -> Properties:
    """Bus, phases, connection and rated voltage."""
    is_wye = element.connection == "wye"
    phases = (
        len(element.nodes) - 1
        if is_wye or len(element.nodes) == 2
        else len(element.nodes)
    )
    return {
        "bus1": at(element.bus, element.nodes),
        "phases": phases,
        "conn": element.connection,
        # OpenDSS rates several phases by the voltage between them
        "kv": element.kv * SQRT3 if is_wye and phases > 1 else element.kv,
    }
