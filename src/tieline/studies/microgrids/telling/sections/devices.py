"""Sections "What the microgrids do" and "What batteries do": load, own generation and exchange, stored energy through the day."""

from __future__ import annotations

import numpy as np
import pandas as pd

from tieline.reports.figures import bar, lines_with_band
from tieline.reports.html import Block, Figure, Section
from tieline.reports.stacked_areas import stacked_areas
from tieline.studies.microgrids.config import MicrogridsConfig
from tieline.studies.microgrids.telling.shown import (
    TIME_TITLE,
    by_microgrid,
    hours_of_steps,
    main_decider,
    microgrids_of,
    of_first_day,
    words_of,
)
from tieline.studies.result import Result

ENERGIES = {
    "load_kw": "load",
    "pv_kw": "PV",
    "generator_kw": "generators",
    "battery_kw": "batteries, discharge less charge",
    "export_kw": "export at the meter",
}
"""Columns of the table of microgrids, as figures call them."""

ALIKE = "Where microgrids do the same, one line lies on the others."


def devices(result: Result, config: MicrogridsConfig) -> Section:
    """Energy of each microgrid, what all give together, exchange through the day."""
    name = main_decider(result)
    blocks: list[Block] = [_energies(result, config, name)]
    if len(hours_of_steps(result)) > 1:
        blocks += [_together(result, name), _exchange(result, name)]
    intro = f"Decided by: {words_of(name)}. Energy above 0 flows into the microgrid's network, export out of it."
    return Section("What the microgrids do", blocks, intro)


def _energies(result: Result, config: MicrogridsConfig, name: str) -> Figure:
    rows = of_first_day(result, "microgrids", name)
    columns = list(ENERGIES)
    sums = rows.groupby("microgrid", sort=False)[columns].sum() * config.step_h
    series = {ENERGIES[column]: sums[column] for column in columns}
    figure = bar(
        [str(microgrid) for microgrid in sums.index],
        series,
        value_title="energy [kWh]",
        label_title="microgrid",
    )
    caption = "Load, own generation and exchange of each microgrid (the article's figure 3). What does not add up is lost inside."
    return Figure(figure, caption)


def _together(result: Result, name: str) -> Figure:
    rows = of_first_day(result, "microgrids", name)
    sums = rows.groupby("step")[
        ["pv_kw", "generator_kw", "battery_kw", "load_kw"]
    ].sum()
    areas = {
        "generators": sums["generator_kw"],
        "PV": sums["pv_kw"],
        "batteries, discharge": sums["battery_kw"].clip(lower=0),
    }
    lines = {"load and charging": sums["load_kw"] - sums["battery_kw"].clip(upper=0)}
    figure = stacked_areas(
        hours_of_steps(result),
        areas,
        x_title=TIME_TITLE,
        y_title="power [kW]",
        lines=lines,
    )
    return Figure(
        figure, "All microgrids together; what is above the dotted line is exported."
    )


def _exchange(result: Result, name: str) -> Figure:
    export_kw = by_microgrid(result, name, "export_kw", microgrids_of(result))
    figure = lines_with_band(
        hours_of_steps(result),
        export_kw,
        x_title=TIME_TITLE,
        y_title="export at the meter [kW]",
        limits={"no exchange": 0.0},
    )
    return Figure(figure, "Exchange of each microgrid with the feeder.")


def batteries(result: Result) -> list[Section]:
    """Stored energy and power; nothing where there is none."""
    name = main_decider(result)
    stored_kwh = by_microgrid(result, name, "stored_kwh", microgrids_of(result))
    if not any(np.any(values) for values in stored_kwh.values()):
        return []
    hours = hours_of_steps(result)
    power_kw = by_microgrid(result, name, "battery_kw", microgrids_of(result))
    stored = lines_with_band(
        hours, stored_kwh, x_title=TIME_TITLE, y_title="stored energy [kWh]"
    )
    # a battery that rests shall not look as if it did much
    stored.update_yaxes(rangemode="tozero")
    power = lines_with_band(
        hours,
        power_kw,
        x_title=TIME_TITLE,
        y_title="discharge, charge below 0 [kW]",
        limits={"rest": 0.0},
    )
    blocks: list[Block] = [
        Figure(stored, f"Energy after each step (the article's figure 4). {ALIKE}"),
        Figure(power, f"Power of the batteries. {ALIKE}"),
        _price(result, name),
    ]
    intro = f"Decided by: {words_of(name)}. Batteries charge while energy is cheap and discharge while it is dear."
    return [Section("What batteries do", blocks, intro)]


def _price(result: Result, name: str) -> Figure:
    price: pd.Series = of_first_day(result, "steps", name)["price_per_kwh"]
    currency = str(result.config.model_dump()["currency"])
    figure = lines_with_band(
        hours_of_steps(result),
        {"price": price},
        x_title=TIME_TITLE,
        y_title=f"price [{currency}/kWh]",
    )
    figure.update_traces(line_shape="hv")
    figure.update_yaxes(rangemode="tozero")
    return Figure(figure, "Price at all meters, bought or sold.")
