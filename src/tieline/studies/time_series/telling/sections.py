"""Parts of the report of a run over time: power, voltages, what controls do, loadings, and when limits break."""

from __future__ import annotations

import numpy as np
import pandas as pd

from tieline.feeders import Feeder
from tieline.profiles.told import tell_loads, tell_sun
from tieline.reports.by_bus import texts_by_bus
from tieline.reports.diagram import one_line
from tieline.reports.figures import lines_with_band
from tieline.reports.heat_map import heat_maps, heat_maps_around
from tieline.reports.html import Block, Diagram, Figure, Section, Table, Text
from tieline.reports.numbers import format_number
from tieline.reports.voltage_profile import voltage_profile
from tieline.studies.feeder_ders import tell_own_ders
from tieline.studies.result import Result
from tieline.studies.time_series.config import TimeSeriesConfig
from tieline.studies.time_series.headline import lowest_voltages, violations_table
from tieline.studies.time_series.world.powers import used_profiles
from tieline.typing import FloatArray

MOST_LINE_STEPS = 1500
"""Up to here a figure has a point for each step; a longer run is drawn day by day, which a page can hold and an eye can tell."""

NEAR_PU = 0.02
"""Limits this near to the voltages are drawn beside them."""


def power(result: Result) -> Section:
    """Power and loss over time."""
    steps = result.tables["steps"]
    blocks: list[Block] = [_power_lines(steps)]
    if _days_of(steps) > 1:
        figure = heat_maps_around(
            {"power of the source": _by_hour_and_day(steps, "source_kw", "mean")},
            x=_day_names(steps),
            y=[f"{hour:02d}" for hour in range(24)],
            middle=0.0,
            x_title="day",
            y_title="hour of the day",
            value_title="power of the source [kW]",
        )
        caption = "Brown: the source feeds in; blue: the feeder delivers into it."
        blocks.append(Figure(figure, caption))
        days = Table(
            result.tables["days"].sort_values("peak_kw", ascending=False),
            "Energies of each day, the one with the highest peak first.",
            most_rows=10,
            rest_in="days.parquet",
        )
        blocks.append(days)
    return Section("Power and energy", blocks)


def _power_lines(steps: pd.DataFrame) -> Figure:
    names = {
        "load": "load_kw",
        "source": "source_kw",
        "DERs": "der_kw",
        "loss": "loss_kw",
    }
    columns = {
        words: column
        for words, column in names.items()
        if column != "der_kw" or steps[column].any()
    }
    frame, lowest, highest, caption = _over_time(steps, list(columns.values()))
    bands = {}
    if lowest is not None and highest is not None:
        bands = {
            words: (lowest[column], highest[column])
            for words, column in columns.items()
        }
    figure = lines_with_band(
        _wall_times(frame["time"]),
        {words: frame[column] for words, column in columns.items()},
        x_title="time",
        y_title="power [kW]",
        bands=bands,
    )
    return Figure(figure, caption)


def _over_time(
    steps: pd.DataFrame, columns: list[str]
) -> tuple[pd.DataFrame, pd.DataFrame | None, pd.DataFrame | None, str]:
    """Every step, or means of days with lowest and highest values, and what that is in words."""
    if len(steps) <= MOST_LINE_STEPS:
        return steps, None, None, "Every step."
    by_day = steps.groupby(steps["time"].dt.floor("D", ambiguous=True), sort=False)
    means = by_day[columns].mean().reset_index(names="time")
    text = "Means of days; bands go from the lowest to the highest step of a day."
    return means, by_day[columns].min(), by_day[columns].max(), text


def _wall_times(times: pd.Series) -> np.ndarray:
    """Local times as a figure takes them."""
    return times.dt.tz_localize(None).to_numpy()


def _days_of(steps: pd.DataFrame) -> int:
    return steps["time"].dt.date.nunique()


def _day_names(steps: pd.DataFrame) -> list[str]:
    return list(dict.fromkeys(steps["time"].dt.strftime("%Y-%m-%d")))


def _by_hour_and_day(steps: pd.DataFrame, column: str, how: str) -> FloatArray:
    """A value for each hour of the clock and day, (hour, day); NaN for an hour that clocks skip."""
    times = steps["time"]
    day = times.dt.strftime("%Y-%m-%d")
    grouped = steps.groupby([times.dt.hour, day], sort=False)[column].agg(how)
    table = grouped.unstack()
    every = table.reindex(index=range(24), columns=_day_names(steps))
    return every.to_numpy(dtype=float)


def where(result: Result, config: TimeSeriesConfig, feeder: Feeder) -> Section:
    """The diagram, coloured by whether a bus ever breaks a voltage limit."""
    by_bus = _by_bus(result)
    low_pu, high_pu = config.limit_numbers.band_pu
    classes = dict.fromkeys((bus.name for bus in feeder.buses), "dead")
    is_high_enough = by_bus["v_min_pu"].ge(low_pu)
    holds = is_high_enough & by_bus["v_max_pu"].le(high_pu)
    for bus, is_ok in holds.items():
        classes[str(bus)] = "ok" if is_ok else "critical"
    tooltips = texts_by_bus(by_bus.reset_index(), _tooltip)
    drawing = one_line(feeder, bus_classes=classes, tooltips=tooltips)
    caption = f"Critical: {_band(config)} in some step. Lowest, mean and highest voltage of each bus appear under the mouse."
    return Section("Where voltages leave their limits", [Diagram(drawing, caption)])


def _by_bus(result: Result) -> pd.DataFrame:
    grouped = result.tables["voltages"].groupby("bus", sort=False)
    return grouped.agg(
        v_min_pu=("v_min_pu", "min"),
        v_mean_pu=("v_mean_pu", "mean"),
        v_max_pu=("v_max_pu", "max"),
    )


def _tooltip(row: pd.Series) -> str:
    low, mean, high = (
        format_number(row[name], "pu") for name in ("v_min_pu", "v_mean_pu", "v_max_pu")
    )
    return f"voltage {low} to {high} pu, mean {mean} pu"


def _band(config: TimeSeriesConfig) -> str:
    limits = config.limit_numbers
    parts = []
    if limits.lowest_pu is not None:
        parts.append(f"below {limits.lowest_pu:g} pu")
    if limits.highest_pu is not None:
        parts.append(f"above {limits.highest_pu:g} pu")
    return " or ".join(parts) or "no limit"


def voltages(result: Result, config: TimeSeriesConfig, feeder: Feeder) -> Section:
    """Voltages along the feeder and over time."""
    by_bus = _by_bus(result)
    series = by_bus.set_axis(["lowest", "mean", "highest"], axis=1)
    numbers = config.limit_numbers
    limits = {"lowest": numbers.lowest_pu, "highest": numbers.highest_pu}
    bottom = by_bus["v_min_pu"].min() - NEAR_PU
    top = by_bus["v_max_pu"].max() + NEAR_PU
    near = {
        name: value
        for name, value in limits.items()
        if value is not None and bottom <= value <= top
    }
    profile = Figure(
        voltage_profile(feeder, series, near),
        "Lowest, mean and highest voltage of each bus over all steps.",
    )
    steps = result.tables["steps"]
    frame, lowest, highest, caption = _over_time(steps, ["v_min_pu", "v_max_pu"])
    lines = {"lowest": frame["v_min_pu"], "highest": frame["v_max_pu"]}
    if lowest is not None and highest is not None:
        lines = {"lowest": lowest["v_min_pu"], "highest": highest["v_max_pu"]}
        caption = "The lowest and the highest voltage of each day."
    over_time = lines_with_band(
        _wall_times(frame["time"]),
        lines,
        x_title="time",
        y_title="voltage [pu]",
        limits=near,
    )
    return Section(
        "Voltages", [profile, Figure(over_time, caption), lowest_voltages(result)]
    )


def controls(result: Result, feeder: Feeder) -> Section | None:
    """Where taps and banks stand, and how often they move; none where nothing can."""
    if not feeder.has_controls:
        return None
    blocks: list[Block] = []
    if len(result.tables["regulators"]):
        blocks += [_taps(result, feeder), _moves(result)]
    capacitors = result.tables["capacitors"]
    if len(capacitors):
        blocks.append(Table(capacitors, "Switched banks."))
    return Section("Regulators and capacitors", blocks)


def _taps(result: Result, feeder: Feeder) -> Figure:
    positions = result.tables["positions"]
    names = {f"{unit.name}_tap": unit.name for unit in feeder.regulators}
    frame, lowest, highest, caption = _over_time(positions, list(names))
    bands = {}
    if lowest is not None and highest is not None:
        bands = {
            name: (lowest[column], highest[column]) for column, name in names.items()
        }
    figure = lines_with_band(
        _wall_times(frame["time"]),
        {name: frame[column] for column, name in names.items()},
        x_title="time",
        y_title="tap",
        bands=bands,
    )
    return Figure(figure, caption)


def _moves(result: Result) -> Table:
    caption = "Taps moved over the whole run, the busiest first."
    busiest = result.tables["regulators"].sort_values("movements", ascending=False)
    return Table(busiest, caption)


def limits(result: Result) -> Section | None:
    """When and where limits break; none where they hold."""
    if not len(result.tables["violations"]):
        return None
    steps = result.tables["steps"]
    blocks: list[Block] = [violations_table(result)]
    if _days_of(steps) > 1 and steps["broken_buses"].any():
        n_buses = _by_hour_and_day(steps, "broken_buses", "max")
        # blank where nothing breaks, or a year of good hours would be the colour of the figure
        figure = heat_maps(
            {"": np.where(n_buses > 0, n_buses, np.nan)},
            x=_day_names(steps),
            y=[f"{hour:02d}" for hour in range(24)],
            limit=0.0,
            x_title="day",
            y_title="hour of the day",
            value_title="buses beyond a voltage limit",
        )
        blocks.append(
            Figure(
                figure,
                "Hours in which a voltage limit is broken; blank where it holds.",
            )
        )
    return Section("When limits break", blocks)


def loadings(result: Result) -> Section | None:
    """The most loaded lines and transformers; none where no rating is known."""
    table = result.tables["loadings"]
    if not len(table):
        return None
    highest = Table(
        table,
        "The highest loadings, of elements with a rating.",
        most_rows=10,
        rest_in="loadings.parquet",
    )
    return Section("Loading", [highest])


def assumed(config: TimeSeriesConfig, feeder: Feeder) -> Section:
    """Where powers come from, and what is simplified."""
    profiles = used_profiles(feeder, config)
    texts = [
        f"Times are those of {profiles.time_zone}; --time-zone says another one.",
        tell_loads(feeder, profiles, config.load_table),
    ]
    if config.load_pct != 100:
        texts.append(f"All of them times {format_number(config.load_pct)} %.")
    if feeder.pvs:
        texts.append(tell_sun(feeder, profiles, config.sun_table))
    if feeder.ders:
        texts.append(tell_own_ders(feeder))
        texts.append(
            "A DER that names a shape of its own follows it; a storage does so as far as its energy reaches."
        )
    texts.append(CONTROLS[config.controls])
    if feeder.origin:
        texts.append(f"Figures of the feeder: {feeder.origin}.")
    return Section("What was assumed", [Text(text) for text in texts])


CONTROLS = {
    "feeder": "Regulators and capacitors act in every step until they rest, and begin it where they ended the last.",
    "hold": "Regulators and capacitors act in the first step and then stay.",
    "off": "Regulators and capacitors stay where the feeder states them.",
}
"""What controls do, by the flag."""
