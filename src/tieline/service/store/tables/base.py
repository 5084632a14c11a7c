"""What all tables share: one list of them, and columns for moments, plain values and running numbers.

A moment is stored as whole microseconds since 1970 in UTC, because SQLite has no type for it and text with zones does not sort.
Plain values (a configuration, offers) are stored as JSON text with sorted keys, so that the same values give the same digest in
both databases.
"""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from typing import Any

import sqlalchemy as sa

metadata = sa.MetaData(
    naming_convention={
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "ck": "ck_%(table_name)s_%(constraint_name)s",
        "fk": "fk_%(table_name)s_%(column_0_N_name)s",
        "pk": "pk_%(table_name)s",
    }
)

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
MICROSECOND = timedelta(microseconds=1)

# SQLite gives running numbers to a column of exactly this type only
Number = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


class Moment(sa.types.TypeDecorator[datetime]):
    """An aware datetime in Python, microseconds of UTC in the database."""

    impl = sa.BigInteger
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Any) -> int | None:
        """Microseconds of a moment."""
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError(f"{value} has no time zone")
        return (value - EPOCH) // MICROSECOND

    def process_result_value(self, value: int | None, dialect: Any) -> datetime | None:
        """The moment again, in UTC."""
        if value is None:
            return None
        return EPOCH + value * MICROSECOND


class Plain(sa.types.TypeDecorator[Any]):
    """Lists, dictionaries, texts and finite numbers; JSON text in the database."""

    impl = sa.Text
    cache_ok = True

    def process_bind_param(self, value: Any, dialect: Any) -> str | None:
        """Text of a value; NaN is refused, since no reader of JSON need understand it."""
        if value is None:
            return None
        return json.dumps(value, sort_keys=True, separators=(",", ":"), allow_nan=False)

    def process_result_value(self, value: str | None, dialect: Any) -> Any:
        """The value again; tuples come back as lists."""
        if value is None:
            return None
        return json.loads(value)
