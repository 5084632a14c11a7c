"""Section "Where the energy comes from": units over the hours, stored energy and fuel, frequency."""

from __future__ import annotations

import pandas as pd

from tieline.reports.figures import lines_with_band
from tieline.reports.html import Block, Figure, Section
from tieline.reports.stacked_areas import stacked_areas
from tieline.studies.restoration.telling.shown import (
    TIME_TITLE,
    compared,
    first_draw,
    hours_of,
    main_decider,
    main_scenario,
    played_of,
    words_of,
)
from tieline.studies.restoration.telling.tables.units import BATTERY, DROOP, TURBINE
from tieline.studies.result import Result

INTRO = (
    "Droop units take what all others leave, so that their power is a result and no decision; it stays where frequency does. Good "
    "control uses all fuel and all stored energy by the end, and no sooner."
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
    areas = {words: steps[column].clip(lower=0) for column, words in AREAS.items()}
    areas["batteries, discharge"] = steps["battery_kw"].clip(lower=0)
    with_charge_kw = steps["served_kw"] - steps["battery_kw"].clip(upper=0)
    figure = stacked_areas(
        hours_of(result, scenario),
        areas,
        x_title=TIME_TITLE,
        y_title="power [kW]",
        lines={"load and charging": with_charge_kw},
    )
    return Figure(
        figure, "Who delivers what; what is above the dotted line is lost in lines."
    )


def _stores(result: Result, name: str) -> list[Block]:
    blocks: list[Block] = []
    texts = {
        BATTERY: ("stored energy [kWh]", "Energy in each battery after each step."),
        DROOP: ("fuel [kWh]", "Fuel of each droop unit and microturbine."),
    }
    scenario = main_scenario(result)
    units = first_draw(result, "units", scenario, name)
    kinds = {BATTERY: [BATTERY], DROOP: [DROOP, TURBINE]}
    for kind, (y_title, caption) in texts.items():
        rows = units[units["kind"].isin(kinds[kind])]
        if rows.empty:
            continue
        figure = lines_with_band(
            hours_of(result, scenario),
            _by_unit(rows),
            x_title=TIME_TITLE,
            y_title=y_title,
        )
        blocks.append(Figure(figure, caption))
    return blocks


def _by_unit(rows: pd.DataFrame) -> dict[str, pd.Series]:
    wide = rows.pivot_table(
        index="step", columns="unit", values="energy_kwh", sort=False
    )
    return {str(unit): wide[unit] for unit in wide}


def _frequency(result: Result) -> Figure:
    scenario = main_scenario(result)
    lines = {}
    for name in compared(result):
        steps = first_draw(result, "steps", scenario, name)
        lines[words_of(name)] = steps["frequency_hz"]
    figure = lines_with_band(
        hours_of(result, scenario),
        lines,
        x_title=TIME_TITLE,
        y_title="frequency [Hz]",
        limits=_frequency_limits(result),
    )
    figure.update_traces(line_shape="hv")
    return Figure(
        figure,
        "Frequency: low where droop units are asked for much. Inside the limits a droop unit stays connected.",
    )


def _frequency_limits(result: Result) -> dict[str, float]:
    """Those that all droop units have in common, where they state any."""
    droop = result.tables["island"]
    rows = droop[droop["kind"] == DROOP]
    low_hz = rows["f_low_hz"].max()
    high_hz = rows["f_high_hz"].min()
    limits = {"lowest": low_hz, "highest": high_hz}
    return {name: hz for name, hz in limits.items() if 0 < hz < float("inf")}
