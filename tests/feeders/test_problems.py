"""Every code of a finding has the smallest feeder that sets it off, and a sound feeder sets off none."""

from __future__ import annotations

import math
import re
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import tieline.feeders.checks
from tieline.errors import InputError
from tieline.feeders.elements import (
    Bus,
    Capacitor,
    CapacitorControl,
    CurrentSource,
    Generator,
    Line,
    LineCode,
    Load,
    Matrix,
    Nodes,
    Pv,
    Regulator,
    Shape,
    Shunt,
    Source,
    Storage,
    Transformer,
    Winding,
)
from tieline.feeders.feeder import Feeder
from tieline.feeders.findings import FeederError, Finding
from tieline.feeders.problems import CHECKS, find_problems, require_sound

KV_LN = 4.16 / math.sqrt(3)


def diagonal(size: int, value: float) -> Matrix:
    return tuple(
        tuple(value if i == j else 0.0 for j in range(size)) for i in range(size)
    )


def code(size: int = 3, name: str = "code", r_ohm: float = 0.1) -> LineCode:
    return LineCode(
        name, diagonal(size, r_ohm), diagonal(size, 0.2), diagonal(size, 0.0)
    )


def line(
    name: str, from_bus: str, to_bus: str, nodes: Nodes = (1, 2, 3), **changes: Any
) -> Line:
    return replace(
        Line(
            name, from_bus, to_bus, nodes, nodes, code(len(nodes), f"code{len(nodes)}")
        ),
        **changes,
    )


LOAD = Load("house_12", "b", (1, 0), "wye", KV_LN, 1.0, 0.5)
DELTA_WYE = Transformer(
    "t",
    3,
    (
        Winding("b", (1, 2, 3), "delta", 4.16, 100.0),
        Winding("low", (1, 2, 3, 0), "wye", 0.4, 100.0),
    ),
    x_pct=(4.0,),
)
SOUND = Feeder(
    name="sound",
    buses=(
        Bus("a", (1, 2, 3), 4.16),
        Bus("b", (1, 2, 3), 4.16),
        Bus("low", (1, 2, 3), 0.4),
    ),
    sources=(Source("grid", "a", (1, 2, 3), 4.16),),
    lines=(line("l1", "a", "b"),),
    transformers=(DELTA_WYE,),
    regulators=(Regulator("r", "t", 2, 122.0, 2.0, 20.0),),
    capacitors=(Capacitor("k", "b", (1, 2, 3, 0), "wye", 100.0, 4.16),),
    capacitor_controls=(CapacitorControl("c", "k", "voltage", "l1", 2, 118.0, 124.0),),
    loads=(LOAD, Load("delta", "b", (1, 2, 3), "delta", 4.16, 0.0, 0.0)),
    pvs=(Pv("pv", "low", (1, 0), "wye", 0.23, 5.0, 5.0),),
    storages=(Storage("s", "low", (1, 0), "wye", 0.23, 5.0, 10.0, 5.0),),
    generators=(Generator("g", "b", (1, 2, 3, 0), "wye", KV_LN, 100.0),),
    shunts=(Shunt("x", "low", (1, 2, 3, 0), "wye", 0.23, 0.1, 0.0),),
    current_sources=(CurrentSource("i", "a", (1, 2, 3), 5.0, -30.0),),
)


def with_bus(bus: Bus, *lines: Line) -> Feeder:
    """The sound feeder with one more bus."""
    return SOUND.replace(buses=(*SOUND.buses, bus), lines=(*SOUND.lines, *lines))


def with_load(**changes: Any) -> Feeder:
    return SOUND.replace(loads=(replace(LOAD, **changes),))


def with_line(**changes: Any) -> Feeder:
    return SOUND.replace(lines=(replace(SOUND.lines[0], **changes),))


def with_code(**changes: Any) -> Feeder:
    return with_line(code=replace(code(), **changes))


def with_transformer(**changes: Any) -> Feeder:
    return SOUND.replace(transformers=(replace(DELTA_WYE, **changes),))


def with_winding(**changes: Any) -> Feeder:
    return with_transformer(
        windings=(replace(DELTA_WYE.windings[0], **changes), DELTA_WYE.windings[1])
    )


def with_regulated(**changes: Any) -> Feeder:
    """Another winding 2, which the regulator moves."""
    return with_transformer(
        windings=(DELTA_WYE.windings[0], replace(DELTA_WYE.windings[1], **changes))
    )


def with_regulator(**changes: Any) -> Feeder:
    return SOUND.replace(regulators=(replace(SOUND.regulators[0], **changes),))


def with_control(**changes: Any) -> Feeder:
    return SOUND.replace(
        capacitor_controls=(replace(SOUND.capacitor_controls[0], **changes),)
    )


def with_storage(**changes: Any) -> Feeder:
    return SOUND.replace(storages=(replace(SOUND.storages[0], **changes),))


def with_capacitor(**changes: Any) -> Feeder:
    return SOUND.replace(capacitors=(replace(SOUND.capacitors[0], **changes),))


def with_generator(**changes: Any) -> Feeder:
    return SOUND.replace(generators=(replace(SOUND.generators[0], **changes),))


def with_source(**changes: Any) -> Feeder:
    return SOUND.replace(sources=(replace(SOUND.source, **changes),))


def with_current_source(**changes: Any) -> Feeder:
    return SOUND.replace(
        current_sources=(replace(SOUND.current_sources[0], **changes),)
    )


def with_second_source(**changes: Any) -> Feeder:
    """The sound feeder with an ideal source beside its own, changed."""
    second = replace(SOUND.source, name="two", **changes)
    return SOUND.replace(sources=(SOUND.source, second))


HOLDER = replace(SOUND.generators[0], held_v_pu=1.0)
SINGULAR = ((1.0, 1.0, 0.0), (1.0, 1.0, 0.0), (0.0, 0.0, 1.0))
EQUIVALENT = Feeder(
    "e",
    (Bus("a", (1,), 10.0),),
    (Source("grid", "a", (1,), 10.0),),
    single_phase_equivalent=True,
)

BAD: list[tuple[str, Feeder, str]] = [
    (
        "LOAD.DUPLICATE_NAME",
        SOUND.replace(loads=(LOAD, LOAD)),
        "2 loads are called 'house_12'",
    ),
    ("LOAD.NAME_FORM", with_load(name="House"), "'House' is blank, not in lower case"),
    (
        "LINE_CODE.DUPLICATE_NAME",
        with_bus(
            Bus("c", (1, 2, 3), 4.16), line("l2", "b", "c", code=code(3, "code3", 9.0))
        ),
        "'code3' differ",
    ),
    (
        "LOAD.NOT_FINITE",
        with_load(p_kw=math.nan, q_kvar=-math.inf),
        "no finite number in p_kw and q_kvar",
    ),
    (
        "LINE.NOT_FINITE",
        with_code(r_ohm_per_km=diagonal(3, math.nan)),
        "no finite number in code",
    ),
    (
        "TRANSFORMER.NOT_FINITE",
        with_winding(r_pct=math.inf),
        "no finite number in windings",
    ),
    (
        "BUS.NOT_POSITIVE",
        with_bus(Bus("c", (1, 2, 3), 0.0), line("l2", "b", "c")),
        "Bus 'c' has kv_ll 0, which must be above zero",
    ),
    ("LOAD.NOT_POSITIVE", with_load(kv=-2.4), "kv -2.4"),
    ("LINE.NOT_POSITIVE", with_line(rating_a=0.0), "rating_a 0"),
    (
        "TRANSFORMER.NOT_POSITIVE",
        with_winding(kva=0.0),
        "Transformer 't' has in winding 1 kva 0",
    ),
    (
        "LINE.NEGATIVE",
        with_line(length_km=-0.1),
        "length_km -0.1, which must be not below zero",
    ),
    ("STORAGE.NEGATIVE", with_storage(stored_kwh=-1.0), "stored_kwh -1"),
    ("SOURCE.VOLTAGE", with_source(v_pu=102.0), "v_pu 102, which must be at most 10"),
    ("SOURCE.PHASES", with_source(phase_v_pu=(1.0, 1.0)), "2 numbers in phase_v_pu"),
    (
        "CURRENT_SOURCE.NODE_COUNT",
        with_current_source(nodes=(1, 0)),
        "Current source 'i' has the nodes 1 and 0",
    ),
    (
        "CURRENT_SOURCE.PHASES",
        with_current_source(phase_angle_deg=(0.0, 120.0)),
        "2 numbers in phase_angle_deg for 3 nodes",
    ),
    ("CURRENT_SOURCE.NEGATIVE", with_current_source(current_a=-1.0), "current_a -1"),
    (
        "CURRENT_SOURCE.NOT_FINITE",
        with_current_source(angle_deg=math.nan),
        "no finite number in angle_deg",
    ),
    (
        "CURRENT_SOURCE.UNSETTLED",
        with_current_source(bus="c").replace(
            buses=(*SOUND.buses, Bus("c", (1, 2, 3), 4.16)),
            lines=(*SOUND.lines, line("tie", "b", "c", closed=False)),
        ),
        "drives into phases 1, 2 and 3 of bus 'c', which no source of voltage feeds",
    ),
    ("FEEDER.FREQUENCY", SOUND.replace(frequency_hz=0.0), "frequency_hz 0"),
    ("BUS.PHASES", with_bus(Bus("c", (), 4.16)), "Bus 'c' has phases (none)"),
    (
        "BUS.PHASES",
        with_bus(Bus("c", (1, 1), 4.16), line("l2", "b", "c", (1,))),
        "phases 1 and 1",
    ),
    (
        "LOAD.NOT_SINGLE_PHASE",
        EQUIVALENT.replace(loads=(Load("x", "a", (2, 0), "wye", 10.0, 1.0, 0.0),)),
        "has phase 1 alone",
    ),
    (
        "BUS.NOT_SINGLE_PHASE",
        EQUIVALENT.replace(buses=(Bus("a", (1, 2), 10.0),)),
        "Bus 'a' uses phase 2",
    ),
    (
        "LOAD.BUS_UNKNOWN",
        with_load(bus="lov"),
        "is on bus 'lov'. Unknown bus 'lov'. Did you mean 'low'",
    ),
    (
        "LOAD.PHASE_MISSING",
        with_load(nodes=(4, 0)),
        "Load 'house_12' uses phase 4, but bus 'b' has phases 1, 2 and 3. Move the load or add phase 4",
    ),
    (
        "TRANSFORMER.PHASE_MISSING",
        with_winding(nodes=(1, 2, 4)),
        "Winding 1 of transformer 't' uses phase 4",
    ),
    ("LOAD.NODES_REPEATED", with_load(nodes=(1, 1)), "nodes 1 and 1"),
    (
        "LOAD.NODE_COUNT",
        with_load(nodes=(1,)),
        "in wye has 1 node(s) (1). Give its phases and then its neutral",
    ),
    (
        "LOAD.NODE_COUNT",
        with_load(nodes=(1, 2, 3, 0), connection="delta"),
        "in delta has 4 node(s)",
    ),
    (
        "PV.NEUTRAL_IS_PHASE",
        SOUND.replace(pvs=(Pv("roof", "b", (1, 2, 3), "wye", KV_LN, 5.0, 5.0),)),
        "but node 3 of bus 'b' carries a phase. Give the neutral as the last node, (1, 2, 3, 0)",
    ),
    (
        "LOAD.TYPE",
        with_load(nodes=[1, 0]),
        "Load 'house_12' has nodes [1, 0], a list; it must be a tuple",
    ),
    ("LOAD.TYPE", with_load(p_kw="1"), "has p_kw '1', a str; it must be a number"),
    ("LOAD.TYPE", with_load(p_kw=True), "has p_kw True, a bool"),
    ("LOAD.TYPE", with_load(connection="star"), "it must be 'wye' or 'delta'"),
    ("LINE.TYPE", with_code(r_ohm_per_km=None), "has code LineCode("),
    ("LOAD.TYPE", with_load(p_kw=10**400), "has p_kw 1000"),
    ("LOAD.TYPE", with_load(p_kw=-(10**6000)), "has p_kw that cannot be shown"),
    ("FEEDER.TYPE", SOUND.replace(frequency_hz=10**400), "has frequency_hz 1000"),
    ("FEEDER.TYPE", SOUND.replace(buses=(Bus, *SOUND.buses)), "has buses (<class"),
    ("FEEDER.TYPE", SOUND.replace(loads=None), "Feeder 'sound' has loads None"),
    ("SOURCE.NODE_COUNT", with_source(nodes=(1, 2, 3, 0)), "nodes 1, 2, 3 and 0"),
    (
        "LINE.NODE_COUNT",
        with_line(to_nodes=(1, 2)),
        "3 conductor(s) at one end and 2 at the other",
    ),
    (
        "LINE.MATRIX_SIZE",
        with_code(x_ohm_per_km=diagonal(2, 1.0)),
        "has x_ohm_per_km that is not 3 by 3",
    ),
    (
        "LINE.MATRIX_SIZE",
        with_code(c_nf_per_km=((1.0,), (1.0, 1.0), (1.0, 1.0, 1.0))),
        "has c_nf_per_km that is not 3 by 3",
    ),
    (
        "LINE.MATRIX_ASYMMETRIC",
        with_code(x_ohm_per_km=((1.0, 0.1, 0.0), (0.2, 1.0, 0.0), (0.0, 0.0, 1.0))),
        "x_ohm_per_km that is not symm",
    ),
    (
        "LINE.ZERO_IMPEDANCE",
        with_code(r_ohm_per_km=diagonal(3, 0.0), x_ohm_per_km=diagonal(3, 0.0)),
        "line 'l1' is zero",
    ),
    ("LINE.ZERO_IMPEDANCE", with_line(length_km=0.0), "line 'l1' is zero"),
    (
        "LINE.SINGULAR_IMPEDANCE",
        with_code(r_ohm_per_km=SINGULAR, x_ohm_per_km=diagonal(3, 0.0)),
        "cannot be inverted",
    ),
    (
        "LINE.VOLTAGE_MISMATCH",
        with_bus(Bus("c", (1, 2, 3), 4.8), line("l2", "b", "c")),
        "bus 'b' (4.16 kV) and bus 'c' (4.8 kV)",
    ),
    ("TRANSFORMER.PHASES", with_transformer(phases=4), "4 phases"),
    (
        "TRANSFORMER.WINDING_COUNT",
        with_transformer(windings=DELTA_WYE.windings[:1], x_pct=()),
        "1 winding(s)",
    ),
    (
        "TRANSFORMER.NODE_COUNT",
        with_winding(nodes=(1, 2)),
        "has the nodes 1 and 2, but a delta winding of 3 phase(s) has 3",
    ),
    (
        "TRANSFORMER.X_COUNT",
        with_transformer(x_pct=(1.0, 2.0)),
        "2 x_pct for 1 pair(s)",
    ),
    (
        "LINE.NEGATIVE_RESISTANCE",
        with_code(r_ohm_per_km=diagonal(3, -0.1)),
        "Line 'l1' has a negative resistance",
    ),
    (
        "LINE.NEGATIVE_REACTANCE",
        with_code(x_ohm_per_km=diagonal(3, -0.1)),
        "Line 'l1' has a negative reactance",
    ),
    (
        "LINE.NEAR_ZERO_IMPEDANCE",
        with_line(length_km=1e-12),
        "is raised to 1.5e-08 of 1 MVA",
    ),
    ("LINE.HUGE_IMPEDANCE", with_line(length_km=1e8), "less than 1 kVA passes"),
    (
        "TRANSFORMER.HUGE_IMPEDANCE",
        with_transformer(x_pct=(1e10,)),
        "an impedance of 1e+10 % of its rating",
    ),
    (
        "TRANSFORMER.ZERO_IMPEDANCE",
        with_transformer(x_pct=(0.0,)),
        "between windings 1 and 2",
    ),
    (
        "TRANSFORMER.TAP_RANGE",
        with_regulated(tap=1.2),
        "Tap 1.2 of winding 2 of transformer 't' is not within 0.9 to 1.1",
    ),
    (
        "TRANSFORMER.TAP_RANGE",
        with_regulated(tap_min=1.0, tap_max=1.0),
        "not within 1 to 1",
    ),
    ("TRANSFORMER.TAP_STEPS", with_regulated(tap_steps=0), "0 steps"),
    (
        "REGULATOR.TRANSFORMER_UNKNOWN",
        with_regulator(transformer="t2"),
        "Unknown transformer 't2'. Did you mean 't'",
    ),
    (
        "REGULATOR.WINDING_UNKNOWN",
        with_regulator(winding=3),
        "winding 3 of transformer 't', which has 2",
    ),
    (
        "REGULATOR.PHASE_UNKNOWN",
        with_regulator(phase=0),
        "phase 0 of transformer 't', which has 3",
    ),
    (
        "REGULATOR.PHASE_GROUNDED",
        with_regulated(connection="delta", nodes=(0, 1, 2)),
        "phase 1 of winding 2 of transformer 't', which begins at ground",
    ),
    ("REGULATOR.BUS_UNKNOWN", with_regulator(remote_bus="loww"), "Unknown bus 'loww'"),
    (
        "REGULATOR.PHASE_MISSING",
        with_regulator(remote_bus="b", remote_node=4),
        "phase 4 of bus 'b', which has phases 1, 2 and 3",
    ),
    (
        "CAPACITOR_CONTROL.CAPACITOR_UNKNOWN",
        with_control(capacitor="kk"),
        "Unknown capacitor 'kk'",
    ),
    (
        "CAPACITOR_CONTROL.ELEMENT_UNKNOWN",
        with_control(element="l9"),
        "Unknown element 'l9'. Did you mean 'l1'",
    ),
    (
        "CAPACITOR_CONTROL.TERMINAL_UNKNOWN",
        with_control(terminal=3),
        "terminal 3 of 'l1', which has 2",
    ),
    (
        "CAPACITOR_CONTROL.PHASE_UNKNOWN",
        with_control(phase=4),
        "phase 4 of 'l1', which has 3 there",
    ),
    ("LOAD.ZIP_SUM", with_load(zip_q=(0.3, 0.3, 0.3)), "zip_q that sums to 0.9"),
    (
        "LOAD.KV_MISMATCH",
        with_load(kv=4.16),
        "rated 4.16 kV, but has 2.4018 kV across it on bus 'b'",
    ),
    (
        "CAPACITOR.KV_MISMATCH",
        with_capacitor(kv=KV_LN),
        "rated 2.4018 kV, but has 4.16 kV",
    ),
    ("CAPACITOR.STEPS", with_capacitor(steps_on=2), "2 of 1 step(s)"),
    (
        "STORAGE.CHARGES_AND_DISCHARGES",
        with_storage(p_charge_kw=1.0, p_discharge_kw=1.0),
        "at once",
    ),
    ("STORAGE.OVERFULL", with_storage(stored_kwh=11.0), "11 kWh of at most 10 kWh"),
    (
        "GENERATOR.LIMITS_CROSSED",
        with_generator(p_low_limit_kw=2.0, p_high_limit_kw=1.0),
        "p_low_limit_kw 2 above",
    ),
    (
        "TRANSFORMER.HUGE_IMPEDANCE",
        with_transformer(x_pct=(1e9,)),
        "has an impedance of 1e+09 % of its rating",
    ),
    (
        "SOURCE.KV_MISMATCH",
        with_source(kv_ll=2.4),
        "is rated 2.4 kV, but bus 'a' has 4.16 kV",
    ),
    ("SOURCE.MISSING", SOUND.replace(sources=()), "no source"),
    (
        "SOURCE.MIXED",
        with_second_source(bus="b", r1_ohm=0.1, x1_ohm=0.5),
        "ideal sources beside some behind an impedance",
    ),
    (
        "SOURCE.SAME_NODE",
        with_second_source(nodes=(2, 3)),
        "Sources 'grid' and 'two' feed node 2 of bus 'a'",
    ),
    (
        "SHAPE.POINTS",
        SOUND.replace(shapes=(Shape("s", (1.0, 0.5), q=(1.0,)),)),
        "has 2 points of P and 1 of Q",
    ),
    (
        "SHAPE.POINTS",
        SOUND.replace(shapes=(Shape("s", (1.0, 0.5), hour=(2.0, 1.0)),)),
        "has hours that do not rise",
    ),
    (
        "LOAD.SHAPE_UNKNOWN",
        SOUND.replace(loads=(replace(LOAD, daily_shape="home"),)),
        "Unknown shape 'home'",
    ),
    (
        "GENERATOR.HELD_VOLTAGE",
        with_generator(held_v_pu=-1.0),
        "Generator 'g' is to hold -1 pu",
    ),
    (
        "GENERATOR.LIMITS_CROSSED",
        with_generator(held_v_pu=1.0, held_q_low_kvar=2.0, held_q_high_kvar=1.0),
        "held_q_low_kvar 2 above held_q_high_kvar 1",
    ),
    (
        "GENERATOR.HOLDS_TWICE",
        SOUND.replace(generators=(HOLDER, replace(HOLDER, name="h"))),
        "Generators 'g' and 'h' hold the voltage of the same nodes of bus 'b'",
    ),
    (
        "GENERATOR.HOLDS_SOURCE",
        with_generator(bus="a", held_v_pu=1.0),
        "hold the voltage of bus 'a', which an ideal source holds",
    ),
    (
        "FEEDER.FEEDS_NOTHING",
        SOUND.replace(lines=(), regulators=(), capacitor_controls=()),
        "No load of feeder 'sound' (1 kW in 2) can be reached from the source",
    ),
    (
        "FEEDER.NOT_SERVED",
        with_bus(Bus("c", (1,), 4.16)).replace(
            loads=(LOAD, Load("far", "c", (1, 0), "wye", KV_LN, 90.0, 0.0))
        ),
        "load far: 1 load(s) of 90 kW and 0 DER(s) stand at buses or phases without voltage",
    ),
    (
        "BUS.DISCONNECTED",
        with_bus(Bus("c", (1, 2), 4.16)),
        "Bus 'c' is not connected to the source, even with all lines closed",
    ),
    (
        "BUS.DEENERGISED",
        with_bus(Bus("c", (1,), 4.16), line("l2", "b", "c", (1,), closed=False)),
        "Phase 1 of bus 'c' cannot be reached",
    ),
    (
        "BUS.PHASE_UNSUPPLIED",
        with_bus(Bus("c", (1, 2, 3), 4.16), line("l2", "b", "c", (1, 2))),
        "brings phase 3 to bus 'c'",
    ),
    (
        "BUS.PHASE_UNSUPPLIED",
        with_bus(Bus("c", (1, 3), 4.16), line("l2", "b", "c", (1,))).replace(
            loads=(LOAD, Load("far", "c", (1, 3), "delta", 4.16, 90.0, 0.0))
        ),
        "brings phase 3 to bus 'c'.",
    ),
    (
        "BUS.PHASE_UNSUPPLIED",
        with_bus(Bus("c", (1, 3), 4.16), line("l2", "b", "c", (1,))).replace(
            loads=(LOAD, Load("far", "c", (1, 3), "wye", 4.16, 90.0, 0.0))
        ),
        "brings phase 3 to bus 'c'.",
    ),
    (
        "FEEDER.NOT_SERVED",
        with_bus(Bus("c", (1, 3), 4.16), line("l2", "b", "c", (1,))).replace(
            loads=(LOAD, Load("far", "c", (3, 0), "wye", KV_LN, 90.0, 0.0))
        ),
        "load far: 1 load(s) of 90 kW",
    ),
    (
        "BUS.NEUTRAL_FLOATS",
        with_bus(Bus("c", (1, 4), 4.16), line("l2", "b", "c", (1,))),
        "node 4 of bus 'c'",
    ),
]


def test_two_sources_and_a_holder_are_sound():
    two = with_second_source(bus="low", kv_ll=0.4).replace(generators=(HOLDER,))
    assert find_problems(two) == []


def test_sound_feeder_has_no_finding():
    assert find_problems(SOUND) == []
    assert require_sound(SOUND) is SOUND


@pytest.mark.parametrize(
    ("code", "feeder", "said"), BAD, ids=[f"{k}-{bad[0]}" for k, bad in enumerate(BAD)]
)
def test_smallest_bad_feeder(code: str, feeder: Feeder, said: str):
    found = [str(finding) for finding in find_problems(feeder) if finding.code == code]
    assert len(found) == 1
    assert said in found[0]


ATTACHED = {
    "source": ("sources", "SOURCE", "nodes"),
    "line": ("lines", "LINE", "from_nodes"),
    "winding": ("transformers", "TRANSFORMER", "nodes"),
    "capacitor": ("capacitors", "CAPACITOR", "nodes"),
    "load": ("loads", "LOAD", "nodes"),
    "pv": ("pvs", "PV", "nodes"),
    "storage": ("storages", "STORAGE", "nodes"),
    "generator": ("generators", "GENERATOR", "nodes"),
    "shunt": ("shunts", "SHUNT", "nodes"),
    "current source": ("current_sources", "CURRENT_SOURCE", "nodes"),
}
"""Kind of element that hangs on buses -> its field of `Feeder`, its word in codes, its field of nodes."""

SLIPS: list[tuple[str, Any, str]] = [
    ("bus", "nowhere", "BUS_UNKNOWN"),
    ("bus", 7, "TYPE"),
    ("bus", None, "TYPE"),
    ("nodes", (9, 8, 7, 0), "PHASE_MISSING"),
    ("nodes", (), "NODE_COUNT"),
    ("nodes", (1, 1), "NODES_REPEATED"),
    ("nodes", [1, 2, 3, 0], "TYPE"),
    ("nodes", ("1", "0"), "TYPE"),
    ("nodes", "1.2.3", "TYPE"),
    ("name", None, "TYPE"),
]


def slipped(kind: str, field: str, value: Any) -> Feeder:
    """The sound feeder with one field of the first element of a kind changed."""
    elements, _, nodes = ATTACHED[kind]
    first = getattr(SOUND, elements)[0]
    if kind == "winding" and field != "name":
        changed = replace(
            first,
            windings=(
                replace(first.windings[0], **{field: value}),
                *first.windings[1:],
            ),
        )
    else:
        own_field = (
            {"bus": "from_bus", "nodes": nodes}.get(field, field)
            if kind == "line"
            else field
        )
        changed = replace(first, **{own_field: value})
    return SOUND.replace(**{elements: (changed, *getattr(SOUND, elements)[1:])})


@pytest.mark.parametrize("kind", ATTACHED)
@pytest.mark.parametrize(("field", "value", "code"), SLIPS)
def test_a_slip_at_any_kind_of_element_is_found(
    kind: str, field: str, value: Any, code: str
):
    if (kind, code) == ("line", "NODES_REPEATED"):
        pytest.skip("conductors of a line may end at one node")
    codes = {finding.code for finding in find_problems(slipped(kind, field, value))}
    assert f"{ATTACHED[kind][1]}.{code}" in codes


def test_two_conductors_of_a_line_may_end_at_one_node():
    """A double circuit in one line."""
    double = line("double", "b", "c", (1, 2, 3, 1, 2, 3))
    assert find_problems(with_bus(Bus("c", (1, 2, 3), 4.16), double)) == []


def split_phase_service(**load: Any) -> Feeder:
    """A centre tap numbered 3: windings 1-3 and 3-2, an oven across both legs, a load of two legs and that neutral."""
    low = Bus("n", (1, 2, 3), 0.12 * math.sqrt(3))
    windings = (
        Winding("b", (3, 0), "wye", KV_LN, 25.0),
        Winding("n", (1, 3), "wye", 0.12, 25.0),
        Winding("n", (3, 2), "wye", 0.12, 25.0),
    )
    house = replace(Load("house", "n", (1, 2, 3), "wye", 0.12, 4.0, 0.0), **load)
    return SOUND.replace(
        buses=(*SOUND.buses, low),
        transformers=(
            *SOUND.transformers,
            Transformer("service", 1, windings, x_pct=(2.0, 2.0, 1.4)),
        ),
        loads=(*SOUND.loads, house),
        shunts=(*SOUND.shunts, Shunt("earth", "n", (3, 0), "wye", 1.0, 1e4, 0.0)),
    )


def test_the_neutral_of_a_split_phase_service_may_be_numbered_3():
    assert find_problems(split_phase_service()) == []
    assert find_problems(split_phase_service(nodes=(1, 3))) == []


def test_two_phases_of_a_wye_may_be_written_with_two_nodes():
    """An element of one phase between two phases, as OpenDSS writes it by default."""
    assert find_problems(with_load(nodes=(1, 2), kv=4.16)) == []


def test_phases_from_a_bank_of_single_phase_units_are_phases():
    units = tuple(
        Transformer(
            f"u{a}",
            1,
            (
                Winding("b", (a, b), "wye", 4.16, 25.0),
                Winding("n", (a, 0), "wye", 0.23, 25.0),
            ),
            (4.0,),
        )
        for a, b in ((1, 2), (2, 3), (3, 1))
    )
    bank = SOUND.replace(
        buses=(*SOUND.buses, Bus("n", (1, 2, 3), 0.4)),
        transformers=(*SOUND.transformers, *units),
    )
    shop = Load("shop", "n", (1, 2, 3), "wye", 0.23, 4.0, 0.0)
    assert "LOAD.NEUTRAL_IS_PHASE" in {
        finding.code for finding in find_problems(bank.replace(loads=(shop,)))
    }
    assert find_problems(bank.replace(loads=(replace(shop, nodes=(1, 2, 3, 0)),))) == []


def test_a_reactor_at_a_neutral_is_no_mismatch():
    """Nobody states a rated voltage for it, and there is none between neutral and ground."""
    feeder = with_bus(Bus("c", (1, 4), 4.16), line("l2", "b", "c", (1,)))
    assert (
        find_problems(
            feeder.replace(
                shunts=(Shunt("earth", "c", (4, 0), "wye", 12.47, 1.0, 0.0),)
            )
        )
        == []
    )


def test_a_winding_between_two_nodes_of_a_bus_supplies_like_an_autotransformer():
    """Winding 1 from x.1 to ground, winding 2 from x.1 to x.2, which a line feeds."""
    windings = (
        Winding("x", (1, 0), "wye", KV_LN, 50.0),
        Winding("x", (1, 2), "delta", 0.24, 50.0),
    )
    jumper = replace(line("jumper", "b", "x", (1,)), to_nodes=(2,))
    feeder = with_bus(Bus("x", (1, 2), 4.16), jumper)
    assert (
        find_problems(
            feeder.replace(
                transformers=(DELTA_WYE, Transformer("auto", 1, windings, (1.0,)))
            )
        )
        == []
    )


def test_a_fault_makes_no_followers():
    """A line of which nobody knows where it ends leaves a bus behind it; that is no second fault."""
    cut = with_line(to_bus="bb")
    assert [finding.code for finding in find_problems(cut)] == ["LINE.BUS_UNKNOWN"]
    assert [
        finding.code for finding in find_problems(with_line(to_bus=5, rating_a="x"))
    ] == [
        "LINE.TYPE",
        "LINE.TYPE",
    ]


def test_sizes_of_zero_and_taps_that_nothing_moves_are_sound():
    feeder = SOUND.replace(
        capacitors=(replace(SOUND.capacitors[0], kvar=0.0),),
        pvs=(replace(SOUND.pvs[0], rated_kw=0.0, inverter_kva=0.0),),
        generators=(replace(SOUND.generators[0], rated_kva=0.0),),
        transformers=(
            replace(
                DELTA_WYE,
                windings=(
                    replace(DELTA_WYE.windings[0], tap=1.15, tap_steps=0),
                    DELTA_WYE.windings[1],
                ),
            ),
        ),
    )
    assert find_problems(feeder) == []


def test_warnings_of_one_kind_are_one_note_with_a_count():
    loads = tuple(replace(LOAD, name=f"h{k}", kv=4.16) for k in range(39))
    (note,) = require_sound(SOUND.replace(loads=loads)).notes
    assert "load h0, load h1, load h2 and 36 more" in str(note)
    assert note.full_text.count("load h") == note.count == 39
    assert note.message.startswith(
        "39 of this kind, such as: Load 'h0' is rated 4.16 kV"
    )


def test_a_note_is_renewed_with_the_feeder():
    once = require_sound(with_load(kv=4.16))
    twice = require_sound(
        once.replace(loads=(replace(LOAD, kv=4.16), replace(LOAD, name="h2", kv=4.16)))
    )
    assert [note.component for note in twice.notes] == ["load house_12, load h2"]


def test_a_feeder_is_checked_once():
    feeder = require_sound(with_load(kv=4.16))
    assert "problems" in feeder.__dict__
    assert require_sound(feeder).problems is feeder.problems
    assert "problems" not in feeder.replace(name="other").__dict__


@pytest.mark.parametrize("value", ["ieee13", Path("feeder.dss"), None, 5])
def test_what_is_no_feeder_is_refused_with_what_to_do(value: Any):
    with pytest.raises(
        InputError,
        match=r"is no Feeder\. (Read it first: load_feeder\('|Give what load_feeder returns)",
    ):
        require_sound(value)


def test_lists_of_elements_become_tuples():
    assert SOUND.replace(loads=[LOAD]).loads == (LOAD,)


def test_every_code_has_a_bad_feeder():
    folder = Path(tieline.feeders.checks.__file__).parent
    source = "\n".join(path.read_text() for path in folder.glob("*.py"))
    in_calls = set(
        re.findall(
            r'(?:error|warning|_out_of_range)\(\s*(?:[\w".]+,\s*[\w.]+,\s*)?"([A-Z_]+)"',
            source,
        )
    )
    assert len(in_calls) > 30
    computed = {
        "BUS_UNKNOWN",
        "TRANSFORMER_UNKNOWN",
        "CAPACITOR_UNKNOWN",
        "ELEMENT_UNKNOWN",
        "ZERO_IMPEDANCE",
        "SINGULAR_IMPEDANCE",
    }
    tested = {code.partition(".")[2] for code, _, _ in BAD}
    # those of inverter controls have a file of their own
    of_inverters = Path(__file__).parent / "checks" / "test_inverters.py"
    tested |= set(re.findall(r'[".]([A-Z_]{4,})"', of_inverters.read_text()))
    assert (in_calls | computed) - tested == set()


def test_every_check_is_registered():
    folder = Path(tieline.feeders.checks.__file__).parent
    written = {
        name
        for path in folder.glob("*.py")
        for name in re.findall(r"^def (check_\w+)", path.read_text(), re.M)
    }
    assert written == {check.__name__ for check in CHECKS}


def test_all_errors_are_raised_together():
    feeder = SOUND.replace(
        loads=(
            replace(LOAD, nodes=(4, 0)),
            replace(LOAD, name="other", zip_p=(0.0, 0.0, 0.0)),
        )
    )
    with pytest.raises(FeederError) as raised:
        require_sound(feeder)
    assert [finding.code for finding in raised.value.findings] == [
        "LOAD.PHASE_MISSING",
        "LOAD.ZIP_SUM",
    ]
    assert "Feeder 'sound' has 2 problems:" in str(raised.value)


def test_warnings_become_notes_once():
    once = require_sound(with_load(kv=4.16))
    assert [note.code for note in once.notes] == ["LOAD.KV_MISMATCH"]
    assert require_sound(once) is once


def test_asymmetry_of_rounding_dust_is_accepted():
    assert (
        find_problems(
            with_code(
                x_ohm_per_km=((1.0, 0.1, 0.0), (0.1 + 1e-9, 1.0, 0.0), (0.0, 0.0, 1.0))
            )
        )
        == []
    )


def test_open_switch_with_a_way_round_is_no_warning():
    assert (
        find_problems(
            SOUND.replace(lines=(*SOUND.lines, line("tie", "a", "b", closed=False)))
        )
        == []
    )


@pytest.mark.parametrize(
    ("primary_phases", "low_phases_without_supply"),
    [((1, 2, 3), []), ((1, 2), [2, 3]), ((1,), [1, 2, 3])],
)
def test_delta_primary_needs_both_ends_of_a_phase(
    primary_phases: Nodes, low_phases_without_supply: list[int]
):
    """A delta phase sits between two conductors: with 1 and 2 alone only the winding 1-2 has voltage, with 1 alone none."""
    cut = SOUND.replace(lines=(line("l1", "a", "b", primary_phases),))
    found = {
        finding.component: finding.message
        for finding in find_problems(cut)
        if finding.code.startswith("BUS.")
    }
    missing = [
        phase
        for phase in (1, 2, 3)
        if re.search(rf"\b{phase}\b", found.get("bus low", "").split(" to bus")[0])
    ]
    whole = "is not connected" in found.get("bus low", "")
    assert ([1, 2, 3] if whole else missing) == low_phases_without_supply


def test_split_phase_service_is_sound():
    """Hot legs of a centre-tapped transformer: windings 1-0 and 0-2, a load across both legs at twice the voltage of one."""
    kv_leg = 0.12
    service = Transformer(
        "service",
        1,
        (
            Winding("b", (3, 0), "wye", KV_LN, 25.0),
            Winding("n", (1, 0), "wye", kv_leg, 25.0),
            Winding("n", (0, 2), "wye", kv_leg, 25.0),
        ),
        x_pct=(2.0, 2.0, 1.4),
    )
    feeder = SOUND.replace(
        buses=(*SOUND.buses, Bus("n", (1, 2), kv_leg * math.sqrt(3))),
        transformers=(*SOUND.transformers, service),
        loads=(*SOUND.loads, Load("oven", "n", (1, 2), "delta", 2 * kv_leg, 4.0, 0.0)),
    )
    assert find_problems(feeder) == []


@settings(max_examples=200, deadline=None)
@given(data=st.data())
def test_no_feeder_however_bad_raises(data: st.DataObject):
    """Random garbage in every field of one element of each kind: findings, never an exception."""
    floats = st.sampled_from([math.nan, math.inf, -1.0, 0.0, 1.0, 1e200])
    garbage: dict[type, st.SearchStrategy[Any]] = {
        float: floats,
        int: st.integers(-1, 5),
        tuple: st.lists(st.integers(-1, 4), max_size=4).map(tuple),
    }

    def spoil(element: Any) -> Any:
        name = data.draw(
            st.sampled_from(
                [
                    n
                    for n in element.__dataclass_fields__
                    if type(getattr(element, n)) in garbage
                ]
                or ["name"]
            )
        )
        value = getattr(element, name)
        if isinstance(value, tuple) and value and not isinstance(value[0], int):
            return replace(element, **{name: value[: data.draw(st.integers(0, 1))]})
        return replace(
            element, **{name: data.draw(garbage.get(type(value), st.just("")))}
        )

    kinds = (
        "buses",
        "sources",
        "lines",
        "transformers",
        "regulators",
        "capacitors",
        "capacitor_controls",
        "loads",
        "storages",
    )
    chosen = data.draw(
        st.lists(st.sampled_from(kinds), min_size=1, max_size=3, unique=True)
    )
    feeder = SOUND.replace(
        **{
            kind: tuple(spoil(element) for element in getattr(SOUND, kind))
            for kind in chosen
        }
    )
    assert all(isinstance(finding, Finding) for finding in find_problems(feeder))


def test_a_ragged_matrix_is_a_finding():
    ragged: Matrix = ((0.4, 0.1), (0.1,))
    (line, *others) = SOUND.lines
    spoiled = replace(line, code=replace(line.code, x_ohm_per_km=ragged))
    findings = find_problems(SOUND.replace(lines=(spoiled, *others)))
    assert "error" in {finding.severity for finding in findings}
