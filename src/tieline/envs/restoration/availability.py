"""Power that is to be expected of sun and wind, as an island file states it for each unit:

    available = [0.35, 0.4, ...]     shares of the rating, one a step of `available_step_minutes`
    available = "sun"                a PV system under a clear sky, at day, place and hour of the configuration
    available = "wind.csv"           a table, see `available_tables`

Shares of other steps than the horizon's are averaged over each step, being constant over their own.
"""

from __future__ import annotations

import numpy as np
import pandas as pd

from tieline.envs.restoration.available_tables import table_of_unit, without_tables
from tieline.envs.restoration.config import RestorationWorldConfig
from tieline.errors import InputError
from tieline.feeders.islands import IslandConfig, RenewableSettings
from tieline.profiles.sunlight import make_sun_model
from tieline.typing import FloatArray


def expected_kw(island: IslandConfig, config: RestorationWorldConfig) -> FloatArray:
    """Forecast of every unit of sun and wind, (step, renewable) [kW].

    Raises:
        InputError: for units without a statement, or series that end before the horizon; names each.
        InputError, TableError: as `without_tables` raises them.
    """
    columns = [np.zeros((config.steps, 0))]
    problems = []
    paths = table_of_unit(island)
    for unit in without_tables(island).renewable:
        for name in unit.unit_names:
            series = f"[[renewable]] '{name}'"
            if name in paths:
                series = f"Table '{paths[name]}', column '{name}',"
            try:
                share = _shares(unit, series, config)
            except InputError as error:
                problems.append(str(error))
            else:
                columns.append(share[:, None] * unit.p_max_kw)
    if problems:
        lines = ["Expected power of sun and wind is not known:", *problems]
        raise InputError("\n  ".join(lines))
    return np.hstack(columns)


def _shares(
    unit: RenewableSettings, series: str, config: RestorationWorldConfig
) -> FloatArray:
    """Expected power of a unit by its rating, (step,); `series` says in messages where it stands."""
    if unit.available is None:
        raise InputError(
            f'{series} does not say what is available. Give `available`: shares of p_max_kw, "sun", or the path '
            "of a CSV table."
        )
    if isinstance(unit.available, str):
        share = _sun_share(config)
    else:
        share = per_step(
            np.array(unit.available), unit.available_step_minutes, config, series
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
    stated_minutes = ends[-1]
    if stated_minutes < edges[-1]:
        raise InputError(
            f"{what} states {stated_minutes:g} minutes of available power, the horizon has {edges[-1]}. Give a longer "
            "series, or fewer steps."
        )
    of_steps = series * minutes
    energy = np.append(0.0, of_steps.cumsum())
    # energy up to any moment is straight between the ends of steps
    at_edges = np.interp(edges, ends, energy)
    return np.diff(at_edges) / config.step_minutes
