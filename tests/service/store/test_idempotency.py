"""A request that comes twice under one key is answered twice and done once; another request under it is refused."""

from __future__ import annotations

from datetime import timedelta

import pytest

from bid_market import OPENED
from tieline.service.store import Store, idempotency
from tieline.service.store.idempotency import KeptAnswer
from tieline.service.store.refusals import KeyReused

ANSWER = KeptAnswer(201, {"bid": 7})


def test_the_same_answer_for_the_same_request_of_the_same_one(store: Store):
    store.write(lambda c: idempotency.keep(c, "ann", "k1", "digest", ANSWER, OPENED))
    with store.read() as c:
        assert idempotency.recall(c, "ann", "k1", "digest") == ANSWER
        assert idempotency.recall(c, "ann", "k2", "digest") is None
        assert idempotency.recall(c, "bob", "k1", "digest") is None
        with pytest.raises(KeyReused, match="Choose a new key"):
            idempotency.recall(c, "ann", "k1", "other")


def test_answers_are_forgotten_in_time(store: Store):
    store.write(lambda c: idempotency.keep(c, "ann", "k1", "digest", ANSWER, OPENED))
    assert store.write(lambda c: idempotency.forget(c, OPENED)) == 0
    later = OPENED + timedelta(days=1)
    assert store.write(lambda c: idempotency.forget(c, later)) == 1
    with store.read() as c:
        assert idempotency.recall(c, "ann", "k1", "other") is None
