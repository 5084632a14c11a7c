"""Random lines: matrices or sequence values, four wires, open ends, ties, and the ways in which a switch is held open."""

from __future__ import annotations

import numpy as np

from soak.dss.draw import NEUTRAL, Draw, Spot, at

UNITS = {
    "km": 1.0,
    "m": 1000.0,
    "ft": 3280.839895,
    "mi": 0.6213711922,
    "kft": 3.280839895,
}

RETURN_SHARE = 0.2
"""Resistance of an electrode that carries the whole return, as a share of the smallest load impedance of its bus."""

NEVER_TRIPS = {
    "recloser": "phasetrip=1e6 groundtrip=1e6",
    "relay": "type=current phasetrip=1e6 groundtrip=1e6",
    "fuse": "ratedcurrent=1e6",
}
"""Settings so high that protection does not act: a snapshot shows the state before it would."""


def add_line(draw: Draw, start: Spot) -> Spot:
    """A line from a bus to a new one."""
    phases = _phases(draw, start)
    keeps_neutral = len(phases) == 1 or draw.chance(0.8)
    neutral = start.neutral and keeps_neutral
    # without the neutral, devices hang between phases
    between = start.floats or (start.neutral and not keeps_neutral)
    end = Spot(
        draw.name("b"),
        phases,
        start.kv_ln,
        start.kva * draw.between(0.5, 1.0),
        neutral,
        between,
        start.split,
    )
    _line(draw, start, end, end.conductors)
    return draw.settle(end)


def add_loop(draw: Draw) -> None:
    """A second way between two buses of one voltage, closed, open at one end (then charged from the other), or at both."""
    start = draw.one_of(draw.spots)
    partners = [
        spot
        for spot in draw.spots
        if spot.name != start.name and _same_level(spot, start)
    ]
    if not partners:
        return
    end = draw.one_of(partners)
    shared = tuple(node for node in start.conductors if node in end.conductors)
    name = _line(draw, start, end, shared, longer=3.0)
    state = draw.one_of(["closed", "open", "1", "2"])
    if state == "open":
        draw.blocks[-1] += f"\nopen line.{name} 1\nopen line.{name} 2"
    elif state != "closed":
        draw.blocks[-1] += f"\nopen line.{name} {state}"


def add_dead_end(draw: Draw, start: Spot) -> None:
    """A cable that is open at its far or its near end, with nothing behind it."""
    end = Spot(draw.name("b"), start.phases, start.kv_ln, 0.0)
    name = _line(draw, start, end, start.phases, capacitance_nf=draw.between(100, 400))
    draw.blocks[-1] += f"\nopen line.{name} {draw.one_of([2, 2, 2, 1])}"


def add_switch(draw: Draw, start: Spot) -> Spot:
    """A switch to a new bus, perhaps with a control that decides its state."""
    end = Spot(
        draw.name("b"),
        start.phases,
        start.kv_ln,
        start.kva,
        start.neutral,
        start.floats,
        start.split,
    )
    name = draw.name("sw")
    size = len(start.conductors)
    ends = (
        f"bus1={at(start.name, start.conductors)} bus2={at(end.name, end.conductors)}"
    )
    commands = [f"new line.{name} phases={size} {ends} switch=y normamps=600"]
    control = _switch_control(draw, name, size)
    opening = f"open line.{name} {draw.one_of([1, 2])}"
    orders = [[control], [opening], [opening, control], [control, opening], []]
    draw.add(*commands, *draw.one_of(orders))
    return draw.settle(end)


def add_neutral_path(draw: Draw, start: Spot) -> Spot | None:
    """A neutral conductor of its own: back to another bus' neutral by its own line, or to ground by an electrode or a strap."""
    if start.floats or start.neutral or start.split:
        return None
    spot = Spot(start.name, start.phases, start.kv_ln, start.kva, neutral=True)
    partners = [
        partner
        for partner in draw.spots
        if partner.neutral
        and partner.name != start.name
        and abs(partner.kv_ln - start.kv_ln) < 1e-6
    ]
    ways = ["electrode", "strap"] + (["line"] if partners else [])
    way = draw.one_of(ways)
    if way == "line":
        partner = draw.one_of(partners)
        _wire(draw, at(partner.name, [NEUTRAL]), at(start.name, [NEUTRAL]))
    elif way == "strap":
        _wire(draw, at(start.name, [NEUTRAL]), at(start.name, [0]))
    else:
        draw.add(electrode(draw, spot, RETURN_SHARE * spot.kv_ln**2 * 1e3 / spot.kva))
    draw.spots[draw.spots.index(start)] = spot
    return spot


def electrode(draw: Draw, spot: Spot, largest_ohm: float = 30.0) -> str:
    """An earth electrode at the neutral."""
    place = at(spot.name, [NEUTRAL])
    r_ohm = float(f"{draw.between(0.01, 1) * largest_ohm:.4g}")
    return f"new reactor.{draw.name('earth')} phases=1 bus1={place} r={r_ohm} x={draw.one_of([0, 0, r_ohm / 10]):.4g}"


def _wire(draw: Draw, bus1: str, bus2: str) -> None:
    r, x = draw.between(0.05, 3), draw.one_of([0.0, draw.between(0.05, 1)])
    name = draw.name("n")
    draw.add(
        f"new line.{name} phases=1 bus1={bus1} bus2={bus2} r1={r} x1={x} r0={r} x0={x} c1=0 c0=0 length=1 normamps=100"
    )


def _same_level(one: Spot, two: Spot) -> bool:
    same = (
        abs(one.kv_ln - two.kv_ln) < 1e-6
        and one.split == two.split
        and one.floats == two.floats
    )
    return (
        same and bool(set(one.phases) & set(two.phases)) and one.kva > 0 and two.kva > 0
    )


def _phases(draw: Draw, start: Spot) -> tuple[int, ...]:
    least = 2 if start.floats or start.split else 1
    count = len(start.phases)
    if count > least and draw.chance(0.3):
        count = int(draw.random.integers(least, count))
    return draw.some_of(start.phases, count)


def _line(
    draw: Draw,
    start: Spot,
    end: Spot,
    nodes: tuple[int, ...],
    longer: float = 1.0,
    capacitance_nf: float | None = None,
) -> str:
    """A line whose drop at full load is 0.3 to 3 per cent."""
    name = draw.name("l")
    kva = max(start.kva, 1.0)
    ohm = longer * draw.between(0.003, 0.03) * (start.kv_ln**2 * 3000 / kva)
    unit = draw.one_of(list(UNITS))
    length = float(f"{ohm / 0.7 * UNITS[unit]:.5g}")
    c_nf = capacitance_nf or (
        draw.between(5, 12) if start.kv_ln > 1 else draw.between(0, 300)
    )
    values = _matrices(draw, len(nodes), 1 / UNITS[unit], c_nf)
    if nodes == (1, 2, 3) and draw.chance(0.4):
        values = _sequence(draw, 1 / UNITS[unit], c_nf)
    ends = f"bus1={at(start.name, nodes)} bus2={at(end.name, nodes)}"
    draw.add(
        f"new line.{name} phases={len(nodes)} {ends} {values} units={unit} length={length} normamps=400"
    )
    return name


def _sequence(draw: Draw, per: float, c_nf: float) -> str:
    numbers = {"r1": 0.3, "x1": 0.6, "r0": 0.8, "x0": 1.8}
    told = [
        f"{key}={draw.between(0.7, 1.3) * value * per:.6g}"
        for key, value in numbers.items()
    ]
    return " ".join([*told, f"c1={c_nf * per:.6g}", f"c0={c_nf * per / 2:.6g}"])


def _matrices(draw: Draw, size: int, per: float, c_nf: float) -> str:
    r = _matrix(draw, size, 0.35, 0.1) * per
    x = _matrix(draw, size, 0.9, 0.35) * per
    c = _matrix(draw, size, c_nf, -c_nf / 6) * per
    return f"rmatrix={_text(r)} xmatrix={_text(x)} cmatrix={_text(c)}"


def _matrix(draw: Draw, size: int, own: float, mutual: float) -> np.ndarray:
    spread = draw.random.uniform(0.8, 1.2, (size, size))
    symmetric = (spread + spread.T) / 2
    return symmetric * np.where(np.eye(size, dtype=bool), own, mutual)


def _text(matrix: np.ndarray) -> str:
    rows = [
        " ".join(f"{value:.6g}" for value in row[: k + 1])
        for k, row in enumerate(matrix)
    ]
    return f"[{' | '.join(rows)}]"


def _switch_control(draw: Draw, line: str, size: int) -> str:
    state = draw.one_of(["open", "closed"])
    name = draw.name("ctl")
    kind = draw.one_of(
        ["swtcontrol", "swtcontrol", "swtcontrol", "recloser", "relay", "fuse"]
    )
    if kind == "swtcontrol":
        said = draw.one_of(
            [
                f"normal={state}",
                f"action={state}",
                f"state={state}",
                f"normal={state} state={state}",
                "",
            ]
        )
        lock = draw.one_of(["", "", " lock=yes"])
        return f"new swtcontrol.{name} switchedobj=line.{line} switchedterm=1 {said}{lock}".rstrip()
    said = draw.one_of(
        [
            f"normal={state}",
            f"state={state}",
            f"action={state}",
            f"normal={state} state={state}",
        ]
    )
    if kind == "fuse":
        # it has a state for each phase, and no action that a snapshot would see
        said = said.replace("action=", "normal=").replace(
            state, f"[{' '.join([state] * size)}]"
        )
    return f"new {kind}.{name} monitoredobj=line.{line} monitoredterm=1 {NEVER_TRIPS[kind]} {said}"
