"""`Circuit`: a transformer of two windings as power-grid-model works with it, and that of each leg of one of three windings.

    Z = pk / sn + j sqrt(uk^2 - (pk / sn)^2)        Y = p0 / sn - j sqrt(i0^2 - (p0 / sn)^2)

per unit of the rating at the rated voltages with their taps, half of Y on either side. Between the ends of the tap changer uk and
pk go straight from the value at one end over the nominal one to that at the other. A unit of three windings is a star of three
units around a bus of its own at the voltage of side 1, with its core beside the first of them.

Source: power-grid-model documentation, "Transformer" and "Three-Winding Transformer", and their classes in its C++ core.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass

from tieline.feeders.power_grid_model.grid import Grid
from tieline.feeders.power_grid_model.rows import Row
from tieline.units import tidy

WYE_N = 1
"""A star whose point is earthed. Source: power-grid-model, `WindingType`."""

HOURS = 12
"""Of the clock by which vector groups state the phase shift."""


@dataclass(frozen=True, slots=True)
class Side:
    """One side: its bus with rated voltage [kV], the winding and its rated voltage [kV] and tap, and the impedance from its star
    point to earth [ohm].
    """

    bus: str
    bus_kv: float
    kind: int
    kv: float
    tap: float
    tap_range: tuple[float, float]
    is_closed: bool
    earthing_ohm: complex


@dataclass(frozen=True, slots=True)
class Circuit:
    """A transformer of two windings; `clock` is by how many hours the second side lags. Impedance and core, in the positive and
    in the zero sequence, per unit of `kva`.
    """

    name: str
    first: Side
    second: Side
    kva: float
    clock: int
    series: complex
    core: complex
    core_zero: complex


def two_winding_circuit(grid: Grid, row: Row) -> Circuit:
    """The circuit of a transformer."""
    uk = _at_tap(row, "uk")
    pk = _at_tap(row, "pk")
    sn = row["sn"]
    core = _core(row["p0"] / sn, row["i0"])
    return Circuit(
        grid.element_name(row),
        _side(grid, row, "from", 0, row["u1"]),
        _side(grid, row, "to", 1, row["u2"]),
        tidy(sn / 1e3),
        row["clock"] % HOURS,
        _series(uk, pk / sn),
        core,
        _zero_core(row, core),
    )


def _side(grid: Grid, row: Row, end: str, number: int, u_rated: float) -> Side:
    node = row[f"{end}_node"]
    tap, tap_range = _tap(row, number, u_rated)
    return Side(
        grid.bus_name(node),
        grid.kv(node),
        row[f"winding_{end}"],
        tidy(u_rated / 1e3),
        tap,
        tap_range,
        bool(row[f"{end}_status"]),
        _earthing(row, end),
    )


def _earthing(row: Row, end: str | int) -> complex:
    return complex(
        row.get(f"r_grounding_{end}", 0.0), row.get(f"x_grounding_{end}", 0.0)
    )


def _tap(row: Row, number: int, u_rated: float) -> tuple[float, tuple[float, float]]:
    """Voltage ratio of a side, and its lowest and highest one; one where the tap changer is on another side."""
    if row["tap_side"] != number:
        return 1.0, (1.0, 1.0)
    step = row["tap_size"] / u_rated
    # a changer that counts downwards lowers the voltage of its winding
    if row["tap_max"] <= row["tap_min"]:
        step = -step
    nominal = row.get("tap_nom", 0)
    ratios = [
        tidy(1 + (position - nominal) * step)
        for position in (_position(row), row["tap_min"], row["tap_max"])
    ]
    return ratios[0], (min(ratios), max(ratios))


def _position(row: Row) -> int:
    """Where the tap changer stands, within its range."""
    ends = (row["tap_min"], row["tap_max"])
    nominal = row.get("tap_nom", 0)
    position = row.get("tap_pos", nominal)
    # the model moves a position beyond its changer to the end too
    highest = max(ends)
    lowest = min(ends)
    return min(max(position, lowest), highest)


def _at_tap(row: Row, name: str) -> float:
    """`uk` or `pk` at the present tap."""
    nominal = row.get("tap_nom", 0)
    position = _position(row)
    highest = max(nominal, row["tap_max"])
    lowest = min(nominal, row["tap_max"])
    # a changer may count downwards, so that "max" is the lower end
    end = "max" if lowest <= position <= highest else "min"
    value = row[name]
    span = row[f"tap_{end}"] - nominal
    if span == 0:
        return value
    at_end = row.get(f"{name}_{end}", value)
    return value + (position - nominal) * (at_end - value) / span


def _series(uk: float, resistance: float) -> complex:
    """Both may be below zero in a leg of three windings, where the sign of uk is that of the reactance."""
    reactance = math.sqrt(max(uk**2 - resistance**2, 0.0))
    return complex(resistance, math.copysign(reactance, uk))


def _core(loss: float, current: float) -> complex:
    return complex(loss, -math.sqrt(max(current**2 - loss**2, 0.0)))


def _zero_core(row: Row, core: complex) -> complex:
    """The core in the zero sequence, the same unless it is stated."""
    if "i0_zero_sequence" not in row:
        return core
    current = row["i0_zero_sequence"]
    grown = row["pk"] * (current**2 - row["i0"] ** 2)
    loss = row.get("p0_zero_sequence", row["p0"] + grown)
    return _core(loss / row["sn"], current)


def three_winding_circuits(grid: Grid, row: Row) -> Iterator[Circuit]:
    """The three legs of a transformer of three windings; adds the bus at which they meet."""
    name = grid.element_name(row)
    star = grid.add_star(f"star_of_{name}", row["node_1"])
    uk = _legs(row, "uk", 1)
    pk = _legs(row, "pk", 2)
    for k, (uk_of_leg, pk_of_leg) in enumerate(zip(uk, pk, strict=True), start=1):
        sn = row[f"sn_{k}"]
        is_first = k == 1
        core = _core(row["p0"] / sn, row["i0"]) if is_first else 0j
        outer = _outer_side(grid, row, k)
        # the first leg is no more than an impedance, the others turn back to side 1
        clock = 0 if is_first else (HOURS - row[f"clock_1{k}"]) % HOURS
        yield Circuit(
            f"{name}_{k}",
            outer,
            _inner_side(grid, row, star, WYE_N if is_first else row["winding_1"]),
            tidy(sn / 1e3),
            clock,
            _series(uk_of_leg, pk_of_leg / sn),
            core,
            core,
        )


def _legs(row: Row, name: str, power: int) -> list[float]:
    """What is measured between each two of three windings, as that of each leg on its own rating; losses go with the square."""
    sn_1 = row["sn_1"]
    sn_2 = row["sn_2"]
    sn_3 = row["sn_3"]
    # each pair is measured at the rating of the smaller of the two
    to_sn_12 = sn_1 / min(sn_1, sn_2)
    to_sn_13 = sn_1 / min(sn_1, sn_3)
    to_sn_23 = sn_1 / min(sn_2, sn_3)
    of_12 = _at_tap(row, f"{name}_12") * to_sn_12**power
    of_13 = _at_tap(row, f"{name}_13") * to_sn_13**power
    of_23 = _at_tap(row, f"{name}_23") * to_sn_23**power
    half_sum = (of_12 + of_13 + of_23) / 2
    return [
        half_sum - of_23,
        (half_sum - of_13) * (sn_2 / sn_1) ** power,
        (half_sum - of_12) * (sn_3 / sn_1) ** power,
    ]


def _outer_side(grid: Grid, row: Row, number: int) -> Side:
    node = row[f"node_{number}"]
    u_rated = row[f"u{number}"]
    tap, tap_range = _tap(row, number - 1, u_rated)
    return Side(
        grid.bus_name(node),
        grid.kv(node),
        WYE_N if number == 1 else row[f"winding_{number}"],
        tidy(u_rated / 1e3),
        tap,
        tap_range,
        bool(row[f"status_{number}"]),
        _earthing(row, number),
    )


def _inner_side(grid: Grid, row: Row, star: str, kind: int) -> Side:
    """The side of the star, which is rated as side 1 with its tap."""
    u_rated = row["u1"]
    tap, tap_range = _tap(row, 0, u_rated)
    # nothing but the legs meets there: it is neither switched nor earthed
    return Side(
        star,
        grid.kv(row["node_1"]),
        kind,
        tidy(u_rated / 1e3),
        tap,
        tap_range,
        is_closed=True,
        earthing_ohm=0j,
    )
