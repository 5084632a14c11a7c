"""Small islands that tests solve."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike

from builders import single_code
from tieline.devices import DroopSettings, DroopUnits, Generators
from tieline.feeders import Feeder
from tieline.feeders.elements import (
    Bus,
    Line,
    LineCode,
    Load,
    Source,
    Transformer,
    Winding,
)
from tieline.feeders.islands import cut_island, island_feeder, read_island
from tieline.feeders.load import load_feeder
from tieline.powerflow.island import Island, make_island
from tieline.typing import FloatArray

KV = 12.66


def droop_units(
    *buses: str,
    v_set_pu: ArrayLike = 1.0,
    q_set_kvar: ArrayLike = 250.0,
    v_droop: ArrayLike = 0.05,
    p_set_kw: ArrayLike = 300.0,
    f_droop: ArrayLike = 1.0,
    p_max_kw: ArrayLike = 5000.0,
) -> DroopUnits:
    """Units of 60 Hz without limits of ramp, fuel or frequency, named after their buses."""
    count = len(buses)

    def column(value: ArrayLike) -> FloatArray:
        return np.broadcast_to(np.asarray(value, dtype=float), (count,)).copy()

    generators = Generators(
        names=buses,
        p_max_kw=column(p_max_kw),
        kva=column(p_max_kw),
        ramp_kw_per_h=column(np.inf),
        fuel_a=column(0.0),
        fuel_b=column(1.0),
        fuel_c=column(0.0),
        fuel_price=column(0.0),
    )
    settings = DroopSettings(
        v_set_pu=column(v_set_pu),
        q_set_kvar=column(q_set_kvar),
        v_droop_pu_per_mvar=column(v_droop),
        f_set_hz=column(60.0),
        p_set_kw=column(p_set_kw),
        f_droop_hz_per_mw=column(f_droop),
    )
    return DroopUnits(
        generators=generators,
        buses=buses,
        settings=settings,
        q_max_kvar=column(5000.0),
        f_low_hz=column(0.0),
        f_high_hz=column(np.inf),
    )


RING = (("a", "b"), ("b", "c"), ("c", "d"), ("d", "a"))
RING_OHM = (2 + 3j, 1 + 2j, 3 + 1j, 2 + 2j)


def ring(load_kva: dict[str, complex], is_closed: bool = True) -> Feeder:
    """Four buses in a ring, as a single-phase equivalent with an ideal source at a; open, it lacks the line from d to a."""
    count = len(RING) if is_closed else len(RING) - 1
    lines = []
    for (start, end), z_ohm in zip(RING[:count], RING_OHM[:count], strict=True):
        code = single_code(z_ohm.real, z_ohm.imag, f"code-{start}")
        lines.append(Line(f"{start}{end}", start, end, (1,), (1,), code))
    loads = [
        Load(f"load-{bus}", bus, (1, 0), "wye", KV, kva.real, kva.imag)
        for bus, kva in load_kva.items()
    ]
    return Feeder(
        name="ring",
        buses=tuple(Bus(bus, (1,), KV) for bus in "abcd"),
        sources=(Source("grid", "a", (1,), KV),),
        lines=tuple(lines),
        loads=tuple(loads),
        single_phase_equivalent=True,
    )


def bundled_island(name: str) -> Island:
    """The network of a bundled island, held by its droop units."""
    config = read_island(name)
    feeder = island_feeder(config)
    units = DroopUnits.of(config.droop_unit, feeder.frequency_hz)
    return make_island(feeder, units)


def ieee123_island() -> Feeder:
    """The part of IEEE 123 that switch sw4 cuts off, with its regulator bank: three phases, laterals of one and two."""
    return cut_island(load_feeder("ieee123"), "67", opened=["sw4"])


def balanced_feeder() -> Feeder:
    """Three phases, balanced: a delta-wye transformer from a to b, a transposed line to c, loads in delta and wye."""
    every = (1, 2, 3)
    z = tuple(tuple(0.3 if i == j else 0.1 for j in range(3)) for i in range(3))
    capacitance = tuple(
        tuple(400.0 if i == j else -50.0 for j in range(3)) for i in range(3)
    )
    code = LineCode("transposed", z, z, capacitance, rating_a=300.0)
    windings = (
        Winding("a", every, "delta", KV, 1500.0, 0.5),
        Winding("b", (*every, 0), "wye", 4.16, 1500.0, 0.5, tap=1.02),
    )
    return Feeder(
        name="balanced",
        buses=(Bus("a", every, KV), Bus("b", every, 4.16), Bus("c", every, 4.16)),
        sources=(Source("grid", "a", every, KV),),
        lines=(Line("bc", "b", "c", every, every, code, 0.4),),
        transformers=(Transformer("ab", 3, windings, (5.0,), 0.2, 0.5),),
        loads=(
            Load("wye", "b", (*every, 0), "wye", 4.16 / 3**0.5, 300.0, 120.0),
            Load("delta", "c", every, "delta", 4.16, 450.0, 90.0, (0.2, 0.3, 0.5)),
        ),
    )
