"""Decisions through the API: safe set-points at once, refusals with all findings, and no file of the machine."""

from __future__ import annotations

from typing import Any

import pytest
from service_world import World

from tieline.service.api.bodies.examples import DECISION
from tieline.service.store.tables import jobs, runs

PLACE = "/v1/decisions/reserve"


def test_a_request_is_split_and_nothing_is_stored(world: World):
    answer = world.ask("ann", "POST", PLACE, json=DECISION)
    assert answer.status_code == 200, answer.text
    powers_kw = answer.json()["decision"]["p_kw"]
    assert sum(powers_kw.values()) == pytest.approx(100.0)
    again = world.ask("ops", "POST", PLACE, json=DECISION)
    assert again.json() == answer.json()
    assert world.rows(jobs) == world.rows(runs) == 0


BAD: dict[str, Any] = {
    "a state that does not fit": {"state": {"request_kw": 1.0}},
    "a file": DECISION | {"configuration": {"feeder": "/etc/passwd"}},
    "a policy": DECISION | {"configuration": {"policy": "/tmp/policy"}},
    "a list for a name": DECISION | {"configuration": {"feeder": ["ieee34"]}},
    "no state": {},
}


@pytest.mark.parametrize("body", BAD.values(), ids=BAD)
def test_what_cannot_be_decided_is_refused(world: World, body: Any):
    answer = world.ask("ann", "POST", PLACE, json=body)
    assert answer.status_code == 422, answer.text


def test_studies_without_decisions_and_readers_are_refused(world: World):
    for study in ("market", "nothing"):
        answer = world.ask("ann", "POST", f"/v1/decisions/{study}", json=DECISION)
        assert answer.status_code == 422, answer.text
    assert world.ask("eve", "POST", PLACE, json=DECISION).status_code == 403


def test_a_bad_state_of_a_battery_is_refused_with_all_findings(world: World):
    state = {"hour": 12.05, "stored-kwh": {"b1": 1.0}, "lent_kwh": {"b2": -1.0}}
    answer = world.ask("ann", "POST", "/v1/decisions/battery", json={"state": state})
    assert answer.status_code == 422, answer.text
    problem = answer.json()
    texts = [finding["message"] for finding in problem["findings"]]
    places = {finding["where"] for finding in problem["findings"]}
    assert places == {"/state/lent_kwh", "/state/stored_kwh", "/state/hour"}
    for words in ("lent_kwh", "stored_kwh lacks", "names b1, unknown", "hour 12.05"):
        assert any(words in text for text in texts), texts
    assert problem["detail"].startswith(f"{len(texts)} things are wrong")


def test_a_bad_state_of_an_island_is_refused_with_all_findings(world: World):
    state = {"step": 1, "served": {"house": 2.0}, "stored-kwh": {}, "last_kw": "much"}
    answer = world.ask(
        "ann", "POST", "/v1/decisions/restoration", json={"state": state}
    )
    assert answer.status_code == 422, answer.text
    findings = answer.json()["findings"]
    places = {finding["where"] for finding in findings}
    fields = ("served", "stored_kwh", "last_kw", "fuel_kwh", "measured_kw")
    assert places == {f"/state/{field}" for field in fields}
    texts = [finding["message"] for finding in findings]
    for words in ("names house, unknown", "served lacks", "stored_kwh lacks battery"):
        assert any(words in text for text in texts), texts


def test_an_island_is_a_bundled_one(world: World):
    body = {"state": {"step": 0}, "configuration": {"feeder": "ieee33"}}
    answer = world.ask("ann", "POST", "/v1/decisions/restoration", json=body)
    assert answer.status_code == 422, answer.text
    (finding,) = answer.json()["findings"]
    assert finding["where"] == "/configuration/feeder"
