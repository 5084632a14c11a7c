"""Section "Who is served": the island on its one-line diagram, with a slider through the steps."""

from __future__ import annotations

from collections.abc import Hashable, Iterator, Mapping
from typing import Any

import numpy as np
import pandas as pd

from tieline.reports.colours import INK, NO_VALUE, PAPER, ClassStyle, colour_at
from tieline.reports.html import Block, Section, Table, Text
from tieline.reports.numbers import brief, format_number
from tieline.reports.slider import Slider, Steps
from tieline.reports.slider_diagram import diagram_over_time
from tieline.studies.restoration.telling.shown import (
    first_draw,
    main_decider,
    main_scenario,
    played_of,
    words_of,
)
from tieline.studies.restoration.telling.tables.units import LOAD
from tieline.studies.result import Result
from tieline.typing import IntArray

EDGES_PCT = (0.5, 25.0, 50.0, 75.0, 99.5)
"""Ends of the classes of buses; half a percent at both ends is what solvers leave."""

WORDS: tuple[str, ...] = (
    "off",
    "up to 25 % on",
    "25 to 50 % on",
    "50 to 75 % on",
    "75 % and more on",
    "all on",
)
NO_LOAD = len(WORDS)


def served(result: Result) -> list[Section]:
    """Diagram and classes of loads; nothing where nobody decided but bounds."""
    name = main_decider(result)
    if name not in played_of(result):
        return []
    scenario = main_scenario(result)
    loads = first_draw(result, "loads", scenario, name)
    blocks: list[Block] = [_diagram(result, loads, scenario, name)]
    blocks += _by_weight(result, loads)
    return [Section("Who is served", blocks, f"Decided by: {words_of(name)}.")]


def _diagram(
    result: Result, loads: pd.DataFrame, scenario: str, name: str
) -> Slider | Text:
    steps = first_draw(result, "steps", scenario, name)
    if len(steps) < 2:
        return Text("A single step has no course.")
    styles = list(_styles())
    legend = dict(zip((*WORDS, "no load"), styles, strict=True))
    caption = (
        f"Load that is on at each bus, {scenario}, first draw. Under the mouse: loads and units; the first droop unit is drawn "
        "as a source. Move the slider to see who is picked up first, and who goes off again."
    )
    names = [_clock(hour) for hour in steps["hour"]]
    return diagram_over_time(
        result.feeder,
        _classes(result, loads),
        styles,
        Steps(names, list(_notes(steps)), label="Time since islanding"),
        legend=legend,
        caption=caption,
        tooltips=_tooltips(result.tables["island"]),
    )


def _styles() -> Iterator[ClassStyle]:
    """From off to on: empty, and then darker and darker; without load, grey."""
    yield ClassStyle(PAPER, INK)
    shades = len(WORDS) - 1
    for k in range(1, len(WORDS)):
        yield ClassStyle(colour_at(k / shades), INK)
    yield ClassStyle(NO_VALUE)


def _classes(result: Result, loads: pd.DataFrame) -> IntArray:
    """Class of each bus in each step, (step, bus); several loads at a bus count by size."""
    sizes = result.tables["island"]
    size_kw = sizes[sizes["kind"] == LOAD].set_index("name")["size_kw"]
    kw = loads["load"].map(size_kw)
    rows = loads.assign(kw=kw, on_kw=kw * loads["served_pct"])
    by_bus = rows.groupby(["step", "bus"])[["kw", "on_kw"]].sum()
    pct = by_bus["on_kw"] / by_bus["kw"]
    wide = pct.unstack("bus")
    # the diagram has buses without load too, in the order of the feeder
    buses = [bus.name for bus in result.feeder.buses]
    by_step = wide.reindex(columns=buses).to_numpy()
    classes = np.searchsorted(EDGES_PCT, by_step)
    return np.where(np.isnan(by_step), NO_LOAD, classes)


def _notes(steps: pd.DataFrame) -> Iterator[str]:
    for row in steps.to_dict("records"):
        text = f"{brief(row['served_kw'])} of {brief(row['demand_kw'])} kW on"
        # less would be printed as 0 kW or 1 kW
        if row["shed_kw"] > 1:
            text += f", {brief(row['shed_kw'])} kW went off beyond what is free"
        if row["is_dead"]:
            yield "The island is dead."
            continue
        yield f"{text}; {row['frequency_hz']:.2f} Hz."


def _clock(hour: float) -> str:
    minutes = round(60 * hour)
    return f"{minutes // 60}:{minutes % 60:02d}"


def _tooltips(island: pd.DataFrame) -> dict[str, str]:
    """Units and loads of each bus."""
    texts: dict[str, list[str]] = {}
    for row in island.to_dict("records"):
        bus = row["bus"]
        texts.setdefault(bus, []).append(_tooltip(row))
    return {bus: "; ".join(parts) for bus, parts in texts.items()}


def _tooltip(row: Mapping[Hashable, Any]) -> str:
    size_kw = format_number(row["size_kw"], "kw")
    text = f"{row['kind']} {row['name']}, {size_kw} kW"
    # a weight of 1 is the usual one, and units have none
    if row["kind"] == LOAD and row["weight"] != 1:
        text += f", weight {row['weight']:g}"
    return text


def _by_weight(result: Result, loads: pd.DataFrame) -> list[Table]:
    """Energy of loads by weight; nothing where all have one."""
    island = result.tables["island"]
    of_loads = island[island["kind"] == LOAD].set_index("name")
    kw = loads["load"].map(of_loads["size_kw"])
    rows = loads.assign(
        weight=loads["load"].map(of_loads["weight"]),
        kw=kw,
        on_kw=kw * loads["served_pct"] / 100,
    )
    sums = rows.groupby("weight")[["kw", "on_kw"]].sum()
    if len(sums) < 2:
        return []
    restored = sums["on_kw"] / sums["kw"]
    n_loads = of_loads.groupby("weight").size()
    frame = pd.DataFrame(
        {
            "weight": sums.index,
            "loads": n_loads.to_numpy(),
            "restored_pct": 100 * restored.to_numpy(),
        }
    )
    caption = "Restored energy by the weight of the loads; those of high weight are picked up first and kept longest."
    # the highest weight first, as they are picked up
    return [Table(frame.iloc[::-1], caption)]
