"""The reward terms of the task: for each microgrid what it pays, and what it stored more, with the worst that either can be."""

from __future__ import annotations

import numpy as np

from tieline.envs.microgrids.microgrids import Microgrid
from tieline.envs.microgrids.plant import Plant
from tieline.envs.task import Term
from tieline.settings.currency import in_currency

SPARE = 2.0
"""What a microgrid can at most buy or sell, over the ratings of all that is in it: loads pass their nominal power, and lines lose
some."""


def bill_terms(plant: Plant, currency: str, step_h: float) -> tuple[Term, ...]:
    """Cost and stored value, microgrid by microgrid."""
    cost = in_currency("cost", currency)
    stored = in_currency("stored", currency)
    terms = []
    for microgrid in plant.microgrids:
        name = microgrid.name
        highest = step_h * _highest_cost_per_h(plant, microgrid)
        spent_kwh = step_h * _most_spent_kw(plant, microgrid)
        lowest = -plant.stored_value * spent_kwh
        bill = Term(f"{cost} of {name}", currency, -1.0, highest)
        gain = Term(f"{stored} of {name}", currency, 1.0, lowest)
        terms += [bill, gain]
    return tuple(terms)


def _highest_cost_per_h(plant: Plant, microgrid: Microgrid) -> float:
    """All that could pass its meter at the highest price, and all generators at full power [currency/h]."""
    network = plant.network
    limits = plant.der_limits
    load_kw = network.devices.p_kw[microgrid.loads]
    der_kva = limits.kva[microgrid.ders]
    most_kw = SPARE * (load_kw.sum() + der_kva.sum())
    sets = plant.generators
    fuel_per_h = sets.cost_per_h(sets.p_max_kw)
    of_microgrid = fuel_per_h[plant.generators_of(microgrid)]
    return float(plant.price_scale * most_kw + of_microgrid.sum())


def _most_spent_kw(plant: Plant, microgrid: Microgrid) -> float:
    """What its batteries lose at full discharge [kW]."""
    units = plant.batteries
    spent_kw = units.discharge_max_kw / units.efficiency_discharge
    is_inside = np.isin(plant.battery_ders, microgrid.ders)
    return float(spent_kw[is_inside].sum())
