"""Extended wards of a pandapower net: a ward, and beside it a voltage that is held behind an impedance.

The held voltage stands at a bus of its own, by a generator without active power whose reactive power has no limit.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from tieline.feeders.elements import Bus, Generator, Line, LineCode
from tieline.feeders.pandapower.net import ONE, TO_GROUND, Net, Row, number
from tieline.units import tidy

IDLE_KVA = 1.0
"""Rating of what gives no active power: an element needs one, and nothing is measured against it."""


@dataclass
class Xwards:
    """What the voltages behind impedances become; `devices` reads the rest of them as wards."""

    buses: list[Bus] = field(default_factory=list)
    lines: list[Line] = field(default_factory=list)
    generators: list[Generator] = field(default_factory=list)


def read_xwards(net: Net) -> Xwards:
    """All of them that are in service."""
    result = Xwards()
    for row in net.rows("xward"):
        name = net.element_name("xward", row)
        kv = net.kv(row["bus"])
        inner = Bus(net.made_up_name("bus", f"{name}_inner"), ONE, kv)
        holder = Generator(
            net.made_up_name("gen", name),
            inner.name,
            TO_GROUND,
            "wye",
            kv,
            rated_kva=IDLE_KVA,
            held_v_pu=number(row, "vm_pu"),
            controllable=False,
        )
        result.buses.append(inner)
        result.lines.append(_line(net, name, row, inner))
        result.generators.append(holder)
    return result


def _line(net: Net, name: str, row: Row, inner: Bus) -> Line:
    code = LineCode(
        net.made_up_name("line_code", name),
        r_ohm_per_km=((tidy(number(row, "r_ohm")),),),
        x_ohm_per_km=((tidy(number(row, "x_ohm")),),),
        c_nf_per_km=((0.0,),),
    )
    line_name = net.made_up_name("line", f"{name}_impedance")
    return Line(line_name, net.bus_names[row["bus"]], inner.name, ONE, ONE, code)
