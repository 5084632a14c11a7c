"""A small market: the 33-bus feeder with three devices of two participants, and a bus that takes more than is scheduled."""

from __future__ import annotations

import copy
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

import pytest
from market_day import Day

from tieline.service.market import job
from tieline.service.market.definition import Definition, make_definition
from tieline.service.market.job import Stages
from tieline.service.market.stage import Stage, make_stage

VALUES: dict[str, Any] = {
    "name": "small",
    "feeder": "ieee33",
    "zone": "America/Edmonton",
    "currency": "CAD",
    "reference-price": 0.10,
    "blocks": 2,
    "gates": {"interval-minutes": 1, "lead-s": 30, "deadline-s": 20},
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


@pytest.fixture
def values() -> dict[str, Any]:
    """Of the definition, to be changed."""
    return copy.deepcopy(VALUES)


@pytest.fixture(scope="session")
def definition() -> Definition:
    return make_definition(copy.deepcopy(VALUES))


@pytest.fixture(scope="session")
def stage(definition: Definition) -> Stage:
    return make_stage(definition)


@pytest.fixture
def now() -> datetime:
    """A summer's evening."""
    return datetime(2026, 6, 21, 23, 0, tzinfo=UTC)


@pytest.fixture
def day(
    sqlite_address: str, definition: Definition, stage, now, monkeypatch
) -> Iterator[Day]:
    monkeypatch.setattr(job, "STAGES", _ready(stage))
    day = Day(sqlite_address, definition, now)
    yield day
    day.store.close()


def _ready(stage) -> Stages:
    """The market of the session: compiled once for all tests."""
    stages = Stages()
    stages._stages[VALUES["name"]] = stage
    return stages
