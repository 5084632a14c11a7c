"""Loans by hand: the top is cut off first, lenders are asked in order, and what is missing is said."""

from __future__ import annotations

import numpy as np
import pytest

from tieline.studies.battery.ways.lending import Lender, Need, arrange_loan, pooled


def need(
    *excess_kw: float,
    own_kw: float = 0.0,
    own_kwh: float = 0.0,
    least_kw: tuple[float, ...] | None = None,
    hours: float = 1.0,
) -> Need:
    least = np.zeros(len(excess_kw)) if least_kw is None else np.array(least_kw)
    return Need(
        np.array(excess_kw)[:, None],
        np.array([own_kw]),
        np.array([own_kwh]),
        least,
        hours,
    )


def test_own_battery_takes_the_top() -> None:
    # 30 kWh under a common level of 20 kW: 10 + 20
    loan = arrange_loan(need(30.0, 40.0, 10.0, own_kw=50.0, own_kwh=30.0), [])
    assert loan.own_kw[:, 0] == pytest.approx([10.0, 20.0, 0.0], abs=1e-6)
    assert loan.required_kwh == pytest.approx(50.0)
    assert loan.missing_kwh == pytest.approx(50.0)
    assert loan.level == pytest.approx(0.5)  # 20 of 40 kW stay


def test_power_of_the_own_battery_binds() -> None:
    loan = arrange_loan(need(30.0, 40.0, own_kw=15.0, own_kwh=100.0), [])
    assert loan.own_kw[:, 0] == pytest.approx([15.0, 15.0])


def test_lenders_are_asked_in_order_until_energy_and_power_are_covered() -> None:
    ranked = [Lender("a", 5.0, 10.0), Lender("b", 10.0, 20.0), Lender("c", 10.0, 20.0)]
    loan = arrange_loan(need(10.0, 10.0, 4.0), ranked)
    assert [lender.bus for lender in loan.lenders] == ["a", "b"]
    assert (loan.level, loan.missing_kwh) == (0.0, pytest.approx(0.0))
    assert loan.lent_kw.sum(axis=1) == pytest.approx([10.0, 10.0, 4.0])
    # in proportion to their energy
    assert loan.lent_kw[0] == pytest.approx([10 / 3, 20 / 3])


@pytest.mark.parametrize(
    ("lender", "level", "lent"),
    [
        (Lender("a", 100.0, 12.0), 0.7, [0.0, 12.0, 0.0]),  # energy: 40 kW cut to 28
        (Lender("a", 10.0, 100.0), 0.75, [0.0, 10.0, 0.0]),  # power
        (Lender("a", 100.0, 60.0), 1 / 12, [50 / 3, 110 / 3, 20 / 3]),  # level 10/3 kW
    ],
)
def test_too_little_goes_to_the_highest_steps(
    lender: Lender, level: float, lent: list[float]
) -> None:
    loan = arrange_loan(need(20.0, 40.0, 10.0), [lender])
    assert loan.level == pytest.approx(level)
    assert loan.lent_kw[:, 0] == pytest.approx(lent)
    assert loan.missing_kwh == pytest.approx(70 - sum(lent))


def test_what_the_voltage_needs_comes_first() -> None:
    lender = Lender("a", 100.0, 30.0)
    plenty = arrange_loan(need(10.0, 5.0, least_kw=(4.0, 9.0)), [lender])
    assert plenty.lent_kw[:, 0] == pytest.approx([10.0, 9.0])
    # more than its reverse power is not on account of a bus
    assert plenty.borrowed_kw[:, 0] == pytest.approx([10.0, 5.0])
    assert (plenty.required_kwh, plenty.missing_kwh) == (
        pytest.approx(19.0),
        pytest.approx(0.0),
    )
    short = arrange_loan(need(40.0, 40.0, 20.0, least_kw=(0.0, 0.0, 18.0)), [lender])
    # 12 kWh are left for the top of the others
    assert short.lent_kw[:, 0] == pytest.approx([6.0, 6.0, 18.0])
    hopeless = arrange_loan(need(0.0, 0.0, least_kw=(20.0, 40.0)), [lender])
    # its own top, down to 15 kW
    assert hopeless.lent_kw[:, 0] == pytest.approx([5.0, 25.0])
    assert hopeless.missing_kwh == pytest.approx(30.0)


def test_nothing_at_risk_borrows_nothing() -> None:
    loan = arrange_loan(
        need(0.0, 0.0, own_kw=5.0, own_kwh=5.0), [Lender("a", 1.0, 1.0)]
    )
    assert (loan.required_kwh, loan.missing_kwh, loan.lenders) == (0.0, 0.0, ())
    nobody = Need(np.zeros((2, 0)), np.zeros(0), np.zeros(0), np.zeros(2), 1.0)
    assert arrange_loan(nobody, []).required_kwh == 0.0


def test_the_lender_short_of_power_limits_the_pool() -> None:
    # b gives 4/5 of all: 10 of 12.5 kW
    assert pooled([Lender("a", 10.0, 10.0), Lender("b", 10.0, 40.0)]) == (
        12.5,
        50.0,
    )
    assert pooled([]) == (0.0, 0.0)
