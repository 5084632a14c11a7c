"""Lines, switches and two-winding transformers of a pandapower net.

A line with an open switch at one end keeps its charging: it runs to a bus of its own, and the switch stands between that bus
and the one it is parted from. Transformers follow pandapower's T model: half of the leakage impedance on either side of the
core, or as the leakage ratios say. A star-delta change turns it into a series impedance and one shunt at each end, which is
exact; the shunt of the low side is that of `Transformer`, that of the high side becomes a `Shunt` of its own. Source:
pandapower documentation, "Transformer", equations of the electric model.
"""

from __future__ import annotations

import cmath
import math
from dataclasses import dataclass, replace

from tieline.feeders.elements import Bus, Line, LineCode, Shunt, Transformer, Winding
from tieline.feeders.pandapower.net import ONE, TO_GROUND, Net, Row, kilo, number
from tieline.units import tidy

SWITCH_PU = 1e-12
"""Resistance of a switch, per unit of 1 MVA: pandapower joins its buses, and this is as good as nothing. A network raises it to what
double precision carries."""

SWITCH_RX = 2.0
"""Ratio of resistance to reactance of a switch whose `z_ohm` is given; pandapower's default."""

ANY_TAP = (0.5, 1.5, 32)
"""Range and steps of a tap changer about which the net says nothing."""


def read_lines(net: Net) -> tuple[list[Line], list[Bus]]:
    """Lines, open if out of service or open at both ends, and the buses at which lines open at one end stop."""
    leaky = [row for row in net.rows("line") if number(row, "g_us_per_km") != 0]
    if leaky:
        net.warn("LINE_CONDUCTANCE", "line", f"the shunt conductance of {len(leaky)} line(s) is left out.")
    codes: dict[tuple[float, ...], LineCode] = {}
    lines, stops = [], []
    for row in net.all_rows("line"):
        if net.has_buses(row):
            open_ends = _open_ends(net, row) if row["in_service"] else []
            line = _line(net, row, codes, closed=bool(row["in_service"]) and len(open_ends) < 2)
            if len(open_ends) == 1:
                line, stop, switch = _stop_short(net, line, open_ends[0])
                stops.append(stop)
                lines.append(switch)
            lines.append(line)
    return lines, stops


def _open_ends(net: Net, row: Row) -> list[str]:
    """Which ends of a line have an open switch."""
    open_at = net.open_switches("l").get(row["index"], set())
    return [end for end in ("from", "to") if row[f"{end}_bus"] in open_at]


def _stop_short(net: Net, line: Line, end: str) -> tuple[Line, Bus, Line]:
    """The line up to the open switch at that end, the bus where it stops, and the switch."""
    parted = line.from_bus if end == "from" else line.to_bus
    index = next(index for index, name in net.bus_names.items() if name == parted)
    stop = Bus(f"{line.name}_at_{parted}", ONE, net.kv(index))
    short = replace(line, from_bus=stop.name) if end == "from" else replace(line, to_bus=stop.name)
    code = _switch_code(f"switch_of_{stop.name}", 0.0, stop.kv_ll)
    return short, stop, Line(code.name, stop.name, parted, ONE, ONE, code, is_switch=True, closed=False)


def _line(net: Net, row: Row, codes: dict[tuple[float, ...], LineCode], closed: bool) -> Line:
    name, parallel = net.element_name("line", row), number(row, "parallel", 1.0)
    rating_a = number(row, "max_i_ka", math.nan) * 1e3 * number(row, "df", 1.0) * parallel
    return Line(
        name,
        net.bus_names[row["from_bus"]],
        net.bus_names[row["to_bus"]],
        ONE,
        ONE,
        _line_code(row, name, parallel, codes),
        length_km=number(row, "length_km"),
        rating_a=tidy(rating_a) if rating_a > 0 else None,
        closed=closed,
    )


def _line_code(row: Row, line: str, parallel: float, codes: dict[tuple[float, ...], LineCode]) -> LineCode:
    """The code of equal lines; named by standard type where that name is still free."""
    values = (
        number(row, "r_ohm_per_km") / parallel,
        number(row, "x_ohm_per_km") / parallel,
        number(row, "c_nf_per_km") * parallel,
    )
    if values not in codes:
        kind = row.get("std_type")
        wanted = "_".join(kind.lower().split()) if isinstance(kind, str) and kind.strip() else f"code_of_{line}"
        taken = {code.name for code in codes.values()}
        name = wanted if wanted not in taken else f"{wanted}_{len(codes)}"
        r, x, c = values
        codes[values] = LineCode(name, ((r,),), ((x,),), ((c,),))
    return codes[values]


def read_switches(net: Net) -> list[Line]:
    """Bus-bus switches."""
    rows = [row for row in net.all_rows("switch") if row["et"] == "b"]
    return [_switch(net, row) for row in rows if row["bus"] in net.bus_names and row["element"] in net.bus_names]


def _switch(net: Net, row: Row) -> Line:
    code = _switch_code(f"switch_{row['index']}", number(row, "z_ohm"), net.kv(row["bus"]))
    ends = net.bus_names[row["bus"]], net.bus_names[row["element"]]
    return Line(code.name, *ends, ONE, ONE, code, is_switch=True, closed=bool(row["closed"]))


def _switch_code(name: str, z_ohm: float, kv: float) -> LineCode:
    z = cmath.rect(z_ohm, math.atan2(1.0, SWITCH_RX)) if z_ohm > 0 else complex(tidy(SWITCH_PU * kv**2))
    return LineCode(name, ((z.real,),), ((z.imag,),), ((0.0,),))


@dataclass(frozen=True, slots=True)
class Ratio:
    """Turns ratios in per unit of rated at the two sides, and by how much the low side lags [deg]."""

    hv: float
    lv: float
    shift_deg: float


def read_transformers(net: Net) -> tuple[tuple[Transformer, ...], tuple[Shunt, ...]]:
    """Transformers in service, and the shunts that stand for the high-voltage half of their cores."""
    rows = [row for row in net.rows("trafo") if row["index"] not in net.open_switches("t")]
    dropped = len(net.all_rows("trafo")) - len(rows)
    if dropped:
        net.warn(
            "TRAFO_OPEN",
            "trafo",
            f"{dropped} transformer(s) out of service or open at an end are left out, with their core losses.",
        )
    pairs = [_transformer(net, row) for row in rows]
    return tuple(transformer for transformer, _ in pairs), tuple(shunt for _, shunt in pairs if shunt is not None)


def _transformer(net: Net, row: Row) -> tuple[Transformer, Shunt | None]:
    name, ratio = net.element_name("trafo", row), _ratio(net, row)
    kva = kilo(number(row, "sn_mva") * number(row, "parallel", 1.0))
    series_pu, hv_shunt_pu, lv_shunt_pu = _star_to_delta(row)
    hv_kv = number(row, "vn_hv_kv")
    windings = (
        _winding(net, row, "hv", kva, 100 * series_pu.real, ratio.hv),
        _winding(net, row, "lv", kva, 0.0, ratio.lv),
    )
    transformer = Transformer(
        name,
        1,
        windings,
        x_pct=(tidy(100 * series_pu.imag),),
        noload_loss_pct=tidy(100 * lv_shunt_pu.real),
        magnetizing_pct=tidy(-100 * lv_shunt_pu.imag),
        shift_deg=ratio.shift_deg,
        rating_kva=tidy(kva * number(row, "df", 1.0)),
    )
    if hv_shunt_pu == 0:
        return transformer, None
    power = tidy(hv_shunt_pu.real * kva), tidy(-hv_shunt_pu.imag * kva)
    return transformer, Shunt(f"core_of_{name}", windings[0].bus, TO_GROUND, "wye", hv_kv * ratio.hv, *power)


def _star_to_delta(row: Row) -> tuple[complex, complex, complex]:
    """Series impedance, high- and low-voltage shunt admittance, per unit of the transformer's own rating."""
    vk, vkr = number(row, "vk_percent") / 100, number(row, "vkr_percent") / 100
    r, x = vkr, math.copysign(math.sqrt(max(vk**2 - vkr**2, 0.0)), vk)
    g = number(row, "pfe_kw") / (number(row, "sn_mva") * 1e3)
    b = -math.sqrt(max((number(row, "i0_percent") / 100) ** 2 - g**2, 0.0))
    if g == 0 and b == 0:
        return complex(r, x), 0j, 0j
    r_hv, x_hv = r * number(row, "leakage_resistance_ratio_hv", 0.5), x * number(row, "leakage_reactance_ratio_hv", 0.5)
    z_hv, z_lv, z_core = complex(r_hv, x_hv), complex(r - r_hv, x - x_hv), 1 / complex(g, b)
    total = z_hv * z_lv + z_hv * z_core + z_lv * z_core
    return total / z_core, z_lv / total, z_hv / total


def _winding(net: Net, row: Row, side: str, kva: float, r_pct: float, tap: float) -> Winding:
    tap_min, tap_max, steps = _tap_range(row, side, tap)
    bus, kv = net.bus_names[row[f"{side}_bus"]], number(row, f"vn_{side}_kv")
    return Winding(bus, TO_GROUND, "wye", kv, kva, tidy(r_pct), tap, tap_min, tap_max, steps)


def _tap_range(row: Row, side: str, tap: float) -> tuple[float, float, int]:
    """Range of the tap changer if it is on this side and moves the ratio alone."""
    step, lowest, highest = number(row, "tap_step_percent") / 100, number(row, "tap_min"), number(row, "tap_max")
    if row.get("tap_side") == side and step > 0 and highest > lowest and number(row, "tap_step_degree") == 0:
        neutral = number(row, "tap_neutral")
        low, high = tidy(1 + (lowest - neutral) * step), tidy(1 + (highest - neutral) * step)
        if 0 < low <= tap <= high:
            return low, high, round(highest - lowest)
    return min(ANY_TAP[0], tap), max(ANY_TAP[1], tap), ANY_TAP[2]


def _ratio(net: Net, row: Row) -> Ratio:
    """Turns ratios and phase shift at the present tap positions of up to two tap changers."""
    ratio = {"hv": 1.0, "lv": 1.0}
    shift_deg = number(row, "shift_degree")
    if row.get("tap_dependency_table") is True:
        message = "its tap changer follows a table."
        net.refuse("TAP_TABLE", f"trafo {net.element_name('trafo', row)}", message, "State the ratio with tap_step_percent.")
    for changer in ("tap", "tap2"):
        side = row.get(f"{changer}_side")
        if side in ratio:
            factor, angle_deg = _tap_changer(row, changer)
            ratio[side] *= factor
            shift_deg += angle_deg if side == "hv" else -angle_deg
    return Ratio(tidy(ratio["hv"]), tidy(ratio["lv"]), tidy(shift_deg))


def _tap_changer(row: Row, changer: str) -> tuple[float, float]:
    """Ratio and angle [deg] of one tap changer: of voltage or, if "Ideal", of angle alone. Without a type it does not act."""
    kind = row.get(f"{changer}_changer_type")
    moved = number(row, f"{changer}_pos") - number(row, f"{changer}_neutral")
    step, degree = number(row, f"{changer}_step_percent") / 100, number(row, f"{changer}_step_degree")
    if kind == "Ideal":
        return 1.0, moved * degree if degree else math.degrees(2 * math.asin(moved * step / 2))
    if kind in ("Ratio", "Symmetrical"):
        turned = 1 + moved * step * cmath.exp(1j * math.radians(degree))
        return abs(turned), math.degrees(cmath.phase(turned))
    return 1.0, 0.0
