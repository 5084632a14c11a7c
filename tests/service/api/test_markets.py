"""What is published of a market: dispatch and settlement to those they concern, prices in parts to everybody."""

from __future__ import annotations

from datetime import timedelta

from service_world import INTERVAL, PLACE, START, World, publish

from tieline.service.api.bodies.examples import BID
from tieline.service.store import intervals


def test_what_is_published_is_read_by_whom_it_concerns(world: World):
    world.ask("ann", "PUT", f"{PLACE}/bids/ann", json=BID)
    assert world.ask("ann", "GET", f"{PLACE}/prices").status_code == 404
    publish(world)
    devices = {
        who: [
            point["device"]
            for point in world.ask(who, "GET", f"{PLACE}/dispatch").json()["set_points"]
        ]
        for who in ("ann", "bob", "ops")
    }
    assert devices == {"ann": ["bess-3"], "bob": ["pv-7"], "ops": ["bess-3", "pv-7"]}
    settled = world.ask("ann", "GET", f"{PLACE}/settlement").json()
    assert settled["currency"] == "CAD"
    assert [(row["account"], row["cents"]) for row in settled["settled"]] == [
        ("DER bess-3", 11)
    ]
    bid = world.ask("ann", "GET", f"{PLACE}/bids/ann").json()
    assert (bid["status"], bid["reason"]) == ("cleared", None)


def test_the_parts_of_a_price_add_up_to_it(world: World):
    publish(world)
    prices = world.ask("eve", "GET", f"{PLACE}/prices").json()
    (node,) = prices["prices"]
    parts = [node[part] for part in ("energy", "loss", "voltage", "congestion")]
    assert parts == [0.10, 0.01, 0.02, 0.03]
    assert node["price"] == sum(parts)
    assert (prices["revision"], prices["status"]) == (1, "cleared")


def test_intervals_are_listed_in_order_and_within_two_days(world: World):
    for days in (1, 3):
        starts_at = START + timedelta(days=days)
        world.store.write(
            lambda c, at=starts_at: intervals.open_(
                c, "minute", at, at + timedelta(minutes=1), at, world.moment
            )
        )
    path = "/v1/markets/minute/intervals"
    listed = world.ask("eve", "GET", f"{path}?earliest={INTERVAL}").json()["intervals"]
    assert [interval["interval"] for interval in listed] == [
        "2026-06-01T10:00:00Z",
        "2026-06-02T10:00:00Z",
    ]
    assert listed[0]["state"] == "open"
    last = world.ask("eve", "GET", f"{path}?earliest=9999-12-31T12:00:00Z")
    assert last.json() == {"intervals": []}


def test_markets_are_shown_with_their_definition(world: World):
    (market,) = world.ask("eve", "GET", "/v1/markets").json()["markets"]
    assert (market["market"], market["currency"]) == ("minute", "CAD")
    assert world.ask("eve", "GET", "/v1/markets/minute").json() == market
