"""Markets of the database as definitions, and their feeders. A definition never changes under its name, so each is read once."""

from __future__ import annotations

from functools import lru_cache

import sqlalchemy as sa

from tieline.feeders import Feeder, load_feeder
from tieline.service.market.definition import Definition, make_definition
from tieline.service.store import markets

MOST_FEEDERS = 8
"""As many as one service has markets of different feeders at most, nearly always."""


@lru_cache(maxsize=MOST_FEEDERS)
def feeder_of(name: str) -> Feeder:
    """The feeder of a market, read once."""
    return load_feeder(name)


class KnownMarkets:
    """Definitions by name, read when first asked for."""

    def __init__(self) -> None:
        self._definitions: dict[str, Definition] = {}

    def all_of(self, c: sa.Connection) -> list[Definition]:
        """All markets of the database."""
        return [self._of(row) for row in markets.all_of(c)]

    def find(self, c: sa.Connection, name: str) -> Definition:
        """The market of a name.

        Raises:
            UnknownMarket: if there is none.
        """
        return self._of(markets.find(c, name))

    def _of(self, row: markets.MarketRow) -> Definition:
        if row.name not in self._definitions:
            what = f"Market '{row.name}' of the database"
            self._definitions[row.name] = make_definition(row.definition, what)
        return self._definitions[row.name]
