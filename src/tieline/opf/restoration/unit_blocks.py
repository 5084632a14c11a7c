"""Rows of units in time: ratings, ramps, fuel, stored energy, what sun and wind offer, and how load may be given up.

    F' = F - h k p >= 0,     E' = E + h (eta_c ch - dis / eta_d),     ch / P_c + dis / P_d <= 1

The last is the convex hull of "charge or discharge, never both": a plan may still overlap them (`netting`).
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from tieline.devices import Batteries, Generators
from tieline.opf.cones.blocks import Block
from tieline.opf.restoration.columns import Columns, Track
from tieline.opf.restoration.plant import IslandPlant
from tieline.opf.restoration.rows import Rows
from tieline.opf.restoration.terms import Terms
from tieline.typing import FloatArray
from tieline.units import S_BASE_KVA

KWH_PER_MWH = 1e3

WATT = 1e-3
"""In kW."""


def unit_blocks(plant: IslandPlant, columns: Columns, hours: float) -> Iterator[Block]:
    """Turbines, droop units, batteries, renewables."""
    rows = Rows(columns.space)
    turbines = plant.generators
    units = plant.units.generators
    yield from _fuelled(
        rows,
        "turbines",
        turbines,
        columns.p,
        columns.fuel,
        hours,
    )
    yield from _fuelled(
        rows,
        "droop units",
        units,
        columns.unit_p,
        columns.unit_fuel,
        hours,
    )
    yield from _stored(rows, plant.batteries, columns, hours)
    yield from _battery_powers(rows, plant.batteries, columns)
    yield from _renewables(rows, columns)
    yield from _reactive(rows, plant, columns)


def load_blocks(columns: Columns, terms: Terms) -> Iterator[Block]:
    """Shares between nothing and all; what falls by more than is free is shed."""
    rows = Rows(columns.space)
    served = columns.served
    yield from rows.between("load", served.after, 0.0, 1.0)
    yield rows.below(
        "shed load",
        (served.before, 1.0),
        (served.after, -1.0),
        (columns.shed, -1.0),
        right=terms.shed_free_share,
    )
    yield rows.at_least("shed load", columns.shed, 0.0)
    # no price is high enough to forbid without spoiling the scale of all others
    if np.isinf(terms.shed_factor):
        yield rows.at_most("shed load", columns.shed, 0.0)


def _fuelled(
    rows: Rows, name: str, machines: Generators, p: Track, fuel: Track, hours: float
) -> Iterator[Block]:
    p_max = machines.p_max_kw / S_BASE_KVA
    yield from rows.between(f"P of {name}", p.after, 0.0, p_max)
    ramp = machines.ramp_kw_per_h * hours / S_BASE_KVA
    yield rows.below(
        f"upward ramps of {name}",
        (p.after, 1.0),
        (p.before, -1.0),
        right=ramp,
    )
    yield rows.below(
        f"downward ramps of {name}",
        (p.after, -1.0),
        (p.before, 1.0),
        right=ramp,
    )
    # MWh of fuel in a step at one per unit
    burnt = machines.fuel_b * _mwh_per_pu(hours)
    yield rows.equal(
        f"fuel of {name}",
        (fuel.after, 1.0),
        (fuel.before, -1.0),
        (p.after, burnt),
    )
    yield rows.at_least(f"fuel of {name}", fuel.after, 0.0)


def _stored(
    rows: Rows, batteries: Batteries, columns: Columns, hours: float
) -> Iterator[Block]:
    name = "stored energy"
    stored = columns.stored
    gain = batteries.efficiency_charge * _mwh_per_pu(hours)
    cost = _mwh_per_pu(hours) / batteries.efficiency_discharge
    yield rows.equal(
        name,
        (stored.after, 1.0),
        (stored.before, -1.0),
        (columns.charge, -gain),
        (columns.discharge, cost),
    )
    low = batteries.stored_min_kwh / KWH_PER_MWH
    high = batteries.stored_max_kwh / KWH_PER_MWH
    yield from rows.between(name, stored.after, low, high)


def _battery_powers(
    rows: Rows, batteries: Batteries, columns: Columns
) -> Iterator[Block]:
    name = "P of batteries"
    charge_share = _share_of(batteries.charge_max_kw)
    discharge_share = _share_of(batteries.discharge_max_kw)
    yield rows.below(
        name,
        (columns.charge, charge_share),
        (columns.discharge, discharge_share),
        right=1.0,
    )
    yield rows.at_least(name, columns.charge, 0.0)
    yield rows.at_least(name, columns.discharge, 0.0)


def _renewables(rows: Rows, columns: Columns) -> Iterator[Block]:
    name = "P of renewables"
    yield rows.below(
        name,
        (columns.renewable_p, 1.0),
        (columns.available, -1.0),
    )
    yield rows.at_least(name, columns.renewable_p, 0.0)


def _reactive(rows: Rows, plant: IslandPlant, columns: Columns) -> Iterator[Block]:
    q_max = plant.q_max_kvar / S_BASE_KVA
    unit_q_max = plant.units.q_max_kvar / S_BASE_KVA
    kinds = (
        ("Q of turbines", columns.q, q_max[plant.generator_ders]),
        ("Q of batteries", columns.battery_q, q_max[plant.battery_ders]),
        ("Q of renewables", columns.renewable_q, q_max[plant.renewable_ders]),
        ("Q of droop units", columns.unit_q, unit_q_max),
    )
    for name, q, limit in kinds:
        yield from rows.between(name, q, -limit, limit)


def _mwh_per_pu(hours: float) -> float:
    """Energy of one per unit through a step [MWh]."""
    return hours * S_BASE_KVA / KWH_PER_MWH


def _share_of(limit_kw: FloatArray) -> FloatArray:
    """One per unit as a share of a battery's limit."""
    # a battery of no power would have an infinite share: a watt is nothing beside any rating, and keeps it finite
    return S_BASE_KVA / np.maximum(limit_kw, WATT)
