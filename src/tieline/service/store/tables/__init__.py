"""The tables, one file a subject. `metadata` knows all of them; the migrations make them."""

from tieline.service.store.tables.base import metadata
from tieline.service.store.tables.bids import bids
from tieline.service.store.tables.clearings import (
    clearings,
    dispatch,
    fates,
    prices,
    settlement,
)
from tieline.service.store.tables.events import clock, events
from tieline.service.store.tables.jobs import jobs, workers
from tieline.service.store.tables.markets import intervals, markets, measurements
from tieline.service.store.tables.people import answers, keys, participants
from tieline.service.store.tables.revision_requests import revision_requests
from tieline.service.store.tables.runs import runs

__all__ = [
    "answers",
    "bids",
    "clearings",
    "clock",
    "dispatch",
    "events",
    "fates",
    "intervals",
    "jobs",
    "keys",
    "markets",
    "measurements",
    "metadata",
    "participants",
    "prices",
    "revision_requests",
    "runs",
    "settlement",
    "workers",
]
