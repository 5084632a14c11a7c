"""`random_script(seed)`: a random multi-phase feeder as an OpenDSS script.

    source -- regulators, switches, lines of one to three phases and a neutral, transformers of two to four windings -- devices

Every voltage level is far from the others, since the engine finds the base of a bus by its voltage. Devices on a part that
nothing ties to ground hang between phases: to ground, their voltage would be whatever the iteration leaves.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from soak.dss.controls import add_capacitor_control, add_regulator
from soak.dss.devices import (
    add_capacitor,
    add_current_source,
    add_generator,
    add_load,
    add_pv,
    add_shunt,
    add_storage,
)
from soak.dss.draw import Draw, Spot
from soak.dss.lines import (
    add_dead_end,
    add_line,
    add_loop,
    add_neutral_path,
    add_switch,
)
from soak.dss.script import Script
from soak.dss.transformers import add_one_phase, add_split_phase, add_three_phase
from tieline.units import SQRT3

SOURCE_KV = (11.0, 12.47, 24.9, 33.0)
SOURCE_KVA = 2500.0

BRANCHES: dict[Callable[[Draw, Spot], object], float] = {
    add_line: 6,
    add_three_phase: 3,
    add_one_phase: 1,
    add_split_phase: 1.5,
    add_switch: 1,
    add_regulator: 1,
    add_dead_end: 0.5,
    add_neutral_path: 0.7,
}
DEVICES: dict[Callable[[Draw, Spot], object], float] = {
    add_load: 8,
    add_pv: 1.5,
    add_storage: 1,
    add_generator: 1,
    add_capacitor: 1,
    add_shunt: 0.5,
    add_current_source: 0.7,
}


def random_script(seed: int) -> Script:
    """A feeder of 3 to 20 branches; the same seed gives the same text."""
    draw = Draw(np.random.default_rng(seed))
    frequency = draw.one_of([50, 60])
    head = f"clear\nset defaultbasefrequency={frequency}\n{_source(draw, seed)}"
    for _ in range(int(draw.random.integers(3, 21))):
        _drawn(draw, BRANCHES)(draw, _alive(draw))
    for _ in range(draw.one_of([0, 0, 1, 2])):
        add_loop(draw)
    for _ in range(int(draw.random.integers(2, 15))):
        _drawn(draw, DEVICES)(draw, _alive(draw))
    _capacitor_controls(draw)
    bases = " ".join(f"{kv:.6g}" for kv in sorted(draw.bases_kv))
    tail = f"set voltagebases=[{bases}]\ncalcvoltagebases"
    return Script(head, tuple(draw.blocks), tail, frozenset(draw.floating))


def _source(draw: Draw, seed: int) -> str:
    kv = draw.one_of(SOURCE_KV)
    draw.settle(Spot("src", (1, 2, 3), kv / SQRT3, SOURCE_KVA))
    behind = f"mvasc3={draw.between(50, 400, 1)} mvasc1={draw.between(40, 300, 1)}"
    if draw.chance(0.4):
        behind = f"z1=[{draw.between(0.05, 0.5)} {draw.between(0.3, 1.5)}] z0=[{draw.between(0.1, 1)} {draw.between(0.5, 3)}]"
    return (
        f"new circuit.random{seed} bus1=src basekv={kv} pu={draw.between(0.98, 1.05)} "
        f"angle={draw.one_of([0, 30, -12])} {behind}"
    )


def _drawn(
    draw: Draw, weights: dict[Callable[[Draw, Spot], object], float]
) -> Callable[[Draw, Spot], object]:
    share = np.array(list(weights.values()))
    return list(weights)[int(draw.random.choice(len(share), p=share / share.sum()))]


def _alive(draw: Draw) -> Spot:
    """A bus that can carry something, the last ones as likely as all others together."""
    spots = [spot for spot in draw.spots if spot.kva > 0]
    return draw.one_of(spots[-3:]) if draw.chance(0.5) else draw.one_of(spots)


def _capacitor_controls(draw: Draw) -> None:
    lines = [
        block.split()[1].removeprefix("line.")
        for block in draw.blocks
        if block.startswith("new line.l")
    ]
    if lines and draw.chance(0.3):
        add_capacitor_control(draw, _alive(draw), draw.one_of(lines))
