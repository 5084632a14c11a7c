"""`read_series`: the user's own download of the series that the published tasks play on.

The file is what those tasks name `Ausgrid_Zone_Substation_FY25_imputed_15min.parquet`, a row for each substation and quarter of
an hour: `interval_start` (UTC), `zone_substation`, `load_mw`, and `fiscal_year`, which is not looked at. Two quarters make a half
hour.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pandas as pd

from tieline.envs.substation_days.series import SubstationSeries
from tieline.errors import InputError, reason_of, unknown_name_message
from tieline.files import read_parquet

COLUMNS = ("interval_start", "zone_substation", "load_mw")


def read_series(
    path: str | Path, names: Sequence[str], times: pd.DatetimeIndex
) -> SubstationSeries:
    """The load of substations at given times.

    Args:
        path: of the Parquet file.
        names: substations that are needed, spelt as in the file.
        times: start of each half hour.

    Raises:
        InputError: if the file cannot be read, lacks a column or a substation, or has no load in one of the half hours.
    """
    table = _read(Path(path))
    present = table["zone_substation"].unique().tolist()
    for name in names:
        if name not in present:
            raise InputError(
                f"'{path}': {unknown_name_message('substation', name, present)}"
            )
    columns = [_half_hours(table, name, times, path) for name in names]
    return SubstationSeries(times, tuple(names), np.stack(columns, axis=1))


def _read(path: Path) -> pd.DataFrame:
    try:
        table = read_parquet(path)
    except OSError as error:
        raise InputError(
            f"Series '{path}' cannot be read: {reason_of(error)}. Give the path of the Parquet file."
        ) from None
    except ValueError:  # what pandas' reader of Parquet raises
        raise InputError(
            f"Series '{path}' is not Parquet. Give the file as it was downloaded."
        ) from None
    missing = [name for name in COLUMNS if name not in table.columns]
    if missing:
        raise InputError(
            f"Series '{path}' has no column {', '.join(missing)}. It needs {', '.join(COLUMNS)}."
        )
    return table


def _half_hours(
    table: pd.DataFrame, name: str, times: pd.DatetimeIndex, path: str | Path
) -> np.ndarray:
    """Load of one substation at the times, (time,) [MW]."""
    rows = table[table["zone_substation"] == name]
    begins = pd.DatetimeIndex(pd.to_datetime(rows["interval_start"], utc=True))
    quarters = pd.Series(rows["load_mw"].to_numpy(float), index=begins)
    means = quarters.groupby(begins.floor("30min")).mean()
    load_mw = means.reindex(times.tz_convert("UTC")).to_numpy(float)
    gaps = np.flatnonzero(~np.isfinite(load_mw))
    if len(gaps):
        raise InputError(
            f"Series '{path}' has no load of '{name}' at {times[gaps[0]]} and at {len(gaps) - 1} more half hours that the task "
            "plays. Give a file that covers them."
        )
    return load_mw
