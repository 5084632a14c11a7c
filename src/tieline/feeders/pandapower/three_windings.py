"""Three-winding transformers of a pandapower net, as `runpp` has them: three of two windings that meet in a star point.

The star point is a bus of its own at the voltage of the high side. The leakages of the pairs hv-mv, mv-lv and hv-lv, each in
percent of the smaller rating of its two, give those of the three legs by

    z_hv = (z_hv_mv + z_hv_lv - z_mv_lv) / 2

and so on; one of them may be below zero. The core stands in the leg of its `loss_side`, or at the star point. A tap changer at
the star point is one at the inner end of its leg. Source: pandapower documentation, "Three Winding Transformer".
"""

from __future__ import annotations

import cmath
import math
from collections.abc import Iterator
from dataclasses import dataclass, field

from tieline.feeders.elements import Bus, Shunt, Transformer
from tieline.feeders.pandapower.net import (
    ONE,
    TO_GROUND,
    Net,
    Row,
    is_empty,
    kilo,
    number,
)
from tieline.feeders.pandapower.options import Options
from tieline.feeders.pandapower.tap_tables import (
    ANGLE,
    RATIO,
    at_position,
    follows_table,
)
from tieline.feeders.pandapower.transformers import Unit, make_units
from tieline.units import tidy

SIDES = ("hv", "mv", "lv")
PAIRS = (("hv", "mv"), ("mv", "lv"), ("hv", "lv"))
"""Between which windings vk_hv_percent, vk_mv_percent and vk_lv_percent are measured."""

STAR = "star"


@dataclass
class ThreeWindings:
    """What such transformers become."""

    buses: list[Bus] = field(default_factory=list)
    transformers: list[Transformer] = field(default_factory=list)
    shunts: list[Shunt] = field(default_factory=list)


def read_three_windings(net: Net, options: Options) -> ThreeWindings:
    """All of them that are in service."""
    result = ThreeWindings()
    for row in net.rows("trafo3w"):
        name = net.element_name("trafo3w", row)
        row_at_tap = at_position(net, f"trafo3w {name}", row)
        star = Bus(net.made_up_name("bus", f"{name}_star"), ONE, net.kv(row["hv_bus"]))
        transformers, shunts = make_units(
            net, _legs(net, name, row_at_tap, star.name, options), options
        )
        result.buses.append(star)
        result.transformers += transformers
        result.shunts += shunts
        if _loss_side(row, options) == STAR:
            result.shunts += _core_at_star(net, name, row, star)
    return result


def _legs(net: Net, name: str, row: Row, star: str, options: Options) -> Iterator[Unit]:
    """The three transformers; the high leg has its low side at the star, the others their high side."""
    open_at = net.open_switches["t3"].get(row["index"], set())
    impedances = _leg_impedances(row)
    for side in SIDES:
        leg = {
            **_rated(row, side),
            **_voltages(impedances[side]),
            **_core(row, side, options),
            **_tap(net, f"trafo3w {name}", row, side),
        }
        bus = net.bus_names[row[f"{side}_bus"]]
        ends = (bus, star) if side == "hv" else (star, bus)
        is_open = row[f"{side}_bus"] in open_at
        outer = "hv" if side == "hv" else "lv"
        yield Unit(
            net.made_up_name("trafo", f"{name}_{side}"),
            f"trafo3w {name}",
            leg,
            *ends,
            frozenset({outer} if is_open else ()),
        )


def _leg_impedances(row: Row) -> dict[str, complex]:
    """Leakage of each leg, per unit of its own rating."""
    of_pair = {}
    for side, pair in zip(SIDES, PAIRS, strict=True):
        rated_mva = min(number(row, f"sn_{one}_mva") for one in pair)
        size = number(row, f"vk_{side}_percent") / 100
        real = number(row, f"vkr_{side}_percent") / 100
        reactance = math.sqrt(max(size**2 - real**2, 0.0))
        of_pair[pair] = complex(real, reactance) / rated_mva
    to_mv, between, to_lv = (of_pair[pair] for pair in PAIRS)
    legs = {
        "hv": to_mv + to_lv - between,
        "mv": between + to_mv - to_lv,
        "lv": to_lv + between - to_mv,
    }
    return {side: leg / 2 * number(row, f"sn_{side}_mva") for side, leg in legs.items()}


def _rated(row: Row, side: str) -> Row:
    return {
        "sn_mva": number(row, f"sn_{side}_mva"),
        "vn_hv_kv": number(row, "vn_hv_kv"),
        "vn_lv_kv": number(row, f"vn_{side}_kv"),
        "shift_degree": 0.0 if side == "hv" else number(row, f"shift_{side}_degree"),
    }


def _voltages(impedance: complex) -> Row:
    """Short-circuit voltages; below zero for a reactance below zero."""
    size = math.copysign(abs(impedance), impedance.imag)
    return {"vk_percent": 100 * size, "vkr_percent": 100 * impedance.real}


def _loss_side(row: Row, options: Options) -> str:
    return str(row.get("loss_side", options.three_winding_losses)).lower()


def _core(row: Row, side: str, options: Options) -> Row:
    if _loss_side(row, options) != side:
        return {}
    return {column: number(row, column) for column in ("pfe_kw", "i0_percent")}


def _tap(net: Net, where: str, row: Row, side: str) -> Row:
    """Columns of the tap changer, if it is on this side."""
    if row.get("tap_side") != side:
        return {}
    columns = [column for column in row if column.startswith("tap_")]
    tap = {column: row[column] for column in (*columns, RATIO, ANGLE) if column in row}
    is_at_star = bool(row.get("tap_at_star_point", False))
    is_outer_hv = side == "hv"
    tap["tap_side"] = "hv" if is_outer_hv != is_at_star else "lv"
    if is_at_star:
        tap |= _seen_from_star(net, where, row)
    return tap


def _seen_from_star(net: Net, where: str, row: Row) -> Row:
    """The same changer at the inner end of its leg: its ratio upside down."""
    if follows_table(row):
        return {RATIO: 1 / row[RATIO], ANGLE: -row[ANGLE]}
    if row.get("tap_changer_type") == "Ideal":
        message = "an ideal phase shifter at its star point has no answer in runpp."
        net.refuse("TAP_STAR", where, message, "State it at the terminals.")
        return {}
    if is_empty(row.get("tap_step_degree")) and row.get("tap_changer_type") is not None:
        message = "tap_step_degree is empty, which counts as 0; in runpp such a changer at the star point does nothing."
        net.warn("TAP_STAR", where, message, "State it.")
    step = number(row, "tap_step_percent") / 100
    turned = step * cmath.exp(1j * math.radians(number(row, "tap_step_degree")))
    steps = number(row, "tap_pos") - number(row, "tap_neutral")
    # one plus that many of these is one over one plus that many steps
    inverse = -turned / (1 + turned * steps)
    return {
        "tap_step_percent": 100 * abs(inverse),
        "tap_step_degree": math.degrees(cmath.phase(inverse)),
    }


def _core_at_star(net: Net, name: str, row: Row, star: Bus) -> Iterator[Shunt]:
    """No-load loss and magnetising current as a shunt at the star point."""
    p_kw = number(row, "pfe_kw")
    kva = kilo(number(row, "sn_hv_mva")) * number(row, "i0_percent") / 100
    if p_kw == 0 and kva == 0:
        return
    q_kvar = math.sqrt(max(kva**2 - p_kw**2, 0.0))
    yield Shunt(
        net.made_up_name("shunt", f"core_of_{name}"),
        star.name,
        TO_GROUND,
        "wye",
        number(row, "vn_hv_kv"),
        p_kw=tidy(p_kw),
        q_kvar=tidy(q_kvar),
        is_loss=True,
    )
