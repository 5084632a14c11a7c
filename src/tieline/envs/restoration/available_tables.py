"""Tables of available power that an island names: a column of each unit's name [kW], whose first row is the first step.

What a table says and nobody reads, or no panel and no wheel of the island can deliver, is a mistake in the file, and refused.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence
from typing import TypeGuard

import pandas as pd

from tieline.errors import InputError, unknown_name_message
from tieline.feeders.islands import IslandConfig, RenewableSettings
from tieline.profiles.table import load_table

SECONDS_A_MINUTE = 60


def without_tables(island: IslandConfig) -> IslandConfig:
    """The same island with the shares that its tables hold: it needs no other file but that of the feeder.

    Raises:
        InputError: for a table with columns that are missing, of no unit or above a rating; names all of these.
        TableError: for a table that cannot be read.
    """
    tables = _tables(island)
    renewables: list[RenewableSettings] = []
    for unit in island.renewable:
        if _is_table(unit.available):
            renewables += _with_shares(unit, tables[unit.available])
        else:
            renewables.append(unit)
    return island.model_copy(update={"renewable": tuple(renewables)})


def table_of_unit(island: IslandConfig) -> dict[str, str]:
    """Path of the table that each unit's power stands in, by the unit's name; units without one are not there."""
    paths: dict[str, str] = {}
    for unit in island.renewable:
        if _is_table(unit.available):
            paths |= dict.fromkeys(unit.unit_names, unit.available)
    return paths


def _is_table(available: object) -> TypeGuard[str]:
    return isinstance(available, str) and available != "sun"


def _tables(island: IslandConfig) -> dict[str, pd.DataFrame]:
    """Tables by their path; several units may share one."""
    readers: defaultdict[str, list[RenewableSettings]] = defaultdict(list)
    for unit in island.renewable:
        path = unit.available
        if _is_table(path):
            readers[path].append(unit)
    return {path: _read(path, units) for path, units in readers.items()}


def _read(path: str, units: Sequence[RenewableSettings]) -> pd.DataFrame:
    # times that say no zone are told apart by their distance, which is all that matters here
    table = load_table(path, time_zone="UTC")
    rating_kw: dict[str, float] = {}
    for unit in units:
        rating_kw |= dict.fromkeys(unit.unit_names, unit.p_max_kw)
    problems = list(_problems(table, rating_kw))
    if problems:
        lines = [f"Table '{path}' does not fit the island's renewables:", *problems]
        raise InputError("\n  ".join(lines))
    return table


def _problems(table: pd.DataFrame, rating_kw: dict[str, float]) -> Iterator[str]:
    columns = list(table.columns)
    for name in rating_kw:
        if name not in columns:
            yield unknown_name_message("column", name, columns)
    for column in columns:
        if column not in rating_kw:
            yield f"{unknown_name_message('renewable', column, rating_kw)} Rename or remove the column."
            continue
        highest_kw = table[column].max()
        limit_kw = rating_kw[column]
        # cut off in silence, a table in W would be a unit at its rating all day
        if highest_kw > limit_kw:
            yield (
                f"Column '{column}' reaches {highest_kw:g} kW, above p_max_kw {limit_kw:g} of its unit. Give kW, or raise "
                "p_max_kw in the island file."
            )


def _with_shares(
    unit: RenewableSettings, table: pd.DataFrame
) -> Iterator[RenewableSettings]:
    """A unit at each bus with the column of its name."""
    step = table.index[1] - table.index[0]
    step_minutes = step.total_seconds() / SECONDS_A_MINUTE
    for name, bus in zip(unit.unit_names, unit.buses, strict=True):
        share = table[name].to_numpy(dtype=float) / unit.p_max_kw
        values = {
            "name": name,
            "buses": (bus,),
            "available": share.tolist(),
            "available_step_minutes": step_minutes,
        }
        yield RenewableSettings.model_validate(unit.model_dump() | values)
