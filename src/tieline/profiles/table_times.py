"""The times of a table: from text to instants, through the two odd nights of the year.

In the night the clocks go back, an hour of local time comes twice: of two rows with the same local time the first is summer time,
the second winter time. In the night they go forward an hour does not exist: a row there is a finding.
"""

from __future__ import annotations

from zoneinfo import ZoneInfo

import numpy as np
import pandas as pd

from tieline.errors import InputError
from tieline.feeders import Finding
from tieline.profiles.clock import instants
from tieline.profiles.problems import finding, listing, rows_of
from tieline.typing import BoolArray, IntArray

COLUMN = "times"


def read_times(
    cells: pd.Series, time_zone: str | None
) -> tuple[pd.DatetimeIndex, list[Finding]]:
    """Instants of a column and what is wrong with them; with findings the instants are of no use."""
    _check_zone(time_zone)
    if len(cells) < 2:
        return _nothing(), [
            finding(
                "TOO_SHORT",
                COLUMN,
                f"{len(cells)} rows.",
                "Give at least two, so that there is a step.",
            )
        ]
    rows = rows_of(cells)
    if cells.isna().any():
        message = f"are missing in rows {listing(rows[cells.isna()])}."
        return _nothing(), [finding("TIME_VALUE", COLUMN, message, "Fill them in.")]
    if isinstance(cells.dtype, pd.DatetimeTZDtype):
        return _in_order(
            pd.DatetimeIndex(cells).tz_convert(time_zone or str(cells.dtype.tz)), rows
        )
    if pd.api.types.is_datetime64_dtype(cells.dtype):
        return _from_local(pd.DatetimeIndex(cells), time_zone, rows)
    text = cells.astype(str).str.strip()
    has_offset = text.str.contains(
        r"(?:[Zz]|[+-]\d{2}(?::?\d{2})?)$", regex=True
    ) & text.str.contains(":", regex=False)
    if has_offset.all():
        return _from_offsets(text, time_zone)
    if has_offset.any():
        message = f"some have an offset and some have none (rows {listing(rows[~has_offset])})."
        return _nothing(), [
            finding("TIME_MIXED", COLUMN, message, "Write all of them one way.")
        ]
    parsed = pd.to_datetime(text, format="ISO8601", errors="coerce")
    if parsed.isna().any():
        return _nothing(), _unreadable(text, parsed)
    return _from_local(pd.DatetimeIndex(parsed), time_zone, rows)


def _check_zone(time_zone: str | None) -> None:
    if time_zone is None:
        return
    try:
        ZoneInfo(time_zone)
    except (KeyError, ValueError, OSError):
        raise InputError(
            f"Time zone '{time_zone}' is not known. Give an IANA name such as 'Europe/Berlin' or 'UTC'."
        ) from None


def _from_offsets(
    text: pd.Series, time_zone: str | None
) -> tuple[pd.DatetimeIndex, list[Finding]]:
    parsed = pd.to_datetime(text, format="ISO8601", errors="coerce", utc=True)
    if parsed.isna().any():
        return _nothing(), _unreadable(text, parsed)
    times = pd.DatetimeIndex(parsed).tz_convert(time_zone or "UTC")
    return _in_order(times, rows_of(text))


def _from_local(
    local: pd.DatetimeIndex, time_zone: str | None, rows: IntArray
) -> tuple[pd.DatetimeIndex, list[Finding]]:
    if time_zone is None:
        return _nothing(), [
            finding(
                "TIME_ZONE",
                COLUMN,
                "have no offset from UTC.",
                "Give time_zone, such as 'Europe/Berlin'.",
            )
        ]
    times = local.tz_localize(time_zone, ambiguous=_is_first(local), nonexistent="NaT")
    if times.hasnans:
        skipped = [str(time) for time in local[times.isna()]]
        message = f"{listing(skipped)} do not exist in {time_zone}: the clocks go forward over them."
        return _nothing(), [
            finding(
                "TIME_NONEXISTENT",
                COLUMN,
                message,
                "Check the zone, or write the times with their offset.",
            )
        ]
    return _in_order(times, rows)


def _is_first(local: pd.DatetimeIndex) -> BoolArray:
    """True where a local time stands in the table for the first time."""
    return ~np.asarray(local.duplicated(keep="first"))


def _in_order(
    times: pd.DatetimeIndex, rows: IntArray
) -> tuple[pd.DatetimeIndex, list[Finding]]:
    """The times, and those that come twice or earlier than the row before."""
    findings = []
    twice = times[times.duplicated()]
    if len(twice):
        findings.append(
            finding(
                "TIME_TWICE",
                COLUMN,
                f"{listing(list(twice))} stand there twice.",
                "Keep one row of each.",
            )
        )
    back = rows[1:][np.diff(instants(times)) < 0]
    if len(back):
        findings.append(
            finding(
                "TIME_ORDER",
                COLUMN,
                f"go back in rows {listing(back)}.",
                "Sort the rows by time.",
            )
        )
    return times, findings


def _unreadable(text: pd.Series, parsed: pd.Series) -> list[Finding]:
    bad = parsed.isna()
    rows = rows_of(text)[bad]
    cells = [
        f"'{cell}' in row {row}" for cell, row in zip(text[bad], rows, strict=True)
    ]
    remedy = "Write times like 2025-03-01 14:30 or 2025-03-01T14:30Z."
    return [finding("TIME_VALUE", COLUMN, f"{listing(cells)} cannot be read.", remedy)]


def _nothing() -> pd.DatetimeIndex:
    return pd.DatetimeIndex([], tz="UTC")
