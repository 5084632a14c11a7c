"""Keys: shown once, kept as a digest, good until they expire or are revoked."""

from __future__ import annotations

from datetime import timedelta

import pytest
import sqlalchemy as sa

from bid_market import OPENED
from tieline.service.store import Store, people
from tieline.service.store.people import Person
from tieline.service.store.refusals import Conflict, Refusal, UnknownParticipant
from tieline.service.store.tables import keys

LATER = OPENED + timedelta(days=1)


def add(store: Store, name: str = "ann", role: people.Role = "participant") -> str:
    return store.write(lambda c: people.add_participant(c, name, role, OPENED))


def who(store: Store, key: str, now=OPENED) -> Person | None:
    with store.read() as c:
        return people.who(c, key, now)


def test_a_key_tells_whose_it_is(sqlite_store: Store):
    key = add(sqlite_store)
    assert who(sqlite_store, key) == Person("ann", "participant")
    assert who(sqlite_store, key + "x") is None
    assert who(sqlite_store, "") is None


def test_the_database_does_not_hold_the_key(sqlite_store: Store):
    key = add(sqlite_store)
    with sqlite_store.read() as c:
        row = str(c.execute(sa.select(keys)).one())
    assert key not in row
    assert key.removeprefix(people.PREFIX) not in row


def test_keys_expire_and_are_revoked(sqlite_store: Store):
    first = add(sqlite_store)
    second = sqlite_store.write(
        lambda c: people.add_key(c, "ann", OPENED, expires_at=LATER)
    )
    assert who(sqlite_store, second, LATER - timedelta(seconds=1)) is not None
    assert who(sqlite_store, second, LATER) is None
    assert sqlite_store.write(lambda c: people.revoke_keys(c, "ann", LATER)) == 2
    assert who(sqlite_store, first) is None


def test_refusals(sqlite_store: Store):
    add(sqlite_store)
    with pytest.raises(Conflict, match="there already"):
        add(sqlite_store)
    with pytest.raises(Refusal, match="Unknown role"):
        add(sqlite_store, "bob", "king")  # type: ignore[arg-type]
    with pytest.raises(UnknownParticipant, match="Did you mean 'ann'"):
        sqlite_store.write(lambda c: people.add_key(c, "anne", OPENED))
