"""Bad input: the right status, one clear problem document, nothing stored."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import pytest
from service_world import PLACE, World, open_world

from tieline.service.api.bodies.examples import BID
from tieline.service.store.tables import bids, jobs, runs

# refused requests leave nothing, so that one service is enough for all of them


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    with open_world(tmp_path_factory.mktemp("service")) as opened:
        yield opened


BLOCK = {"p_discharge_kw": 40.0, "price_per_kwh": 0.11}


def bid_of(**changes: Any) -> str:
    """A bid of one block with other values, as text: NaN is no JSON, but some programs send it."""
    block = BLOCK | changes
    return json.dumps({"offers": [{"device": "bess-3", "blocks": [block]}]})


BAD_BODIES = {
    "NaN": bid_of(p_discharge_kw=float("nan")),
    "infinity": bid_of(price_per_kwh=float("inf")),
    "huge": bid_of(p_discharge_kw=1e308),
    "more digits than a number has": bid_of().replace("40.0", "9" * 5000),
    "negative": bid_of(p_discharge_kw=-1.0),
    "both ways": bid_of(p_charge_kw=1.0),
    "no power": bid_of(p_discharge_kw=0.0),
    "text for a number": bid_of(p_discharge_kw="40"),
    "true for a number": bid_of(p_discharge_kw=True),
    "unknown field": bid_of(q_kvar=1.0),
    "given twice": bid_of(**{"p-discharge-kw": 1.0}),
    "nested": "[" * 100_000 + "]" * 100_000,
    "nested within": bid_of(price_per_kwh=[[[[0.1]]]]),
    "no offers": '{"offers": []}',
    "a device twice": json.dumps({"offers": BID["offers"] * 2}),
    "half a letter": bid_of().replace("bess-3", "\\ud800"),
    "a zero byte": bid_of().replace("bess-3", "\\u0000"),
    "no JSON": "offers",
    "nothing": "",
    "a list": "[]",
}


@pytest.mark.parametrize("body", BAD_BODIES.values(), ids=BAD_BODIES)
def test_a_bad_bid_is_refused_whole(world: World, body: str):
    headers = {"Content-Type": "application/json"}
    answer = world.ask("ann", "PUT", f"{PLACE}/bids/ann", content=body, headers=headers)
    assert answer.status_code in (400, 422), answer.text
    assert answer.headers["Content-Type"] == "application/problem+json"
    problem = answer.json()
    assert problem["status"] == answer.status_code
    assert problem["detail"]
    assert world.rows(bids) == 0


def test_a_document_holds_as_many_findings_as_somebody_reads(world: World):
    offer = {"device": "bess-3", "blocks": [BLOCK | {"p_discharge_kw": -1.0}] * 50}
    body = {"offers": [offer] * 100}
    problem = world.ask("ann", "PUT", f"{PLACE}/bids/ann", json=body).json()
    assert problem["detail"].startswith("5000 of its values")
    assert len(problem["findings"]) == 200


def test_all_findings_come_together(world: World):
    blocks = [BLOCK | {"p_discharge_kw": -1.0}, BLOCK | {"price_per_kwh": "dear"}]
    body = {"offers": [{"device": "bess 3", "blocks": blocks}], "currency": "CAD"}
    findings = world.ask("ann", "PUT", f"{PLACE}/bids/ann", json=body).json()[
        "findings"
    ]
    assert [finding["where"] for finding in findings] == [
        "/offers/0/device",
        "/offers/0/blocks/0/p_discharge_kw",
        "/offers/0/blocks/1/price_per_kwh",
        "/currency",
    ]


@pytest.mark.parametrize(
    "moment",
    [
        "2026-06-01T10:00:00",
        "2026-06-01",
        "1780308000",
        "now",
        "2026-06-01T10:00:00+25:00",
        "2026-02-30T10:00:00Z",
        "0001-01-01T00:00:00+01:00",
        "9999-12-31T23:59:59-01:00",
    ],
)
def test_a_moment_needs_its_zone_and_a_calendar(world: World, moment: str):
    place = f"/v1/markets/minute/intervals/{moment}/bids/ann"
    answer = world.ask("ann", "PUT", place, json=BID)
    assert answer.status_code == 422, answer.text
    assert "interval" in answer.json()["findings"][0]["where"]


def test_a_body_that_is_too_large_is_not_read(world: World):
    body = b" " * (world.service.settings.body_kb * 1000 + 1)
    headers = {"Content-Type": "application/json"}
    answer = world.ask("ann", "PUT", f"{PLACE}/bids/ann", content=body, headers=headers)
    assert answer.status_code == 413
    assert answer.headers["Content-Type"] == "application/problem+json"


def test_a_body_that_does_not_say_its_size_is_counted(world: World):
    pieces = (b" " * 1000 for _ in range(world.service.settings.body_kb + 1))
    headers = {"Content-Type": "application/json"}
    answer = world.ask(
        "ann", "PUT", f"{PLACE}/bids/ann", content=pieces, headers=headers
    )
    assert answer.status_code == 413
    assert answer.json()["type"] == "urn:tieline:problem:too-large"


@pytest.mark.parametrize(
    ("method", "path", "status"),
    [
        ("GET", "/nowhere", 404),
        ("PATCH", "/v1/runs", 405),
        ("GET", "/v1/runs/..%2f..%2fetc%2fpasswd", 404),
        ("GET", "/v1/runs/not-an-id", 422),
    ],
)
def test_wrong_places_are_problems_too(
    world: World, method: str, path: str, status: int
):
    answer = world.ask("ops", method, path)
    assert answer.status_code == status
    assert answer.headers["Content-Type"] == "application/problem+json"


BAD_CONFIGURATIONS = {
    "half a letter": '{"author": "\\ud800"}',
    "half a letter in a name": '{"\\ud800": 1}',
    "a zero byte": '{"author": "\\u0000"}',
    "NaN": '{"spread_pct": NaN}',
    "a number of 1000 digits": '{"seed": ' + "9" * 1000 + "}",
    "a number of 5000 digits": '{"seed": ' + "9" * 5000 + "}",
    "a dictionary for a number": '{"seed": {"a": 1}}',
    **{
        f"{depth} deep": '{"spread_pct": ' + "[" * depth + "]" * depth + "}"
        for depth in (100, 500, 800, 950, 990, 2000)
    },
    "10000 unknown names": json.dumps({f"x{k}": k for k in range(10_000)}),
}


@pytest.mark.parametrize("text", BAD_CONFIGURATIONS.values(), ids=BAD_CONFIGURATIONS)
def test_a_bad_configuration_is_refused(world: World, text: str):
    body = f'{{"study": "interval", "configuration": {text}}}'
    headers = {"Content-Type": "application/json"}
    answer = world.ask("ann", "POST", "/v1/runs", content=body, headers=headers)
    assert answer.status_code in (400, 422), answer.text
    assert answer.json()["status"] == answer.status_code
    assert len(answer.content) < 100_000
    assert world.rows(runs) == 0


def test_a_refused_question_leaves_nothing(world: World):
    world.ask("ann", "POST", "/v1/runs", json={"study": "intervall"})
    assert world.rows(runs) == world.rows(jobs) == 0
