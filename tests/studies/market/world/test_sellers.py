"""Who sells: places, sizes, and what offers and limits do over the day."""

from __future__ import annotations

import numpy as np
import pytest

from tieline import load_feeder
from tieline.errors import InputError
from tieline.studies.market.config import MarketConfig
from tieline.studies.market.world.sellers import Sellers, ask_sellers

FEEDER = load_feeder("ieee123")


def ask(**values: object) -> Sellers:
    return ask_sellers(
        FEEDER, MarketConfig.model_validate({"feeder": "ieee123", **values})
    )


def test_buses_that_switches_join_are_one_place() -> None:
    places = ask(der_kw=100.0).places
    assert len(places) == len(set(places)) == 123
    # 13 and 152 are ends of a closed switch, 150 is the source; behind its regulator begins another place
    assert len({"13", "152"} & set(places)) == 1
    assert {"150", "150r"} & set(places) == {"150r"}


def test_the_usual_size_lets_a_few_cover_the_usual_departure() -> None:
    load_kw = FEEDER.peak_load_kw
    assert ask(agents=3).rated_kw[0] == pytest.approx(0.25 / 3 * load_kw)
    assert ask(agents=16).rated_kw.sum() == pytest.approx(2 * load_kw)


def test_a_number_takes_the_largest_loads() -> None:
    sellers = ask(der_count=2, der_kw=50.0)
    assert set(sellers.places) == {"48", "76"}
    with pytest.raises(InputError, match="has 123 places"):
        ask(der_count=124)


def test_offers_swing_in_turn_and_stay_above_zero() -> None:
    sellers = ask(ders="48:10@0.05, 76:10@0.07, 1:5@0.001", offer_swing=0.02)
    assert sellers.offer(0.0) == pytest.approx([0.06, 0.06, 0.011])
    assert sellers.offer(12.0) == pytest.approx([0.04, 0.08, 0.0])
    assert sellers.offer(6.0) == pytest.approx([0.05, 0.07, 0.001])


def test_drawn_offers_lie_in_their_range_and_hang_on_the_seed() -> None:
    cost = ask(offer_low=0.05, offer_high=0.06).cost
    assert 0.05 <= cost.min() < cost.max() <= 0.06
    assert (ask(seed=1).cost != ask(seed=2).cost).any()


def test_some_limits_follow_the_sun() -> None:
    named = ask(ders="48:10, 76:20", solar="76")
    assert named.p_max_kw(0.25) == pytest.approx([10.0, 5.0])
    of_phases = ask(ders="48.1:10, 48.2:20, 76:30", solar="48")
    assert of_phases.is_solar.tolist() == [True, True, False]
    drawn = ask(solar_pct=20.0)
    assert drawn.is_solar.sum() == round(0.2 * 123)
    assert not np.array_equal(drawn.is_solar, ask(solar_pct=20.0, seed=9).is_solar)


@pytest.mark.parametrize(
    ("values", "message"),
    [
        ({"ders": "48:10, 48:20"}, "names 48 twice"),
        ({"ders": "nowhere:10"}, "nowhere"),
        ({"ders": "48:10", "solar": "76"}, "where no DER stands"),
    ],
)
def test_places_that_cannot_be(values: dict, message: str) -> None:
    with pytest.raises(InputError, match=message):
        ask(**values)


def test_energy_that_pays_its_buyer_is_refused() -> None:
    with pytest.raises(InputError, match=r"ders at 18 ask less than 0"):
        ask(ders="18:100@-0.01, 47:100@0.0")


def test_whose_swing_would_take_an_offer_below_zero() -> None:
    low = ask(ders="18:100@0.005", offer_swing=0.02)
    assert low.reach_zero
    assert low.offer(12.0).tolist() == [0.0]
    assert not ask(ders="18:100@0.01", offer_swing=0.02).reach_zero


def test_around_roots_ders_stand_where_somebody_buys() -> None:
    inside = ask(root="54", reach_pu="0.01").places
    assert "54" in inside
    assert len(inside) < 30
