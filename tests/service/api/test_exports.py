"""A clearing in documents of other systems."""

from __future__ import annotations

from xml.etree import ElementTree

import pytest
from service_world import PLACE, World, publish

PREFIX = "{urn:ieee:std:2030.5:ns}"


@pytest.fixture
def cleared(world: World) -> World:
    publish(world)
    return world


def openadr(world: World, who: str, what: str) -> list[dict]:
    place = f"{PLACE}/openadr?program=p1&what={what}"
    return world.ask(who, "GET", place).json()


def test_set_points_are_events_for_those_they_concern(cleared: World):
    targets = {
        who: [event["targets"] for event in openadr(cleared, who, "dispatch")]
        for who in ("ann", "ops")
    }
    assert targets == {"ann": [["bess-3"]], "ops": [["bess-3"], ["pv-7"]]}


def test_prices_are_events_with_the_currency_of_the_market(cleared: World):
    (event,) = openadr(cleared, "eve", "prices")
    assert event["programID"] == "p1"
    assert event["payloadDescriptors"][0]["currency"] == "CAD"
    (interval,) = event["intervals"]
    assert interval["intervalPeriod"]["start"] == "2026-06-01T10:00:00Z"
    # the sum of the parts of the price
    assert interval["payloads"][0]["values"] == pytest.approx([0.16])


def test_a_device_has_its_control(cleared: World):
    answer = cleared.ask("ann", "GET", f"{PLACE}/ieee2030-5/bess-3")
    assert answer.headers["content-type"] == "application/sep+xml"
    document = ElementTree.fromstring(answer.text)
    power = document.find(f".//{PREFIX}opModTargetW")
    assert power is not None
    multiplier, value = (int(part.text or "") for part in power)
    assert value * 10**multiplier == 40_000


def test_the_device_of_another_is_not_there(cleared: World):
    assert cleared.ask("ann", "GET", f"{PLACE}/ieee2030-5/pv-7").status_code == 404
    assert cleared.ask("ops", "GET", f"{PLACE}/ieee2030-5/pv-7").status_code == 200


def test_nothing_is_exported_before_the_clearing(world: World):
    place = f"{PLACE}/openadr?program=p1"
    assert world.ask("ops", "GET", place).status_code == 404
