"""What is told of places that are outside a limit before what a study asks about: the same table and the same words in each.

The rule itself is `settings.broken_before`. Columns of the table `broken_before`, the place that is farthest out first:

    limit, place          which limit, and where
    before                worst reading before, in the unit of the limit
    number                the limit
    allowed               what the place must keep instead
    share_pct             of the situations or steps in which it is outside [%]
"""

from __future__ import annotations

import dataclasses
from collections.abc import Iterable, Iterator, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from tieline.counted import counted
from tieline.errors import InfeasibleBaseError
from tieline.feeders import Feeder
from tieline.reports.html import Section, Table, Text
from tieline.reports.numbers import each_with_unit, format_number, told_apart
from tieline.reports.places import place_words
from tieline.reports.remarks import Remark, broken
from tieline.settings.broken_before import (
    REMEDIES,
    RULE,
    bounds,
    is_broken,
)
from tieline.settings.limit_fields import BrokenBeforeSettings
from tieline.settings.limits import LimitKind, kind_of
from tieline.typing import FloatArray

if TYPE_CHECKING:
    from tieline.opf.broken_before import Outside
    from tieline.studies.gauges import Gauge
    from tieline.studies.result import Result

COLUMNS = ("limit", "place", "before", "number", "allowed", "share_pct")

NAMED = 3
"""Places that a sentence names; the table has them all."""

NAMED_COLUMNS = ["place", "before", "number"]
"""What it says of each: its reading and its limit."""


def rows_before(gauge: Gauge, reading: FloatArray) -> pd.DataFrame:
    """Rows of one limit.

    Args:
        gauge: the limit and its places.
        reading: of each situation, (situation, place); NaN without an answer.
    """
    side = gauge.kind.side
    is_out = is_broken(reading, np.asarray(gauge.limit), side)
    broken_places = np.flatnonzero(is_out.any(axis=0))
    outside = side * np.where(is_out, side * reading, -np.inf)[:, broken_places]
    worst = side * (side * outside).max(axis=0)
    return make_rows(
        gauge.kind,
        gauge.limit,
        [gauge.names[k] for k in broken_places],
        worst,
        100 * is_out.mean(axis=0)[broken_places],
    )


def outside_table(situations: Sequence[Sequence[Outside]]) -> pd.DataFrame:
    """The table of places that an optimiser found outside, in each of the situations that it was asked about."""
    rows = [
        dataclasses.asdict(one) | {"situation": k}
        for k, outside in enumerate(situations)
        for one in outside
    ]
    parts = []
    for (name, place), group in _grouped(rows):
        kind = kind_of(name)
        # the one that is farthest out stands for all situations
        worst = group.loc[(kind.side * (group["before"] - group["number"])).idxmax()]
        share_pct = 100 * group["situation"].nunique() / len(situations)
        before = np.array([worst["before"]])
        part = make_rows(
            kind, float(worst["number"]), [place], before, np.array([share_pct])
        )
        parts.append(part)
    return broken_before_table(parts)


def _grouped(
    rows: list[dict[str, Any]],
) -> Iterator[tuple[tuple[str, str], pd.DataFrame]]:
    """Rows of each limit and place."""
    if rows:
        for key, group in pd.DataFrame(rows).groupby(["limit", "place"], sort=False):
            name, place = key
            yield (str(name), str(place)), group


def make_rows(
    kind: LimitKind,
    limit: float,
    places: Iterable[str],
    before: FloatArray,
    share_pct: FloatArray,
) -> pd.DataFrame:
    """Rows of one limit, of places that are known to be outside; `before` and `share_pct` are (place,)."""
    columns = {
        "limit": kind.name,
        "place": list(places),
        "before": before,
        "number": limit,
        "allowed": bounds(before, np.asarray(limit), kind.side),
        "share_pct": share_pct,
    }
    return pd.DataFrame(columns, columns=list(COLUMNS))


def broken_before_table(parts: Iterable[pd.DataFrame]) -> pd.DataFrame:
    """The table of all limits; `parts` are of `rows_before` or `make_rows`."""
    filled = [part for part in parts if len(part)]
    if not filled:
        return pd.DataFrame(columns=list(COLUMNS))
    table = pd.concat(filled, ignore_index=True)
    # limits in pu, % and kW are ordered together by their shares; of a limit of 0 there is none
    divisor = table["number"].abs().where(table["number"] != 0, 1.0)
    size = (table["before"] - table["number"]).abs() / divisor
    order = ["size", "limit", "place"]
    ordered = table.assign(size=size).sort_values(
        order, ascending=[False, True, True], ignore_index=True
    )
    return ordered[list(COLUMNS)]


def require_none(
    table: pd.DataFrame, feeder: Feeder, config: BrokenBeforeSettings
) -> None:
    """Refuse to go on where that is asked for; arguments as in `tell_broken_before`.

    Raises:
        InfeasibleBaseError: if a limit is broken before and `broken_before` is "stop"; names each limit.
    """
    if config.broken_before == "stop" and len(table):
        texts = _each_limit(table, feeder, config)
        raise InfeasibleBaseError(
            "\n".join([*texts, "Take --broken-before keep to judge what gets worse."])
        )


def tell_broken_before(
    table: pd.DataFrame, feeder: Feeder, config: BrokenBeforeSettings
) -> list[Remark]:
    """A sentence for each limit that is broken before, and one for the rule.

    Args:
        table: of `broken_before_table`.
        feeder: gives places their words.
        config: the question, which says how the sentence begins.
    """
    texts = list(_each_limit(table, feeder, config))
    if texts:
        texts[-1] += f" {RULE}"
    return broken(texts)


def broken_before_section(result: Result) -> list[Section]:
    """The part of a page that shows the table; none where nothing is broken before."""
    config = result.config
    assert isinstance(config, BrokenBeforeSettings)
    # a run of a version before this one has no such table
    table = result.tables.get("broken_before")
    if table is None or table.empty:
        return []
    units = [kind_of(name).unit for name in table["limit"]]
    readings = {
        name: each_with_unit(table[name].tolist(), units)
        for name in ("before", "number", "allowed")
    }
    places = [place_words(place, result.feeder) for place in table["place"]]
    listing = table.assign(
        limit=[kind_of(name).words for name in table["limit"]],
        place=places,
        **readings,
    )
    headings = {
        "number": "limit is",
        "allowed": "must keep",
        "share_pct": "outside in [% of cases]",
    }
    caption = (
        f"{config.BEFORE}: places that are outside a limit, the farthest out first."
    )
    page_table = Table(
        listing, caption, headings, most_rows=15, rest_in="broken_before.parquet"
    )
    return [Section("What is broken before", [Text(RULE), page_table])]


def _each_limit(
    table: pd.DataFrame, feeder: Feeder, config: BrokenBeforeSettings
) -> Iterator[str]:
    for name, rows in table.groupby("limit", sort=False):
        kind = kind_of(str(name))
        sentence = _tell_limit(kind, rows, feeder)
        yield f"{config.BEFORE}, {sentence}"


def _tell_limit(kind: LimitKind, rows: pd.DataFrame, feeder: Feeder) -> str:
    limit = "its limit"
    # buses may state limits of their own; the table has the one of each
    if rows["number"].nunique() == 1:
        limit += f" of {format_number(rows['number'].iloc[0])} {kind.unit}"
    named = "; ".join(
        f"{place_words(str(place), feeder)} ({told_apart(reading, number, kind.unit)})"
        for place, reading, number in rows[NAMED_COLUMNS].head(NAMED).to_numpy()
    )
    more = ""
    if len(rows) > NAMED:
        more = f"; and {len(rows) - NAMED} more"
    flag = kind.field.replace("_", "-")
    return (
        f"{kind.words} is outside {limit} at {counted(len(rows), 'place')}: {named}{more}. To mend it, "
        f"{REMEDIES[kind.name]}; or state another limit (--{flag})."
    )
