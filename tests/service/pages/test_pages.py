"""Pages of feeders, runs and the inbox, and what every page may load."""

from __future__ import annotations

import pytest
import sqlalchemy as sa
from page_visits import sign_in
from service_world import GATE, START, World

from tieline.service.store import clearings, intervals, ledger
from tieline.service.store.clearings import Clearing, Fate
from tieline.service.store.drafts import make_draft


def test_the_first_page_tells_nothing_to_who_has_no_key(cleared: World):
    text = cleared.client.get("/").text
    assert "board" not in text
    sign_in(cleared, "eve")
    assert '<a href="/markets/board">' in cleared.client.get("/").text


@pytest.mark.parametrize("place", ["/", "/docs", "/sign-in", "/look/pages.css"])
def test_anybody_sees_what_is_no_secret(world: World, place: str):
    assert world.client.get(place).status_code == 200


def test_pages_load_nothing_from_elsewhere(world: World):
    answer = world.client.get("/")
    policy = answer.headers["content-security-policy"]
    assert "default-src 'none'" in policy
    assert "script-src 'self'" in policy
    assert "http:" not in policy


def test_a_file_that_pages_do_not_load_is_not_there(world: World):
    assert world.client.get("/look/base.html").status_code == 404


def test_a_feeder_has_its_diagram_contents_and_findings(world: World):
    sign_in(world, "eve")
    text = world.client.get("/feeders/ieee13").text
    assert "<svg" in text
    assert "Findings: none." in text
    warned = world.client.get("/feeders/ieee34").text
    assert warned.count("LOAD.KV_MISMATCH") == 1
    assert world.client.get("/feeders/..%2F..%2Fetc%2Fpasswd").status_code == 404
    assert world.client.get("/feeders/nope").status_code == 404


def test_the_inbox_tells_rejected_bids_to_their_owner(cleared: World):
    sign_in(cleared, "bob")
    assert "mill: dearer than the main feeder" in cleared.client.get("/inbox").text
    cleared.client.cookies.clear()
    sign_in(cleared, "ann")
    assert "Nothing: everything went as asked." in cleared.client.get("/inbox").text


def test_bids_that_were_rejected_alike_are_one_message(world: World):
    def reject(c: sa.Connection) -> None:
        intervals.close_due(c, GATE)
        book = ledger.book(c, "board", START)
        fates = {bid.bid_id: Fate("rejected", "no safe dispatch") for bid in book.bids}
        clearing = Clearing("board", START, book.digest, fates=fates)
        clearings.publish(c, make_draft(c, clearing), None, GATE)

    world.moment = GATE
    world.store.write(reject)
    sign_in(world, "ops")
    text = world.client.get("/inbox").text
    assert text.count("no safe dispatch") == 1
    assert "bids of ann, bob: no safe dispatch" in text


def test_runs_that_are_not_there_or_not_answered_are_told_as_pages(world: World):
    sign_in(world, "ops")
    assert world.client.get(f"/runs/{'0' * 64}").status_code == 404
    assert "at least two" in world.client.get("/runs/compared").text
