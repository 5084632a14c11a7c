"""A service in this process: an app on a real SQLite database, people with keys, and a market whose clock the test sets."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from fastapi import FastAPI
from fastapi.testclient import TestClient

from tieline.service.app import make_app
from tieline.service.settings import ServiceSettings
from tieline.service.store import (
    Store,
    clearings,
    intervals,
    ledger,
    markets,
    open_store,
    people,
)
from tieline.service.store.clearings import (
    Clearing,
    Fate,
    NodePrice,
    SetPoint,
    Settled,
)
from tieline.service.store.clock import Clock
from tieline.service.store.drafts import make_draft
from tieline.service.web.service import Service, make_service

START = datetime(2026, 6, 1, 10, 0, tzinfo=UTC)
GATE = START - timedelta(seconds=30)
INTERVAL = "2026-06-01T10:00:00Z"
DEVICES = [
    {"name": "bess-3", "participant": "ann", "bus": "18", "p_kw": 100.0},
    {"name": "pv-7", "participant": "bob", "bus": "33", "p_kw": 100.0},
]
DEFINITION = {"feeder": "ieee33", "blocks": 3, "devices": DEVICES}
PLACE = f"/v1/markets/minute/intervals/{INTERVAL}"
BASE = "http://127.0.0.1"


@dataclass
class World:
    """The service, who may use it, and its time."""

    service: Service
    app: FastAPI
    client: TestClient
    keys: dict[str, str]
    moment: datetime = GATE - timedelta(minutes=5)

    @property
    def store(self) -> Store:
        return self.service.store

    def ask(self, who: str | None, method: str, path: str, **options: Any) -> Any:
        """A request with the key of a person."""
        headers = dict(options.pop("headers", {}))
        if who is not None:
            headers["Authorization"] = f"Bearer {self.keys.get(who, who)}"
        return self.client.request(method, path, headers=headers, **options)

    def pass_gate(self) -> None:
        """Let the gate of the interval close."""
        self.moment = GATE
        self.store.write(lambda c: intervals.close_due(c, self.store.now()))

    def rows(self, table: Any) -> int:
        """Rows of a table."""
        with self.store.read() as connection:
            return len(connection.execute(table.select()).all())


@contextmanager
def open_world(
    folder: Path, with_market: bool = True, **settings: Any
) -> Iterator[World]:
    """A service in a folder, with an operator, two participants, a reader, and a market with one open interval."""
    asked = ServiceSettings(home=str(folder / "home"), per_second=1000.0, **settings)
    asked.folder.mkdir(parents=True)
    clock = Clock(lambda: world.moment)
    store = open_store(asked.database_url)
    world: World
    keys: dict[str, str] = {}
    moment = GATE - timedelta(minutes=5)

    def fill(connection: Any) -> None:
        roles: dict[str, people.Role] = {
            "ops": "operator",
            "ann": "participant",
            "bob": "participant",
            "eve": "reader",
        }
        for name, role in roles.items():
            keys[name] = people.add_participant(connection, name, role, moment)
        if with_market:
            _add_market(connection, moment)

    try:
        service = make_service(asked, store)
        app = make_app(service)
        with TestClient(app, base_url=BASE, raise_server_exceptions=False) as client:
            world = World(service, app, client, keys, moment)
            store.clock = clock
            store.write(fill)
            yield world
    finally:
        store.close()


def _add_market(connection: Any, moment: datetime) -> None:
    markets.add(connection, "minute", DEFINITION, "CAD", moment)
    end = START + timedelta(minutes=1)
    intervals.open_(connection, "minute", START, end, GATE, moment)


def publish(world: World) -> None:
    """Clear the interval with the bids that are in its book."""
    world.pass_gate()
    now = world.store.now()

    def work(connection) -> None:
        book = ledger.book(connection, "minute", START)
        clearing = Clearing(
            market="minute",
            starts_at=START,
            book_digest=book.digest,
            dispatch=[
                SetPoint("bess-3", "ann", 0.0, 40.0),
                SetPoint("pv-7", "bob", 0.0, 15.0),
            ],
            prices=[NodePrice("18", 1, 0.97, 0.10, 0.01, 0.02, 0.03)],
            settlement=[
                Settled("DER bess-3", "energy", "ann", 0.67, 11),
                Settled("losses", "energy", "", 0.1, -2),
            ],
            fates={bid.bid_id: Fate("cleared") for bid in book.bids},
            facts={"loss_kw": 3.5},
        )
        clearings.publish(connection, make_draft(connection, clearing), None, now)

    world.store.write(work)
