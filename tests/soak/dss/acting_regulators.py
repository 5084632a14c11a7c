"""`random_regulators(seed)`: one regulated place between two lines, with load and generation behind it, of random settings.

    source -- a -- regulators -- b -- line -- c

The place is one three-phase unit, in wye, in delta, stepping down or regulated from its first winding; three units, one for each
phase; two between phases (open delta); or two units in a row.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from soak.dss.draw import Draw
from soak.dss.script import Script
from tieline.units import SQRT3

HEAD = """clear
set defaultbasefrequency=60
new circuit.regulators bus1=src basekv=12.47 pu={pu} mvasc3=100 mvasc1=80
new line.l1 phases=3 bus1=src bus2=a r1=.5 x1=1 r0=1 x0=2 c1=10 c0=5 length=2"""
TAIL = "set voltagebases=[12.47 4.16]\ncalcvoltagebases"
WIDE = "vminpu=.5 vmaxpu=1.5"


@dataclass(frozen=True)
class Place:
    """What stands behind the regulators: rated kV between phases, whether a neutral is there, ratio of a transformer to 120 V."""

    kv: float = 12.47
    is_delta: bool = False
    pt_ratio: float = 60.0


def random_regulators(seed: int) -> Script:
    """The same seed gives the same circuit."""
    draw = Draw(np.random.default_rng(seed))
    kinds = [
        _wye,
        _delta,
        _first_winding,
        _step_down,
        _three_units,
        _open_delta,
        _in_a_row,
    ]
    place = draw.one_of(kinds)(draw)
    _add_what_is_behind(draw, place)
    return Script(HEAD.format(pu=draw.between(0.97, 1.04, 3)), tuple(draw.blocks), TAIL)


def _wye(draw: Draw) -> Place:
    place = Place()
    _add_unit(
        draw, place, f"conns=[wye wye] kvs=[12.47 12.47] xhl={draw.between(0.1, 2)}"
    )
    return place


def _delta(draw: Draw) -> Place:
    place = Place(is_delta=True, pt_ratio=104.0)
    first = draw.one_of(["delta", "wye"])
    _add_unit(
        draw,
        place,
        f"conns=[{first} delta] kvs=[12.47 12.47] xhl={draw.between(0.1, 2)}",
    )
    draw.add("new reactor.earth phases=3 bus1=b kv=12.47 kvar=5")
    return place


def _first_winding(draw: Draw) -> Place:
    place, first = Place(), draw.one_of(["delta", "wye"])
    unit = f"conns=[{first} wye] kvs=[12.47 12.47] xhl={draw.between(0.1, 2)}"
    _add_unit(
        draw, Place(pt_ratio=104.0 if first == "delta" else 60.0), unit, winding=1
    )
    return place


def _step_down(draw: Draw) -> Place:
    place = Place(kv=4.16, pt_ratio=20.0)
    highest = draw.one_of([1.1, 1.05])
    lowest = draw.one_of([round(2 - highest, 2), 0.95, 0.85])
    span = f"numtaps={draw.one_of([32, 16, 8])} maxtap={highest} mintap={lowest}"
    unit = f"conns=[delta wye] kvs=[12.47 4.16] xhl={draw.between(3, 7)} wdg=2 {span}"
    _add_unit(draw, place, unit)
    return place


def _three_units(draw: Draw) -> Place:
    place, settings = Place(), _settings(draw, Place(), winding=2, phases=1)
    for phase in (1, 2, 3):
        unit = f"buses=[a.{phase} b.{phase}] kvs=[7.2 7.2]"
        tap = 1 + 0.00625 * draw.one_of(range(-5, 6))
        name = draw.name("t")
        own = (
            settings
            if draw.chance(0.7)
            else _settings(draw, Place(), winding=2, phases=1)
        )
        draw.add(
            f"new transformer.{name} phases=1 {unit} kvas=[2000 2000] xhl=.5 %loadloss=.01 wdg=2 tap={tap}",
            f"new regcontrol.{name} transformer={name} {own}",
        )
    return place


def _open_delta(draw: Draw) -> Place:
    place = Place(is_delta=True, pt_ratio=104.0)
    draw.add(
        "new line.common phases=1 bus1=a.3 bus2=b.3 r1=1e-3 x1=1e-3 r0=1e-3 x0=1e-3 c1=0 c0=0"
    )
    for nodes in ("1.3", "2.3"):
        name = draw.name("t")
        unit = f"buses=[a.{nodes} b.{nodes}] conns=[delta delta] kvs=[12.47 12.47]"
        draw.add(
            f"new transformer.{name} phases=1 {unit} kvas=[2000 2000] xhl=.5 %loadloss=.01",
            f"new regcontrol.{name} transformer={name} {_settings(draw, place, winding=2, phases=1)}",
        )
    return place


def _in_a_row(draw: Draw) -> Place:
    place = Place()
    for buses in ("a m", "m b"):
        unit = f"conns=[wye wye] kvs=[12.47 12.47] xhl={draw.between(0.1, 2)}"
        _add_unit(draw, place, unit, buses=buses)
    return place


def _add_unit(
    draw: Draw, place: Place, unit: str, winding: int = 2, buses: str = "a b"
) -> None:
    name = draw.name("t")
    draw.add(
        f"new transformer.{name} phases=3 buses=[{buses}] kvas=[5000 5000] %loadloss=.01 {unit}",
        f"new regcontrol.{name} transformer={name} {_settings(draw, place, winding)}",
    )


def _settings(draw: Draw, place: Place, winding: int, phases: int = 3) -> str:
    words = [
        f"winding={winding} vreg={draw.between(118, 124, 2)} band={draw.between(1.5, 3, 2)}",
        f"ptratio={place.pt_ratio:g} delay={draw.one_of([15, 30])}",
        f"maxtapchange={draw.one_of([16, 16, 3, 1, 0])}",
    ]
    is_remote = draw.chance(0.15) and phases == 3
    if is_remote:
        nodes = draw.one_of(["1", "2", "3", "1.2", "2.3"])
        remote_ratio = place.pt_ratio * draw.one_of([1, 1, 1.05])
        words.append(f"bus=c.{nodes} remoteptratio={remote_ratio:g}")
        words.append(f"ptphase={draw.one_of([1, 1, 1, 3, 'max'])}")
    else:
        words.append(f"ptphase={draw.one_of([*range(1, phases + 1), 'max', 'min'])}")
    if draw.chance(0.5):
        rx = f"r={draw.between(-2, 5, 2)} x={draw.between(-2, 5, 2)}"
        words.append(f"ctprim={draw.one_of([50, 100, 300])} {rx}")
    if draw.chance(0.6):
        words.append(_reverse(draw))
    words += _further(draw, winding)
    return " ".join(words)


def _further(draw: Draw, winding: int) -> list[str]:
    """Words that few files have."""
    words = []
    if draw.chance(0.2):
        words.append(f"tapwinding={3 - winding}")
    if draw.chance(0.2):
        words.append(f"vlimit={draw.between(118, 126, 2)}")
    if draw.chance(0.2):
        by_magnitude = draw.between(0.5, 6, 2), draw.between(0, 4, 2)
        words.append("ctprim=100 ldc_z={} rev_z={}".format(*by_magnitude))
    if draw.chance(0.2):
        words.append("inversetime=yes")
    return words


def _reverse(draw: Draw) -> str:
    mode = draw.one_of(["reversible=yes", "cogen=yes", "reversible=yes cogen=yes"])
    waits = (
        f"revdelay={draw.one_of([10, 15, 30, 60])} tapdelay={draw.one_of([1, 15, 40])}"
    )
    words = [mode, f"revthreshold={draw.one_of([0, 50, 100, 500])} {waits}"]
    if draw.chance(0.7):
        words.append(
            f"revvreg={draw.between(117, 123, 2)} revband={draw.one_of([2, 3])}"
        )
    if draw.chance(0.4):
        words.append(f"revr={draw.between(-1, 3, 2)} revx={draw.between(-1, 3, 2)}")
    if draw.chance(0.3):
        words.append("revneutral=yes")
    return " ".join(words)


def _add_what_is_behind(draw: Draw, place: Place) -> None:
    length = 1 if place.kv > 5 else 0.1
    conn = "delta" if place.is_delta else "wye"
    behind = f"bus1=c conn={conn} kv={place.kv}"
    draw.add(
        f"new line.l2 phases=3 bus1=b bus2=c r1={draw.between(0.2, 1)} x1=1 r0=1 x0=2 c1=10 c0=5 length={length}"
    )
    draw.add(
        f"new load.x {behind} kw={draw.between(0, 2500)} kvar={draw.between(0, 800)} {WIDE}"
    )
    if not place.is_delta:
        leg = f"bus1=c.{draw.one_of([1, 2, 3])} phases=1 kv={place.kv / SQRT3:.5f}"
        draw.add(
            f"new load.y {leg} kw={draw.between(0, 500)} kvar={draw.between(0, 100)} {WIDE}"
        )
    if draw.chance(0.6):
        power = f"kw={draw.between(0, 4000)} kvar={draw.between(-500, 500)}"
        draw.add(f"new generator.g {behind} {power} {WIDE}")
