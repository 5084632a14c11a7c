"""A case is a set of values: it fills in what is not given, and never overrides what is."""

from __future__ import annotations

import pytest

from tieline.errors import InputError
from tieline.studies.config import make_config
from tieline.studies.market.config import MarketConfig


def test_without_case_and_feeder_the_first_case_is_meant() -> None:
    config = MarketConfig()
    assert (config.case, config.feeder, config.microgrids) == ("ieee123", "ieee123", 6)
    assert config.limit_numbers.band_pu == (0.95, 1.058)


def test_a_feeder_without_case_has_the_usual_values() -> None:
    config = make_config(MarketConfig, {"feeder": "ieee123"})
    assert (config.case, config.microgrids, config.watch) == (None, None, None)


def test_what_is_given_goes_before_the_case() -> None:
    config = make_config(MarketConfig, {"case": "ieee69", "offer_swing": 0.01})
    assert (config.offer_swing, config.root) == (0.01, ("15", "67"))


def test_another_division_leaves_out_that_of_the_case() -> None:
    config = make_config(MarketConfig, {"case": "ieee123", "phi_pu": 0.006})
    assert (config.microgrids, config.phi_pu) == (None, 0.006)
    around = {"root": "54", "reach_pu": "0.01"}
    of_root = make_config(MarketConfig, around)
    assert (of_root.microgrids, of_root.watch) == (None, None)


def test_what_is_asked_is_not_answered_by_the_case() -> None:
    """A case has DERs, and a rule that chooses, of its own: a policy or a size would change nothing."""
    learned = make_config(MarketConfig, {"case": "ieee69", "policy": "p"})
    assert learned.choice == "auto"
    untrained = make_config(MarketConfig, {"case": "ieee69", "train": False})
    assert untrained.choice == "cheapest"
    sized = make_config(MarketConfig, {"case": "ieee33", "der_kw": 300.0})
    assert (sized.ders, sized.der_kw) == (None, 300.0)


def test_a_profile_of_limits_stands_in_for_the_band_of_the_case() -> None:
    config = make_config(MarketConfig, {"case": "ieee33", "limits": "ansi-a"})
    assert config.limit_numbers.band_pu == (0.95, 1.05)
    higher = make_config(MarketConfig, {"case": "ieee123", "highest_pu": 1.07})
    assert higher.limit_numbers.band_pu == (0.95, 1.07)


def test_a_written_configuration_asks_the_same() -> None:
    config = MarketConfig(case="ieee69")
    values = config.model_dump(mode="json", exclude_none=True)
    assert make_config(MarketConfig, values) == config


@pytest.mark.parametrize(
    ("values", "message"),
    [
        ({"case": "ieee123", "feeder": "ieee33"}, "is one of feeder 'ieee123'"),
        ({"microgrids": 3, "phi_pu": 0.1}, "divide the feeder in different ways"),
        ({"root": "15, 67", "reach_pu": "0.04"}, "a reach for each root"),
        ({"root": "a5, A5", "reach_pu": "0.1, 0.2"}, "names a5 twice"),
        ({"feeder": "ieee33", "barriers": "4"}, "no meaning without root"),
        ({"offer_low": 0.2}, "above offer_high"),
        ({"from_hour": 9, "to_hour": 9}, "not before to_hour"),
        ({"policy": "p", "train": True}, "exclude each other"),
        ({"policy": "p", "choice": "greedy"}, "greedy asks no policy"),
        ({"ders": "18:50", "der_count": 3}, "der_count has no meaning beside it"),
        ({"line_pct": 100}, "limited in kW: by limit"),
        ({"lowest_pu": "off"}, "lowest_pu cannot be off"),
        ({"profiles": {"step_minutes": 5}}, "cleared by the minute"),
        ({"ders": "18:0"}, "not above 0"),
        ({"ders": "18:10/12"}, "sell active power"),
        ({"extra_loads": "18:-4"}, "not above 0 kW"),
        ({"watch": "18:none"}, "no number above 0"),
        ({"limit": "13-18:base*2"}, "is no limit"),
        ({"microgrids": 0}, "microgrids"),
        ({"stability_margin": 0.1}, "give choice margin-search too"),
        ({"games": 500}, "games is of a training"),
        ({"credit": "each"}, "credit is of a training"),
        ({"currency": "EURO"}, "Unknown currency"),
    ],
)
def test_what_cannot_be_asked_is_refused(values: dict, message: str) -> None:
    with pytest.raises(InputError) as caught:
        make_config(MarketConfig, values)
    assert message in str(caught.value)
