"""Nodal prices of the minute: proved by more load with its demand, parts where they belong, DERs paid their offers."""

from __future__ import annotations

import dataclasses

import numpy as np
import pytest

from minute_cases import (
    ieee33_minute,
    ieee69_minute,
    limit_in,
    line_between,
    region_of_bus,
)
from tieline.errors import ShapeError
from tieline.opf.balancing import Clearing, Minute, clear
from tieline.opf.balancing.prices import MarketPrices, from_duals
from tieline.opf.make_problem import network_limits

pytest.importorskip("highspy")

CASES = {
    "no limit": (20.0, 5.0, None),
    "780": (45.0, 5.0, 40.2),
    "740": (45.0, 10.0, 0.2),
}


def cleared(case: str) -> tuple[Clearing, MarketPrices]:
    clearing = clear(ieee69_minute(*CASES[case]))
    return clearing, from_duals(clearing, region_of_bus(clearing.minute.network))


@pytest.mark.parametrize("case", CASES)
def test_price_is_what_one_kilowatt_more_costs(case: str) -> None:
    """More load at a buyer's bus is more demand of its region, and more loss; what was before trade stays as it was."""
    clearing, prices = cleared(case)
    minute = clearing.minute
    for region, bus in enumerate(("15", "67")):
        costs = []
        for change_kw in (0.2, -0.2):
            again = clear(more_load(minute, region, change_kw), clearing)
            base_cost = minute.reference_price * again.base_loss_kw
            costs.append(again.cost.total + base_cost)
        slope = (costs[0] - costs[1]) / 0.4
        node = minute.network.nodes(f"{bus}.1")
        assert prices.nodes.total[0, node] == pytest.approx(slope, rel=1e-4)
        assert prices.load[-2 + region] == pytest.approx(slope, rel=1e-4)


def more_load(minute: Minute, region: int, change_kw: float) -> Minute:
    """The minute with more load at the buyer of a region."""
    load_kw = minute.load_kw.copy()
    load_kw[-2 + region] += change_kw
    demand_kw = minute.demand_kw.copy()
    demand_kw[region] += change_kw
    return dataclasses.replace(minute, load_kw=load_kw, demand_kw=demand_kw)


def test_a_price_steps_to_the_next_der() -> None:
    """At 15, losses aside: 54 while nothing binds, 66 behind the line (780), 67 and w once B exports (740)."""
    total = {}
    for case in CASES:
        clearing, prices = cleared(case)
        node = clearing.minute.network.nodes("15.1")
        total[case] = prices.nodes.total[0, node] - prices.nodes.loss[0, node]
    assert total["780"] - total["no limit"] == pytest.approx(0.064 - 0.060, abs=2e-3)
    assert total["740"] - total["780"] == pytest.approx(0.070 + 0.01 - 0.064, abs=4e-3)


def test_without_demand_energy_costs_what_the_first_kilowatt_does() -> None:
    """Any price up to the cheapest offer is a dual of an empty balance; what more demand would cost is one of them."""
    minute = ieee33_minute(0.0)
    minute = dataclasses.replace(minute, load_kw=0.5 * minute.load_kw)
    empty = clear(minute)
    assert not empty.p_kw.any()
    little_kw = 0.05
    demand_kw = np.full(1, little_kw)
    little = clear(dataclasses.replace(minute, demand_kw=demand_kw), empty)
    price = empty.prices.balance[0]
    assert price == pytest.approx(little.prices.balance[0], rel=1e-4)
    # the cheapest offer is 0.05, less what its DER saves of losses
    assert 0.045 <= price <= 0.05
    # without any DER that gives something the first kWh comes from the main feeder
    none = clear(dataclasses.replace(minute, p_max_kw=np.zeros(3)))
    assert none.prices.balance[0] == pytest.approx(minute.balancing_price)


def test_congestion_is_behind_the_line_only() -> None:
    _, free = cleared("no limit")
    assert (free.nodes.congestion == 0).all()
    clearing, prices = cleared("780")
    behind, before = clearing.minute.network.nodes("67.1", "53.1")
    # By about c_66 - c_54: losses of the two differ by some 1e-4.
    assert prices.nodes.congestion[0, behind] == pytest.approx(0.002, abs=2e-4)
    assert prices.nodes.congestion[0, before] == pytest.approx(0, abs=1e-4)


def test_loss_part_has_the_sign_of_a_nodal_price() -> None:
    """+0.016 at bus 61, where the papers' form says -0.016."""
    clearing, prices = cleared("no limit")
    node = clearing.minute.network.nodes("61.1")
    assert prices.nodes.loss[0, node] == pytest.approx(0.016, abs=5e-4)


def test_a_der_between_its_limits_is_paid_its_offer() -> None:
    clearing, prices = cleared("780")
    share = clearing.share_kw
    is_between = (share > 0.1) & (share < clearing.minute.p_max_kw - 0.1)
    offers = np.broadcast_to(clearing.minute.offer, share.shape)
    assert is_between.sum() == 3
    assert prices.der[is_between] == pytest.approx(offers[is_between], abs=1e-5)
    # At its limit a DER earns more than it asks.
    assert prices.der[0, 0] > 0.060


def test_energy_outside_the_market_costs_the_reference_price() -> None:
    clearing, prices = cleared("780")
    node_of_36 = clearing.minute.network.nodes("36.1")
    assert prices.nodes.energy[0, node_of_36] == pytest.approx(0.1)


def test_one_region_for_each_bus() -> None:
    clearing, _ = cleared("no limit")
    with pytest.raises(ShapeError, match=r"region_of_bus"):
        from_duals(clearing, np.zeros(3, dtype=int))


def limited(minute: Minute, limit: str) -> tuple[Minute, str]:
    """The minute with one limit that binds, and a bus where it has a price."""
    network = minute.network
    limits = network_limits(network, 0.9, 1.05, ())
    if limit == "lowest voltage":
        limits = network_limits(network, 0.964, 1.05, ())
        return dataclasses.replace(minute, limits=limits), "17"
    if limit == "highest voltage":
        # DER 22 is the cheapest, and stands at the end of a lateral near the source.
        minute = dataclasses.replace(minute, offer=np.array([0.06, 0.07, 0.05]))
        node = limits.points.names.index("22.1")
        v_max_pu = limits.v_max_pu.copy()
        v_max_pu[node] = clear(minute).vm_pu[node] - 1e-3
        limits = dataclasses.replace(limits, v_max_pu=v_max_pu)
        return dataclasses.replace(minute, limits=limits), "22"
    line = line_between(network.feeder, "24", "25")
    free = [limit_in(limit, line, 1e5)]
    free_limits = network_limits(network, 0.9, 1.05, free)
    free_flow = clear(dataclasses.replace(minute, limits=free_limits)).flow
    full = [limit_in(limit, line, 0.8 * float(free_flow.max()))]
    limits = network_limits(network, 0.9, 1.05, full)
    return dataclasses.replace(minute, limits=limits), "25"


@pytest.mark.parametrize("limit", ["lowest voltage", "highest voltage", "a", "kva"])
def test_price_behind_a_limit_that_binds(limit: str) -> None:
    """One kW more with its demand, where the voltage binds or behind the line that is full."""
    demand_kw = 300.0 if limit == "lowest voltage" else 600.0
    minute, bus = limited(ieee33_minute(demand_kw), limit)
    load = [load.bus for load in minute.network.feeder.loads].index(bus)
    clearing = clear(minute)
    assert clearing.binding
    costs = []
    for change_kw in (1.0, -1.0):
        load_kw = minute.load_kw.copy()
        load_kw[load] += change_kw
        more = dataclasses.replace(
            minute, load_kw=load_kw, demand_kw=minute.demand_kw + change_kw
        )
        again = clear(more, clearing)
        costs.append(again.cost.total + minute.reference_price * again.base_loss_kw)
    prices = from_duals(clearing, np.zeros(33, dtype=int))
    limit_part = prices.nodes.voltage + prices.nodes.congestion
    node = minute.network.nodes(f"{bus}.1")
    assert np.abs(limit_part[0, node]).max() > 1e-3
    slope = (costs[0] - costs[1]) / 2
    assert prices.load[load] == pytest.approx(slope, rel=2e-3, abs=1e-4)
