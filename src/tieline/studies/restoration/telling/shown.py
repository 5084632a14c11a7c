"""What the page shows where there is room for one: the scenario and the decider that it is about; series over the steps."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike

from tieline.reports.colours import category_colour
from tieline.reports.figures import lines_with_band
from tieline.studies.restoration.deciders import BOUNDS, DECIDERS
from tieline.studies.restoration.telling.metrics import deciders_of, rows_of
from tieline.studies.result import Result
from tieline.typing import FloatArray

if TYPE_CHECKING:
    from plotly.graph_objects import Figure

MAIN = ("cpo", "imitation-corrected", "imitation", "mpc-corrected", "hold")
"""Whom the page is about, the first of these who was asked."""

MAIN_SCENARIOS = ("short30", "late", "short15", "random", "own", "perfect")
"""What the first picture is of: a forecast that was far too high tells deciders apart."""

COMPARED = (
    "bound",
    "mpc-8",
    "mpc-rest",
    "mpc-corrected",
    "mpc-persistent",
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
    """The decider that the page is about; a bound only where nobody else was asked."""
    names = deciders_of(result.tables)
    # False sorts before True: who plays stands before the bounds
    played_first = sorted(names, key=lambda name: name in BOUNDS)
    order = (*MAIN, *played_first)
    return next(name for name in order if name in names)


def scenarios_of(result: Result) -> list[str]:
    """Scenarios in the order asked."""
    return list(result.tables["outcomes"]["scenario"].unique())


def main_scenario(result: Result) -> str:
    """The scenario that the page is about."""
    outcomes = result.tables["outcomes"]
    is_main = outcomes["decider"] == main_decider(result)
    names = set(outcomes.loc[is_main, "scenario"])
    return next(name for name in MAIN_SCENARIOS if name in names)


def answered_in(result: Result, scenario: str) -> list[str]:
    """Who has an answer in a scenario; a bound without a plan has none."""
    outcomes = result.tables["outcomes"]
    names = set(outcomes.loc[outcomes["scenario"] == scenario, "decider"])
    return [name for name in DECIDERS if name in names]


def compared(result: Result, scenario: str) -> list[str]:
    """Who has a line; all who have an answer if none of the usual decided."""
    names = answered_in(result, scenario)
    usual = [name for name in COMPARED if name in names]
    # bounds alone would say nothing of who was asked
    if set(usual) <= set(BOUNDS):
        return names
    return usual


def words_of(name: str) -> str:
    """A decider as pages call it."""
    return DECIDERS[name].words


def series_of(
    result: Result, scenario: str, name: str, column: str, table: str = "steps"
) -> Series:
    """A column over the steps."""
    rows = rows_of(result.tables[table], scenario, name)
    by_step = rows.groupby("step")[column]
    return Series(
        mean=_plain(by_step.mean()),
        lowest=_plain(by_step.min()),
        highest=_plain(by_step.max()),
    )


def _plain(values: pd.Series) -> FloatArray:
    # columns of whole numbers would make integer arrays, which hold no NaN
    return values.to_numpy(dtype=float)


COLOURS = {
    DECIDERS[name].words: category_colour(k)
    for k, name in enumerate(dict.fromkeys((*COMPARED, *DECIDERS)))
}
"""Of the lines and bars of each decider, the same in all figures; by the words that these are called."""


def hours_of(result: Result, scenario: str) -> FloatArray:
    """Hours since islanding at which the steps begin, (step,)."""
    steps = result.tables["steps"]
    hours = steps.loc[steps["scenario"] == scenario, "hour"]
    return np.sort(hours.unique())


def edges_of(hours: FloatArray) -> FloatArray:
    """Beginnings of steps and the end of the last, (step + 1,)."""
    # of a single step the table does not say how long it is
    length = 1.0
    if len(hours) > 1:
        length = hours[1] - hours[0]
    return np.append(hours, hours[-1] + length)


def to_edges(values: ArrayLike) -> FloatArray:
    """What holds in each step at its beginning, and the last once more at the end, (step,) -> (step + 1,)."""
    column = np.asarray(values, dtype=float)
    return np.append(column, column[-1])


def step_lines(
    hours: FloatArray,
    series: Mapping[str, Series],
    y_title: str,
    limits: Mapping[str, float] | None = None,
) -> Figure:
    """Lines that hold through each step, with a band where draws or policies differ.

    Args:
        hours: at which steps begin, (step,).
        series: of each decider, by its name.
        y_title: quantity with its unit.
        limits: name and value of lines to draw across.
    """
    # a bound lies below others as often as not: last and dashed, it is seen
    names = sorted(series, key=lambda name: name in BOUNDS)
    lines = {words_of(name): to_edges(series[name].mean) for name in names}
    bands = {
        words_of(name): (to_edges(one.lowest), to_edges(one.highest))
        for name, one in series.items()
        if np.any(one.highest > one.lowest)
    }
    figure = lines_with_band(
        edges_of(hours),
        lines,
        x_title=TIME_TITLE,
        y_title=y_title,
        bands=bands,
        limits=limits,
        colours=COLOURS,
    )
    # plotly names no line that is alone
    figure.update_layout(showlegend=True)
    figure.update_traces(line_shape="hv")
    for name in BOUNDS:
        figure.update_traces(selector={"name": words_of(name)}, line_dash="dash")
    return figure


def first_draw(result: Result, table: str, scenario: str, name: str) -> pd.DataFrame:
    """Rows of one horizon: the first draw, and of several policies the first."""
    rows = rows_of(result.tables[table], scenario, name)
    of_policy = rows[rows["policy"] == rows["policy"].min()]
    if "draw" in of_policy:
        return of_policy[of_policy["draw"] == of_policy["draw"].min()]
    return of_policy


def played_of(result: Result) -> list[str]:
    """Those whose decisions were carried out."""
    limits = result.tables.get("limits")
    # plans that are not played have no table of limits
    if limits is None:
        return []
    return list(limits["decider"].unique())
