"""A market on a database, with a clock that the test moves."""

from __future__ import annotations

from datetime import datetime

from tieline.service.jobs import workers
from tieline.service.jobs.worker import Worker
from tieline.service.market.add import add_market
from tieline.service.market.definition import Definition
from tieline.service.market.timekeeper import Timekeeper
from tieline.service.store import (
    Store,
    clearings,
    intervals,
    ledger,
    measurements,
    open_store,
)
from tieline.service.store.clock import Clock
from tieline.service.store.offers import make_offer

MARKET = "small"


class Day:
    """A market on a database, and the hands of its clock."""

    def __init__(self, address: str, definition: Definition, now: datetime) -> None:
        self.now = now
        self.definition = definition
        self._address = address
        self.restart()
        self.store.write(lambda c: add_market(c, definition, now))
        self.go_to(now)
        with self.store.read() as c:
            assert intervals.newest(c, MARKET) is None  # nobody could clear
        self.start_worker()
        self.go_to(now)

    def restart(self) -> None:
        """As after a crash: nothing is remembered but the database."""
        self.store: Store = open_store(self._address, Clock(lambda: self.now))
        self.timekeeper = Timekeeper(self.store)

    def start_worker(self) -> None:
        self.store.write(lambda c: workers.announce(c, "worker", ["clear"], self.now))
        self.store.write(lambda c: workers.ready(c, "worker", self.now))

    def go_to(self, moment: datetime) -> None:
        self.now = moment
        self.timekeeper.look()

    def bid(self, starts_at, who, **blocks) -> int:
        offers = [make_offer(device, of_device) for device, of_device in blocks.items()]
        receipt = self.store.write(
            lambda c: ledger.place(c, MARKET, starts_at, who, offers, self.now)
        )
        return receipt.bid_id

    def measure(self, starts_at, p_kw) -> None:
        values = {("2", "p_kw"): p_kw}
        self.store.write(
            lambda c: measurements.add(c, MARKET, starts_at, values, "meter", self.now)
        )

    def work(self) -> bool:
        return Worker(self.store, ["clear"], "worker", 15.0).do_one()

    def published(self, starts_at) -> clearings.Published:
        with self.store.read() as c:
            published = clearings.published(c, MARKET, starts_at)
        assert published is not None
        return published
