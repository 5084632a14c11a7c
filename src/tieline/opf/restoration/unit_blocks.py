"""Rows of units in time: ratings, ramps, fuel, stored energy, what sun and wind offer, and how load may be given up.

    F' = F - h k p >= 0,     E' = E + h (eta_c ch - dis / eta_d),     ch / P_c + dis / P_d <= 1

The last is the convex hull of "charge or discharge, never both": a plan may still overlap them (`netting`).
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from tieline.devices import Generators
from tieline.opf.cones.blocks import Block
from tieline.opf.restoration.columns import Columns
from tieline.opf.restoration.plant import IslandPlant
from tieline.opf.restoration.terms import Terms
from tieline.opf.socp.rows import Space
from tieline.typing import FloatArray, IntArray
from tieline.units import S_BASE_KVA

KWH_PER_MWH = 1e3


def unit_blocks(plant: IslandPlant, columns: Columns, hours: float) -> Iterator[Block]:
    """Turbines, droop units, batteries, renewables."""
    yield from _fuelled(
        "turbines", columns.space, plant.generators, columns.p, columns.fuel, hours
    )
    units = plant.units.generators
    yield from _fuelled(
        "droop units", columns.space, units, columns.unit_p, columns.unit_fuel, hours
    )
    yield from _batteries(plant, columns, hours)
    yield from _renewables(plant, columns)
    q_max = plant.q_max_kvar / S_BASE_KVA
    kinds = (
        ("Q of turbines", columns.q, q_max[plant.generator_ders]),
        ("Q of batteries", columns.battery_q, q_max[plant.battery_ders]),
        ("Q of renewables", columns.renewable_q, q_max[plant.renewable_ders]),
        ("Q of droop units", columns.unit_q, plant.units.q_max_kvar / S_BASE_KVA),
    )
    for name, q, limit in kinds:
        yield from between(name, columns.space, q, -limit, limit)


def load_blocks(columns: Columns, terms: Terms) -> Iterator[Block]:
    """Shares between nothing and all; what falls by more than is free is shed."""
    space = columns.space
    after = columns.served[1:]
    yield from between("load", space, after, 0.0, 1.0)
    fall = space.rows([(columns.served[:-1], 1.0), (after, -1.0), (columns.shed, -1.0)])
    free = np.full(columns.shed.size, terms.shed_free_share)
    yield Block(fall, free, "nonnegative", "shed load")
    yield at_least("shed load", space, columns.shed, 0.0)
    if np.isinf(terms.shed_factor):
        yield _at_most("shed load", space, columns.shed, 1.0, 0.0)


def _fuelled(
    name: str,
    space: Space,
    machines: Generators,
    p: IntArray,
    fuel: IntArray,
    hours: float,
) -> Iterator[Block]:
    yield from between(
        f"P of {name}", space, p[1:], 0.0, machines.p_max_kw / S_BASE_KVA
    )
    ramp = machines.ramp_kw_per_h * hours / S_BASE_KVA
    yield from _ramps(f"ramps of {name}", space, p, ramp)
    # MWh of fuel in an hour at one per unit
    burnt = hours * machines.fuel_b * S_BASE_KVA / KWH_PER_MWH
    left = space.rows([(fuel[1:], 1.0), (fuel[:-1], -1.0), (p[1:], burnt)])
    yield Block(left, np.zeros(p[1:].size), "zero", f"fuel of {name}")
    yield at_least(f"fuel of {name}", space, fuel[1:], 0.0)


def _ramps(name: str, space: Space, p: IntArray, ramp: FloatArray) -> Iterator[Block]:
    is_limited = np.isfinite(ramp)
    after = p[1:, is_limited]
    before = p[:-1, is_limited]
    limit = np.tile(ramp[is_limited], len(after))
    up = space.rows([(after, 1.0), (before, -1.0)])
    yield Block(up, limit, "nonnegative", name)
    yield Block(-up, limit, "nonnegative", name)


def _batteries(plant: IslandPlant, columns: Columns, hours: float) -> Iterator[Block]:
    space = columns.space
    batteries = plant.batteries
    stored = columns.stored
    gain = hours * batteries.efficiency_charge * S_BASE_KVA / KWH_PER_MWH
    cost = hours / batteries.efficiency_discharge * S_BASE_KVA / KWH_PER_MWH
    left = space.rows(
        [
            (stored[1:], 1.0),
            (stored[:-1], -1.0),
            (columns.charge, -gain),
            (columns.discharge, cost),
        ]
    )
    yield Block(left, np.zeros(columns.charge.size), "zero", "stored energy")
    low = batteries.stored_min_kwh / KWH_PER_MWH
    high = batteries.stored_max_kwh / KWH_PER_MWH
    yield from between("stored energy", space, stored[1:], low, high)
    hull = space.rows(
        [
            (columns.charge, _share_of(batteries.charge_max_kw)),
            (columns.discharge, _share_of(batteries.discharge_max_kw)),
        ]
    )
    yield Block(hull, np.ones(columns.charge.size), "nonnegative", "P of batteries")
    yield at_least("P of batteries", space, columns.charge, 0.0)
    yield at_least("P of batteries", space, columns.discharge, 0.0)


def _share_of(limit_kw: FloatArray) -> FloatArray:
    # a battery of no power would have an infinite share; a watt is nothing beside any rating
    return S_BASE_KVA / np.maximum(limit_kw, 1e-3)


def _renewables(plant: IslandPlant, columns: Columns) -> Iterator[Block]:
    space = columns.space
    taken = space.rows([(columns.renewable_p, 1.0), (columns.available, -1.0)])
    name = "P of renewables"
    yield Block(taken, np.zeros(columns.available.size), "nonnegative", name)
    yield at_least(name, space, columns.renewable_p, 0.0)


def between(
    name: str,
    space: Space,
    kind: IntArray,
    low: FloatArray | float,
    high: FloatArray | float,
) -> Iterator[Block]:
    """Columns within limits, each a number or (element,); infinite ones limit nothing."""
    yield at_least(name, space, kind, low)
    yield _at_most(name, space, kind, 1.0, high)


def at_least(name: str, space: Space, kind: IntArray, low: FloatArray | float) -> Block:
    """Columns no lower than a number or (element,)."""
    return _at_most(name, space, kind, -1.0, -np.asarray(low, dtype=float))


def _at_most(
    name: str, space: Space, kind: IntArray, weight: float, limit: FloatArray | float
) -> Block:
    limits = np.broadcast_to(limit, kind.shape)
    is_limit = np.isfinite(limits)
    rows = space.rows([(kind[is_limit], weight)])
    return Block(rows, limits[is_limit], "nonnegative", name)
