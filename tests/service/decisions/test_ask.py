"""Decisions asked one at a time: safe, the same as the study's, and refused with everything that is wrong."""

from __future__ import annotations

import numpy as np
import pytest

from tieline.errors import InputError, NoAnswerError
from tieline.service.decisions.ask import decide

REQUEST = {
    "capacity_kw": (200.0, 200.0, 150.0, 200.0),
    "bid_cents": (10.0, 12.0, 11.0, 14.0),
    "request_kw": 600.0,
}

OTHER_FEEDER = {
    "feeder": "ieee13",
    "ders": "675,652",
    "capacity_kw": "300,200",
    "bid_cents": "9,8",
    "request_kw": 350,
}
SMALL = {"capacity_kw": (300, 200), "bid_cents": (9, 8), "request_kw": 350}

MICROGRIDS = range(1, 6)


def microgrid_state(**changes):
    state = {
        "hour": 18.0,
        "price": [0.1] * 4,
        "load_pu": [0.9] * 4,
        "sun": [0.2] * 4,
        "stored_kwh": {f"mg{k}_battery": 50.0 for k in MICROGRIDS},
        "last_kw": {f"mg{k}_generator": 30.0 for k in MICROGRIDS},
        "pcc_pu": {f"mg{k}": 0.98 for k in MICROGRIDS},
    }
    return state | changes


def test_a_request_is_split_within_capacities() -> None:
    answer = decide("reserve", REQUEST)
    given_kw = np.array(list(answer["p_kw"].values()))
    assert given_kw.sum() == pytest.approx(600)
    assert (given_kw <= np.array(REQUEST["capacity_kw"]) + 1e-9).all()
    assert answer["decided_by"] == "policy"


def test_where_no_policy_fits_the_merit_order_decides() -> None:
    answer = decide("reserve", SMALL, OTHER_FEEDER | {"highest_pu": 1.07})
    assert answer["decided_by"] == "merit"
    assert sum(answer["p_kw"].values()) == pytest.approx(350)


def test_nothing_unsafe_is_given() -> None:
    """The feeder stands at 1.056 pu by itself."""
    with pytest.raises(NoAnswerError, match="keeps the voltage limits"):
        decide("reserve", SMALL, OTHER_FEEDER)


@pytest.mark.parametrize(
    ("state", "word"),
    [
        (REQUEST | {"request_kw": 5000.0}, "above the sum"),
        (REQUEST | {"bid_cents": (1.0,)}, "bid_cents"),
        ({"capacity_kw": (1,), "bid_cents": (1,), "request_kw": 1}, "for 4 DERs"),
    ],
)
def test_a_request_that_cannot_be_used_is_refused(state, word) -> None:
    with pytest.raises(InputError, match=word):
        decide("reserve", state)


def test_a_step_of_microgrids_follows_ramps_and_limits() -> None:
    answer = decide("microgrids", microgrid_state())
    assert set(answer["p_kw"]) == set(answer["q_kvar"])
    # PV is not curtailed: 20 % of 200 kW
    assert answer["p_kw"]["mg1_pv"] == pytest.approx(40)
    again = decide("microgrids", microgrid_state())
    assert again == answer


def test_all_that_does_not_fit_is_told_together() -> None:
    state = microgrid_state(
        price=[0.1],
        sun=[float("nan")] * 4,
        stored_kwh={"mg9_battery": 1.0},
        pcc_pu={"mg1": 1.0},
    )
    with pytest.raises(InputError) as caught:
        decide("microgrids", state)
    for word in ("sun", "price has 1 steps", "mg9_battery, unknown", "lacks mg2"):
        assert word in str(caught.value)


def test_another_study_has_no_decisions() -> None:
    with pytest.raises(InputError, match="reserve"):
        decide("reserv", REQUEST)
