"""Limits of lines: by name or buses, by themselves or beyond the base flow, and those nobody asks for."""

from __future__ import annotations

import pytest

from tieline import Network, load_feeder, solve
from tieline.errors import InputError
from tieline.powerflow import Solution
from tieline.studies.market.config import MarketConfig
from tieline.studies.market.world.line_limits import (
    find_line,
    line_flow_kw,
    line_limits,
    loss_limits,
)

FEEDER = load_feeder("ieee33")


@pytest.fixture(scope="module")
def base() -> Solution:
    return solve(Network.from_feeder(FEEDER), load_scale=[[1.0]])


def limits(base: Solution, text: str | None) -> dict[str, float | None]:
    config = MarketConfig(feeder="ieee33", limit=text)
    return {limit.name: limit.forward_kw for limit in line_limits(base, base, config)}


def test_a_limit_counts_from_the_flow_of_the_schedule(base: Solution) -> None:
    # behind line 24-25 there is one load of 420 kW, and a little loss
    flow_kw = line_flow_kw(base, "branch_24")
    assert 420 < flow_kw < 422
    of_line = limits(base, "25-24:base-15, branch_1:5000")
    assert of_line["branch_24"] == pytest.approx(flow_kw - 15)
    assert of_line["branch_1"] == 5000


def test_other_lines_carry_half_as_much_again_and_at_least_some(base: Solution) -> None:
    of_line = limits(base, None)
    flow_kw = line_flow_kw(base, "branch_1")
    assert of_line["branch_1"] == pytest.approx(1.5 * flow_kw)
    # the end of a lateral carries 60 kW
    assert of_line["branch_32"] == 100
    assert len(of_line) == len(FEEDER.lines)


def test_all_that_is_wrong_is_told_together(base: Solution) -> None:
    with pytest.raises(InputError) as caught:
        limits(base, "24-26:100, branch_24:base-9000, branch_1:1, 1-2:2")
    text = str(caught.value)
    assert "24-26" in text
    assert "comes out at" in text
    assert "'branch_1' twice" in text


def test_losses_are_limited_by_line_and_all_that_is_wrong_is_told() -> None:
    config = MarketConfig(feeder="ieee33", loss_limit="25-24:4, branch_1:0.5")
    assert loss_limits(FEEDER, config) == {"branch_24": 4.0, "branch_1": 0.5}
    twice = MarketConfig(feeder="ieee33", loss_limit="24-25:4, branch_24:4, 9-9:1")
    with pytest.raises(InputError, match=r"(?s)'branch_24' twice.*'9-9'|'9-9'.*twice"):
        loss_limits(FEEDER, twice)


def test_a_line_is_found_from_either_end() -> None:
    assert find_line(FEEDER, "24-25") == find_line(FEEDER, "25-24") == "branch_24"
