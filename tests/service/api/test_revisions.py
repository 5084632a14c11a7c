"""Revisions through the API: an operator asks with a reason, everybody reads what counted and what counts."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from service_world import PLACE, START, World, publish

from tieline.service.api.bodies.examples import BID, MEASUREMENTS, REVISION
from tieline.service.jobs import queue
from tieline.service.jobs.job import Done, Failed
from tieline.service.store import clearings, measurements
from tieline.service.store.clearings import Settled
from tieline.service.store.drafts import make_draft
from tieline.service.store.tables import jobs, revision_requests
from tieline.service.store.tables import measurements as measurement_rows

REVISIONS = f"{PLACE}/revisions"


def ask(world: World, body: Any = REVISION, **options: Any) -> Any:
    return world.ask("ops", "POST", REVISIONS, json=body, **options)


def work(world: World, cents: int = 7) -> None:
    """Work out the revision that waits: as the first clearing was, with another settlement."""
    now = world.store.now()
    job = world.store.write(lambda c: queue.claim(c, "w", ["revise"], now))
    assert job is not None
    with world.store.read() as c:
        before = clearings.published(c, "minute", START)
    assert before is not None
    settled = [Settled("DER bess-3", "energy", "ann", 0.67, cents)]
    again = replace(before.clearing, settlement=settled)

    def keep(c: Any) -> None:
        clearings.publish(c, make_draft(c, again), job.token, now)
        queue.finish(c, job.token, Done(), now)

    world.store.write(keep)


def cents_of(world: World, query: str = "") -> list[int]:
    settlement = world.ask("ann", "GET", f"{PLACE}/settlement{query}").json()
    return [row["cents"] for row in settlement["settled"]]


def test_a_revision_takes_the_place_of_the_first_clearing(world: World):
    world.ask("ann", "PUT", f"{PLACE}/bids/ann", json=BID)
    publish(world)
    answer = ask(world)
    assert answer.status_code == 202, answer.text
    told = answer.json()
    assert (told["status"], told["reason"]) == ("waiting", REVISION["reason"])
    assert told["revision"] is None
    place = answer.headers["Location"]
    assert cents_of(world) == [11]
    work(world)
    done = world.ask("ann", "GET", place).json()
    assert (done["status"], done["revision"], done["asked_by"]) == ("done", 2, "ops")
    assert cents_of(world) == [7]
    assert cents_of(world, "?revision=1") == [11]
    assert cents_of(world, "?revision=2") == [7]
    dispatch = world.ask("ann", "GET", f"{PLACE}/dispatch").json()
    assert (dispatch["revision"], dispatch["because"]) == (2, REVISION["reason"])
    first = world.ask("ann", "GET", f"{PLACE}/prices?revision=1").json()
    assert (first["revision"], first["because"]) == (1, "")
    bid = world.ask("ann", "GET", f"{PLACE}/bids/ann?revision=1").json()
    assert bid["status"] == "cleared"


def test_everybody_sees_both_and_the_reason(world: World):
    publish(world)
    ask(world)
    work(world)
    for who in ("ann", "eve", "ops"):
        listed = world.ask(who, "GET", REVISIONS).json()
        rows = [
            (row["revision"], row["counts"], row["because"])
            for row in listed["clearings"]
        ]
        assert rows == [(1, False, ""), (2, True, REVISION["reason"])]
        (request,) = listed["requests"]
        assert (request["status"], request["revision"]) == ("done", 2)


def test_corrections_come_with_the_request_and_count_from_then_on(world: World):
    world.ask("ops", "PUT", f"{PLACE}/measurements", json=MEASUREMENTS)
    publish(world)
    assert ask(world).status_code == 202
    with world.store.read() as c:
        at_gate = measurements.newest(c, "minute", START, before=world.moment)
        later = measurements.newest(c, "minute", START)
    assert at_gate["18", "p_kw"] == 88.5
    assert (later["18", "p_kw"], later["18", "q_kvar"]) == (72.0, 39.0)


def test_only_an_operator_asks_and_only_for_what_was_cleared(world: World):
    for who in ("ann", "eve"):
        answer = world.ask(who, "POST", REVISIONS, json=REVISION)
        assert answer.status_code == 403
    assert "Until its gate closes" in ask(world).json()["detail"]
    world.pass_gate()
    assert ask(world).status_code == 409
    publish(world)
    assert ask(world).status_code == 202
    second = ask(world)
    assert second.status_code == 409
    assert "on its way" in second.json()["detail"]
    assert world.rows(revision_requests) == world.rows(jobs) == 1


def test_a_request_that_comes_again_is_made_once(world: World):
    publish(world)
    headers = {"Idempotency-Key": "tuesday"}
    first = ask(world, headers=headers)
    again = ask(world, headers=headers)
    assert (again.status_code, again.json()) == (202, first.json())
    other = ask(world, REVISION | {"reason": "another"}, headers=headers)
    assert other.status_code == 422
    assert other.json()["type"].endswith("key-reused")
    assert world.rows(revision_requests) == 1


def test_a_revision_without_an_answer_says_why(world: World):
    publish(world)
    place = ask(world).headers["Location"]
    now = world.store.now()
    job = world.store.write(lambda c: queue.claim(c, "w", ["revise"], now))
    assert job is not None
    world.store.write(
        lambda c: queue.finish(c, job.token, Failed("no dispatch is safe"), now)
    )
    told = world.ask("ann", "GET", place).json()
    assert (told["status"], told["problem"]) == ("failed", "no dispatch is safe")
    assert cents_of(world) == [11]
    # another may be asked for
    assert ask(world).status_code == 202


BAD = {
    "no reason": {"buses": REVISION["buses"]},
    "an empty reason": REVISION | {"reason": " "},
    "two lines": REVISION | {"reason": "one\ntwo"},
    "an unknown bus": REVISION | {"buses": [{"bus": "99", "p_kw": 1.0}]},
    "a bus twice": REVISION | {"buses": REVISION["buses"] * 2},
    "no number": REVISION | {"buses": [{"bus": "18", "p_kw": "much"}]},
}


@pytest.mark.parametrize("body", BAD.values(), ids=BAD)
def test_a_bad_request_leaves_nothing(world: World, body: Any):
    publish(world)
    answer = ask(world, body)
    assert answer.status_code == 422, answer.text
    assert answer.json()["findings"]
    assert world.rows(jobs) == world.rows(measurement_rows) == 0


def test_measurements_of_buses_that_take_nothing_are_refused(world: World):
    """They were passed over in silence once."""
    buses = [{"bus": "18", "p_kw": 1.0}, {"bus": "1", "p_kw": 1.0}]
    body = MEASUREMENTS | {"buses": [*buses, {"bus": "nowhere", "p_kw": 1.0}]}
    answer = world.ask("ops", "PUT", f"{PLACE}/measurements", json=body)
    assert answer.status_code == 422
    assert len(answer.json()["findings"]) == 2
    assert world.rows(measurement_rows) == 0


@pytest.mark.parametrize("number", ["3", "0", "x", "99999999999999999999"])
def test_what_is_not_there_is_not_found(world: World, number: str):
    publish(world)
    status = 404 if number == "3" else 422
    for path in (f"{REVISIONS}/{number}", f"{PLACE}/dispatch?revision={number}"):
        assert world.ask("ann", "GET", path).status_code == status
