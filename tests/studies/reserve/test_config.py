"""What a reserve run refuses, each by name."""

from __future__ import annotations

from typing import Any

import pytest

from tieline.errors import InputError
from tieline.studies.config import make_config
from tieline.studies.reserve.config import ReserveConfig

OWN = {
    "ders": "844,890",
    "capacity_kw": "100,50",
    "bid_cents": "10,11",
    "request_kw": 120,
}


@pytest.mark.parametrize(
    ("values", "expected"),
    [
        (
            OWN | {"request_kw": 151},
            "request_kw (151 kW) is above the sum of capacities (150 kW)",
        ),
        (OWN | {"bid_cents": "10,-1"}, "bid_cents has a negative number (-1)"),
        (OWN | {"capacity_kw": "100,-5"}, "capacity_kw has a negative number (-5)"),
        (
            OWN | {"bid_cents": "10"},
            "bid_cents and capacity_kw differ in length (1 and 2)",
        ),
        (OWN | {"request_kw": -1}, "request_kw"),
        (
            {"request_kw": 5},
            "an own case needs all of capacity_kw, bid_cents and request_kw",
        ),
        ({"ders": "844"}, "speaks of 4 DERs but ders names 1 places"),
        ({"ders": ""}, "ders"),
        ({"policy": "x", "train": True}, "policy and train exclude each other"),
        (
            {"lowest_bid_cents": 20},
            "lowest_bid_cents (20) is above highest_bid_cents (16)",
        ),
        (
            {"cost_weight": 0, "loss_weight": 0, "deviation_weight": 0},
            "nothing would be weighed",
        ),
        ({"capacity_kw": "a,b"}, "capacity_kw"),
    ],
)
def test_bad_values_are_named(values: dict[str, Any], expected: str) -> None:
    with pytest.raises(InputError) as caught:
        make_config(ReserveConfig, values)
    assert expected in str(caught.value)


def test_all_problems_of_a_case_are_listed_together() -> None:
    case = {
        "name": "x",
        "capacity_kw": [-1.0, 2.0],
        "bid_cents": [-3.0, 1.0],
        "request_kw": 9.0,
    }
    with pytest.raises(InputError) as caught:
        make_config(ReserveConfig, {"ders": ["844", "890"], "cases": [case]})
    message = str(caught.value)
    assert all(
        part in message
        for part in (
            "capacity_kw has a negative",
            "bid_cents has a negative",
            "above the sum",
        )
    )


def test_an_own_case_replaces_the_published_ones() -> None:
    config = make_config(ReserveConfig, OWN)
    assert [case.name for case in config.asked] == ["own"]
    assert config.asked[0].capacity_kw == (100.0, 50.0)
    assert config.ders == ("844", "890")
