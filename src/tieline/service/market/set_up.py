"""The market that a service starts with: from a file or the one to look at, kept in the database under its name."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path

import sqlalchemy as sa

from tieline.service.market.add import NewKey, add_market, kept_market
from tieline.service.market.definition import Definition, read_definition
from tieline.service.market.playing import is_same_market, played

DEMO = Path(__file__).parent / "shipped" / "ieee123.toml"
"""The market of `tieline serve --demo`."""

DEMO_SPEED = 60.0
"""A minute in a second: a day in 24 minutes."""


def set_up_market(
    c: sa.Connection, definition: Definition, speed: float | None, now: datetime
) -> tuple[Definition, list[NewKey]]:
    """Add a market to a database, or go on with the one that is there.

    Args:
        c: connection.
        definition: as it is wanted.
        speed: with which its participants are played; None if they are not.
        now: the moment.

    Returns:
        The market as it is kept, and keys of participants that were not there before.

    Raises:
        Conflict: if there is a market of this name with another definition.
        InputError: if the market cannot be played so fast.
    """
    earlier_market = kept_market(c, definition.name)
    is_there = earlier_market is not None and is_same_market(earlier_market, definition)
    if earlier_market is not None and is_there and speed is not None:
        # its clock goes on, as the past of a market cannot change
        return earlier_market, []
    market = definition
    if speed is not None:
        market = played(definition, speed, now)
    return market, add_market(c, market, now)


def wanted_market(
    file: str | None, *, is_demo: bool, speed: float | None
) -> tuple[Definition, float | None] | None:
    """The market that is asked for and its speed; None if none is.

    Raises:
        InputError: if its file cannot be used.
    """
    if is_demo:
        return read_definition(DEMO), DEMO_SPEED if speed is None else speed
    if file is None:
        return None
    return read_definition(Path(file)), speed
