"""Power that is to be expected of sun and wind, as an island file states it for each unit:

    available = [0.35, 0.4, ...]     shares of the rating, one a step of `available_step_minutes`
    available = "sun"                a PV system under a clear sky, at day, place and hour of the configuration
    available = "wind.csv"           a table with a column of the unit's name [kW], which begins with the first step

Shares and tables of other steps than the horizon's are averaged over each step, being constant over their own.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TypeGuard

import numpy as np
import pandas as pd

from tieline.envs.restoration.config import RestorationWorldConfig
from tieline.errors import InputError, unknown_name_message
from tieline.feeders.islands import IslandConfig, RenewableSettings
from tieline.profiles.sunlight import make_sun_model
from tieline.profiles.table import load_table
from tieline.typing import FloatArray

SECONDS_A_MINUTE = 60


def expected_kw(island: IslandConfig, config: RestorationWorldConfig) -> FloatArray:
    """Forecast of every unit of sun and wind, (step, renewable) [kW].

    Raises:
        InputError: for units without a statement, or series that end before the horizon; names each.
        TableError: for a table that cannot be used.
    """
    columns = [np.zeros((config.steps, 0))]
    problems = []
    for unit in without_tables(island).renewable:
        for name in unit.unit_names:
            try:
                share = _shares(unit, name, config)
            except InputError as error:
                problems.append(str(error))
            else:
                columns.append(share[:, None] * unit.p_max_kw)
    if problems:
        lines = ["Expected power of sun and wind is not known:", *problems]
        raise InputError("\n  ".join(lines))
    return np.hstack(columns)


def without_tables(island: IslandConfig) -> IslandConfig:
    """The same island with the shares that its tables hold: it needs no other file but that of the feeder.

    Raises:
        InputError, TableError: for a table that cannot be used.
    """
    renewables: list[RenewableSettings] = []
    for unit in island.renewable:
        if _is_table(unit.available):
            renewables += _with_shares(unit)
        else:
            renewables.append(unit)
    return island.model_copy(update={"renewable": tuple(renewables)})


def _is_table(available: object) -> TypeGuard[str]:
    return isinstance(available, str) and available != "sun"


def _with_shares(unit: RenewableSettings) -> Iterator[RenewableSettings]:
    """A unit at each bus with the column of its name."""
    assert _is_table(unit.available)
    path = unit.available
    # times that say no zone are told apart by their distance, which is all that matters here
    table = load_table(path, time_zone="UTC")
    step = table.index[1] - table.index[0]
    for name, bus in zip(unit.unit_names, unit.buses, strict=True):
        # names of tables are in small letters
        column = name.lower()
        if column not in table:
            message = unknown_name_message("column", column, list(table.columns))
            raise InputError(f"Table '{path}': {message}")
        share = table[column].to_numpy(dtype=float) / unit.p_max_kw
        values = {
            "name": name,
            "buses": (bus,),
            "available": np.minimum(share, 1.0).tolist(),
            "available_step_minutes": step.total_seconds() / SECONDS_A_MINUTE,
        }
        yield RenewableSettings.model_validate(unit.model_dump() | values)


def _shares(
    unit: RenewableSettings, name: str, config: RestorationWorldConfig
) -> FloatArray:
    """Expected power of a unit by its rating, (step,)."""
    if unit.available is None:
        raise InputError(
            f"[[renewable]] '{name}' does not say what is available. Give `available`: shares of p_max_kw, \"sun\", or the path "
            "of a CSV table."
        )
    if isinstance(unit.available, str):
        share = _sun_share(config)
    else:
        share = per_step(
            np.array(unit.available), unit.available_step_minutes, config, name
        )
    return np.minimum(share * config.renewable_pct / 100, 1.0)


def _sun_share(config: RestorationWorldConfig) -> FloatArray:
    """Output of a PV system under a clear sky by its rating, (step,); clouds belong to scenarios."""
    place = config.profiles
    midnight = pd.Timestamp(place.start).tz_localize(place.time_zone)
    first = midnight + pd.Timedelta(hours=config.start_hour)
    # two at least, since the model reads the length of a step off them
    times = pd.date_range(
        first, periods=max(config.steps, 2), freq=f"{config.step_minutes}min"
    )
    model = make_sun_model(place, times)
    return model.clear_output()[: config.steps]


def per_step(
    series: FloatArray, minutes: float, config: RestorationWorldConfig, what: str
) -> FloatArray:
    """Means of a series over the steps of the horizon, (step,).

    Args:
        series: constant over each of its steps, (series step,).
        minutes: length of a step of the series [min].
        config: the horizon.
        what: whose series it is, for messages.

    Raises:
        InputError: if the series ends before the horizon.
    """
    ends = minutes * np.arange(len(series) + 1)
    edges = config.step_minutes * np.arange(config.steps + 1)
    if ends[-1] < edges[-1]:
        raise InputError(
            f"{what} states {ends[-1]:g} minutes of available power, the horizon has {edges[-1]}. Give a longer series, or fewer "
            "steps."
        )
    energy = np.zeros(len(ends))
    np.cumsum(series * minutes, out=energy[1:])
    # energy up to any moment is straight between the ends of steps
    at_edges = np.interp(edges, ends, energy)
    return np.diff(at_edges) / config.step_minutes
