"""Impedances of a pandapower net, in per unit of a rating: lines, or transformers where they join two voltage levels.

What they have to ground at either end is a shunt there. One that is not the same in both directions is refused: no line is so.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

from tieline.feeders.elements import Line, LineCode, Shunt, Transformer, Winding
from tieline.feeders.pandapower.net import ONE, TO_GROUND, Net, Row, kilo, number
from tieline.units import tidy

ALIKE = 1e-9
"""Largest difference of both directions, as a part of the impedance, that is rounding."""


@dataclass
class Impedances:
    """What impedances become."""

    lines: list[Line] = field(default_factory=list)
    transformers: list[Transformer] = field(default_factory=list)
    shunts: list[Shunt] = field(default_factory=list)


def read_impedances(net: Net) -> Impedances:
    """All of them that are in service."""
    result = Impedances()
    for row in net.rows("impedance"):
        name = net.element_name("impedance", row)
        _refuse_one_way(net, name, row)
        result.shunts += _shunts(net, name, row)
        kv_from, kv_to = (net.kv(row[f"{end}_bus"]) for end in ("from", "to"))
        if kv_from == kv_to:
            result.lines.append(_line(net, name, row, kv_from))
        else:
            result.transformers.append(_transformer(net, name, row))
    return result


def _refuse_one_way(net: Net, name: str, row: Row) -> None:
    forth = _pu(row, "ft")
    back = _pu(row, "tf")
    if abs(forth - back) > ALIKE * abs(forth):
        message = f"its impedance is {forth:.6g} pu in one direction and {back:.6g} pu in the other, which no line is."
        remedy = "Give it the same rft_pu and rtf_pu, xft_pu and xtf_pu."
        net.refuse("IMPEDANCE_ONE_WAY", f"impedance {name}", message, remedy)
    elif forth == 0:
        remedy = "Join its buses by a switch."
        net.refuse("NUMBER", f"impedance {name}", "it has no impedance.", remedy)


def _pu(row: Row, direction: str) -> complex:
    return complex(number(row, f"r{direction}_pu"), number(row, f"x{direction}_pu"))


def _line(net: Net, name: str, row: Row, kv: float) -> Line:
    z_ohm = _pu(row, "ft") * kv**2 / number(row, "sn_mva")
    line_name = net.made_up_name("line", name)
    code = LineCode(
        net.made_up_name("line_code", name),
        r_ohm_per_km=((tidy(z_ohm.real),),),
        x_ohm_per_km=((tidy(z_ohm.imag),),),
        c_nf_per_km=((0.0,),),
    )
    from_bus = net.bus_names[row["from_bus"]]
    to_bus = net.bus_names[row["to_bus"]]
    return Line(line_name, from_bus, to_bus, ONE, ONE, code)


def _transformer(net: Net, name: str, row: Row) -> Transformer:
    """Between two levels, with the ratio of their nominal voltages."""
    kva = kilo(number(row, "sn_mva"))
    percent = 100 * _pu(row, "ft")
    windings = tuple(
        Winding(
            net.bus_names[row[f"{end}_bus"]],
            TO_GROUND,
            "wye",
            net.kv(row[f"{end}_bus"]),
            kva,
            # in one phase only the sum of both resistances matters
            r_pct=tidy(percent.real / 2),
        )
        for end in ("from", "to")
    )
    return Transformer(
        net.made_up_name("trafo", name), 1, windings, x_pct=(tidy(percent.imag),)
    )


def _shunts(net: Net, name: str, row: Row) -> Iterator[Shunt]:
    kva = kilo(number(row, "sn_mva"))
    for end in ("from", "to"):
        letter = end[0]
        p_kw = tidy(number(row, f"g{letter}_pu") * kva)
        q_kvar = tidy(-number(row, f"b{letter}_pu") * kva)
        if p_kw == 0 and q_kvar == 0:
            continue
        yield Shunt(
            net.made_up_name("shunt", f"{name}_{end}"),
            net.bus_names[row[f"{end}_bus"]],
            TO_GROUND,
            "wye",
            net.kv(row[f"{end}_bus"]),
            p_kw,
            q_kvar,
            is_loss=True,
        )
