"""The newest value of a quantity counts, of those that came before the gate if that is asked."""

from __future__ import annotations

from datetime import timedelta

import pytest

from bid_market import GATE, MARKET, OPENED, START, add_market
from tieline.service.store import Store, measurements
from tieline.service.store.refusals import UnknownInterval

P = ("bus7", "p_kw")
Q = ("bus7", "q_kvar")


def add(store: Store, values, now, starts_at=START) -> None:
    store.write(lambda c: measurements.add(c, MARKET, starts_at, values, "scada", now))


def test_the_newest_counts(store: Store):
    add_market(store)
    add(store, {P: 1.0, Q: 0.5}, OPENED)
    add(store, {P: 2.0}, OPENED)
    add(store, {P: 3.0}, GATE)
    add(store, {}, GATE)
    with store.read() as c:
        assert measurements.newest(c, MARKET, START) == {P: 3.0, Q: 0.5}
        assert measurements.newest(c, MARKET, START, before=GATE) == {P: 2.0, Q: 0.5}


def test_of_an_unknown_interval(store: Store):
    add_market(store)
    with pytest.raises(UnknownInterval):
        add(store, {P: 1.0}, OPENED, START + timedelta(seconds=1))
