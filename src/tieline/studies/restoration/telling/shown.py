"""What the page shows where there is room for one: the scenario and the decider that it is about; series over the steps."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import pandas as pd

from tieline.studies.restoration.deciders import DECIDERS
from tieline.studies.restoration.telling.metrics import deciders_of, rows_of
from tieline.studies.result import Result
from tieline.typing import FloatArray

MAIN = ("cpo", "imitation-corrected", "imitation", "mpc-corrected", "hold")
"""Whom the page is about, the first of these who was asked."""

MAIN_SCENARIOS = ("short30", "late", "short15", "random", "own", "perfect")
"""What the first picture is of: a forecast that was far too high tells deciders apart."""

COMPARED = (
    "bound",
    "mpc-8",
    "mpc-rest",
    "mpc-corrected",
    "hold",
    "imitation-corrected",
    "cpo",
)
"""Who has a line where all are drawn; the others are in the tables."""

TIME_TITLE = "hours since islanding"

SCENARIO_WORDS = {
    "perfect": "sun and wind as forecast",
    "short15": "15 % less sun and wind than forecast",
    "short30": "30 % less sun and wind than forecast",
    "random": "random sun and wind, 15 % less in the mean",
    "late": "40 % less sun and wind in the second half",
    "own": "sun and wind of one's own table",
}


class Series(NamedTuple):
    """A quantity over the steps: mean of draws and policies, and from the lowest to the highest, (step,) each."""

    mean: FloatArray
    lowest: FloatArray
    highest: FloatArray


def main_decider(result: Result) -> str:
    """The decider that the page is about."""
    names = deciders_of(result.tables)
    return next(name for name in (*MAIN, *names) if name in names)


def scenarios_of(result: Result) -> list[str]:
    """Scenarios in the order asked."""
    return list(result.tables["outcomes"]["scenario"].unique())


def main_scenario(result: Result) -> str:
    """The scenario that the page is about."""
    names = scenarios_of(result)
    return next(name for name in MAIN_SCENARIOS if name in names)


def compared(result: Result) -> list[str]:
    """Who has a line; all of those asked if none of the usual was."""
    names = deciders_of(result.tables)
    return [name for name in COMPARED if name in names] or names


def words_of(name: str) -> str:
    """A decider as pages call it."""
    return DECIDERS[name].words


def series_of(
    result: Result, scenario: str, name: str, column: str, table: str = "steps"
) -> Series:
    """A column over the steps."""
    rows = rows_of(result.tables[table], scenario, name)
    by_step = rows.groupby("step")[column]
    columns = (by_step.mean(), by_step.min(), by_step.max())
    return Series(*(values.to_numpy(dtype=float) for values in columns))


def hours_of(result: Result, scenario: str) -> FloatArray:
    """Hours since islanding at which the steps begin, (step,)."""
    steps = result.tables["steps"]
    hours = steps.loc[steps["scenario"] == scenario, "hour"]
    return np.sort(hours.unique())


def first_draw(result: Result, table: str, scenario: str, name: str) -> pd.DataFrame:
    """Rows of one horizon: the first draw, and of several policies the first."""
    rows = rows_of(result.tables[table], scenario, name)
    of_policy = rows[rows["policy"] == rows["policy"].min()]
    if "draw" in of_policy:
        return of_policy[of_policy["draw"] == of_policy["draw"].min()]
    return of_policy


def played_of(result: Result) -> list[str]:
    """Those whose decisions were carried out."""
    return list(result.tables["limits"]["decider"].unique())
