"""Limits made of nominal flows."""

from __future__ import annotations

import pytest

from tieline.feeders import load_feeder
from tieline.network import Network
from tieline.opf.base_flow_limits import base_flow_limits
from tieline.opf.flow_limits import FlowLimits
from tieline.powerflow import solve


def test_multiple_of_the_flow_or_the_least() -> None:
    """Lines between 24 and 25 carry 420 kW and little loss; those at the end of a lateral less than 67."""
    feeder = load_feeder("ieee33")
    network = Network.from_feeder(feeder)
    nominal = solve(network)
    limits = {limit.name: limit for limit in base_flow_limits(nominal)}
    by_ends = {(line.from_bus, line.to_bus): line.name for line in feeder.lines}
    tight = limits[by_ends["24", "25"]]
    assert tight.forward_kw == tight.reverse_kw == pytest.approx(1.5 * 420.0, rel=0.01)
    assert limits[by_ends["17", "18"]].forward_kw == pytest.approx(1.5 * 90.0, rel=0.01)
    assert limits[by_ends["21", "22"]].forward_kw == pytest.approx(1.5 * 90.0, rel=0.01)
    low = {limit.name: limit for limit in base_flow_limits(nominal, least_kw=200.0)}
    assert low[by_ends["17", "18"]].forward_kw == 200.0


def test_nominal_load_keeps_them_all() -> None:
    network = Network.from_feeder(load_feeder("ieee123"))
    nominal = solve(network)
    rows = FlowLimits.of(network, base_flow_limits(nominal))
    assert (rows.over(rows.values(nominal)) <= 0).all()
