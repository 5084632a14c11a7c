"""Line 135-35 of the 123-node feeder 15 kW below its base flow: region 3 gives 15.03 kW even while it demands nothing."""

from __future__ import annotations

import dataclasses

import numpy as np
import pytest

from minute_cases import (
    REFERENCE_PRICE,
    base_flow_kw,
    line_between,
    loads_kw,
    network_with,
    nominal_kvar,
)
from tieline.network.partition import partition
from tieline.opf import BranchLimit
from tieline.opf.balancing import Minute, clear
from tieline.opf.balancing.prices import from_duals
from tieline.opf.balancing.region_limits import limits_by_region, region_of_bus
from tieline.opf.make_problem import network_limits

pytest.importorskip("highspy")

SITES = ("50", "83", "101", "107")


@pytest.fixture(scope="module")
def minute() -> Minute:
    """Six regions; bus 50 lies behind the line, the other DERs do not. Nothing is demanded."""
    network = network_with("ieee123", SITES, 100.0, ["8"])
    regions = partition(network.feeder, microgrids=6)
    name = line_between(network.feeder, "135", "35")
    limit = BranchLimit("line", name, forward_kw=base_flow_kw(network, name) - 15)
    limits = network_limits(network, 0.95, 1.058, [limit])
    of_site = np.array([regions.region_of[site] for site in SITES])
    calls = of_site == np.arange(6)[:, None]
    return Minute(
        network=network,
        load_kw=loads_kw(network, [0.0]),
        load_kvar=nominal_kvar(network),
        positions={},
        reference_price=REFERENCE_PRICE,
        balancing_price=2 * REFERENCE_PRICE,
        offer=np.array([0.07, 0.05, 0.06, 0.06]),
        p_max_kw=np.full(4, 100.0),
        demand_kw=np.zeros(6),
        group=np.arange(6),
        neighbours=np.array([[border.near, border.far] for border in regions.borders]),
        may_serve=calls,
        chosen=calls,
        limits=limits,
        watched=limits_by_region(network, limits, regions),
        label="minute 00:00",
    )


def test_the_region_behind_the_line_relieves_it(minute: Minute) -> None:
    clearing = clear(minute)
    assert clearing.p_kw == pytest.approx([15.03, 0, 0, 0], abs=0.01)
    assert clearing.flow[0] == pytest.approx(minute.limits.flows.limit[0], rel=1e-6)


def test_a_neighbour_takes_what_relieves_the_line(minute: Minute) -> None:
    """Once region 1 demands 40 kW the relief is sent there, at w, before dearer ways."""
    at_8 = partition(minute.network.feeder, microgrids=6).region_of["8"]
    demand_kw = np.zeros(6)
    demand_kw[at_8] = 40.0
    taps = clear(minute).solution.taps[0]
    asked = dataclasses.replace(
        minute,
        demand_kw=demand_kw,
        load_kw=loads_kw(minute.network, [40.0]),
        controls="off",
        positions={"taps": taps},
    )
    clearing = clear(asked)
    assert clearing.relief_kw.sum() == pytest.approx(0, abs=1e-6)
    assert clearing.exchange_kw[:, at_8].sum() == pytest.approx(40, abs=1e-6)
    assert clearing.p_kw[0] >= 14.5


def test_the_price_steps_behind_the_line_only(minute: Minute) -> None:
    clearing = clear(minute)
    regions = partition(minute.network.feeder, microgrids=6)
    prices = from_duals(clearing, region_of_bus(minute.network, regions))
    behind = minute.network.nodes("50.1", "50.2", "50.3")
    before = minute.network.nodes("8.1", "83.1")
    assert prices.nodes.congestion[0, behind] == pytest.approx(0.068, abs=0.005)
    assert np.abs(prices.nodes.congestion[0, before]).max() < 0.005
    # A DER at 50 relieves the feeder: load there loses, on every phase.
    assert (prices.nodes.loss[0, behind] > 0).all()
