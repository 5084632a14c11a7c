"""What was measured in an interval; a later value of the same quantity is added, and is the one that counts."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

import sqlalchemy as sa

from tieline.service.store import intervals
from tieline.service.store.tables import measurements

Quantity = tuple[str, str]
"""Device or bus, and what was measured there with its unit: ("bus7", "v_pu")."""


def add(
    c: sa.Connection,
    market: str,
    starts_at: datetime,
    values: Mapping[Quantity, float],
    measured_by: str,
    now: datetime,
) -> None:
    """Add measurements of an interval.

    Raises:
        UnknownMarket, UnknownInterval: if there is none of that name.
    """
    intervals.get(c, market, starts_at)
    common = {"market": market, "starts_at": starts_at, "measured_by": measured_by}
    rows = [
        {
            **common,
            "device": device,
            "quantity": quantity,
            "value": value,
            "received_at": now,
        }
        for (device, quantity), value in values.items()
    ]
    if rows:
        c.execute(measurements.insert(), rows)


def newest(
    c: sa.Connection, market: str, starts_at: datetime, before: datetime | None = None
) -> dict[Quantity, float]:
    """The value of each quantity of an interval that counts, of those that came before a moment if one is given."""
    condition = (measurements.c.market == market) & (
        measurements.c.starts_at == starts_at
    )
    if before is not None:
        condition &= measurements.c.received_at < before
    statement = measurements.select().where(condition)
    rows = c.execute(statement.order_by(measurements.c.measurement_id))
    return {(row.device, row.quantity): row.value for row in rows}
