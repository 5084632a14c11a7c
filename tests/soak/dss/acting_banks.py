"""`random_banks(seed)`: two lines and one to three banks, whose random controls meet in each other's voltages and currents."""

from __future__ import annotations

import numpy as np

from soak.dss.draw import Draw
from soak.dss.script import Script

HEAD = """clear
set defaultbasefrequency=60
new circuit.banks bus1=src basekv=12.47 pu=1.0 mvasc3=100 mvasc1=80
new line.l1 phases=3 bus1=src bus2=a r1=.5 x1=1 r0=1 x0=2 c1=10 c0=5 length=4
new line.l2 phases=3 bus1=b bus2=a r1=.5 x1=1 r0=1 x0=2 c1=10 c0=5 length=4
new transformer.t buses=[b low] conns=[delta wye] kvs=[12.47 0.48] kvas=[1500 1500] xhl=5"""
TAIL = "set voltagebases=[12.47 0.48]\ncalcvoltagebases"
WIDE = "vminpu=.7 vmaxpu=1.3"

METERS = (
    "line.l1 terminal=1",
    "line.l1 terminal=2",
    "line.l2 terminal=1",
    "line.l2 terminal=2",
)
ACROSS = "transformer.t terminal=1"


def random_banks(seed: int) -> Script:
    """Banks of one to four steps in wye or delta, whose controls go by all that there is, with override and dead time."""
    draw = Draw(np.random.default_rng(seed))
    draw.add(
        f"new load.x bus1=b kv=12.47 kw={draw.between(0, 1500)} kvar={draw.between(-300, 1200)} {WIDE}"
    )
    draw.add(
        f"new load.y bus1=b.2 phases=1 kv=7.2 kw={draw.between(0, 500)} kvar={draw.between(0, 300)} {WIDE}"
    )
    draw.add(
        f"new load.z bus1=low kv=.48 kw={draw.between(0, 600)} kvar={draw.between(0, 300)} {WIDE}"
    )
    for _ in range(draw.one_of([1, 2, 3])):
        _add_bank(draw)
    return Script(HEAD, tuple(draw.blocks), TAIL)


def _add_bank(draw: Draw) -> None:
    name, bus = draw.name("c"), draw.one_of(["a", "b"])
    place = draw.one_of(
        [
            f"{bus} phases=3 kv=12.47",
            f"{bus} phases=3 kv=12.47",
            f"{bus}.{draw.one_of([1, 2, 3])} phases=1 kv=7.2",
            f"{bus} phases=3 conn=delta kv=12.47",
        ]
    )
    steps = 1 if "delta" in place else draw.one_of([1, 1, 2, 3, 4])
    sizes = [draw.between(50, 300)] * steps
    steps_in = draw.one_of(range(steps + 1))
    states = [1] * steps_in + [0] * (steps - steps_in)
    if draw.chance(0.1):
        states.reverse()  # OpenDSS counts from the last step in, which a note says
    start = "" if draw.chance(0.3) else f"states={_array(states)}"
    bank = f"new capacitor.{name} bus1={place} numsteps={steps} kvar={_array(sizes)} {start}".rstrip()
    draw.add(
        bank, f"new capcontrol.{name} capacitor={name} {_control(draw, name, place)}"
    )


def _array(values: list[float] | list[int]) -> str:
    return f"[{' '.join(map(str, values))}]"


def _control(draw: Draw, bank: str, place: str) -> str:
    kind = draw.one_of(["voltage", "kvar", "current", "powerfactor", "time"])
    one = draw.one_of([1, 2, 3])
    pt_phase, ct_phase = one, one
    if draw.chance(0.3):
        pt_phase = draw.one_of([1, 2, 3, "avg", "max", "min"])
        ct_phase = draw.one_of([1, 2, 3, "avg", "max", "min"])
    meters = [*METERS, ACROSS]
    if "phases=3" in place:
        meters += [f"capacitor.{bank}"] * 2
    on_v = draw.between(112, 122)
    off_v = round(on_v + draw.between(2, 6), 4)
    settings = {
        "voltage": f"onsetting={on_v} offsetting={off_v} ptratio={draw.one_of([60, 60, 104])}",
        "kvar": f"onsetting={draw.between(50, 400)} offsetting={draw.between(-400, 50)}",
        "current": f"onsetting={draw.between(1, 60)} offsetting={draw.between(0.1, 10)} ctratio={draw.one_of([1, 20])}",
        "powerfactor": draw.one_of(
            [
                "",
                f"onsetting={draw.between(0.8, 0.98)} offsetting={draw.one_of([1.0, -0.98, -0.9])}",
                f"onsetting={draw.between(0.8, 0.98)} offsetting=0.995 pctminkvar={draw.one_of([0, 30, 80])}",
            ]
        ),
        "time": f"onsetting={draw.one_of([0, 6, 20])} offsetting={draw.one_of([0, 8, 22])}",
    }
    waits = f"delay={draw.one_of([15, 30, 45])} delayoff={draw.one_of([15, 30])}"
    return " ".join(
        [
            f"element={draw.one_of(meters)} type={kind} {settings[kind]}",
            f"ctphase={ct_phase} ptphase={pt_phase} {waits}",
            # at a clock that is overridden the engine writes beyond its memory
            _override(draw) if kind != "time" else "",
            draw.one_of(["", "deadtime=0", "deadtime=20", "deadtime=300"]),
        ]
    )


def _override(draw: Draw) -> str:
    if draw.chance(0.6):
        return ""
    # not by another bus: looking for it the engine may end its process
    band = f"vmin={draw.between(108, 117)} vmax={draw.between(121, 127)}"
    return f"voltoverride=yes {band} ptratio=60"
