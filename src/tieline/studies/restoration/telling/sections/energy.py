"""Section "Where the energy comes from": units over the hours, stored energy and fuel, frequency."""

from __future__ import annotations

import numpy as np
import pandas as pd

from tieline.reports.figures import lines_with_band
from tieline.reports.html import Block, Figure, Section
from tieline.reports.stacked_areas import stacked_areas
from tieline.studies.restoration.telling.shown import (
    TIME_TITLE,
    compared,
    edges_of,
    first_draw,
    hours_of,
    main_decider,
    main_scenario,
    played_of,
    series_of,
    step_lines,
    to_edges,
    words_of,
)
from tieline.studies.restoration.telling.tables.units import BATTERY, DROOP, TURBINE
from tieline.studies.result import Result

INTRO = (
    "Droop units take what all others leave, so that their power is a result and no decision; it stays where frequency does. "
    "Good control uses all fuel and all stored energy by the end, and no sooner."
)

AREAS = {
    "droop_kw": "droop units",
    "turbine_kw": "microturbines",
    "renewable_kw": "sun and wind",
}


def energy(result: Result) -> list[Section]:
    """Powers, energy and frequency; nothing where nobody decided but bounds."""
    name = main_decider(result)
    if name not in played_of(result):
        return []
    blocks: list[Block] = [
        _powers(result, name),
        *_stores(result, name),
        _frequency(result),
    ]
    intro = (
        f"{INTRO} Decided by: {words_of(name)}, {main_scenario(result)}, first draw."
    )
    return [Section("Where the energy comes from", blocks, intro)]


def _powers(result: Result, name: str) -> Figure:
    scenario = main_scenario(result)
    steps = first_draw(result, "steps", scenario, name)
    # areas lie on one another: power that is taken has no place among them and is drawn as load
    areas = {words: steps[column].clip(lower=0) for column, words in AREAS.items()}
    battery_kw = steps["battery_kw"]
    areas["batteries, discharge"] = battery_kw.clip(lower=0)
    with_charge_kw = steps["served_kw"] - battery_kw.clip(upper=0)
    figure = stacked_areas(
        edges_of(hours_of(result, scenario)),
        {words: to_edges(values) for words, values in areas.items()},
        x_title=TIME_TITLE,
        y_title="power [kW]",
        lines={"load and charging": to_edges(with_charge_kw)},
    )
    figure.update_traces(line_shape="hv")
    caption = "Who delivers what; what is above the dotted line is lost in lines."
    return Figure(figure, caption)


def _stores(result: Result, name: str) -> list[Block]:
    blocks: list[Block] = []
    texts = {
        BATTERY: ("stored energy [kWh]", "Energy in each battery."),
        DROOP: ("fuel [kWh]", "Fuel of each droop unit and microturbine."),
    }
    scenario = main_scenario(result)
    units = first_draw(result, "units", scenario, name)
    # stored energy goes up and down, fuel only down: on one axis neither could be read
    kinds = {BATTERY: [BATTERY], DROOP: [DROOP, TURBINE]}
    for kind, (y_title, caption) in texts.items():
        rows = units[units["kind"].isin(kinds[kind])]
        if rows.empty:
            continue
        figure = lines_with_band(
            edges_of(hours_of(result, scenario)),
            _by_unit(rows, result.tables["island"]),
            x_title=TIME_TITLE,
            y_title=y_title,
        )
        blocks.append(Figure(figure, caption))
    return blocks


def _by_unit(rows: pd.DataFrame, island: pd.DataFrame) -> dict[str, np.ndarray]:
    """Energy of each unit at the start and after each step, (step + 1,)."""
    start_kwh = island.set_index("name")["energy_kwh"]
    wide = rows.pivot_table(
        index="step", columns="unit", values="energy_kwh", sort=False
    )
    return {
        str(unit): np.append(start_kwh[str(unit)], wide[unit].to_numpy())
        for unit in wide
    }


def _frequency(result: Result) -> Figure:
    scenario = main_scenario(result)
    series = {
        name: series_of(result, scenario, name, "frequency_hz")
        for name in compared(result, scenario)
    }
    hours = hours_of(result, scenario)
    limits = _frequency_limits(result)
    figure = step_lines(hours, series, "frequency [Hz]", limits)
    caption = "Frequency: low where droop units are asked for much. Inside the limits a droop unit stays connected."
    return Figure(figure, caption)


def _frequency_limits(result: Result) -> dict[str, float]:
    """Those that all droop units have in common, where they state any."""
    island = result.tables["island"]
    rows = island[island["kind"] == DROOP]
    # the narrowest range: the first unit that leaves takes its power with it
    low_hz = rows["f_low_hz"].max()
    high_hz = rows["f_high_hz"].min()
    limits = {"lowest": low_hz, "highest": high_hz}
    # a unit that states none has 0 and infinity
    return {name: hz for name, hz in limits.items() if 0 < hz < np.inf}
