"""The minute of every row, where a table has several rows a minute."""

from __future__ import annotations

from collections.abc import Sequence

import pandas as pd

from tieline.studies.market.ways.record import MinuteRecord


def minute_column(records: Sequence[MinuteRecord], rows: int) -> pd.DatetimeIndex:
    """The start of each minute, `rows` times in a row."""
    return pd.DatetimeIndex([record.time for record in records]).repeat(rows)
