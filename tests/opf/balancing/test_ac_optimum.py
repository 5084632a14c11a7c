"""The AC optimum of the minute beside its linear program: the same answer, and the money that both save."""

from __future__ import annotations

import dataclasses

import numpy as np
import pytest

from minute_cases import ieee33_minute, ieee69_minute, network_with
from tieline.opf.balancing import AcOptimum, ReactiveRange, clear
from tieline.opf.make_problem import network_limits

pytest.importorskip("casadi")
pytest.importorskip("highspy")


@pytest.mark.parametrize(
    ("demand_kw", "room_kw"), [((45, 5), 40.2), ((45, 10), 0.2), ((20, 5), None)]
)
def test_linear_program_and_ac_optimum_agree_on_69_buses(
    demand_kw: tuple[float, float], room_kw: float | None
) -> None:
    clearing = clear(ieee69_minute(*demand_kw, room_kw))
    best = AcOptimum().clear(clearing.minute, clearing)
    assert best.keeps_limits
    assert best.p_kw == pytest.approx(clearing.p_kw, abs=0.01)
    assert best.cost.total == pytest.approx(clearing.cost.total, rel=1e-5)
    assert best.objective == pytest.approx(best.cost.total, rel=1e-5)


def test_saving_kept_is_measured_by_what_can_be_saved() -> None:
    minute = ieee33_minute(900.0)
    only_first = np.array([[True, False, False]])
    reduced = clear(dataclasses.replace(minute, chosen=only_first))
    full = clear(minute)
    best = AcOptimum().clear(minute, full)
    assert full.saving_kept_pct(best) == pytest.approx(100, abs=0.01)
    # DER 25 alone gives 510 of 900 kW, the rest is bought at 0.2 where DER 6 asks 0.06.
    assert reduced.saving_kept_pct(best) == pytest.approx(59, abs=2)
    assert np.isnan(
        full.saving_kept_pct(dataclasses.replace(best, bought_kw=np.array([9e9])))
    )


def test_one_program_serves_many_minutes() -> None:
    optimum = AcOptimum()
    first = clear(ieee69_minute(45, 5, 40.2))
    optimum.clear(first.minute, first)
    asked = {"network": first.minute.network, "limits": first.minute.limits}
    second = clear(ieee69_minute(30, 8, 40.2, **asked), first)
    best = optimum.clear(second.minute, second)
    assert best.p_kw == pytest.approx(second.p_kw, abs=0.01)
    assert len(optimum._programs) == 1


def test_prices_below_zero_have_an_ac_optimum() -> None:
    """Losses rewarded: no more than DERs' offers allow, and the demand is covered."""
    start = clear(ieee69_minute(20, 5, None, reference_price=0.0, balancing_price=0.2))
    minute = dataclasses.replace(start.minute, reference_price=-0.02)
    best = AcOptimum().clear(minute, start)
    assert best.p_kw.sum() == pytest.approx(25, abs=0.01)


def test_a_region_without_a_der_beside_one_with_has_an_ac_optimum() -> None:
    serves_a = np.array([[1, 1, 1, 0], [0, 0, 0, 0]], dtype=bool)
    minute = ieee69_minute(20, 0, None, may_serve=serves_a, chosen=serves_a)
    clearing = clear(minute)
    best = AcOptimum().clear(clearing.minute, clearing)
    assert best.p_kw == pytest.approx(clearing.p_kw, abs=0.01)


@pytest.mark.parametrize("has_q", [False, True])
def test_a_single_der_has_an_ac_optimum(has_q: bool) -> None:
    """A vector of one number is a matrix of one row too, which a solver may take for the other."""
    network = network_with("ieee33", ["6"], 600.0, ["2"])
    one = np.ones((1, 1), dtype=bool)
    limit_kva = np.array([600.0])
    minute = ieee33_minute(
        100.0,
        network=network,
        limits=network_limits(network, 0.9, 1.05, []),
        offer=np.array([0.06]),
        p_max_kw=limit_kva,
        may_serve=one,
        chosen=one,
        reactive=ReactiveRange.of_rating(limit_kva) if has_q else None,
    )
    clearing = clear(minute)
    best = AcOptimum().clear(clearing.minute, clearing)
    assert best.p_kw == pytest.approx([100.0], abs=0.01)
    assert best.cost.total == pytest.approx(clearing.cost.total, rel=1e-4)
