"""Questions that contradict themselves, and the shapes of the others."""

from __future__ import annotations

import numpy as np
import pytest

from builders import two_bus, with_generators
from tieline.errors import InputError, ShapeError
from tieline.feeders import load_feeder
from tieline.feeders.elements import Pv, Storage
from tieline.network import Network
from tieline.opf import BranchLimit, DerInputs, FlexibleInputs, make_problem

WHERE = ("b", (1, 0), "wye", 12.66)


def test_ratings_become_limits() -> None:
    pv = Pv("pv", *WHERE, rated_kw=120.0, inverter_kva=100.0)
    battery = Storage(
        "s", *WHERE, rated_kw=50.0, energy_kwh=200.0, inverter_kva=60.0, stored_kwh=80.0
    )
    problem = make_problem(
        Network.from_feeder(two_bus().replace(pvs=(pv,), storages=(battery,))),
        price=[0.1, 0.2],
    )
    assert problem.ders.p_min_kw.tolist() == [[0.0, -50.0]] * 2
    assert problem.ders.p_max_kw.tolist() == [[100.0, 50.0]] * 2
    assert problem.ders.q_max_kvar.tolist() == [[100.0, 60.0]] * 2
    assert problem.storage.stored_kwh.tolist() == [80.0]
    assert problem.storage.der.tolist() == [1]
    assert problem.limits.points.names == ("b.1",)  # the ideal source holds the other


def test_no_der_is_refused() -> None:
    with pytest.raises(InputError, match="no DER and no flexible load"):
        make_problem(Network.from_feeder(two_bus()), price=0.1)


def test_contradictions_come_in_one_error() -> None:
    network = Network.from_feeder(with_generators(two_bus(), 1, 100.0))
    with pytest.raises(InputError) as caught:
        make_problem(
            network,
            price=0.1,
            v_min_pu=1.1,
            v_max_pu=1.0,
            ders=DerInputs(
                p_min_kw=150.0, p_max_kw=120.0, energy_min_kwh=1.0, energy_max_kwh=0.0
            ),
        )
    text = str(caught.value)
    for part in (
        "p_min_kw is above p_max_kw",
        "within 100 kVA",
        "energy_min_kwh",
        "'b.1': lowest 1.1 pu",
    ):
        assert part in text
    assert caught.value.exit_code == 2


def test_stored_energy_outside_its_limits_is_refused() -> None:
    battery = Storage(
        "s",
        *WHERE,
        rated_kw=50.0,
        energy_kwh=200.0,
        inverter_kva=60.0,
        stored_kwh=80.0,
        reserve_kwh=90.0,
    )
    with pytest.raises(
        InputError, match="storage 's': stored_kwh 80 is outside its limits 90 to 200"
    ):
        make_problem(
            Network.from_feeder(two_bus().replace(storages=(battery,))), price=0.1
        )


def test_shape_that_does_not_fit() -> None:
    network = Network.from_feeder(with_generators(two_bus(), 1, 100.0))
    with pytest.raises(ShapeError, match=r"cost has shape \(3,\)"):
        make_problem(network, price=0.1, cost=[0.1, 0.2, 0.3])
    with pytest.raises(ShapeError, match=r"is_flexible has shape \(2,\)"):
        make_problem(
            network, price=0.1, flexible=FlexibleInputs(is_flexible=[True, False])
        )


def test_numbers_that_are_none() -> None:
    network = Network.from_feeder(with_generators(two_bus(), 1, 100.0))
    with pytest.raises(InputError) as caught:
        make_problem(network, price=[0.1, np.nan], cost=np.inf)
    assert "price has a value that is not a finite number" in str(caught.value)
    assert "  cost has a value" in str(caught.value)


def test_unknown_branch_and_bad_limit() -> None:
    network = Network.from_feeder(with_generators(two_bus(), 1, 100.0))
    with pytest.raises(InputError, match="Unknown line 'xy' of feeder 'two-bus'"):
        make_problem(
            network, price=0.1, branch_limits=(BranchLimit("line", "xy", a=10.0),)
        )
    with pytest.raises(InputError, match="one of them, above 0"):
        BranchLimit("line", "ab", a=10.0, kva=5.0)


def test_taps_are_held_as_asked() -> None:
    network = Network.from_feeder(with_generators(load_feeder("ieee13"), 2, 50.0))
    assert make_problem(network, price=0.1, taps=[3, -2, 7]).taps.tolist() == [3, -2, 7]


def test_window_cuts_every_array_of_steps() -> None:
    network = Network.from_feeder(with_generators(two_bus(), 1, 100.0))
    part = make_problem(
        network, price=np.arange(5.0), cost=np.arange(5.0)[:, None]
    ).window(1, 3)
    assert part.steps.price.tolist() == [1.0, 2.0]
    assert part.ders.cost[:, 0].tolist() == [1.0, 2.0]
    assert len(part.steps.load_kw) == len(part.ders.p_max_kw) == 2
