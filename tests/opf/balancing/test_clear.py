"""The minute: published numbers of the 33- and 69-bus cases, limits on AC, edges."""

from __future__ import annotations

import dataclasses

import numpy as np
import pytest

from minute_cases import ieee33_minute, ieee69_minute, limit_in, line_between
from tieline.errors import InputError
from tieline.opf.balancing import AcOptimum, Minute, UnmetLimitsError, Watched, clear
from tieline.opf.make_problem import network_limits

pytest.importorskip("highspy")


def test_33_buses_at_900_kw() -> None:
    """510 kW of DER 25 within its line's 300 kW, the rest of DER 6: offers of 48.9 an hour; 48.0 and overloaded without limit."""
    minute = ieee33_minute(900.0)
    clearing = clear(minute)
    assert clearing.p_kw == pytest.approx([510, 390, 0], abs=1)
    assert clearing.cost.offers == pytest.approx(48.9, abs=0.02)
    assert clearing.flow.max() <= 300 * (1 + 1e-6)
    assert clearing.binding == ("line 'branch_24' reverse",)
    free = clear(
        dataclasses.replace(minute, limits=ieee33_minute(900.0, room_kw=1e4).limits)
    )
    assert free.p_kw == pytest.approx([600, 300, 0])
    assert free.cost.offers == pytest.approx(48.0)
    assert clearing.cost.offers / free.cost.offers < 1.05


@pytest.mark.parametrize(
    ("demand_kw", "room_kw", "share_a_kw", "share_b_kw"),
    [
        ((20, 5), None, (20, 0, 0, 0), (0, 0, 5, 0)),
        ((45, 10), None, (30, 15, 0, 0), (0, 0, 10, 0)),
        ((39.2, 5), 40.2, (30, 9.2, 0, 0), (0, 0, 5, 0)),
        ((45, 5), 40.2, (30, 9.14, 5.86, 0), (0, 0, 5, 0)),
        ((22, 9), 0.2, (0, 0, 22.27, 0), (0, 0, 7.73, 1.27)),
    ],
)
def test_who_gives_what_on_69_buses(
    demand_kw: tuple[float, float],
    room_kw: float | None,
    share_a_kw: tuple[float, ...],
    share_b_kw: tuple[float, ...],
) -> None:
    """DERs 56, 54, 66, 67: 66 gives A the excess over 39.3 kW on AC, 5.9 at 45 kW; 67 serves when 66 is at its 30 kW."""
    clearing = clear(ieee69_minute(*demand_kw, room_kw))
    assert clearing.share_kw[0] == pytest.approx(share_a_kw, abs=0.01)
    assert clearing.share_kw[1] == pytest.approx(share_b_kw, abs=0.01)
    assert clearing.keeps_limits


def test_the_line_binds_from_39_3_kw() -> None:
    assert not clear(ieee69_minute(39.2, 5, 40.2)).binding
    assert clear(ieee69_minute(39.4, 5, 40.2)).binding


def test_losses_of_the_demand_are_relieved_beyond_it() -> None:
    """At 45 + 10 kW and 0.2 kW of room AC needs 55.8 kW of 66 and 67; near 60 kW there is no answer."""
    clearing = clear(ieee69_minute(45, 10, 0.2))
    assert clearing.p_kw == pytest.approx([0, 0, 30, 25.78], abs=0.01)
    assert clearing.relief_kw.sum() == pytest.approx(0.78, abs=0.01)
    assert clearing.exchange_kw[1, 0] == pytest.approx(15, abs=0.01)
    assert clear(ieee69_minute(47, 11.4, 0.2)).keeps_limits
    with pytest.raises(
        UnmetLimitsError, match=r"minute 12:00.*\n.*branch_10.*747.83 -> "
    ):
        clear(ieee69_minute(48.5, 12, 0.2))


def test_a_dear_der_is_left_to_the_main_feeder() -> None:
    offer = np.array([0.06, 0.3, 0.3, 0.3])
    clearing = clear(ieee69_minute(45, 10, None, offer=offer))
    assert clearing.p_kw == pytest.approx([30, 0, 0, 0])
    assert clearing.bought_kw == pytest.approx([15, 10])
    assert clearing.cost.balancing == pytest.approx(0.2 * 25)


def test_merged_regions_send_for_nothing() -> None:
    offer = np.array([0.06, 0.3, 0.3, 0.3])
    calls = np.array([[1, 0, 0, 0], [0, 0, 0, 1]], dtype=bool)
    asked = {"offer": offer, "may_serve": calls, "chosen": calls}
    apart = clear(ieee69_minute(5, 10, None, **asked))
    merged = clear(ieee69_minute(5, 10, None, group=np.zeros(2, dtype=int), **asked))
    assert apart.cost.exports == pytest.approx(0.1)
    assert merged.cost.exports == 0
    assert merged.exchange_kw[0, 1] == pytest.approx(10)


def test_a_region_below_its_schedule_buys_nothing_and_that_is_said() -> None:
    clearing = clear(ieee69_minute(-3, 5, None))
    assert clearing.share_kw[0] == pytest.approx(0)
    assert "region 0 takes 3 kW less than its schedule" in clearing.remarks[0]


def test_all_ders_at_zero() -> None:
    clearing = clear(ieee69_minute(45, 10, None, p_max_kw=np.zeros(4)))
    assert clearing.bought_kw == pytest.approx([45, 10])
    assert clearing.cost.total == pytest.approx(clearing.none_cost)
    assert "no DER can give anything" in clearing.remarks[0]


def test_a_price_below_zero_is_refused_with_what_next() -> None:
    minute = ieee69_minute(5, 5, None, reference_price=-0.02, balancing_price=0.1)
    with pytest.raises(InputError, match=r"minute 12:00.*AcOptimum"):
        clear(minute)


def test_at_a_price_of_zero_losses_cost_nothing() -> None:
    clearing = clear(
        ieee69_minute(20, 5, None, reference_price=0.0, balancing_price=0.2)
    )
    assert clearing.cost.loss == 0
    assert clearing.p_kw == pytest.approx([20, 0, 5, 0])


def test_warm_and_cold_agree() -> None:
    before = clear(ieee69_minute(40, 5, 40.2))
    minute = ieee69_minute(45, 5, 40.2, network=before.minute.network)
    warm = clear(minute, before)
    cold = clear(minute)
    assert warm.p_kw == pytest.approx(cold.p_kw, abs=0.01)
    assert warm.programs <= cold.programs


def test_limits_that_nobody_watches_are_broken_and_told() -> None:
    minute = ieee69_minute(45, 10, 0.2)
    clearing = clear(without_watch(minute))
    assert not clearing.keeps_limits
    assert str(clearing.violations[0]).startswith("limit of line 'branch_10' forward")


def without_watch(minute: Minute) -> Minute:
    """The minute with no limit watched."""
    watched = Watched.all_of(minute.limits, minute.n_regions)
    nothing = Watched(watched.points & False, watched.flows & False)
    return dataclasses.replace(minute, watched=nothing)


@pytest.mark.parametrize("unit", ["a", "kva"])
def test_limits_of_current_and_apparent_power(unit: str) -> None:
    """At 80 % of what the line would carry: it binds on AC, and the AC optimum gives the same."""
    minute = ieee33_minute(900.0)
    line = line_between(minute.network.feeder, "24", "25")

    def limited(limit: float) -> Minute:
        asked = [limit_in(unit, line, limit)]
        limits = network_limits(minute.network, 0.9, 1.05, asked)
        return dataclasses.replace(minute, limits=limits)

    free = clear(limited(1e5))
    most = 0.8 * float(free.flow.max())
    clearing = clear(limited(most))
    assert clearing.flow.max() == pytest.approx(most, rel=2e-6)
    assert clearing.keeps_limits
    assert clearing.p_kw[0] < free.p_kw[0] - 50
    assert clearing.prices.flow.max() > 0
    best = AcOptimum().clear(clearing.minute, clearing)
    assert clearing.p_kw == pytest.approx(best.p_kw, abs=0.1)
    assert clearing.cost.total == pytest.approx(best.cost.total, rel=1e-5)


def test_a_schedule_of_reactive_power_stands_in_every_replay() -> None:
    """What DERs inject in any case is no decision: idle and called it is the same."""
    minute = ieee33_minute(900.0)
    scheduled = np.array([0.0, 200.0, 0.0])
    clearing = clear(dataclasses.replace(minute, schedule_kvar=scheduled))
    n_loads = minute.network.devices.n_loads
    assert -clearing.solution.q_kvar[0, n_loads:] == pytest.approx(scheduled)
    assert clearing.base_loss_kw < clear(minute).base_loss_kw - 1
    assert (clearing.q_kvar == 0).all()
