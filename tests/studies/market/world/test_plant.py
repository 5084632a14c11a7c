"""The stage of a run: scheduled loads, extra loads and sellers behind what the feeder has of its own."""

from __future__ import annotations

import numpy as np
import pytest

from builders import cut_off
from tieline import load_feeder
from tieline.errors import InputError, NotConvergedError
from tieline.network.attach import with_generators_at
from tieline.studies.market.config import MarketConfig
from tieline.studies.market.world.make import make_stage


def test_the_schedule_is_the_nominal_load_of_the_plant() -> None:
    config = MarketConfig(case="ieee33")
    plant = make_stage(load_feeder("ieee33"), config)
    half_kw = 0.5 * load_feeder("ieee33").peak_load_kw
    assert plant.feeder.peak_load_kw == pytest.approx(half_kw)
    assert plant.feeder.loads[plant.n_scheduled].name == "extra_2"
    assert [der.name for der in plant.feeder.ders] == [
        "seller_25",
        "seller_6",
        "seller_22",
    ]
    assert set(plant.region_of_load.tolist()) == {0}


def test_ders_of_the_feeder_itself_sell_nothing() -> None:
    feeder = with_generators_at(load_feeder("ieee33"), ["18"], [50.0])
    plant = make_stage(
        feeder, MarketConfig(feeder="ieee33", ders="25:90", adequate=False)
    )
    assert plant.first_seller == 1
    assert plant.may_serve.tolist() == [[False, True]]
    np.testing.assert_allclose(plant.of_all_ders(np.array([7.0])), [0.0, 7.0])
    np.testing.assert_allclose(plant.own_der_kw, [0.0, 0.0])


def test_a_line_of_an_extra_load_carries_its_peak() -> None:
    """Bus 18 is at the end of a lateral whose last line carries 90 kW."""
    config = MarketConfig(feeder="ieee33", extra_loads="18:400", adequate=False)
    plant = make_stage(load_feeder("ieee33"), config)
    limits = {limit.name: limit.forward_kw for limit in plant.branch_limits}
    assert limits["branch_17"] == pytest.approx(1.5 * 490, rel=0.01)


def test_peaks_without_a_power_flow_are_named() -> None:
    """The solver would say what it says of a feeder that is not earthed."""
    config = MarketConfig(case="ieee123", extra_loads="8:1e9, 22:10")
    with pytest.raises(NotConvergedError, match="1,000,000,000 kW at bus '8'"):
        make_stage(load_feeder("ieee123"), config)


def test_a_bus_that_nothing_feeds_is_refused_by_name() -> None:
    """Its voltage of 0 would be a broken limit, and its equations have no solution around it."""
    feeder = cut_off(load_feeder("ieee33"), "18")
    with pytest.raises(InputError, match=r"no closed path joins node 18\.1 to the"):
        make_stage(feeder, MarketConfig(feeder="ieee33"))
