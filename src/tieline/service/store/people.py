"""Participants, their roles and their keys. Of a key only the digest is kept: it is shown once, when it is made.

A key holds 256 random bits, so a plain SHA-256 is enough: there is nothing to guess that slow hashing would protect.
"""

from __future__ import annotations

import hashlib
import secrets
from dataclasses import dataclass
from datetime import datetime
from typing import Literal, get_args

import sqlalchemy as sa

from tieline.errors import unknown_name_message
from tieline.service.store.prepared import Prepared
from tieline.service.store.refusals import Conflict, Refusal, UnknownParticipant
from tieline.service.store.tables import keys, participants

Role = Literal["participant", "operator", "reader"]

PREFIX = "tieline_"
"""How keys begin, so that one in a log or a repository is known for what it is."""


_BY_NAME = Prepared(
    sa.select(participants.c.name, participants.c.role).where(
        participants.c.name == sa.bindparam("name")
    )
)

_BY_KEY = Prepared(
    sa.select(participants.c.name, participants.c.role)
    .join(keys)
    .where(
        keys.c.digest == sa.bindparam("digest"),
        keys.c.revoked_at.is_(None),
        keys.c.expires_at.is_(None) | (keys.c.expires_at > sa.bindparam("now")),
    )
)


@dataclass(frozen=True)
class Person:
    """Who asks."""

    name: str
    role: Role


def add_participant(
    c: sa.Connection,
    name: str,
    role: Role,
    now: datetime,
    expires_at: datetime | None = None,
) -> str:
    """Add a participant; returns its key, which is not kept.

    Raises:
        Conflict: if the name is taken.
        Refusal: if there is no such role.
    """
    if role not in get_args(Role):
        raise Refusal(unknown_name_message("role", role, get_args(Role)))
    if find(c, name) is not None:
        raise Conflict(f"Participant '{name}' is there already. Choose another name.")
    c.execute(participants.insert().values(name=name, role=role, added_at=now))
    return add_key(c, name, now, expires_at)


def add_key(
    c: sa.Connection, name: str, now: datetime, expires_at: datetime | None = None
) -> str:
    """A further key of a participant; the earlier ones go on.

    Raises:
        UnknownParticipant: if there is none of this name.
    """
    _require(c, name)
    key = PREFIX + secrets.token_urlsafe(32)
    row = {"digest": digest_of_key(key), "participant": name, "added_at": now}
    c.execute(keys.insert().values(**row, expires_at=expires_at))
    return key


def revoke_key(c: sa.Connection, key: str, now: datetime) -> None:
    """End one key; nothing happens if it is nobody's."""
    is_it = (keys.c.digest == digest_of_key(key)) & keys.c.revoked_at.is_(None)
    c.execute(keys.update().where(is_it).values(revoked_at=now))


def revoke_keys(c: sa.Connection, name: str, now: datetime) -> int:
    """End all keys of a participant; returns how many.

    Raises:
        UnknownParticipant: if there is none of this name.
    """
    _require(c, name)
    is_theirs = (keys.c.participant == name) & keys.c.revoked_at.is_(None)
    return c.execute(keys.update().where(is_theirs).values(revoked_at=now)).rowcount


@dataclass(frozen=True)
class KeyRow:
    """A key as the database knows it, without the key."""

    participant: str
    role: Role
    added_at: datetime
    expires_at: datetime | None
    revoked_at: datetime | None


def all_keys(c: sa.Connection) -> list[KeyRow]:
    """Every key there was, by participant and in the order in which they were made."""
    columns = [keys.c[name] for name in ("added_at", "expires_at", "revoked_at")]
    statement = sa.select(keys.c.participant, participants.c.role, *columns)
    ordered = statement.join(participants).order_by(keys.c.participant, keys.c.added_at)
    return [KeyRow(*row) for row in c.execute(ordered)]


def who(c: sa.Connection, key: str, now: datetime) -> Person | None:
    """Whose key it is; None if it is nobody's, was revoked or has expired."""
    rows = _BY_KEY.rows(c, digest=digest_of_key(key), now=now)
    return Person(*rows[0]) if rows else None


def find(c: sa.Connection, name: str) -> Person | None:
    """The participant of a name; None if there is none."""
    rows = _BY_NAME.rows(c, name=name)
    return Person(*rows[0]) if rows else None


def everyone(c: sa.Connection) -> list[Person]:
    """All participants, by name."""
    statement = sa.select(participants.c.name, participants.c.role)
    rows = c.execute(statement.order_by(participants.c.name))
    return [Person(*row) for row in rows]


def _require(c: sa.Connection, name: str) -> None:
    """Raise `UnknownParticipant` for a name that nobody has."""
    if find(c, name) is None:
        names = c.execute(sa.select(participants.c.name)).scalars()
        raise UnknownParticipant(unknown_name_message("participant", name, names))


def digest_of_key(key: str) -> str:
    """What is kept of a key."""
    return hashlib.sha256(key.encode()).hexdigest()
