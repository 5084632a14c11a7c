"""The published cases: every value is one that the configuration takes, and the first is one of them."""

from __future__ import annotations

import pytest

from tieline.studies.market.config import MarketConfig
from tieline.studies.market.world.cases import CASES, FIRST, IN_PLACE_OF, CaseName


@pytest.mark.parametrize("case", CASES)
def test_a_case_is_made_of_fields(case: CaseName) -> None:
    config = MarketConfig(case=case)
    assert set(CASES[case]) <= set(MarketConfig.model_fields)
    for field, value in CASES[case].items():
        if not isinstance(value, str) or field in ("feeder", "ders", "limit"):
            assert getattr(config, field) == value


def test_names() -> None:
    assert FIRST in CASES
    assert set(IN_PLACE_OF) <= set(MarketConfig.model_fields)


def test_how_far_the_regions_of_a_case_go_can_be_asked_alone() -> None:
    """A reach and barriers go around the roots that the case names; another division leaves all of it out."""
    wider = MarketConfig(case="ieee69", reach_pu=(0.045, 0.001), barriers=("4",))
    assert wider.root == MarketConfig(case="ieee69").root
    assert wider.barriers != MarketConfig(case="ieee69").barriers
    divided = MarketConfig(case="ieee69", microgrids=2)
    assert (divided.root, divided.reach_pu, divided.barriers) == (None, None, None)
