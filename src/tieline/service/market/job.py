"""The job `clear`: an interval whose gate has closed is cleared by a worker that has the market ready.

Payload: market, interval (its start). Intervals of a market are cleared in their order, as each begins where the last one ended:
a job waits for those before it, at most until their deadlines give them a dispatch. What it publishes is in the transaction that
ends the job, and only if the interval has no dispatch yet.
"""

from __future__ import annotations

import time
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from tieline.service.jobs.kinds import Answer, Desk
from tieline.service.market.clear import clear_interval
from tieline.service.market.definition import Definition
from tieline.service.market.known import KnownMarkets
from tieline.service.market.publish import publish
from tieline.service.market.question import Question, ask
from tieline.service.market.stage import Stage, make_stage
from tieline.service.store import Store, intervals
from tieline.service.store.drafts import make_draft
from tieline.service.store.ledger import Book

LOOK_S = 0.02
"""Between two looks for the clearing of the interval before."""


class Stages:
    """The markets that this process has ready."""

    def __init__(self) -> None:
        self.known = KnownMarkets()
        self._stages: dict[str, Stage] = {}

    def of(self, definition: Definition) -> Stage:
        """A market, ready: everything is compiled once an interval without bids was cleared."""
        if definition.name not in self._stages:
            stage = make_stage(definition)
            clear_interval(stage, _without_bids(definition))
            self._stages[definition.name] = stage
        return self._stages[definition.name]


STAGES = Stages()
"""Of this process."""


def run(payload: dict[str, Any], desk: Desk) -> Answer:
    """Clear an interval."""
    market = payload["market"]
    starts_at = datetime.fromisoformat(payload["interval"])
    with desk.store.read() as c:
        definition = STAGES.known.find(c, market)
    stage = STAGES.of(definition)
    question = _in_its_turn(desk.store, market, starts_at)
    if question is None:
        return Answer({"published": False, "reason": "it had a dispatch already"})
    clearing = clear_interval(stage, question)
    with desk.store.read() as c:
        draft = make_draft(c, clearing)

    def keep(c: sa.Connection) -> None:
        publish(c, draft, desk.token, desk.store.now())

    return Answer({"status": clearing.status}, keep)


def warm_up(store: Store) -> None:
    """Make all markets of the database ready."""
    with store.read() as c:
        definitions = STAGES.known.all_of(c)
    for definition in definitions:
        STAGES.of(definition)


def _in_its_turn(store: Store, market: str, starts_at: datetime) -> Question | None:
    """The question of an interval once all before it have a dispatch; None if it has one itself."""
    while True:
        with store.read() as c:
            if intervals.get(c, market, starts_at).published is not None:
                return None
            waiting = intervals.not_cleared(c, market)
            if waiting[0].starts_at == starts_at:
                return ask(c, market, starts_at)
        time.sleep(LOOK_S)


def _without_bids(definition: Definition) -> Question:
    # any summer noon does: what is compiled depends on no number
    noon = datetime.fromisoformat("2025-06-21T12:00:00+00:00")
    return Question(Book(definition.name, noon, ()))
