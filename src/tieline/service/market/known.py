"""Markets of the database as definitions. A definition never changes under its name, so each is read once."""

from __future__ import annotations

import sqlalchemy as sa

from tieline.service.market.definition import Definition, make_definition
from tieline.service.store import markets


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
