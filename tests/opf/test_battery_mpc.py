"""Battery MPC: schedules worked out by hand, what the bus may feed back, never both ways at once, and what receding changes."""

from __future__ import annotations

from dataclasses import fields

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.optimize import linprog

from tieline.devices import Batteries
from tieline.errors import InputError
from tieline.opf.battery_mpc import (
    LIMITS_FIRST,
    RESERVED_FIRST,
    Outlook,
    Schedule,
    run_mpc,
    run_mpc_on_forecasts,
)
from tieline.typing import FloatArray


def batteries(
    count: int = 1, kw: float = 10.0, kwh: float = 20.0, efficiency: float = 0.9
) -> Batteries:
    def full(value: float) -> FloatArray:
        return np.full(count, value)

    names = tuple(f"b{k}" for k in range(count))
    return Batteries(
        names,
        full(kw),
        full(kw),
        full(kw),
        full(0.2 * kwh),
        full(0.9 * kwh),
        full(efficiency),
        full(efficiency),
    )


def planned(
    outlook: Outlook, units: Batteries | None = None, hours: float = 1.0
) -> Schedule:
    units = units or batteries(outlook.surplus_kw.shape[1])
    return run_mpc(units, units.stored_min_kwh, units.stored_min_kwh, outlook, hours)


def column(*values: float) -> FloatArray:
    return np.array(values)[:, None]


def test_buys_cheap_and_serves_its_own_load_dear() -> None:
    # rated power binds at 0.5: 10 kWh come back, for which 10 / 0.81 are bought, first where it is cheapest
    plan = planned(Outlook.at_price(np.array([0.1, 0.2, 0.5]), column(-50, -50, -50)))
    assert plan.charge_kw[:, 0] == pytest.approx([10.0, 10 / 0.81 - 10, 0.0])
    assert plan.discharge_kw[:, 0] == pytest.approx([0.0, 0.0, 10.0])
    assert plan.stored_kwh[-1, 0] == pytest.approx(4.0)


def test_what_leaves_is_divided_by_the_efficiency() -> None:
    plan = planned(Outlook.at_price(np.array([0.1, 0.5]), column(-50, -50)))
    assert plan.stored_kwh[:, 0] == pytest.approx([4 + 0.9 * 10, 4.0])
    # the thesis' product would give back 9 / 0.9
    assert plan.discharge_kw[1, 0] == pytest.approx(9 * 0.9)


def test_does_not_feed_back_past_the_limit() -> None:
    outlook = Outlook.at_price(np.array([0.1, 0.5]), column(-50, -3), 1.0)
    # 3 kW of load and 1 kW back
    assert planned(outlook).discharge_kw[1, 0] == pytest.approx(4.0)


def test_surplus_comes_before_any_price() -> None:
    # one kWh less fed back at 0.9 is worth more than the night's energy at 0.01; it takes the cheaper of two surplus steps
    plan = planned(
        Outlook.at_price(np.array([0.01, 0.9, 0.8, 1.0]), column(-50, 10, 10, -50))
    )
    assert plan.charge_kw[0, 0] == pytest.approx(0.0, abs=1e-9)
    assert plan.charge_kw[1:3, 0] == pytest.approx([14 / 0.9 - 10, 10.0])
    assert plan.shortage_kw[:, 0] == pytest.approx([0.0, 20 - 14 / 0.9, 0.0, 0.0])


def test_a_reservation_is_kept_whatever_the_price() -> None:
    price, surplus = np.array([0.1, 0.9, 1.0]), column(-50, -50, -50)
    reserved = Outlook.at_price(price, surplus).replace(reserved_kw=column(0, 6, 0))
    assert planned(Outlook.at_price(price, surplus)).charge_kw[1, 0] == pytest.approx(
        0.0, abs=1e-9
    )
    plan = planned(reserved)
    assert plan.charge_kw[1, 0] == pytest.approx(6.0)
    assert plan.discharge_kw[1, 0] == 0.0


@settings(max_examples=30, deadline=None)
@given(
    seed=st.integers(0, 10_000),
    lowest=st.sampled_from([-0.05, 0.0, 0.01]),
    efficiency=st.sampled_from([0.8, 0.95, 1.0]),
)
def test_never_charges_and_discharges_at_once(
    seed: int, lowest: float, efficiency: float
) -> None:
    random = np.random.default_rng(seed)
    steps, count = 12, 3
    outlook = Outlook.at_price(
        random.uniform(lowest, 0.2, steps), random.uniform(-15, 15, (steps, count)), 2.0
    )
    outlook = outlook.replace(
        reserved_kw=random.uniform(0, 8, (steps, count))
        * (random.random((steps, count)) < 0.2)
    )
    units = batteries(count, efficiency=efficiency)
    plan = planned(outlook, units, 0.5)
    assert np.minimum(plan.charge_kw, plan.discharge_kw).max() < 1e-9
    assert (plan.stored_kwh >= units.stored_min_kwh - 1e-6).all()
    assert (plan.stored_kwh <= units.stored_max_kwh + 1e-6).all()
    change = units.next_stored_kwh(
        np.vstack([units.stored_min_kwh, plan.stored_kwh[:-1]]),
        plan.charge_kw,
        plan.discharge_kw,
        0.5,
    )
    assert plan.stored_kwh == pytest.approx(change, abs=1e-6)


def least_cost(
    units: Batteries, outlook: Outlook, hours: float, due: FloatArray
) -> float:
    """Optimum of the linear program of the module's docstring, one battery, by another solver."""
    n = len(outlook.charge_cost)
    eye, nothing = np.eye(n), np.zeros((n, n))
    weight = LIMITS_FIRST * np.abs([outlook.charge_cost, outlook.discharge_value]).max()
    cost = np.concatenate(
        [
            outlook.charge_cost,
            -outlook.discharge_value,
            np.full(n, weight),
            np.full(n, RESERVED_FIRST * weight),
        ]
    )
    earlier = np.tri(n)  # stored energy is what was gained so far
    gain = [
        hours * units.efficiency_charge[0] * earlier,
        -hours / units.efficiency_discharge[0] * earlier,
        nothing,
        nothing,
    ]
    least = np.full(n, units.stored_min_kwh[0])
    least[-1] = max(least[-1], due[0])
    start = units.stored_min_kwh[0]
    rows = [
        gain,
        [-part for part in gain],
        [-eye, nothing, -eye, nothing],
        [-eye, nothing, nothing, -eye],
    ]
    right = [
        units.stored_max_kwh[0] - start + 0 * least,
        start - least,
        -outlook.excess_kw[:, 0],
        -outlook.reserved_kw[:, 0],
    ]
    room = (
        np.clip(
            outlook.limit_kw[:, 0] - outlook.surplus_kw[:, 0],
            0,
            units.discharge_max_kw[0],
        )
        * outlook.may_discharge[:, 0]
    )
    high = np.concatenate(
        [np.full(n, units.charge_max_kw[0]), room, np.full(2 * n, np.inf)]
    )
    bounds = np.stack([np.zeros(4 * n), high], axis=1)
    found = linprog(hours * cost, np.block(rows), np.concatenate(right), bounds=bounds)
    assert found.status == 0
    return float(found.fun)


def cost_of(plan: Schedule, outlook: Outlook, hours: float) -> float:
    weight = LIMITS_FIRST * np.abs([outlook.charge_cost, outlook.discharge_value]).max()
    missing = np.maximum(outlook.reserved_kw - plan.charge_kw, 0)
    bill = (
        outlook.charge_cost @ plan.charge_kw
        - outlook.discharge_value @ plan.discharge_kw
    )
    return float(
        hours
        * (
            bill.sum()
            + weight * (plan.shortage_kw.sum() + RESERVED_FIRST * missing.sum())
        )
    )


@settings(max_examples=60, deadline=None)
@given(
    seed=st.integers(0, 10_000),
    lowest=st.sampled_from([-0.1, 0.0, 0.01]),
    efficiency=st.sampled_from([0.7, 0.95, 1.0]),
)
def test_costs_what_the_linear_program_costs(
    seed: int, lowest: float, efficiency: float
) -> None:
    random = np.random.default_rng(seed)
    steps, hours = int(random.integers(1, 25)), float(random.choice([0.25, 1.0]))
    # rounded, so that some steps cost the same
    price = np.round(random.uniform(lowest, 0.2, steps), 2)
    outlook = Outlook.at_price(
        price, random.uniform(-15, 15, (steps, 1)), float(random.choice([0.0, 3.0]))
    )
    outlook = outlook.replace(
        reserved_kw=random.uniform(0, 12, (steps, 1))
        * (random.random((steps, 1)) < 0.3)
    )
    units = batteries(
        1, efficiency=efficiency, kwh=float(random.choice([5.0, 20.0, 100.0]))
    )
    reach = np.minimum(
        units.stored_max_kwh, units.stored_min_kwh + steps * hours * efficiency * 10.0
    )
    due = units.stored_min_kwh + random.random() * (reach - units.stored_min_kwh)
    plan = run_mpc(units, units.stored_min_kwh, due, outlook, hours)
    assert cost_of(plan, outlook, hours) == pytest.approx(
        least_cost(units, outlook, hours, due), rel=1e-9, abs=1e-9
    )
    assert plan.stored_kwh[-1, 0] >= due[0] - 1e-9


def test_batteries_do_not_know_of_each_other() -> None:
    random = np.random.default_rng(3)
    together = Outlook.at_price(
        random.uniform(0.01, 0.2, 10), random.uniform(-15, 15, (10, 3))
    )
    plan = planned(together)
    for k in range(3):
        alone = planned(
            together.replace(
                surplus_kw=together.surplus_kw[:, [k]],
                limit_kw=together.limit_kw[:, [k]],
                reserved_kw=together.reserved_kw[:, [k]],
            )
        )
        assert alone.shortage_kw.sum() == pytest.approx(
            plan.shortage_kw[:, k].sum(), abs=1e-6
        )
        bill = together.charge_cost @ (alone.charge_kw - alone.discharge_kw)[:, 0]
        assert bill == pytest.approx(
            together.charge_cost @ (plan.charge_kw - plan.discharge_kw)[:, k], abs=1e-6
        )


def test_of_plans_that_cost_the_same_the_one_that_stores_more_is_taken() -> None:
    units, outlook = (
        batteries(efficiency=1.0),
        Outlook.at_price(np.array([0.1, 0.1, 0.5, 0.5]), np.full((4, 1), -50.0)),
    )
    plan = run_mpc(units, units.stored_min_kwh, units.stored_min_kwh, outlook, 1.0)
    assert plan.charge_kw[:, 0] == pytest.approx([10, 4, 0, 0])
    assert plan.discharge_kw[:, 0] == pytest.approx([0, 0, 4, 10])


def day() -> Outlook:
    hour = np.arange(24.0)
    price = (
        0.04
        + 0.02 * np.exp(-(((hour - 9) / 2) ** 2))
        + 0.04 * np.exp(-(((hour - 19) / 2) ** 2))
        + 1e-4 * hour
    )
    sun = np.clip(np.sin((hour - 6) / 14 * np.pi), 0, 1)
    return Outlook.at_price(
        price, 20 * sun[:, None] - 4 - np.where(hour > 16, 6.0, 0.0)[:, None]
    )


def test_receding_over_a_known_day_is_the_optimum_of_the_day() -> None:
    units, outlook = batteries(), day()
    whole = planned(outlook, units)
    run = run_mpc(units, units.stored_min_kwh, units.stored_min_kwh, outlook, 1.0, 24)
    assert run.charge_kw == pytest.approx(whole.charge_kw, abs=1e-6)
    assert run.discharge_kw == pytest.approx(whole.discharge_kw, abs=1e-6)


def test_with_outlooks_that_come_true_it_is_the_same() -> None:
    random = np.random.default_rng(2)
    units = batteries(3)
    outlook = Outlook.at_price(
        random.uniform(0.01, 0.2, 12), random.uniform(-15, 15, (12, 3))
    )
    known = run_mpc(units, units.stored_min_kwh, units.stored_min_kwh, outlook, 0.5, 6)

    def rest(step: int) -> Outlook:
        return Outlook(
            *(getattr(outlook, field.name)[step:] for field in fields(outlook))
        )

    seen = run_mpc_on_forecasts(
        units, units.stored_min_kwh, units.stored_min_kwh, rest, 0.5, 6
    )
    for field in fields(known):
        assert getattr(seen, field.name) == pytest.approx(
            getattr(known, field.name), abs=1e-9
        )


def test_a_short_horizon_charges_from_the_first_surplus() -> None:
    units, outlook = batteries(), day()
    short = run_mpc(units, units.stored_min_kwh, units.stored_min_kwh, outlook, 1.0, 1)
    first = int(np.flatnonzero(outlook.surplus_kw[:, 0] > 0)[0])
    assert short.charge_kw[first, 0] == pytest.approx(outlook.surplus_kw[first, 0])
    assert short.stored_kwh[11, 0] == pytest.approx(18.0)  # full before noon


def test_energy_due_at_the_end_is_there_however_short_the_horizon() -> None:
    units, outlook = (
        batteries(),
        Outlook.at_price(np.full(5, 0.1), np.full((5, 1), -50.0)),
    )
    run = run_mpc(units, units.stored_min_kwh, np.array([18.0]), outlook, 1.0, 1)
    assert run.stored_kwh[-1, 0] == pytest.approx(18.0)
    # two hours are enough for 14 kWh
    assert run.charge_kw[:3].sum() == pytest.approx(0.0, abs=1e-6)


def test_everything_wrong_is_told_at_once() -> None:
    units, outlook = batteries(2), Outlook.at_price(np.array([0.1]), np.zeros((1, 2)))
    with pytest.raises(
        InputError, match=r"(?s)'b0' starts with 19 kWh.*'b1' cannot hold the 17 kWh"
    ):
        run_mpc(units, np.array([19.0, 4.0]), np.array([4.0, 17.0]), outlook, 1.0)
    with pytest.raises(
        InputError, match="earn money by charging and discharging at once in step 0"
    ):
        run_mpc(
            units,
            units.stored_min_kwh,
            units.stored_min_kwh,
            outlook.replace(charge_cost=np.array([0.05])),
            1.0,
        )
    with pytest.raises(InputError, match="horizon of 2 steps does not fit data of 1"):
        run_mpc(units, units.stored_min_kwh, units.stored_min_kwh, outlook, 1.0, 2)
