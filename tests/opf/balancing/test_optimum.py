"""The program of a minute with a thousand DERs: ten small ones at a bus are worth one ten times as large."""

from __future__ import annotations

import numpy as np
import pytest

from minute_cases import REFERENCE_PRICE, loads_kw, network_with, nominal_kvar
from tieline.feeders import load_feeder
from tieline.opf.balancing import Clearing, Minute, clear
from tieline.opf.balancing.optimum import WIDE_GAP, money_scale
from tieline.opf.make_problem import network_limits

pytest.importorskip("highspy")

N_BUSES = 100


def cleared(n_at_each_bus: int) -> Clearing:
    """DERs that give 20 kW together at each of a hundred buses, offers drawn once for each bus; 400 kW are demanded."""
    feeder = load_feeder("ieee123")
    buses = [bus.name for bus in feeder.buses if bus.name != feeder.source.bus]
    sites = buses[:N_BUSES] * n_at_each_bus
    network = network_with("ieee123", sites, 20.0, ["8"])
    offer = np.random.default_rng(0).uniform(0.05, 0.09, N_BUSES)
    calls = np.ones((1, len(sites)), dtype=bool)
    minute = Minute(
        network=network,
        load_kw=loads_kw(network, [400.0]),
        load_kvar=nominal_kvar(network),
        positions={},
        reference_price=REFERENCE_PRICE,
        balancing_price=2 * REFERENCE_PRICE,
        offer=np.tile(offer, n_at_each_bus),
        p_max_kw=np.full(len(sites), 20.0 / n_at_each_bus),
        demand_kw=np.array([400.0]),
        group=np.zeros(1, dtype=int),
        neighbours=np.zeros((0, 2), dtype=int),
        may_serve=calls,
        chosen=calls,
        limits=network_limits(network, 0.9, 1.1, ()),
        controls="off",
    )
    return clear(minute)


def test_a_thousand_ders_come_to_the_optimum_of_a_hundred() -> None:
    few = cleared(1)
    many = cleared(10)
    tolerance = 2 * WIDE_GAP * money_scale(few.minute)
    assert many.cost.total == pytest.approx(few.cost.total, abs=tolerance)
    at_each_bus_kw = many.p_kw.reshape(10, N_BUSES).sum(axis=0)
    assert at_each_bus_kw == pytest.approx(few.p_kw, abs=2.0)
    assert many.bought_kw == pytest.approx(0, abs=1e-6)
