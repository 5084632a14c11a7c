"""The 33-bus case of the thesis: what a margin does to the cheapest DER behind a tight line."""

from __future__ import annotations

import numpy as np
import pytest

from tieline.agents.margin_search import MarginRule, Market, Purchase, buy
from tieline.errors import InputError
from tieline.feeders import load_feeder
from tieline.network import Network
from tieline.network.attach import with_generators_at
from tieline.opf.branch_limits import BranchLimit
from tieline.opf.flow_limits import FlowLimits

PLACES = ("25", "6", "22")
DEMAND_KW = 900.0
LIMIT_KW = 300.0


def market(offer: tuple[float, ...] = (0.05, 0.06, 0.07)) -> Market:
    """Loads at half, 900 kW more at bus 2, three DERs of 600 kW, and 300 kW at most between 24 and 25."""
    feeder = with_generators_at(load_feeder("ieee33"), PLACES, [600.0] * 3)
    line = next(
        line for line in feeder.lines if {line.from_bus, line.to_bus} == {"24", "25"}
    )
    load_kw = np.array([load.p_kw for load in feeder.loads]) / 2
    load_kvar = np.array([load.q_kvar for load in feeder.loads]) / 2
    buyer = [load.bus for load in feeder.loads].index("2")
    load_kw[buyer] += DEMAND_KW
    limit = BranchLimit("line", line.name, forward_kw=LIMIT_KW, reverse_kw=LIMIT_KW)
    return Market(
        network=Network.from_feeder(feeder),
        load_kw=load_kw,
        load_kvar=load_kvar,
        ders=np.arange(3),
        offer=np.array(offer),
        p_max_kw=np.full(3, 600.0),
        reference_price=0.10,
        limits=(limit,),
    )


def sold_kw(purchase: Purchase) -> dict[str, float]:
    return {PLACES[sale.der]: sale.p_kw for sale in purchase.sales}


def test_without_margin_the_cheapest_overloads_its_line() -> None:
    purchase = buy(market(), "2", DEMAND_KW, MarginRule(keeps_margin=False))
    assert sold_kw(purchase) == {"25": 600.0, "6": 300.0}
    assert purchase.cost == pytest.approx(48.0)
    assert len(purchase.overloaded) == 1
    flow_kw = FlowLimits.of(market().network, market().limits).values(purchase.solution)
    assert flow_kw.max() == pytest.approx(390.0, abs=1.5)


def test_with_margin_it_sells_less_and_another_the_rest() -> None:
    purchase = buy(market(), "2", DEMAND_KW)
    first, second = purchase.sales
    assert [PLACES[first.der], PLACES[second.der]] == ["25", "6"]
    assert first.p_kw == pytest.approx(497.0, abs=1.0)
    assert first.p_kw + second.p_kw == pytest.approx(DEMAND_KW)
    assert first.loss_factor == pytest.approx(-0.023, abs=0.002)
    assert first.margin == pytest.approx(0.02, abs=1e-3)
    assert purchase.cost == pytest.approx(49.0, abs=0.1)
    assert purchase.overloaded == ()
    assert purchase.left_kw == 0.0


def test_a_weighed_margin_asks_the_relieving_der_first() -> None:
    """r m: 0.04 x 0.9 of DER 6 is more than 0.05 x 0.02 of DER 25 at its margin."""
    purchase = buy(market(), "2", DEMAND_KW, MarginRule(weighs_margin=True))
    assert list(sold_kw(purchase)) == ["6", "25"]
    assert purchase.cost == pytest.approx(51.0, abs=0.1)
    assert purchase.overloaded == ()


def test_same_for_every_seed() -> None:
    """There are three ends: 200 walks find the best of them whatever the seed."""
    orders = {
        tuple(sold_kw(buy(market(), "2", DEMAND_KW, seed=seed))) for seed in range(10)
    }
    assert orders == {("25", "6")}


def test_what_is_dearer_than_the_main_feeder_is_not_bought() -> None:
    purchase = buy(market(offer=(0.11, 0.12, 0.13)), "2", DEMAND_KW)
    assert purchase.sales == ()
    assert purchase.left_kw == DEMAND_KW
    assert purchase.cost == 0.0


def test_more_than_all_have_is_left() -> None:
    purchase = buy(market(), "2", 2500.0, MarginRule(keeps_margin=False))
    assert purchase.left_kw == pytest.approx(700.0)


@pytest.mark.parametrize("demand_kw", [-1.0, np.inf, np.nan])
def test_a_demand_that_is_none_is_refused(demand_kw: float) -> None:
    with pytest.raises(InputError, match="0 or more and finite"):
        buy(market(), "2", demand_kw)
