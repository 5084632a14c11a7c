"""`add_market`: a market into the database, with its participants."""

from __future__ import annotations

from typing import NamedTuple

import sqlalchemy as sa

from tieline.errors import InputError
from tieline.service.market.definition import Definition, make_definition
from tieline.service.store import markets, people
from tieline.service.store.refusals import UnknownMarket


class NewKey(NamedTuple):
    """The key of a participant that was not there before; it is kept nowhere."""

    participant: str
    key: str


def add_market(c: sa.Connection, definition: Definition, now) -> list[NewKey]:
    """Add a market; the same one again changes nothing. Returns keys of its participants that were not there before.

    Raises:
        Conflict: if there is one of this name with another definition.
        InputError: if a participant of the market is in the database as an operator or reader.
    """
    new_keys = []
    without_role = []
    for name in definition.participants:
        person = people.find(c, name)
        if person is None:
            key = people.add_participant(c, name, "participant", now)
            new_keys.append(NewKey(name, key))
        elif person.role != "participant":
            without_role.append(name)
    if without_role:
        raise InputError(
            f"Market '{definition.name}': {', '.join(without_role)} are no participants here and may not bid. Rename them."
        )
    markets.add(c, definition.name, definition.as_values(), definition.currency, now)
    return new_keys


def kept_market(c: sa.Connection, name: str) -> Definition | None:
    """The market of a name as it was added; None if there is none."""
    try:
        row = markets.find(c, name)
    except UnknownMarket:
        return None
    return make_definition(row.definition, f"Market '{name}' of the database")
