"""Low-voltage feeders of three phases and of one, as a user may bring them: small, unbalanced, at 60 Hz."""

from __future__ import annotations

from tieline import load_feeder
from tieline.feeders.compose import Composition, join_parts
from tieline.feeders.elements import (
    Bus,
    Generator,
    Line,
    LineCode,
    Load,
    Pv,
    Source,
    Storage,
)
from tieline.feeders.feeder import Feeder

KV = 0.4
CABLE = LineCode(
    "nayy",
    r_ohm_per_km=((0.25, 0.05, 0.05), (0.05, 0.25, 0.05), (0.05, 0.05, 0.25)),
    x_ohm_per_km=((0.20, 0.12, 0.12), (0.12, 0.20, 0.12), (0.12, 0.12, 0.20)),
    c_nf_per_km=((0.0,) * 3,) * 3,
)
SERVICE = LineCode("service", ((0.8,),), ((0.1,),), ((0.0,),))


def village(name: str = "village", **changes: object) -> Feeder:
    """A cable of three phases with a load on each, and a service of phase 2 with PV."""
    kv_ln = KV / 3**0.5
    loads = []
    for phase, p_kw in ((1, 9.0), (2, 4.0), (3, 6.0)):
        load = Load(f"house{phase}", "end", (phase, 0), "wye", kv_ln, p_kw, p_kw * 0.3)
        loads.append(load)
    feeder = Feeder(
        name=name,
        buses=(
            Bus("station", (1, 2, 3), KV),
            Bus("end", (1, 2, 3), KV),
            Bus("roof", (2,), KV),
        ),
        sources=(Source("grid", "station", (1, 2, 3), KV, r1_ohm=0.01, x1_ohm=0.02),),
        lines=(
            Line("cable", "station", "end", (1, 2, 3), (1, 2, 3), CABLE, 0.2),
            Line("tap", "end", "roof", (2,), (2,), SERVICE, 0.03),
        ),
        loads=tuple(loads),
        pvs=(Pv("panels", "roof", (2, 0), "wye", kv_ln, 5.0, 5.0, p_kw=3.0),),
    )
    return feeder.replace(**changes)


def lateral(phases: tuple[int, ...]) -> Feeder:
    """A service of one or two phases, 0.24 kV to ground."""
    kv_ln = 0.24
    kv_ll = kv_ln * 3**0.5
    n = len(phases)
    code = LineCode(
        "triplex",
        tuple(tuple(0.5 if i == j else 0.0 for j in range(n)) for i in range(n)),
        tuple(tuple(0.1 if i == j else 0.0 for j in range(n)) for i in range(n)),
        ((0.0,) * n,) * n,
    )
    loads = [
        Load(f"home{phase}", "b", (phase, 0), "wye", kv_ln, 5.0, 1.0)
        for phase in phases
    ]
    return Feeder(
        name="lateral",
        buses=(Bus("a", phases, kv_ll), Bus("b", phases, kv_ll)),
        sources=(Source("grid", "a", phases, kv_ll),),
        lines=(Line("ab", "a", "b", phases, phases, code, 0.05),),
        loads=tuple(loads),
    )


THREE_PHASES = ("end", (1, 2, 3, 0), "wye", KV / 3**0.5)


def villages_on_ieee123() -> Feeder:
    """Three villages with a generator and a battery each, on a feeder with regulators and capacitors."""
    generator = Generator("diesel", *THREE_PHASES, rated_kva=30.0)
    battery = Storage(
        "cells",
        *THREE_PHASES,
        rated_kw=10.0,
        energy_kwh=20.0,
        inverter_kva=10.0,
        stored_kwh=10.0,
    )
    part = village(generators=(generator,), storages=(battery,))
    parts = [
        {"name": f"v{bus}", "feeder": "unread", "host_bus": bus}
        for bus in ("47", "76", "300")
    ]
    asked = Composition(host="unread", part=parts, transformer={"kva": 100.0})  # type: ignore[arg-type]
    return join_parts(load_feeder("ieee123"), [part] * 3, asked)
