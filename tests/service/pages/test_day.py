"""A simulated day is watched in a browser: real clearings of a small market, one of them with a bid that was placed by hand."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from browser_visits import enter
from service_world import World, open_world

from tieline.feeders import load_feeder
from tieline.service.jobs import workers
from tieline.service.jobs.worker import Worker
from tieline.service.market.add import add_market
from tieline.service.market.definition import Definition, make_definition
from tieline.service.market.simulate import METER, Players
from tieline.service.market.timekeeper import Timekeeper
from tieline.service.store import clearings as kept
from tieline.service.store import intervals, ledger, measurements
from tieline.service.store.intervals import Interval

HOURS = 24
BIDS_BY_HAND = 8
"""The hour for which ann bids herself."""

DEFINITION: dict[str, Any] = {
    "name": "hours",
    "feeder": "ieee33",
    "zone": "America/Edmonton",
    "currency": "CAD",
    "reference-price": 0.10,
    "blocks": 2,
    "gates": {
        "interval-minutes": 60,
        "lead-s": 60,
        "deadline-s": 50,
        "ahead-minutes": 180,
    },
    "rules": {
        "load-pct": 50,
        "microgrids": 1,
        "adequate": False,
        "limit": "24-25:300",
        "lowest-pu": 0.90,
        "highest-pu": 1.05,
    },
    "meters": {"2": 900},
    "devices": [
        {"name": "north", "participant": "ann", "bus": "25", "p-kw": 600},
        {"name": "south", "participant": "bob", "bus": "6", "p-kw": 600},
        {"name": "west", "participant": "bob", "bus": "22", "kind": "pv", "p-kw": 600},
    ],
}

MIDNIGHT = datetime(2026, 6, 21, 6, 0, tzinfo=UTC)
"""Of Edmonton."""


class SimulatedDay:
    """A market whose participants and meters are played, hour by hour, with the clock of the service."""

    def __init__(self, world: World) -> None:
        self.world = world
        self.definition: Definition = make_definition(DEFINITION)
        self.players = Players(self.definition, load_feeder("ieee33"))
        self.timekeeper = Timekeeper(world.store)
        self.worker = Worker(world.store, ["clear"], "worker", 600.0)
        world.moment = MIDNIGHT - timedelta(minutes=30)
        world.store.write(lambda c: add_market(c, self.definition, world.moment))
        world.store.write(
            lambda c: workers.announce(c, "worker", ["clear"], world.moment)
        )
        world.store.write(lambda c: workers.ready(c, "worker", world.moment))
        self.timekeeper.look()

    def next_interval(self) -> Interval:
        with self.world.store.read() as c:
            interval = intervals.next_open(c, "hours", self.world.moment)
        assert interval is not None
        return interval

    def play(self, interval: Interval, absent: str = "") -> None:
        """Measure and bid for an interval, but for who is absent, then clear it."""
        start = interval.starts_at
        store = self.world.store
        measured = self.players.measured(start)
        store.write(
            lambda c: measurements.add(c, "hours", start, measured, METER, store.now())
        )
        for name, offers in self.players.bids(start).items():
            if name != absent:
                self._bid(start, name, offers)
        self.world.moment = interval.gate_at
        # a worker that says nothing for long is taken for lost, and no interval opens
        store.write(lambda c: workers.seen(c, "worker", store.now()))
        self.timekeeper.look()
        assert self.worker.do_one()

    def _bid(self, start: datetime, name: str, offers: Any) -> None:
        now = self.world.moment
        self.world.store.write(
            lambda c: ledger.place(c, "hours", start, name, offers, now)
        )


@pytest.fixture
def world(tmp_path: Path) -> Iterator[World]:
    """Without another market: the timekeeper looks after all."""
    with open_world(tmp_path, with_market=False) as opened:
        yield opened


@pytest.fixture
def day(world: World) -> SimulatedDay:
    return SimulatedDay(world)


def test_a_simulated_day_is_watched_with_a_bid_of_ones_own(
    browser: Any, world: World, day: SimulatedDay, site: str
):
    page, complaints = enter(browser, site, world.keys["ann"], "/markets/hours")
    assert "Nothing was cleared yet." in page.inner_text(".board")
    for hour in range(HOURS):
        interval = day.next_interval()
        seconds = int(interval.starts_at.timestamp())
        if hour == BIDS_BY_HAND:
            _bid_by_hand(page, seconds)
            day.play(interval, absent="ann")
            page.wait_for_selector(f"h2[data-start='{seconds}']")
            _see_it_cleared(page, world, interval)
        else:
            day.play(interval)
        if page.is_visible("input[name=key]"):
            _sign_in_again(page, world)
    page.wait_for_selector(f"h2[data-start='{seconds}']")
    assert int(page.get_attribute("input[type=range]", "max")) == HOURS - 1
    _look_back(page, HOURS, seconds)
    assert complaints == []


def _sign_in_again(page: Any, world: World) -> None:
    """A session lasts half a day; its end leads from the board to the form, and the form back."""
    page.fill("input[name=key]", world.keys["ann"])
    page.click("main button")
    page.wait_for_selector(".interval h2")


def _bid_by_hand(page: Any, seconds: int) -> None:
    """A bid on the form of the board, which is for the next gate by now."""
    page.wait_for_selector(f"input.taking[value='{seconds}']", state="attached")
    page.click("details.bid summary")
    page.fill("input[name='kw:north']", "250")
    page.fill("input[name='price:north']", "0.01")
    page.click("details.bid button")
    page.wait_for_selector("text=Your bid was placed.")
    page.click("text=Change your bid")
    assert page.input_value("input[name='kw:north']") == "250.0"


def _see_it_cleared(page: Any, world: World, interval: Interval) -> None:
    """The board says what was taken of the bid, and what it earns."""
    row = page.inner_text(".interval tr:has(td:text-is('north'))")
    with world.store.read() as c:
        published = kept.published(c, "hours", interval.starts_at)
        (bid,) = ledger.rows(c, "hours", interval.starts_at, "ann")
    assert published is not None
    fate = published.clearing.fates[bid.bid_id]
    assert fate.fate == "cleared"
    # cheaper than all others, within the limit of its line
    assert sum(block["cleared_kw"] for block in fate.blocks) == pytest.approx(250)
    assert "250" in row
    assert row.endswith("taken")
    assert "DER north" in page.inner_text(".interval")


def _look_back(page: Any, hours: int, last_seconds: int) -> None:
    """The slider goes to the first hour, and its name says where it is."""
    first_seconds = last_seconds - (hours - 1) * 3600
    page.focus("input[type=range]")
    page.keyboard.press("Home")
    page.wait_for_selector(f"h2[data-start='{first_seconds}']")
    # the market's day is that of its place, in words that a screen reader says
    heading = page.inner_text(".interval h2")
    assert page.get_attribute("input[type=range]", "aria-valuetext") == heading
    page.click("[data-go=newest]")
    page.wait_for_selector(f"h2[data-start='{last_seconds}']")
