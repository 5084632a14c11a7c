"""Q inside the apparent power: the linear program comes to the AC optimum where losses, a voltage or a circle decide."""

from __future__ import annotations

import dataclasses

import numpy as np
import pytest

from minute_cases import (
    REFERENCE_PRICE,
    ieee33_minute,
    ieee69_minute,
    loads_kw,
    network_with,
    nominal_kvar,
)
from tieline.errors import InputError, ShapeError
from tieline.opf.balancing import (
    AcOptimum,
    Clearing,
    Minute,
    ReactiveRange,
    clear,
    clear_surely,
)
from tieline.opf.balancing.consensus import Consensus
from tieline.opf.balancing.prices import from_duals
from tieline.opf.make_problem import network_limits
from tieline.powerflow import solve

pytest.importorskip("casadi")
pytest.importorskip("highspy")

SITES_123 = tuple(str(bus) for bus in (50, 65, 76, 83, 95, 114))


def with_q(minute: Minute) -> Minute:
    """The minute with all of the DERs' ratings free for Q."""
    kva = [unit.rated_kva for unit in minute.network.feeder.generators]
    rating = ReactiveRange.of_rating(np.array(kva, dtype=float))
    return dataclasses.replace(minute, reactive=rating)


def ieee123_minute(highest_pu: float) -> Minute:
    """Six DERs of 100 kVA, 50 kW each; 200 kW demanded at 8; taps where the feeder's regulators bring them, and held."""
    network = network_with("ieee123", SITES_123, 100.0, ["8"])
    calls = np.ones((1, len(SITES_123)), dtype=bool)
    return Minute(
        network=network,
        load_kw=loads_kw(network, [200.0]),
        load_kvar=nominal_kvar(network),
        positions={"taps": solve(network).taps[0]},
        reference_price=REFERENCE_PRICE,
        balancing_price=2 * REFERENCE_PRICE,
        offer=np.linspace(0.05, 0.09, len(SITES_123)),
        p_max_kw=np.full(len(SITES_123), 50.0),
        demand_kw=np.array([200.0]),
        group=np.zeros(1, dtype=int),
        neighbours=np.zeros((0, 2), dtype=int),
        may_serve=calls,
        chosen=calls,
        limits=network_limits(network, 0.95, highest_pu, ()),
        controls="off",
    )


def against_ac(minute: Minute) -> Clearing:
    """The clearing, after holding it against the AC optimum of the same minute."""
    clearing = clear(minute)
    best = AcOptimum().clear(minute, clearing)
    tolerance = 3e-5 * minute.balancing_price * minute.demand_kw.sum()
    assert clearing.cost.total == pytest.approx(best.cost.total, abs=tolerance)
    assert clearing.keeps_limits
    assert best.keeps_limits
    kva = np.hypot(clearing.p_kw, clearing.q_kvar)
    assert minute.reactive is not None
    assert (kva <= minute.reactive.kva * (1 + 1e-9)).all()
    return clearing


def test_33_buses_save_losses_by_q() -> None:
    minute = ieee33_minute(900.0)
    clearing = against_ac(with_q(minute))
    assert clearing.cost.total < clear(minute).cost.total - 0.9
    # DER 6 gives Q where most of it is taken, and its circle is far.
    assert clearing.q_kvar[1] == pytest.approx(456, abs=5)


def test_33_buses_at_a_lowest_voltage_that_q_lifts() -> None:
    """P alone gives twice the demand to hold 0.968 pu; with Q the voltage binds too, and the demand is all that is given."""
    minute = ieee33_minute(300.0)
    limits = network_limits(minute.network, 0.968, 1.05, ())
    minute = dataclasses.replace(minute, limits=limits)
    p_only = clear(minute)
    assert p_only.relief_kw[0] > 600
    clearing = against_ac(with_q(minute))
    assert clearing.vm_pu.min() == pytest.approx(0.968, abs=2e-6)
    assert clearing.prices.voltage.min() < 0
    assert clearing.relief_kw[0] == pytest.approx(0, abs=1e-6)
    assert clearing.cost.total < p_only.cost.total / 3


def test_123_nodes_at_a_highest_voltage_that_q_holds_down() -> None:
    free = clear(ieee123_minute(1.1))
    highest_pu = float(free.vm_pu.max()) - 0.002
    clearing = against_ac(with_q(ieee123_minute(highest_pu)))
    assert clearing.vm_pu.max() == pytest.approx(highest_pu, abs=2e-6)
    assert clearing.prices.voltage.max() > 0


def test_a_circle_that_binds_is_met_where_p_pays_more() -> None:
    """A DER whose rating is its limit: its Q is what its P leaves."""
    minute = ieee69_minute(20, 5, None)
    clearing = against_ac(with_q(minute))
    p_kw, q_kvar = clearing.p_kw[0], clearing.q_kvar[0]
    assert np.hypot(p_kw, q_kvar) == pytest.approx(30.0, rel=1e-4)
    assert q_kvar > 20


def test_a_box_of_q_and_a_schedule_count() -> None:
    """Q beyond its schedule up to the box; the clearing tells what it adds."""
    minute = ieee33_minute(900.0)
    box = ReactiveRange(
        np.full(3, -50.0), np.array([100.0, 100.0, 0.0]), np.full(3, 600.0)
    )
    scheduled = np.array([30.0, 0.0, 0.0])
    asked = dataclasses.replace(minute, reactive=box, schedule_kvar=scheduled)
    clearing = against_ac(asked)
    assert clearing.q_kvar == pytest.approx([70, 100, 0], abs=1e-3)


def test_a_range_without_room_is_active_power_only() -> None:
    minute = ieee33_minute(900.0)
    none = ReactiveRange(np.zeros(3), np.zeros(3), np.full(3, 900.0))
    clearing = clear(dataclasses.replace(minute, reactive=none))
    assert clearing.p_kw == pytest.approx(clear(minute).p_kw, abs=1e-2)
    assert (clearing.q_kvar == 0).all()


def test_only_called_ders_add_q_and_the_last_minute_is_a_start() -> None:
    minute = with_q(ieee33_minute(600.0))
    only_first = np.array([[True, False, False]])
    clearing = clear(dataclasses.replace(minute, chosen=only_first))
    assert (clearing.q_kvar[1:] == 0).all()
    full = clear_surely(minute, clearing)
    again = clear(minute, full)
    assert again.programs < full.programs
    assert again.cost.total == pytest.approx(full.cost.total, abs=2e-3)


def test_price_with_q_is_what_one_kilowatt_more_costs() -> None:
    """Q adjusts at no cost of its own, so that the dual stays the price."""
    minute = with_q(ieee33_minute(500.0))
    costs = []
    for change_kw in (5.0, -5.0):
        load_kw = minute.load_kw.copy()
        load_kw[-1] += change_kw
        demand_kw = minute.demand_kw + change_kw
        more = dataclasses.replace(minute, load_kw=load_kw, demand_kw=demand_kw)
        clearing = clear(more)
        base_cost = minute.reference_price * clearing.base_loss_kw
        costs.append(clearing.cost.total + base_cost)
    prices = from_duals(clear(minute), np.zeros(33, dtype=int))
    slope = (costs[0] - costs[1]) / 10.0
    assert prices.load[-1] == pytest.approx(slope, rel=2e-3)


def test_ranges_that_are_none_are_refused_together() -> None:
    minute = ieee33_minute(900.0)
    wrong = ReactiveRange(np.ones(3), np.zeros(3), np.full(3, -1.0))
    with pytest.raises(InputError, match=r"apparent power.*; no reactive power lies"):
        dataclasses.replace(minute, reactive=wrong)
    short = ReactiveRange.of_rating(np.ones(2))
    with pytest.raises(ShapeError, match=r"reactive.kva has shape \(2,\)"):
        dataclasses.replace(minute, reactive=short)


def test_consensus_of_reactive_power_is_refused() -> None:
    minute = with_q(ieee69_minute(20, 5, None))
    with pytest.raises(InputError, match="active power only"):
        clear(minute, decide=Consensus(None))  # type: ignore[arg-type]
