"""What the page shows where there is room for one: the first day, and the decider that the page is about; and its time axis."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd

from tieline.reports.clock import HOUR_TITLE
from tieline.studies.microgrids.config import MicrogridsConfig
from tieline.studies.microgrids.deciders import DECIDERS, HOURS
from tieline.studies.microgrids.telling.metrics import deciders_of
from tieline.studies.result import Result

MAIN = ("safe", "merit-safe", "central", "central-windows", "merit", "rule")
"""Whom the page is about, the first of these who was asked: who keeps limits goes before who does not."""

TIME_TITLE = HOUR_TITLE


def main_decider(result: Result) -> str:
    """The decider that the page is about."""
    names = deciders_of(result.tables)
    return next(name for name in (*MAIN, *names) if name in names)


def words_of(name: str) -> str:
    """A decider as pages call it."""
    return DECIDERS[name].words


def of_first_day(result: Result, table: str, decider: str) -> pd.DataFrame:
    """Rows of a decider on the first day."""
    rows = result.tables[table]
    first_day = result.tables["steps"]["day"].iloc[0]
    of_day = rows[(rows["day"] == first_day) & (rows["decider"] == decider)]
    # of several seeds of policies the first one asked
    first_policy = of_day["policy"].min()
    return of_day[of_day["policy"] == first_policy]


def span_of_costs(result: Result) -> str:
    """What a cost is of, in words."""
    config = result.config
    assert isinstance(config, MicrogridsConfig)
    if config.case in HOURS:
        return "the window"
    n_days = result.tables["steps"]["day"].nunique()
    return "a day, mean of the days" if n_days > 1 else "the day"


def hours_of_steps(result: Result) -> np.ndarray:
    """Hours of the steps of the first day, (step,); a case that repeats one hour goes on from it."""
    config = result.config
    assert isinstance(config, MicrogridsConfig)
    steps = of_first_day(result, "steps", main_decider(result))
    first_hour = float(steps["hour"].iloc[0])
    return first_hour + config.step_h * np.arange(len(steps))


def microgrids_of(result: Result) -> list[str]:
    """Names of the microgrids, in order."""
    return list(result.tables["bills"]["microgrid"].drop_duplicates())


def by_microgrid(
    result: Result, decider: str, column: str, names: Sequence[str]
) -> dict[str, np.ndarray]:
    """A column of the first day, (step,) for each microgrid."""
    rows = of_first_day(result, "microgrids", decider)
    values = {}
    for name in names:
        of_microgrid = rows[rows["microgrid"] == name]
        values[name] = of_microgrid[column].to_numpy()
    return values


def generator_limit_kw(result: Result, microgrid: str) -> float:
    """What the generators of a microgrid can give together [kW]."""
    buses = result.tables["buses"]
    inside = set(buses.loc[buses["area"] == microgrid, "bus"])
    total_kw = 0.0
    for generator in result.feeder.generators:
        if generator.bus not in inside:
            continue
        limit_kw = generator.p_high_limit_kw
        # a stated limit of 0 is one too
        total_kw += generator.rated_kva if limit_kw is None else limit_kw
    return total_kw
