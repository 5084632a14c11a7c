"""The markets there are, each with its definition as plain values."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from tieline.errors import unknown_name_message
from tieline.service.store.refusals import Conflict, UnknownMarket
from tieline.service.store.tables import markets

_NAMES = sa.select(markets.c.name).order_by(markets.c.name)


@dataclass(frozen=True)
class MarketRow:
    """A market as the database has it."""

    name: str
    definition: dict[str, Any]
    currency: str
    added_at: datetime


def add(
    c: sa.Connection,
    name: str,
    definition: dict[str, Any],
    currency: str,
    now: datetime,
) -> MarketRow:
    """Add a market; the same one again changes nothing.

    Raises:
        Conflict: if there is one of this name with another definition: its past would no longer be reproducible.
    """
    row = c.execute(markets.select().where(markets.c.name == name)).one_or_none()
    if row is None:
        values = {"name": name, "definition": definition, "currency": currency}
        c.execute(markets.insert().values(**values, added_at=now))
        return find(c, name)
    if (row.definition, row.currency) != (definition, currency):
        raise Conflict(
            f"Market '{name}' is there with another definition. Give the changed market a new name."
        )
    return MarketRow(**row._mapping)


def find(c: sa.Connection, name: str) -> MarketRow:
    """The market of a name.

    Raises:
        UnknownMarket: if there is none.
    """
    row = c.execute(markets.select().where(markets.c.name == name)).one_or_none()
    if row is None:
        raise UnknownMarket(unknown_name_message("market", name, names(c)))
    return MarketRow(**row._mapping)


def names(c: sa.Connection) -> list[str]:
    """Names of all markets, in order."""
    return list(c.execute(_NAMES).scalars())


def all_of(c: sa.Connection) -> list[MarketRow]:
    """All markets, by name."""
    rows = c.execute(markets.select().order_by(markets.c.name)).mappings()
    return [MarketRow(**row) for row in rows]
