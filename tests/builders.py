"""Small feeders that tests build by hand or at random."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np

from tieline.feeders.elements import (
    CONSTANT_IMPEDANCE,
    Bus,
    Capacitor,
    Generator,
    Line,
    LineCode,
    Load,
    Matrix,
    Pv,
    Shunt,
    Source,
    Transformer,
    Winding,
)
from tieline.feeders.feeder import Feeder

NO_SHUNT = ((0.0,),)
KV_LL = 0.24 * 3**0.5
"""Line to line, where a phase has 240 V."""


def single_code(r_ohm: float, x_ohm: float, name: str = "code") -> LineCode:
    """One conductor."""
    return LineCode(name, ((r_ohm,),), ((x_ohm,),), NO_SHUNT)


def two_bus(
    p_kw: float = 1000.0,
    q_kvar: float = 500.0,
    r_ohm: float = 0.5,
    x_ohm: float = 0.3,
    **load: Any,
) -> Feeder:
    """Single-phase equivalent: an ideal 12.66 kV source, one line, one load."""
    return Feeder(
        name="two-bus",
        buses=(Bus("a", (1,), 12.66), Bus("b", (1,), 12.66)),
        sources=(Source("grid", "a", (1,), 12.66),),
        lines=(Line("ab", "a", "b", (1,), (1,), single_code(r_ohm, x_ohm)),),
        loads=(Load("load", "b", (1, 0), "wye", 12.66, p_kw, q_kvar, **load),),
        single_phase_equivalent=True,
    )


def two_bus_holding(**fields: Any) -> Feeder:
    """`two_bus` with a generator at the load that holds 1 pu."""
    feeder = two_bus()
    load = feeder.loads[0]
    unit = Generator(
        "held", load.bus, load.nodes, load.connection, load.kv, 500.0, 50.0
    )
    unit = replace(unit, held_v_pu=1.0, cost_per_kwh=0.1)
    return feeder.replace(generators=(replace(unit, **fields),))


def two_wire(p_kw: float = 2.0, electrode_ohm: float = 2.0) -> Feeder:
    """An ideal source of 240 V, a wire of 0.1 ohm, a load of constant impedance from there to a neutral with an electrode."""
    return Feeder(
        name="two-wire",
        buses=(Bus("a", (1,), KV_LL), Bus("b", (1, 4), KV_LL)),
        sources=(Source("grid", "a", (1,), KV_LL),),
        lines=(wire("feed", 1),),
        loads=(
            Load(
                "load",
                "b",
                (1, 4),
                "wye",
                0.24,
                p_kw,
                0.0,
                CONSTANT_IMPEDANCE,
                CONSTANT_IMPEDANCE,
            ),
        ),
        shunts=(electrode("b", electrode_ohm),),
    )


def wire(name: str, node: int, closed: bool = True) -> Line:
    """One conductor of 0.1 ohm from bus a to bus b."""
    return Line(
        name, "a", "b", (node,), (node,), single_code(0.1, 0.0, name), closed=closed
    )


def electrode(bus: str, ohm: float) -> Shunt:
    """A resistance from node 4 of a bus to ground, as the power it takes at 240 V."""
    return Shunt(f"electrode-{bus}", bus, (4, 0), "wye", 0.24, 0.24**2 / ohm * 1e3, 0.0)


def behind_delta(**load: Any) -> Feeder:
    """A delta-delta transformer with the antifloat shunts of OpenDSS' default, a short line and constant-power loads."""
    windings = (
        Winding("a", (1, 2, 3), "delta", 4.16, 500.0, 0.5),
        Winding("b", (1, 2, 3), "delta", 0.48, 500.0, 0.5),
    )
    z = tuple(tuple(0.2 if i == j else 0.05 for j in range(3)) for i in range(3))
    shunt = tuple(tuple(6.0 if i == j else -0.5 for j in range(3)) for i in range(3))
    demand = {
        "bus": "c",
        "nodes": (1, 2, 3),
        "connection": "delta",
        "kv": 0.48,
        "p_kw": 100.0,
        "q_kvar": 20.0,
    } | load
    return Feeder(
        name="behind-delta",
        buses=(
            Bus("a", (1, 2, 3), 4.16),
            Bus("b", (1, 2, 3), 0.48),
            Bus("c", (1, 2, 3), 0.48),
        ),
        sources=(Source("grid", "a", (1, 2, 3), 4.16, 1.0, 0.0, 0.05, 0.2, 0.05, 0.2),),
        lines=(
            Line(
                "bc",
                "b",
                "c",
                (1, 2, 3),
                (1, 2, 3),
                LineCode("short", z, z, shunt),
                0.01,
            ),
        ),
        transformers=(Transformer("dd", 3, windings, (3.4,), antifloat_ppm=1.0),),
        loads=(
            Load("load", **demand),
            Load("between", "b", (1, 2), "delta", 0.48, 30.0, 10.0),
        ),
    )


def with_generators(feeder: Feeder, count: int, kva: float) -> Feeder:
    """Generators `g0`, `g1`, ... beside the largest loads, in the order of the loads, connected as these are."""
    largest = sorted(range(len(feeder.loads)), key=lambda k: -feeder.loads[k].p_kw)[
        :count
    ]
    sites = [feeder.loads[k] for k in sorted(largest)]
    units = [
        Generator(f"g{k}", site.bus, site.nodes, site.connection, site.kv, kva)
        for k, site in enumerate(sites)
    ]
    return feeder.replace(generators=tuple(units))


def with_pvs(feeder: Feeder, every: int, p_kw: float = 0.0) -> Feeder:
    """The feeder with a PV system of 30 kW beside each `every`-th load, connected as the load is; now they inject `p_kw`."""
    pvs = [
        Pv(
            f"pv{k}",
            load.bus,
            load.nodes,
            load.connection,
            load.kv,
            p_kw=p_kw,
            rated_kw=30.0,
            inverter_kva=30.0,
        )
        for k, load in enumerate(feeder.loads[::every])
    ]
    return feeder.replace(pvs=(*feeder.pvs, *pvs))


def random_feeder(seed: int, n_buses: int, n_loops: int = 0) -> Feeder:
    """A three-phase feeder of random shape: one- to three-phase laterals, wye and delta ZIP loads, a capacitor, loops if
    asked.
    """
    random = np.random.default_rng(seed)
    buses = [Bus("b0", (1, 2, 3), 12.47)]
    lines = []
    for k in range(1, n_buses):
        parent = buses[int(random.integers(max(0, k - 4), k))]
        count = (
            int(random.integers(1, len(parent.phases) + 1))
            if k > n_buses // 2
            else len(parent.phases)
        )
        phases = tuple(
            sorted(random.choice(parent.phases, count, replace=False).tolist())
        )
        buses.append(Bus(f"b{k}", phases, 12.47))
        lines.append(_line(f"l{k}", parent, buses[k], phases, random))
    full = [bus for bus in buses if len(bus.phases) == 3]
    for k in range(n_loops if len(full) > 2 else 0):
        ends = random.choice(len(full), 2, replace=False)
        lines.append(_line(f"loop{k}", full[ends[0]], full[ends[1]], (1, 2, 3), random))
    loads = [
        _load(f"load{k}", buses[int(random.integers(1, n_buses))], random)
        for k in range(n_buses)
    ]
    return Feeder(
        name=f"random-{seed}",
        buses=tuple(buses),
        sources=(
            Source("grid", "b0", (1, 2, 3), 12.47, 1.02, 15.0, 0.1, 0.8, 0.1, 1.0),
        ),
        lines=tuple(lines),
        loads=tuple(loads),
        capacitors=(
            Capacitor("bank", full[-1].name, (1, 2, 3, 0), "wye", 150.0, 12.47),
        ),
    )


def _line(
    name: str,
    start: Bus,
    end: Bus,
    phases: tuple[int, ...],
    random: np.random.Generator,
) -> Line:
    size = len(phases)
    own_r, own_x = random.uniform(0.2, 1.0), random.uniform(0.3, 1.2)
    r, x, c = (
        _matrix(size, own, share)
        for own, share in ((own_r, 0.3), (own_x, 0.4), (10.0, -0.15))
    )
    return Line(
        name,
        start.name,
        end.name,
        phases,
        phases,
        LineCode(name, r, x, c),
        float(random.uniform(0.1, 1.0)),
    )


def _matrix(size: int, own: float, share: float) -> Matrix:
    return tuple(
        tuple(own if i == j else own * share for j in range(size)) for i in range(size)
    )


def _load(name: str, bus: Bus, random: np.random.Generator) -> Load:
    shares = random.dirichlet((1, 1, 1)).tolist()
    zip_shares = (shares[0], shares[1], 1.0 - shares[0] - shares[1])
    p_kw, q_kvar = float(random.uniform(5, 60)), float(random.uniform(-10, 30))
    if len(bus.phases) > 1 and random.random() < 0.4:
        return Load(
            name,
            bus.name,
            bus.phases,
            "delta",
            12.47,
            p_kw,
            q_kvar,
            zip_shares,
            zip_shares,
        )
    return Load(
        name,
        bus.name,
        (*bus.phases, 0),
        "wye",
        7.2,
        p_kw,
        q_kvar,
        zip_shares,
        zip_shares,
    )


def cut_off(feeder: Feeder, bus: str) -> Feeder:
    """The feeder with all lines at a bus open, so that it has no voltage."""
    lines = tuple(
        replace(line, closed=line.closed and bus not in (line.from_bus, line.to_bus))
        for line in feeder.lines
    )
    return feeder.replace(lines=lines)
