"""Bids through the API: on disk before they are acknowledged, refused after the gate, and nobody's but their participant's."""

from __future__ import annotations

import pytest
from service_world import PLACE, START, World

from tieline.service.api.bodies.examples import BID, MEASUREMENTS
from tieline.service.store import ledger, measurements
from tieline.service.store.tables import bids

BIDS = {"ann": BID, "bob": {"offers": [BID["offers"][0] | {"device": "pv-7"}]}}


def test_an_acknowledged_bid_is_in_the_ledger(world: World):
    answer = world.ask("ann", "PUT", f"{PLACE}/bids/ann", json=BID)
    assert answer.status_code == 201, answer.text
    assert answer.json()["revision"] == 1
    with world.store.read() as connection:
        book = ledger.book(connection, "minute", START)
    (bid,) = book.bids
    assert bid.bid_id == answer.json()["bid_id"]
    assert [(o.device, o.direction, o.p_kw) for o in bid.offers] == [
        ("bess-3", "discharge", 60.0)
    ]


def test_a_bid_is_read_as_it_was_sent_with_hyphens_too(world: World):
    blocks = [
        {"p-discharge-kw": 40, "price-per-kwh": 0.11},
        {"p-discharge-kw": 25, "price_per_kwh": 0.15},
    ]
    sent = {"offers": [{"device": "bess-3", "blocks": blocks}]}
    assert world.ask("ann", "PUT", f"{PLACE}/bids/ann", json=sent).status_code == 201
    shown = world.ask("ann", "GET", f"{PLACE}/bids/ann").json()
    assert shown["status"] == "open"
    powers = [
        (block["p_discharge_kw"], block["p_charge_kw"], block["price_per_kwh"])
        for block in shown["offers"][0]["blocks"]
    ]
    assert powers == [(40.0, 0.0, 0.11), (25.0, 0.0, 0.15)]


def test_replacing_and_withdrawing_are_revisions(world: World):
    for revision in (1, 2):
        answer = world.ask("ann", "PUT", f"{PLACE}/bids/ann", json=BID)
        assert answer.json()["revision"] == revision
    assert world.ask("ann", "DELETE", f"{PLACE}/bids/ann").json()["revision"] == 3
    assert world.ask("ann", "GET", f"{PLACE}/bids/ann").json()["status"] == "withdrawn"
    again = world.ask("ann", "DELETE", f"{PLACE}/bids/ann")
    assert (again.status_code, again.json()["type"]) == (
        409,
        "urn:tieline:problem:conflict",
    )


def test_the_gate_closes_the_book(world: World):
    assert world.ask("ann", "PUT", f"{PLACE}/bids/ann", json=BID).status_code == 201
    world.pass_gate()
    late = world.ask("ann", "PUT", f"{PLACE}/bids/ann", json=BID)
    assert (late.status_code, late.json()["type"]) == (
        409,
        "urn:tieline:problem:gate-closed",
    )
    assert world.ask("ann", "DELETE", f"{PLACE}/bids/ann").status_code == 409
    assert world.rows(bids) == 1


@pytest.mark.parametrize("who", ["bob", "ops", "eve"])
def test_nobody_bids_for_another(world: World, who: str):
    assert world.ask(who, "PUT", f"{PLACE}/bids/ann", json=BID).status_code == 403
    assert world.ask(who, "DELETE", f"{PLACE}/bids/ann").status_code == 403
    assert world.rows(bids) == 0


def test_the_market_refuses_what_it_cannot_clear_with_all_findings(world: World):
    offers = [
        {"device": "pv-7", "blocks": [{"p_discharge_kw": 5.0, "price_per_kwh": 0.1}]},
        {"device": "bess-4", "blocks": [{"p_discharge_kw": 5.0, "price_per_kwh": 0.1}]},
    ]
    answer = world.ask("ann", "PUT", f"{PLACE}/bids/ann", json={"offers": offers})
    assert answer.status_code == 422
    foreign, unknown = [finding["message"] for finding in answer.json()["findings"]]
    assert "not one of participant 'ann'" in foreign
    assert "Did you mean 'bess-3'?" in unknown
    assert world.rows(bids) == 0


def test_a_book_is_seen_whole_by_the_operator_alone(world: World):
    for name in ("ann", "bob"):
        answer = world.ask(name, "PUT", f"{PLACE}/bids/{name}", json=BIDS[name])
        assert answer.status_code == 201, answer.text
    assert len(world.ask("ops", "GET", f"{PLACE}/bids").json()["bids"]) == 2
    (own,) = world.ask("ann", "GET", f"{PLACE}/bids").json()["bids"]
    assert own["participant"] == "ann"
    assert world.ask("ann", "GET", f"{PLACE}/bids/bob").status_code == 403
    assert world.ask("eve", "GET", f"{PLACE}/bids").status_code == 403


def test_measurements_are_the_operators(world: World):
    answer = world.ask("ops", "PUT", f"{PLACE}/measurements", json=MEASUREMENTS)
    assert answer.status_code == 204, answer.text
    with world.store.read() as connection:
        values = measurements.newest(connection, "minute", START)
    assert values == {("18", "p_kw"): 88.5, ("18", "q_kvar"): 39.0}
    refused = world.ask("ann", "PUT", f"{PLACE}/measurements", json=MEASUREMENTS)
    assert refused.status_code == 403
    world.pass_gate()
    late = world.ask("ops", "PUT", f"{PLACE}/measurements", json=MEASUREMENTS)
    assert late.status_code == 409


def test_an_unknown_interval_or_market_is_not_there(world: World):
    for place in (
        PLACE.replace("10:00", "11:00"),
        PLACE.replace("minute", "hour"),
    ):
        answer = world.ask("ann", "PUT", f"{place}/bids/ann", json=BID)
        assert answer.status_code == 404, answer.text


def test_another_zone_is_the_same_moment(world: World):
    place = "/v1/markets/minute/intervals/2026-06-01T04:00:00-06:00/bids/ann"
    assert world.ask("ann", "PUT", place, json=BID).status_code == 201
