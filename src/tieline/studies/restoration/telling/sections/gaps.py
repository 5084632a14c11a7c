"""Section "What the relaxation misses": gaps of the model behind each decision, as in the article's figures 4(d), 4(e), 5(c)."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import pandas as pd

from tieline.reports.figures import lines_with_band
from tieline.reports.html import Block, Figure, Section, Table, Text
from tieline.studies.restoration.telling.metrics import deciders_of
from tieline.studies.restoration.telling.shown import (
    COLOURS,
    hours_of,
    main_scenario,
    series_of,
    step_lines,
    words_of,
)
from tieline.studies.result import Result

INTRO = (
    "A program that can be solved to the optimum relaxes three equations into cones and half-planes: the current of a branch, "
    "the droop law of a voltage, and that a battery does not charge and discharge at once. What a plan leaves open there, the "
    "exact island does not: deciders without a program have no such gap, because their set-points are solved exactly. The chord "
    "of the droop law closes most of the gap that the published relaxation leaves."
)

HEADINGS = {
    "distflow": "current, l - (p² + q²)/v [pu]",
    "droop": "voltage beyond its droop law [pu]",
    "overlap": "charge and discharge at once [kW]",
}


class _Quantity(NamedTuple):
    """What a figure of a gap says; `if_none` in its place where all are below `noticed`."""

    y_title: str
    caption: str
    noticed: float
    if_none: str


QUANTITIES = {
    "overlap_kw": _Quantity(
        y_title="charge and discharge at once [kW]",
        caption="Charge and discharge at once, the largest of the batteries (the article's figure 4(d)); netted before it is "
        "carried out.",
        noticed=0.1,
        if_none="No plan charges a battery and discharges it at once by more than 0.1 kW; the article's figure 4(d) has overlaps "
        "that one sees.",
    ),
    "droop_gap_pu": _Quantity(
        y_title="voltage beyond its droop law [pu]",
        caption="How far the planned voltage of a droop unit is beyond its law (the article's figure 4(e)).",
        noticed=1e-6,
        if_none="No plan has a droop unit's voltage beyond its law by more than a millionth.",
    ),
}
"""By column of the steps. A tenth of a kilowatt, and a millionth of the voltage, are what a reader could notice."""


def gaps(result: Result) -> list[Section]:
    """Largest gaps, and their course; nothing where no model was relaxed."""
    names = _relaxed(result)
    if not names:
        return []
    blocks: list[Block] = [_table(result, names)]
    for column, quantity in QUANTITIES.items():
        blocks.append(_course(result, names, column, quantity))
    blocks.append(_branches(result, names))
    return [Section("What the relaxation misses", blocks, INTRO)]


def _relaxed(result: Result) -> list[str]:
    """Those with a relaxed model that is carried out or that is the bound, and a plan in the scenario of the figures."""
    if "branch_gaps" not in result.tables:
        return []
    table = result.tables["branch_gaps"]
    is_shown = table["scenario"] == main_scenario(result)
    names = set(table.loc[is_shown, "decider"])
    return [name for name in deciders_of(result.tables) if name in names]


def _table(result: Result, names: list[str]) -> Table:
    steps = result.tables["steps"]
    rows = []
    for name in names:
        of_decider = steps[steps["decider"] == name]
        row = {
            "who": words_of(name),
            "distflow": _scientific(of_decider["distflow_gap"].max()),
            "droop": _scientific(of_decider["droop_gap_pu"].max()),
            "overlap": of_decider["overlap_kw"].max(),
        }
        rows.append(row)
    caption = "The largest of all scenarios; of an MPC in the steps that are carried out, of a bound in all."
    return Table(pd.DataFrame(rows), caption, HEADINGS)


def _scientific(value: float) -> str:
    """Gaps differ by orders of magnitude, and a column of equal decimals would show zeros."""
    return f"{value:.1e}"


def _course(
    result: Result, names: list[str], column: str, quantity: _Quantity
) -> Block:
    """The gap of each model over the steps of the first draw, or that nothing is to be seen."""
    scenario = main_scenario(result)
    series = {name: series_of(result, scenario, name, column) for name in names}
    # a step without a plan has no gap, and does not hide those of other steps
    peaks = [np.nanmax(one.highest) for one in series.values()]
    largest = max(peaks)
    if largest < quantity.noticed:
        return Text(quantity.if_none)
    figure = step_lines(hours_of(result, scenario), series, quantity.y_title)
    figure.update_yaxes(exponentformat="e")
    return Figure(figure, f"{quantity.caption} Scenario {scenario}.")


def _branches(result: Result, names: list[str]) -> Figure:
    """Gaps of the branches, sorted, on a scale of powers of ten."""
    table = result.tables["branch_gaps"]
    of_scenario = table[table["scenario"] == main_scenario(result)]
    lines = {}
    for name in names:
        rows = of_scenario[of_scenario["decider"] == name]
        lines[words_of(name)] = np.sort(rows["distflow_gap"])[::-1]
    count = max(len(values) for values in lines.values())
    figure = lines_with_band(
        np.arange(1, count + 1),
        lines,
        x_title="branches, the largest gap first",
        y_title="l - (p² + q²)/v [pu]",
        colours=COLOURS,
    )
    # whole powers alone: plotly writes 2 and 5 between them, as large as these
    figure.update_yaxes(type="log", exponentformat="power", dtick=1)
    caption = (
        "What the cone of a branch current leaves open, the largest of the horizon (the article's figure 5(c)). Far below one in "
        "a million the solver's tolerance is seen, and no gap. A branch without resistance loses nothing, whatever current is "
        "written down for it: its gap may be large, and is worth nothing."
    )
    return Figure(figure, caption)
