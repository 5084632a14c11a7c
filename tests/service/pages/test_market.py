"""The board: what is on it, for whom, and bids from its form."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
import sqlalchemy as sa
from page_visits import form_token, sign_in
from service_world import START, World

from tieline.service.jobs import queue
from tieline.service.jobs.job import Done, Failed, Outcome
from tieline.service.market import revise as revise_market
from tieline.service.store import clearings, ledger
from tieline.service.store.drafts import make_draft

NEXT = START + timedelta(minutes=1)


def page(world: World, place: str = "/markets/board") -> str:
    answer = world.client.get(place)
    assert answer.status_code == 200, answer.text
    return answer.text


def own_bids(world: World, name: str) -> list[ledger.Bid]:
    with world.store.read() as c:
        return ledger.rows(c, "board", NEXT, name)


def send(world: World, **fields: str) -> int:
    return send_form(world, **fields).status_code


def send_form(world: World, **fields: str) -> Any:
    start = str(int(NEXT.timestamp()))
    form = {"token": form_token(world), "interval": start, **fields}
    return world.client.post("/markets/board/bids", data=form)


def test_the_board_shows_clearing_and_gate(cleared: World):
    sign_in(cleared, "eve")
    text = page(cleared)
    assert "<svg" in text
    assert "0.9360 to 1.0000" in text
    assert "Limits that bind: line 6-26." in text
    assert 'data-gate="2026-06-01T10:00:30+00:00"' in text


@pytest.mark.parametrize(
    ("name", "seen", "hidden"),
    [
        ("eve", [], ["roof</td>", "mill</td>", "Settlement"]),
        ("ann", ["roof</td>", "Settlement"], ["mill</td>", "loads"]),
        ("ops", ["roof</td>", "mill</td>", "loads", "dearer than"], []),
    ],
)
def test_bids_and_bills_are_shown_to_whom_they_belong(
    cleared: World, name: str, seen: list[str], hidden: list[str]
):
    sign_in(cleared, name)
    text = page(cleared, "/markets/board/interval")
    assert [word for word in seen if word not in text] == []
    assert [word for word in hidden if word in text] == []


@pytest.mark.parametrize("shown", ["voltage", "price", "loss", "congestion"])
def test_the_diagram_shows_what_is_asked(cleared: World, shown: str):
    sign_in(cleared, "eve")
    assert "<svg" in page(cleared, f"/markets/board/interval?show={shown}")


def test_merged_regions_are_one_microgrid(cleared: World):
    sign_in(cleared, "eve")
    text = page(cleared, "/markets/board/interval?show=microgrids")
    assert "regions 1 + 2" in text


def test_a_revision_is_shown_with_its_reason_and_what_counted_before(cleared: World):
    revise(cleared, "the meter at 18 was wrong")
    sign_in(cleared, "ann")
    text = page(cleared, "/markets/board/interval")
    assert "Cleared again.</strong> the meter at 18 was wrong" in text
    assert "What counted before: revision 1" in text
    assert "revision 2, published" in text


def test_a_revision_without_an_answer_is_in_the_inbox(cleared: World):
    revise(cleared, "the meter at 18 was wrong", Failed("no dispatch is safe"))
    sign_in(cleared, "ops")
    text = page(cleared, "/inbox")
    assert "revision without an answer" in text
    assert "asked because the meter at 18 was wrong: no dispatch is safe" in text


def revise(world: World, reason: str, outcome: Outcome | None = None) -> None:
    """Ask for the first interval again, and work it out; the same comes of it, if anything does."""

    def work(c: sa.Connection) -> None:
        now = world.store.now()
        revise_market.ask_revision(c, "board", START, reason, {}, "ops", now)
        job = queue.claim(c, "w", ["revise"], now)
        before = clearings.published(c, "board", START)
        assert job is not None
        assert before is not None
        if outcome is None:
            clearings.publish(c, make_draft(c, before.clearing), job.token, now)
        queue.finish(c, job.token, outcome or Done(), now)

    world.store.write(work)


def test_a_market_without_a_clearing_says_so(world: World):
    sign_in(world, "eve")
    assert "Nothing was cleared yet." in page(world)


def test_a_bid_of_the_form_is_in_the_ledger_and_can_be_withdrawn(world: World):
    sign_in(world, "ann")
    assert "roof" in page(world)
    assert send(world, **{"kw:roof": "40", "price:roof": "0.2"}) == 200
    (bid,) = own_bids(world, "ann")
    (offer,) = bid.offers
    assert (offer.device, offer.blocks[0]) == ("roof", (40.0, 0.2))
    assert send(world, **{"kw:roof": "", "price:roof": ""}) == 200
    assert own_bids(world, "ann")[-1].act == "withdraw"


def test_what_a_form_did_is_said_in_the_boards_own_words(world: World):
    sign_in(world, "ann")
    assert "Your bid was placed." in page(world, "/markets/board?said=placed")
    assert "Your bid was withdrawn." in page(world, "/markets/board?said=withdrawn")
    assert world.client.get("/markets/board?said=<b>paid").status_code == 422
    assert "<b>paid" not in world.client.get("/markets/board?said=<b>paid").text


def test_the_form_shows_the_bid_that_counts(world: World):
    sign_in(world, "ann")
    assert "<summary>Change your bid" in page(world)
    assert 'value="0.12"' in page(world)


def test_an_offer_says_what_became_of_it(cleared: World):
    sign_in(cleared, "ops")
    text = page(cleared, "/markets/board/interval")
    assert "<td>taken</td>" in text
    assert "<td>rejected: mill: dearer than the main feeder</td>" in text


@pytest.mark.parametrize(
    "fields",
    [
        {"kw:roof": "much", "price:roof": "0.2"},
        {"kw:roof": "40", "price:roof": ""},
        {"kw:roof": "nan", "price:roof": "0.2"},
        {"kw:roof": "40", "price:roof": "1e999"},
        {"interval": "soon", "kw:roof": "40", "price:roof": "0.1"},
        {"interval": "1e300", "kw:roof": "40", "price:roof": "0.1"},
        {"interval": "nan", "kw:roof": "40", "price:roof": "0.1"},
        {"kw:mill": "40", "price:mill": "0.1"},
    ],
)
def test_a_form_that_cannot_be_used_stores_nothing(world: World, fields: dict):
    sign_in(world, "ann")
    assert send(world, **fields) in (404, 409, 422)
    assert own_bids(world, "ann") == []


def test_a_form_that_cannot_be_used_comes_back_as_it_was_filled_in(world: World):
    sign_in(world, "ann")
    answer = send_form(world, **{"kw:roof": "4O", "price:roof": "cheap"})
    assert answer.status_code == 422
    assert "Your bid was not taken." in answer.text
    assert "The power of roof [kW] is &#39;4O&#39;, not a number." in answer.text
    assert "The price of roof is &#39;cheap&#39;, not a number." in answer.text
    assert 'aria-label="kW of roof" value="4O"' in answer.text
    assert 'aria-label="price of roof" value="cheap"' in answer.text
    assert '<details class="bid" open>' in answer.text


def test_a_bid_after_the_gate_is_refused(world: World):
    sign_in(world, "ann")
    world.moment = NEXT
    answer = send_form(world, **{"kw:roof": "40", "price:roof": "0.2"})
    assert answer.status_code == 409
    assert "Your bid was not taken." in answer.text
    assert "gate" in answer.text.split("Your bid was not taken.")[1][:200]


def test_who_is_no_participant_cannot_bid(world: World):
    sign_in(world, "ops")
    assert send(world, **{"kw:roof": "40", "price:roof": "0.2"}) == 403


def test_an_unknown_market_or_interval_is_told_as_a_page(world: World):
    sign_in(world, "eve")
    for place in ("/markets/bord", "/markets/board?at=1"):
        answer = world.client.get(place)
        assert answer.status_code == 404
        assert "There is no such thing" in answer.text


def test_names_are_escaped(world: World):
    sign_in(world, "eve")
    assert "<script>alert" not in world.client.get("/feeders/<script>alert(1)").text
