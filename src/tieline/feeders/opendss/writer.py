"""A feeder as an OpenDSS script: `opendss_script(feeder) -> str`, the way back of the reader.

Loads keep their ZIP model at any voltage (`vminpu`, `vmaxpu` far out), unless the feeder's `load_model` is the band of OpenDSS.
DERs become generators of constant power at their snapshot. A single-phase equivalent becomes a one-phase circuit, so powers are
totals and voltages line-to-line. An ideal source gets the smallest impedance that a power flow can carry. Left out: coordinates,
ratings, voltage bases (the script solves without them).
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from tieline.errors import InputError
from tieline.feeders.elements import (
    CONSTANT_CURRENT,
    CONSTANT_IMPEDANCE,
    CONSTANT_POWER,
    Capacitor,
    CapacitorControl,
    Der,
    Generator,
    Line,
    Load,
    Matrix,
    Regulator,
    Shunt,
    Source,
    Storage,
    Transformer,
    Winding,
)
from tieline.feeders.feeder import Feeder
from tieline.feeders.metering import metered_kind, metered_names
from tieline.feeders.smallest import smallest_impedance_pu
from tieline.units import SQRT3, base_ohm

Properties = dict[str, str | int | float | Iterable[int] | Iterable[float]]

MODELS = {CONSTANT_POWER: 1, CONSTANT_IMPEDANCE: 2, CONSTANT_CURRENT: 5}
ANY_VOLTAGE: Properties = {"vminpu": 0.1, "vmaxpu": 3.0}

ANY_KVAR = 1e9
"""Where nothing limits the reactive power of a generator."""


def opendss_script(feeder: Feeder) -> str:
    """Commands that define the feeder, one per line."""
    return "\n".join(_commands(feeder)) + "\n"


def _commands(feeder: Feeder) -> Iterator[str]:
    yield "clear"
    yield f"set defaultbasefrequency={feeder.frequency_hz!r}"
    yield _source(feeder, feeder.source)
    yield from (_line(line) for line in feeder.lines)
    # OpenDSS opens elements that are there, so all lines come first
    yield from (command for line in feeder.lines for command in _open(line))
    yield from (
        command
        for transformer in feeder.transformers
        for command in _transformer(transformer)
    )
    # a control names what it acts on, which has to be there by then
    yield from (_regulator(regulator) for regulator in feeder.regulators)
    yield from (_capacitor(capacitor) for capacitor in feeder.capacitors)
    if any(control.override_bus for control in feeder.capacitor_controls):
        # a control looks for that bus in a list that no solution has made yet
        yield "makebuslist"
    yield from (
        _capacitor_control(feeder, control) for control in feeder.capacitor_controls
    )
    has_band = feeder.load_model == "opendss-band"
    yield from (_load(load, has_band) for load in feeder.loads)
    yield from (_shunt(shunt) for shunt in (*feeder.shunts, *_first_cores(feeder)))
    yield from (_generator(der, has_band) for der in feeder.ders)


def _command(head: str, properties: Properties) -> str:
    return " ".join(
        [head, *(f"{name}={_text(value)}" for name, value in properties.items())]
    )


def _text(value: str | int | float | Iterable[int] | Iterable[float]) -> str:
    """Numbers so that they read back the same, lists in brackets."""
    if isinstance(value, str | int | float):
        return value if isinstance(value, str) else repr(value)
    return f"({' '.join(map(repr, value))})"


def _at(bus: str, nodes: Iterable[int]) -> str:
    return ".".join([bus, *map(str, nodes)])


def _triangle(matrix: Matrix) -> str:
    return f"({' | '.join(' '.join(map(repr, row)) for row in matrix)})"


def _source(feeder: Feeder, source: Source) -> str:
    if source.phase_v_pu is not None or source.phase_angle_deg is not None:
        return _source_of_phases(feeder, source)
    as_stated = feeder.single_phase_equivalent or len(source.nodes) > 1
    z1, z0 = _source_impedances(feeder, source)
    properties: Properties = {
        "bus1": _at(source.bus, source.nodes),
        "phases": len(source.nodes),
        "basekv": source.kv_ll if as_stated else source.kv_ll / SQRT3,
        "pu": source.v_pu,
        "angle": source.angle_deg,
        "z1": z1,
        "z0": z0,
    }
    if source.r2_ohm is not None or source.x2_ohm is not None:
        properties["z2"] = (source.r2_ohm or 0.0, source.x2_ohm or 0.0)
    return _command(f"new circuit.{feeder.name}", properties)


def _source_of_phases(feeder: Feeder, source: Source) -> str:
    """A source of one phase for each node, the only way that OpenDSS has for voltages of their own."""
    z1, z0 = _source_impedances(feeder, source)
    if z1 != z0:
        raise InputError(
            f"Source '{source.name}' of feeder '{feeder.name}' has a voltage per phase behind an impedance that couples its "
            "phases (Z1 and Z0 differ), which OpenDSS cannot say. Make Z0 equal to Z1, or write tables."
        )
    commands = []
    for k, node in enumerate(source.nodes):
        properties: Properties = {
            "bus1": _at(source.bus, (node,)),
            "phases": 1,
            "basekv": source.kv_ll / SQRT3,
            "pu": source.voltages_pu[k],
            "angle": source.angles_deg[k],
            "z1": z1,
            "z0": z0,
        }
        # a new circuit brings its first source along
        head = (
            f"new vsource.{source.name}_{node}" if k else f"new circuit.{feeder.name}"
        )
        commands.append(_command(head, properties))
    return "\n".join(commands)


def _source_impedances(
    feeder: Feeder, source: Source
) -> tuple[tuple[float, float], tuple[float, float]]:
    """Z1 and Z0 [ohm]."""
    x1_ohm = source.x1_ohm
    x0_ohm = source.x0_ohm
    # OpenDSS takes the inverse of every impedance, an ideal source's too
    if source.r1_ohm == 0 and source.x1_ohm == 0:
        x1_ohm = smallest_impedance_pu(feeder) * base_ohm(source.kv_ll)
        x0_ohm = x1_ohm
    return (source.r1_ohm, x1_ohm), (source.r0_ohm, x0_ohm)


def _line(line: Line) -> str:
    properties: Properties = {
        "phases": len(line.from_nodes),
        "bus1": _at(line.from_bus, line.from_nodes),
        "bus2": _at(line.to_bus, line.to_nodes),
        "rmatrix": _triangle(line.code.r_ohm_per_km),
        "xmatrix": _triangle(line.code.x_ohm_per_km),
        "cmatrix": _triangle(line.code.c_nf_per_km),
        "units": "km",
        "length": line.impedance_factor,
    }
    return _command(f"new line.{line.name}", properties)


def _open(line: Line) -> Iterator[str]:
    if not line.closed and line.open_end != "to":
        yield f"open line.{line.name} 1"
    if not line.closed and line.open_end != "from":
        yield f"open line.{line.name} 2"


def _transformer(transformer: Transformer) -> Iterator[str]:
    properties: Properties = {
        "phases": transformer.phases,
        "windings": len(transformer.windings),
        **_reactances(transformer.x_pct),
        "%noloadloss": transformer.noload_loss_pct,
        "%imag": transformer.magnetizing_pct,
        "ppm_antifloat": transformer.antifloat_ppm,
        "leadlag": "lead" if transformer.low_side_leads else "lag",
    }
    yield _command(f"new transformer.{transformer.name}", properties)
    for k, winding in enumerate(transformer.windings, start=1):
        yield _command(f"~ wdg={k}", _winding(winding))


def _reactances(x_pct: tuple[float, ...]) -> Properties:
    """Up to three windings have a word for each pair of them."""
    if len(x_pct) > 3:
        return {"xscarray": x_pct}
    return dict(zip(("xhl", "xht", "xlt"), x_pct, strict=False))


def _first_cores(feeder: Feeder) -> Iterator[Shunt]:
    """The no-load part at first windings, of which the engine knows nothing: its own sits on the second."""
    for transformer in feeder.transformers:
        loss_pct = transformer.first_noload_loss_pct
        magnetizing_pct = transformer.first_magnetizing_pct
        if loss_pct == 0 and magnetizing_pct == 0:
            continue
        first = transformer.windings[0]
        kv = first.kv * first.tap
        if transformer.phases > 1 and first.connection == "wye":
            kv /= SQRT3
        yield Shunt(
            f"core_of_{transformer.name}",
            first.bus,
            first.nodes,
            first.connection,
            kv,
            p_kw=loss_pct / 100 * first.kva,
            q_kvar=magnetizing_pct / 100 * first.kva,
        )


def _winding(winding: Winding) -> Properties:
    return {
        "bus": _at(winding.bus, winding.nodes),
        "conn": winding.connection,
        "kv": winding.kv,
        "kva": winding.kva,
        "%r": winding.r_pct,
        "maxtap": winding.tap_max,
        "mintap": winding.tap_min,
        "numtaps": winding.tap_steps,
        "tap": winding.tap,
    }


PHASE_WORDS = {"highest": "max", "lowest": "min", "mean": "avg"}
"""Words of the engine for all phases."""


def _regulator(regulator: Regulator) -> str:
    properties: Properties = {
        "transformer": regulator.transformer,
        "winding": regulator.winding,
        "vreg": regulator.v_set_v,
        "band": regulator.band_v,
        "ptratio": regulator.pt_ratio,
        "ctprim": regulator.ct_primary_a,
        "r": regulator.r_v,
        "x": regulator.x_v,
        "delay": regulator.delay_s,
        "ptphase": PHASE_WORDS.get(regulator.phase_rule, regulator.phase),
        "maxtapchange": regulator.max_tap_change,
    }
    if regulator.tap_winding is not None:
        properties["tapwinding"] = regulator.tap_winding
    if regulator.v_limit_v is not None:
        properties["vlimit"] = regulator.v_limit_v
    if regulator.z_v:
        properties |= {"ldc_z": regulator.z_v, "rev_z": regulator.reverse_z_v}
    if regulator.inverse_time:
        properties["inversetime"] = "yes"
    if regulator.reverse_mode != "none":
        properties |= _reverse(regulator)
    if regulator.remote_bus:
        nodes = [regulator.remote_node or regulator.phase]
        if regulator.remote_node_to is not None:
            nodes.append(regulator.remote_node_to)
        properties |= {
            "bus": _at(regulator.remote_bus, nodes),
            "remoteptratio": regulator.remote_pt_ratio or regulator.pt_ratio,
            "ptphase": 1,  # the engine knows no other at a remote bus
        }
    return _command(f"new regcontrol.{regulator.name}", properties)


def _reverse(regulator: Regulator) -> Properties:
    kind = "cogen" if regulator.reverse_mode == "cogeneration" else "reversible"
    return {
        kind: "yes",
        "revneutral": "yes" if regulator.reverse_mode == "neutral" else "no",
        "revthreshold": regulator.reverse_threshold_kw,
        "revdelay": regulator.reverse_delay_s,
        "revvreg": regulator.reverse_v_set_v,
        "revband": regulator.reverse_band_v,
        "revr": regulator.reverse_r_v,
        "revx": regulator.reverse_x_v,
        "tapdelay": regulator.neutral_delay_s,
    }


def _capacitor(capacitor: Capacitor) -> str:
    is_wye = capacitor.connection == "wye"
    phases = capacitor.nodes[:-1] if is_wye else capacitor.nodes
    properties: Properties = {
        "bus1": _at(capacitor.bus, phases),
        # without a second bus OpenDSS takes the neutral of a wye to ground
        **(
            {"bus2": _at(capacitor.bus, [capacitor.nodes[-1]] * len(phases))}
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
    return _command(f"new capacitor.{capacitor.name}", properties)


def _capacitor_control(feeder: Feeder, control: CapacitorControl) -> str:
    kind = metered_kind(control, metered_names(feeder))
    properties: Properties = {
        "capacitor": control.capacitor,
        "element": f"{kind}.{control.element}",
        "terminal": control.terminal,
        # before the settings: the engine takes those of a power factor for what they are only then
        "type": "powerfactor" if control.kind == "power-factor" else control.kind,
        "onsetting": _setting(control, control.on_setting),
        "offsetting": _setting(control, control.off_setting),
        "ctphase": PHASE_WORDS.get(
            control.current_rule, control.current_phase or control.phase
        ),
        "ptphase": PHASE_WORDS.get(control.voltage_rule, control.phase),
        "ptratio": control.pt_ratio,
        "ctratio": control.ct_ratio,
        "delay": control.delay_on_s,
        "delayoff": control.delay_off_s,
        "deadtime": control.dead_time_s,
        "voltoverride": str(control.voltage_override),
        "vmin": control.v_min_v,
        "vmax": control.v_max_v,
        "pctminkvar": control.least_kvar_pct,
    }
    if control.override_bus is not None:
        properties["vbus"] = control.override_bus
    return _command(f"new capcontrol.{control.name}", properties)


def _setting(control: CapacitorControl, setting: float) -> float:
    """A setting as the engine has it: a leading power factor is below zero there."""
    is_leading = control.kind == "power-factor" and setting > 1
    return setting - 2.0 if is_leading else setting


def _load(load: Load, has_band: bool) -> str:
    # below Vlowpu OpenDSS makes any load an impedance; at zero that never comes
    band: Properties = {**ANY_VOLTAGE, "vlowpu": 0.0}
    if has_band:
        band = {
            "vminpu": load.v_min_pu,
            "vmaxpu": load.v_max_pu,
            "vlowpu": load.v_low_pu,
        }
    power: Properties = {"kw": load.p_kw, "kvar": load.q_kvar}
    return _command(
        f"new load.{load.name}",
        {**_place(load), **power, **_voltage_model(load), **band},
    )


def _voltage_model(load: Load) -> Properties:
    """The load model with these shares. One that is constant power outside its band is the exponential model, whose exponent the
    shares z = n (n - 1) / 2 and i = n (2 - n) give back: n = 2 z + i.
    """
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


def _shunt(shunt: Shunt) -> str:
    properties = {
        **_place(shunt),
        "kw": shunt.p_kw,
        "kvar": shunt.q_kvar,
        # OpenDSS states no shunt by the power that it takes, but a load of this model is one
        "model": MODELS[CONSTANT_IMPEDANCE],
        **ANY_VOLTAGE,
    }
    return _command(f"new load.shunt_{shunt.name}", properties)


def _generator(der: Der, has_band: bool) -> str:
    p_kw = (
        der.p_discharge_kw - der.p_charge_kw if isinstance(der, Storage) else der.p_kw
    )
    model = 4 if isinstance(der, Generator) and der.q_impedance_outside else 1
    band: Properties = dict(ANY_VOLTAGE)
    if has_band:
        band |= {
            name: value
            for name, value in (("vminpu", der.v_min_pu), ("vmaxpu", der.v_max_pu))
            if value is not None
        }
    kva = der.rated_kva if isinstance(der, Generator) else der.inverter_kva
    # without one OpenDSS takes it from the power, which may be 0
    rating = {"kva": kva} if kva > 0 else {}
    properties = {
        **_place(der),
        "kw": p_kw,
        "kvar": der.q_kvar,
        **rating,
        "model": model,
        **band,
        **_held(der),
    }
    return _command(f"new generator.{der.name}", properties)


def _held(der: Der) -> Properties:
    """The voltage that a generator holds, model 3; without limits the engine would take twice the power of the snapshot."""
    if not isinstance(der, Generator) or der.held_v_pu is None:
        return {}
    low = -ANY_KVAR if der.held_q_low_kvar is None else der.held_q_low_kvar
    high = ANY_KVAR if der.held_q_high_kvar is None else der.held_q_high_kvar
    return {"model": 3, "vpu": der.held_v_pu, "maxkvar": high, "minkvar": low}


def _place(element: Load | Shunt | Der) -> Properties:
    """Bus, phases, connection and rated voltage."""
    is_wye = element.connection == "wye"
    phases = (
        len(element.nodes) - 1
        if is_wye or len(element.nodes) == 2
        else len(element.nodes)
    )
    return {
        "bus1": _at(element.bus, element.nodes),
        "phases": phases,
        "conn": element.connection,
        # OpenDSS rates several phases by the voltage between them
        "kv": element.kv * SQRT3 if is_wye and phases > 1 else element.kv,
    }
