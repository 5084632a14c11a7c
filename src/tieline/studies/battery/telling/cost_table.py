"""The table `costs`: the bill of each case, split by region, and by what the grid and what the batteries have part in.

    grid_cost       price times load less PV, as if there were no battery
    battery_cost    price times charge less discharge

of the critical buses (`impacted`), of those that lend (`assisting`), and of all others. What is left of the bill at the source is
that of losses and shunts. The rows of a case add up to its cost.

Source: M. Al-Saffar, PhD thesis, University of Alberta, table 4.3.
"""

from __future__ import annotations

import numpy as np
import pandas as pd

from tieline.settings.currency import in_currency
from tieline.studies.battery.ways.case import Case
from tieline.studies.battery.ways.cases import DayAnswer
from tieline.typing import BoolArray


def cost_table(answer: DayAnswer) -> pd.DataFrame:
    """A row for each case and region, of one day, and one for the losses of the case."""
    grid_cost = in_currency("grid_cost", answer.question.config.currency)
    battery_cost = in_currency("battery_cost", answer.question.config.currency)
    rows = []
    for name, case in answer.cases.items():
        grid, battery = _parts(answer, case)
        for region, buses in _regions(answer).items():
            of_region = grid[buses].sum(), battery[buses].sum()
            rows.append((name, region, *of_region))
        losses = case.cost.sum() - grid.sum() - battery.sum()
        rows.append((name, "losses", losses, 0.0))
    return pd.DataFrame(rows, columns=["case", "region", grid_cost, battery_cost])


def _regions(answer: DayAnswer) -> dict[str, BoolArray]:
    """The buses of each region, (bus,); a critical bus that lent before it was one is impacted."""
    impacted = answer.critical_buses
    assisting = ~impacted & (answer.lent_kwh > 0)
    return {
        "impacted": impacted,
        "assisting": assisting,
        "other": ~impacted & ~assisting,
    }


def _parts(answer: DayAnswer, case: Case) -> tuple[np.ndarray, np.ndarray]:
    """Bill of load less PV, and of the batteries, of each bus, (bus,) each [currency]; steps without a solution have none."""
    price = answer.day.hours * answer.day.price * case.solution.converged
    battery_kw = -answer.question.plant.by_bus(case.schedule.injection_kw)
    grid_kw = case.net_load_kw - battery_kw
    return price @ grid_kw, price @ battery_kw
