"""Random transformers: two to four windings of any connection and order of voltages, one-phase units, split-phase services."""

from __future__ import annotations

from soak.dss.draw import NEUTRAL, Draw, Spot, at
from soak.dss.lines import electrode
from tieline.units import SQRT3

LOW_KV = (0.208, 0.4, 0.48, 0.6, 4.16)
SERVICE = "xhl=2.04 xht=2.04 xlt=1.36 %rs=[0.6 1.2 1.2] %noloadloss=0.2 %imag=0.5"
NEAR_ENOUGH = 0.15
"""Two voltages of one circuit are equal or this far apart, as the engine tells the bases of buses by their voltages."""


def add_three_phase(draw: Draw, start: Spot) -> list[Spot]:
    """A three-phase transformer with one to three secondaries."""
    if len(start.phases) < 3:
        return []
    count = draw.one_of([2, 2, 2, 3, 3, 4])
    kva = float(draw.one_of([100, 250, 400, 630]))
    ends = [_secondary(draw, start, kva) for _ in range(count - 1)]
    name = draw.name("t")
    first = _primary(draw, start)
    conns = [first, *("delta" if end.floats else "wye" for end in ends)]
    buses = [_primary_bus(draw, start, first), *(_bus(end) for end in ends)]
    kvs = [start.kv_ll, *(end.kv_ll for end in ends)]
    kvas = [kva, *(end.kva for end in ends)]
    order = _order(draw, count)
    rows = {"buses": buses, "conns": conns, "kvs": _rated(kvs), "kvas": _rated(kvas)}
    told = " ".join(
        f"{key}=[{' '.join(row[k] for k in order)}]" for key, row in rows.items()
    )
    lines = [
        f"new transformer.{name} phases=3 windings={count} {told} {_short_circuit(draw, count)}",
        *_extras(draw, count),
    ]
    for k, end in enumerate(ends, start=1):
        lines += _ground(draw, end, f"transformer.{name}", order.index(k) + 1)
        draw.settle(end)
    draw.add(*lines)
    return ends


def add_one_phase(draw: Draw, start: Spot) -> Spot | None:
    """A one-phase transformer from a phase to ground (or the neutral), or between two phases."""
    if start.split:
        return None
    between = start.floats or (len(start.phases) > 1 and draw.chance(0.3))
    if between and len(start.phases) < 2:
        return None
    nodes = (
        draw.some_of(start.phases, 2)
        if between
        else (draw.one_of(start.phases), _return(start))
    )
    kv = start.kv_ll if between else start.kv_ln
    kva = float(draw.one_of([15, 25, 50, 100]))
    low = draw.one_of(_apart([0.24, 0.277, 2.4], draw, SQRT3))
    end = Spot(draw.name("b"), (1,), low, kva)
    turned = [at(end.name, (1, 0)), at(end.name, (0, 1))]
    conn = draw.one_of(["wye", "delta"]) if between else "wye"
    buses = f"buses=[{at(start.name, nodes)} {draw.one_of(turned)}] conns=[{conn} wye]"
    rated = f"kvs=[{kv:.6g} {low}] kvas=[{kva} {kva}] {_short_circuit(draw, 2)}"
    draw.add(f"new transformer.{draw.name('t')} phases=1 windings=2 {buses} {rated}")
    return draw.settle(end)


def add_split_phase(draw: Draw, start: Spot) -> Spot | None:
    """A centre-tapped service: two legs of 120 V."""
    if start.split or start.floats or start.kv_ln < 2:
        return None
    kva = float(draw.one_of([25, 50, 75]))
    end = Spot(draw.name("b"), (1, 2), 0.12, kva, split=True)
    middle = 0
    if draw.chance(0.3):
        middle = NEUTRAL
        end = Spot(end.name, (1, 2), 0.12, kva, neutral=True, split=True)
    primary = at(start.name, (draw.one_of(start.phases), _return(start)))
    legs = [at(end.name, (1, middle)), at(end.name, (middle, 2))]
    buses = f"buses=[{primary} {legs[0]} {legs[1]}] kvs=[{start.kv_ln:.6g} 0.12 0.12] kvas=[{kva} {kva} {kva}]"
    grounding = [electrode(draw, end)] if middle else []
    draw.add(
        f"new transformer.{draw.name('t')} phases=1 windings=3 {buses} {SERVICE}",
        *grounding,
    )
    return draw.settle(end)


def _secondary(draw: Draw, start: Spot, kva: float) -> Spot:
    kv_ll = (
        draw.one_of([start.kv_ll, *_apart(LOW_KV, draw)])
        if draw.chance(0.9)
        else start.kv_ll
    )
    floats = draw.chance(0.35)
    neutral = not floats and draw.chance(0.5)
    return Spot(
        draw.name("b"),
        (1, 2, 3),
        kv_ll / SQRT3,
        round(kva * draw.between(0.4, 1.0, 2), 3),
        neutral,
        floats,
    )


def _apart(
    levels: list[float] | tuple[float, ...], draw: Draw, factor: float = 1.0
) -> list[float]:
    """Levels that the engine cannot take for one that the circuit has already."""
    bases = draw.bases_kv

    def fits(kv: float) -> bool:
        return all(
            abs(kv - base) < 1e-4 * base or abs(kv - base) > NEAR_ENOUGH * base
            for base in bases
        )

    return [level for level in levels if fits(level * factor)] or [levels[0]]


def _primary(draw: Draw, start: Spot) -> str:
    return "delta" if start.floats or draw.chance(0.5) else "wye"


def _primary_bus(draw: Draw, start: Spot, connection: str) -> str:
    if connection == "wye" and start.neutral:
        return at(start.name, (1, 2, 3, NEUTRAL))
    return draw.one_of(
        [
            start.name,
            at(start.name, (1, 2, 3)),
            at(start.name, (2, 3, 1)),
            at(start.name, (3, 1, 2)),
        ]
    )


def _bus(end: Spot) -> str:
    return at(end.name, end.conductors) if end.neutral else end.name


def _return(start: Spot) -> int:
    return NEUTRAL if start.neutral else 0


def _order(draw: Draw, count: int) -> list[int]:
    """Which winding the supply is: mostly the first."""
    order = list(range(count))
    if draw.chance(0.25):
        draw.random.shuffle(order)
    return order


def _rated(values: list[float]) -> list[str]:
    return [f"{value:.6g}" for value in values]


def _short_circuit(draw: Draw, count: int) -> str:
    rs = " ".join(str(draw.between(0.2, 1)) for _ in range(count))
    if count == 2:
        return f"xhl={draw.between(2, 7)} %rs=[{rs}]"
    if count == 3:
        return f"xhl={draw.between(4, 7)} xht={draw.between(5, 8)} xlt={draw.between(3, 5)} %rs=[{rs}]"
    pairs = " ".join(str(draw.between(5, 7)) for _ in range(6))
    return f"xscarray=[{pairs}] %rs=[{rs}]"


def _extras(draw: Draw, count: int) -> list[str]:
    extras = []
    if draw.chance(0.4):
        extras.append(f"leadlag={draw.one_of(['lead', 'lag', 'euro', 'ansi'])}")
    if draw.chance(0.4):
        extras.append(
            f"%noloadloss={draw.between(0.1, 0.6)} %imag={draw.between(0.2, 2)}"
        )
    if draw.chance(0.4):
        extras.append(
            f"taps=[{' '.join(str(1 + 0.00625 * int(draw.random.integers(-6, 7))) for _ in range(count))}]"
        )
    return [f"~ {extra}" for extra in extras]


def _ground(draw: Draw, end: Spot, transformer: str, winding: int) -> list[str]:
    """What ties the star point to ground: a reactor, the winding's own neutral impedance, or next to nothing."""
    if not end.neutral:
        return []
    solid = f"new reactor.{draw.name('earth')} phases=1 bus1={at(end.name, [NEUTRAL])} r=0.0001 x=0"
    impedance = f"edit {transformer} wdg={winding} rneut={draw.between(0.05, 5)} xneut={draw.one_of([0, 0.5])}"
    return [draw.one_of([electrode(draw, end), impedance, solid])]
