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
        return [self.find(c, name) for name in markets.names(c)]

    def find(self, c: sa.Connection, name: str) -> Definition:
        """The market of a name.

        Raises:
            UnknownMarket: if there is none.
        """
        if name not in self._definitions:
            values = markets.find(c, name).definition
            what = f"Market '{name}' of the database"
            self._definitions[name] = make_definition(values, what)
        return self._definitions[name]
