"""Lines and bus-bus switches of a pandapower net.

A line with an open switch at one end keeps its charging: it runs to a bus of its own, and the switch stands between that bus
and the one it is parted from. So does a line that ends at a bus out of service, without a switch. A closed switch without
impedance stays an element, because studies open it; its impedance is next to nothing.
"""

from __future__ import annotations

import cmath
import math
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from functools import partial

from tieline.feeders.elements import Bus, Line, LineCode, Shunt
from tieline.feeders.pandapower.net import ONE, TO_GROUND, Net, Row, kilo, number
from tieline.feeders.pandapower.options import Options
from tieline.units import tidy

SWITCH_PU = 1e-12
"""Resistance of a switch, per unit of 1 MVA: pandapower joins its buses, and this is as good as nothing. A network raises it to
what double precision carries (`feeders.smallest`)."""

REFERENCE_CELSIUS = 20.0
"""Temperature at which nets state the resistance."""

USUAL_ALPHA = 4e-3
"""Rise of the resistance where a net does not state it [1/K]. Source: pandapower documentation, "runpp"."""


@dataclass
class Lines:
    """What lines become: themselves and the switches at their open ends, the buses where they stop there, and what leaks from
    them to ground.
    """

    lines: list[Line] = field(default_factory=list)
    stops: list[Bus] = field(default_factory=list)
    leaks: list[Shunt] = field(default_factory=list)


def read_lines(net: Net, options: Options) -> Lines:
    """All of them, open if out of service or open at both ends."""
    codes: dict[tuple[float, ...], LineCode] = {}
    result = Lines()
    for row in net.all_rows("line"):
        code_of_row = partial(_line_code, net, row, codes, options)
        if net.has_buses(row):
            line = _between_buses(net, row, code_of_row(), options, result)
        elif stop := _stop_before_dead_bus(net, row, options):
            result.stops.append(stop)
            line = _line(net, row, code_of_row(), True, stop.name)
        else:
            continue
        result.lines.append(line)
        if line.closed:
            result.leaks += _leaks(net, row, line)
    return result


def _between_buses(
    net: Net, row: Row, code: LineCode, options: Options, result: Lines
) -> Line:
    """A line whose buses are both in service, up to a switch that is open at one end."""
    open_ends = _open_ends(net, row) if row["in_service"] else []
    is_parted = bool(open_ends) and options.drop_open_lines
    is_open = len(open_ends) == 2 or is_parted
    line = _line(net, row, code, bool(row["in_service"]) and not is_open)
    # pandapower puts a bus of its own behind such a switch, and so does this
    if len(open_ends) == 1 and not is_open:
        line, stop, switch = _stop_short(net, line, row, open_ends[0], options)
        result.stops.append(stop)
        result.lines.append(switch)
    return line


def _leaks(net: Net, row: Row, line: Line) -> Iterator[Shunt]:
    """Half of a line's conductance at each of its ends."""
    siemens_per_km = number(row, "g_us_per_km") * 1e-6
    if siemens_per_km == 0:
        return
    siemens = siemens_per_km * number(row, "length_km") * number(row, "parallel", 1.0)
    end = "from" if row["from_bus"] in net.bus_names else "to"
    kv = net.kv(row[f"{end}_bus"])
    half_kw = tidy(kilo(siemens * kv**2) / 2)
    for bus in (line.from_bus, line.to_bus):
        name = net.made_up_name("shunt", f"leak_of_{line.name}")
        yield Shunt(name, bus, TO_GROUND, "wye", kv, half_kw, 0.0, is_loss=True)


def _stop_before_dead_bus(net: Net, row: Row, options: Options) -> Bus | None:
    """Where a line in service stops whose one end is at a bus out of service; None if it is charged from neither end."""
    live = [end for end in ("from", "to") if row[f"{end}_bus"] in net.bus_names]
    open_ends = _open_ends(net, row)
    if (
        not row["in_service"]
        or len(live) != 1
        or live[0] in open_ends
        or (open_ends and options.drop_open_lines)
    ):
        return None
    name = net.made_up_name("bus", f"end_of_{net.element_name('line', row)}")
    return Bus(name, ONE, net.kv(row[f"{live[0]}_bus"]))


def _open_ends(net: Net, row: Row) -> list[str]:
    """Which ends of a line have an open switch."""
    open_at = net.open_switches["l"].get(row["index"], set())
    return [end for end in ("from", "to") if row[f"{end}_bus"] in open_at]


def _stop_short(
    net: Net, line: Line, row: Row, end: str, options: Options
) -> tuple[Line, Bus, Line]:
    """The line up to the open switch at that end, the bus where it stops, and the switch."""
    index = row[f"{end}_bus"]
    parted = net.bus_names[index]
    stop_name = net.made_up_name("bus", f"{line.name}_at_{parted}")
    stop = Bus(stop_name, ONE, net.kv(index))
    short = replace(line, **{f"{end}_bus": stop.name})
    name = net.made_up_name("line", f"switch_of_{stop.name}")
    code = _switch_code(net, name, 0.0, stop.kv_ll, options)
    switch = Line(name, stop.name, parted, ONE, ONE, code, is_switch=True, closed=False)
    return short, stop, switch


def _line(net: Net, row: Row, code: LineCode, closed: bool, stop: str = "") -> Line:
    """The line between its buses; `stop` stands for one that is out of service."""
    start, end = (
        net.bus_names.get(row[column], stop) for column in ("from_bus", "to_bus")
    )
    rating_a = (
        number(row, "max_i_ka", math.nan)
        * 1e3
        * number(row, "df", 1.0)
        * number(row, "parallel", 1.0)
    )
    return Line(
        net.element_name("line", row),
        start,
        end,
        ONE,
        ONE,
        code,
        length_km=number(row, "length_km"),
        rating_a=tidy(rating_a) if rating_a > 0 else None,
        closed=closed,
    )


def _line_code(
    net: Net, row: Row, codes: dict[tuple[float, ...], LineCode], options: Options
) -> LineCode:
    """The code of equal lines; named by standard type where that name is still free."""
    # 0 is refused with all else that is wrong
    parallel = number(row, "parallel", 1.0) or 1.0
    r = number(row, "r_ohm_per_km") * _heating(net, row, options) / parallel
    # systems side by side share the impedance, and their charging adds up
    values = (
        r,
        number(row, "x_ohm_per_km") / parallel,
        number(row, "c_nf_per_km") * parallel,
    )
    if values not in codes:
        kind = row.get("std_type")
        has_kind = isinstance(kind, str) and bool(kind.strip())
        base = f"code_of_{net.element_name('line', row)}"
        if has_kind:
            base = "_".join(str(kind).lower().split())
        r, x, c = values
        name = net.made_up_name("line_code", base)
        codes[values] = LineCode(name, ((r,),), ((x,),), ((c,),))
    return codes[values]


def _heating(net: Net, row: Row, options: Options) -> float:
    """How far the resistance rises with the temperature of the line, if the net asks for it."""
    if not options.consider_line_temperature:
        return 1.0
    celsius = number(row, "temperature_degree_celsius", math.nan)
    if not math.isfinite(celsius):
        message = (
            "consider_line_temperature is set, but temperature_degree_celsius is empty."
        )
        net.refuse(
            "NUMBER",
            f"line {net.element_name('line', row)}",
            message,
            "State the temperature of the line.",
        )
        return 1.0
    alpha = number(row, "alpha", 0.0) if "alpha" in row else USUAL_ALPHA
    return 1 + alpha * (celsius - REFERENCE_CELSIUS)


def read_switches(net: Net, options: Options) -> list[Line]:
    """Bus-bus switches."""
    rows = [row for row in net.all_rows("switch") if row["et"] == "b"]
    return [
        _switch(net, row, options)
        for row in rows
        if row["bus"] in net.bus_names and row["element"] in net.bus_names
    ]


def _switch(net: Net, row: Row, options: Options) -> Line:
    name = net.made_up_name("line", f"switch_{row['index']}")
    code = _switch_code(net, name, number(row, "z_ohm"), net.kv(row["bus"]), options)
    ends = net.bus_names[row["bus"]], net.bus_names[row["element"]]
    rating_a = number(row, "in_ka", math.nan) * 1e3
    return Line(
        name,
        *ends,
        ONE,
        ONE,
        code,
        rating_a=tidy(rating_a) if rating_a > 0 else None,
        is_switch=True,
        closed=bool(row["closed"]),
    )


def _switch_code(
    net: Net, switch: str, z_ohm: float, kv: float, options: Options
) -> LineCode:
    z = complex(tidy(SWITCH_PU * kv**2))
    if z_ohm > 0:
        # the option is the ratio R/X of an impedance of which the net states the size
        z = cmath.rect(z_ohm, math.atan2(1.0, options.switch_rx))
    name = net.made_up_name("line_code", switch)
    return LineCode(name, ((z.real,),), ((z.imag,),), ((0.0,),))
