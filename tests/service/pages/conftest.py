"""A service with a market of the 33-bus feeder: one interval that is cleared, and one that takes bids."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
import uvicorn
from service_world import GATE, START, World, open_world

from tieline.feeders import load_feeder
from tieline.service.store import clearings, intervals, ledger, markets
from tieline.service.store.clearings import (
    Clearing,
    Fate,
    NodePrice,
    SetPoint,
    Settled,
)
from tieline.service.store.drafts import make_draft
from tieline.service.store.offers import make_offer

MINUTE = timedelta(minutes=1)
BOARD = "board"
CHROMIUM = Path("/usr/bin/chromium")

DEFINITION: dict[str, Any] = {
    "feeder": "ieee33",
    "name": "board",
    "reference_price": 0.1,
    "blocks": 3,
    "rules": {"microgrids": 2, "adequate": False},
    "devices": [
        {"name": "roof", "participant": "ann", "bus": "18", "p_kw": 80.0},
        {"name": "mill", "participant": "bob", "bus": "33", "p_kw": 120.0},
    ],
}

FACTS = {
    "demand_kw": [90.0, 0.0],
    "bought_kw": [10.0, 0.0],
    "regions": [0, 0],
    "loss_kw": 12.5,
    "binding": ["line 6-26"],
}


@pytest.fixture
def world(tmp_path: Path) -> Iterator[World]:
    with open_world(tmp_path) as opened:
        opened.store.write(lambda c: _add_market(c, opened))
        yield opened


@pytest.fixture
def cleared(world: World) -> World:
    """With the first interval cleared: the bid of ann is taken, that of bob is not."""
    world.moment = GATE
    world.store.write(_clear)
    return world


@pytest.fixture(scope="module")
def browser() -> Iterator[Any]:
    """Debian's Chromium; a test that needs it skips where it is not installed."""
    if not CHROMIUM.exists():
        pytest.skip("needs the Chromium of Debian")
    playwright = pytest.importorskip("playwright.sync_api")
    # it runs a loop in this thread: left open, no other test could start one
    with playwright.sync_playwright() as program:
        opened = program.chromium.launch(
            executable_path=str(CHROMIUM), args=["--no-sandbox"]
        )
        yield opened
        opened.close()


@pytest.fixture
def site(world: World) -> Iterator[str]:
    """Address of the service, listening on this machine."""
    server = uvicorn.Server(uvicorn.Config(world.app, port=0, log_level="error"))
    world.service.is_stopping = lambda: server.should_exit
    thread = threading.Thread(target=server.run)
    thread.start()
    while not server.started:
        time.sleep(0.01)
    port = server.servers[0].sockets[0].getsockname()[1]
    yield f"http://127.0.0.1:{port}"
    server.should_exit = True
    thread.join()


def _add_market(c: sa.Connection, world: World) -> None:
    now = world.moment
    markets.add(c, BOARD, DEFINITION, "CAD", now)
    for start in (START, START + MINUTE):
        gate = start - timedelta(seconds=30)
        intervals.open_(c, BOARD, start, start + MINUTE, gate, now)
    ledger.place(c, BOARD, START, "ann", [make_offer("roof", [(80.0, 0.12)])], now)
    ledger.place(c, BOARD, START, "bob", [make_offer("mill", [(120.0, 0.5)])], now)


def _clear(c: sa.Connection) -> None:
    now = GATE
    intervals.close_due(c, now)
    book = ledger.book(c, BOARD, START)
    ann, bob = (bid.bid_id for bid in book.bids)
    block = {"device": "roof", "cleared_kw": 80.0}
    fates = {
        ann: Fate("cleared", "", [block]),
        bob: Fate("rejected", "mill: dearer than the main feeder"),
    }
    buses = [bus.name for bus in load_feeder("ieee33").buses]
    prices = [
        NodePrice(bus, 1, 1.0 - 0.002 * k, 0.1, 0.001 * k, 0.0, 0.0)
        for k, bus in enumerate(buses)
    ]
    clearing = Clearing(
        market=BOARD,
        starts_at=START,
        book_digest=book.digest,
        dispatch=[SetPoint("roof", "ann", 0.0, 80.0)],
        prices=prices,
        settlement=[
            Settled("DER roof", "energy", "ann", 1.333, 16),
            Settled("loads", "energy", "", -1.333, -16),
        ],
        fates=fates,
        facts=FACTS,
    )
    clearings.publish(c, make_draft(c, clearing), None, now)
