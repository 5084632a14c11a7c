"""Statements that are asked often: the rows and the errors of `Connection.execute`, from both databases."""

from __future__ import annotations

from datetime import timedelta

import pytest
import sqlalchemy as sa
from sqlalchemy.exc import IntegrityError

from bid_market import OPENED
from tieline.service.store import Store, people
from tieline.service.store.prepared import Prepared
from tieline.service.store.refusals import StoreFailed
from tieline.service.store.tables import answers, participants

ADD = (
    participants.insert()
    .values({column: sa.bindparam(column.name) for column in participants.c})
    .returning(participants.c.name, participants.c.added_at)
)

EARLIEST = (
    sa.select(participants)
    .where(participants.c.added_at >= sa.bindparam("earliest"))
    .order_by(participants.c.added_at)
    .limit(2)
)


def test_rows_are_those_of_sqlalchemy(store: Store):
    def write(c: sa.Connection) -> None:
        for number in range(4):
            people.add_participant(
                c, f"p{number}", "reader", OPENED + timedelta(seconds=number)
            )

    store.write(write)
    earliest = OPENED + timedelta(seconds=1)
    with store.read() as c:
        rows = Prepared(EARLIEST).rows(c, earliest=earliest)
        assert rows == [
            tuple(row) for row in c.execute(EARLIEST, {"earliest": earliest})
        ]
    assert [name for name, *_ in rows] == ["p1", "p2"]


def test_a_change_gives_what_it_returns_and_plain_values_come_back(store: Store):
    add = Prepared(ADD)
    values = {"name": "ann", "role": "reader", "added_at": OPENED}
    assert store.write(lambda c: add.rows(c, **values)) == [("ann", OPENED)]
    body = {"b": [1, 2.5, None], "a": "\u00e4"}
    keep = Prepared(
        answers.insert()
        .values({column: sa.bindparam(column.name) for column in answers.c})
        .returning(answers.c.body)
    )
    row = {
        "participant": "ann",
        "idempotency_key": "k",
        "request_digest": "d",
        "status": 201,
        "body": body,
        "kept_at": OPENED,
    }
    assert store.write(lambda c: keep.rows(c, **row)) == [(body,)]


def test_a_statement_that_is_refused_fails_alone(store: Store):
    add = Prepared(ADD)
    values = {"name": "ann", "role": "reader", "added_at": OPENED}
    store.write(lambda c: add.rows(c, **values))
    with pytest.raises(IntegrityError):
        store.write(lambda c: add.rows(c, **values))
    others = store.write(lambda c: add.rows(c, **values | {"name": "bob"}))
    assert others == [("bob", OPENED)]


def test_readers_write_nothing(store: Store):
    add = Prepared(ADD)
    with pytest.raises(StoreFailed), store.read() as c:
        add.rows(c, name="ann", role="reader", added_at=OPENED)
    with store.read() as c:
        assert people.everyone(c) == []
