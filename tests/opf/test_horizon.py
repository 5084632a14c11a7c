"""Receding horizon: storage, ramps and energy due, worked out by hand."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from builders import two_bus, with_generators
from tieline.errors import InputError
from tieline.feeders.elements import Generator, Pv, Storage
from tieline.network import Network
from tieline.opf import (
    DerInputs,
    Problem,
    StorageInputs,
    make_problem,
    run_horizon,
    solve_lp,
    solve_nlp,
    solve_socp,
    warm_nlp,
)

pytest.importorskip("casadi")
pytest.importorskip("clarabel")
pytest.importorskip("highspy")

WHERE = ("b", (1, 0), "wye", 12.66)
METHODS = {
    "lp": lambda p, _: solve_lp(p),
    "socp": lambda p, _: solve_socp(p),
    "nlp": warm_nlp(),
}


def with_battery(**asked: Any) -> Problem:
    """100 kW, 100 kWh, 90 % each way, empty, on two buses; no reactive power."""
    battery = Storage(
        "s",
        *WHERE,
        100.0,
        100.0,
        100.0,
        efficiency_charge=0.9,
        efficiency_discharge=0.9,
    )
    network = Network.from_feeder(two_bus().replace(storages=(battery,)))
    return make_problem(
        network,
        v_min_pu=0.9,
        branch_limits=(),
        ders=DerInputs(q_min_kvar=0.0, q_max_kvar=0.0),
        **asked,
    )


@pytest.mark.parametrize("name", METHODS)
def test_battery_buys_cheap_and_gives_back_what_efficiency_leaves(name: str) -> None:
    problem = with_battery(price=[0.1, 0.1, 0.3, 0.3])
    answer = METHODS[name](problem, None)
    assert answer.stored_kwh[1, 0] == pytest.approx(100.0, abs=0.01)
    assert answer.stored_kwh[3, 0] == pytest.approx(0.0, abs=0.01)
    assert answer.charge_kw.sum() == pytest.approx(100 / 0.9, abs=0.02)
    assert answer.discharge_kw.sum() == pytest.approx(100 * 0.9, abs=0.02)
    assert answer.both_kw < 0.01


@pytest.mark.parametrize("name", METHODS)
def test_windows_that_see_the_peak_do_as_well_as_the_whole(name: str) -> None:
    problem = with_battery(price=[0.1, 0.3, 0.1, 0.3])
    whole = METHODS[name](problem, None)
    run = run_horizon(problem, 2, METHODS[name])
    assert run.replay.objective == pytest.approx(whole.replay.objective, rel=1e-4)
    # the second or the fourth step: the same price
    assert run.stored_kwh[:, 0] == pytest.approx(whole.stored_kwh[:, 0], abs=2.0)
    assert (run.stored_kwh >= 0).all()


def test_a_window_of_one_step_sees_no_reason_to_charge() -> None:
    run = run_horizon(with_battery(price=[0.1, 0.3]), 1, METHODS["socp"])
    assert run.stored_kwh[:, 0] == pytest.approx([0.0, 0.0], abs=1e-3)


@pytest.mark.parametrize("name", METHODS)
def test_value_of_what_is_stored_makes_a_short_window_see(name: str) -> None:
    """Worth 0.2 at the end: charging pays below 0.2 x 0.9, discharging above 0.2 / 0.9, and nothing in between."""
    values = StorageInputs(stored_kwh=50.0, end_value=0.2)
    problem = with_battery(price=[0.17, 0.19, 0.21, 0.23], storage=values)
    run = run_horizon(problem, 1, METHODS[name])
    assert run.der_kw[:, 0] == pytest.approx([-50 / 0.9, 0.0, 0.0, 90.0], abs=0.5)
    assert run.stored_kwh[:, 0] == pytest.approx([100, 100, 100, 0], abs=0.5)


@pytest.mark.parametrize("name", METHODS)
def test_objective_counts_what_is_stored_at_the_end(name: str) -> None:
    values = StorageInputs(stored_kwh=50.0, end_value=0.3)
    problem = with_battery(price=[0.1], storage=values)
    answer = METHODS[name](problem, None)
    spent = float(answer.replay.cost.sum())
    assert answer.replay.objective == pytest.approx(spent - 0.3 * 100.0, abs=0.01)
    assert answer.objective == pytest.approx(answer.replay.objective, abs=0.01)


def test_energy_due_at_the_end_is_charged_however_short_the_window() -> None:
    run = run_horizon(
        with_battery(
            price=[0.1, 0.1, 0.3], storage=StorageInputs(stored_end_kwh=100.0)
        ),
        1,
        METHODS["socp"],
    )
    assert run.stored_kwh[-1, 0] == pytest.approx(100.0, abs=1e-3)
    # 90 kWh each of the last two steps are enough for that
    assert run.stored_kwh[0, 0] == pytest.approx(0.0, abs=1e-3)


def test_ramp_and_tank() -> None:
    network = Network.from_feeder(with_generators(two_bus(), 1, 300.0))
    problem = make_problem(
        network,
        price=[0.3] * 4,
        cost=0.1,
        v_min_pu=0.9,
        ders=DerInputs(ramp_kw=100.0, last_kw=0.0, energy_max_kwh=450.0),
    )
    run = run_horizon(problem, 4, METHODS["socp"])
    assert (np.abs(np.diff(run.der_kw[:, 0], prepend=0.0)) <= 100.001).all()
    assert run.der_kw.sum() == pytest.approx(450.0, abs=0.1)


def test_car_is_full_in_time_at_the_cheapest_hours() -> None:
    """An EV is a DER that only takes, with its energy due."""
    car = Generator("car", *WHERE, rated_kva=11.0)
    network = Network.from_feeder(two_bus().replace(generators=(car,)))
    problem = make_problem(
        network,
        price=[0.3, 0.1, 0.2, 0.4],
        v_min_pu=0.9,
        ders=DerInputs(
            p_min_kw=[[-11.0], [-11.0], [-11.0], [0.0]],
            p_max_kw=0.0,
            q_min_kvar=0.0,
            q_max_kvar=0.0,
            energy_max_kwh=-16.0,
        ),
    )
    for window in (4, 1):
        run = run_horizon(problem, window, METHODS["lp"])
        assert run.der_kw.sum() == pytest.approx(-16.0, abs=1e-3)
    assert run_horizon(problem, 4, METHODS["lp"]).der_kw[:, 0] == pytest.approx(
        [0.0, -11.0, -5.0, 0.0], abs=1e-3
    )


def test_what_the_sun_does_not_give_is_not_applied() -> None:
    pv = Pv("pv", *WHERE, rated_kw=100.0, inverter_kva=100.0)
    network = Network.from_feeder(two_bus().replace(pvs=(pv,)))
    problem = make_problem(
        network,
        price=[0.1, 0.1],
        v_min_pu=0.9,
        ders=DerInputs(p_max_kw=[[60.0], [40.0]]),
    )
    run = run_horizon(
        problem,
        1,
        METHODS["socp"],
        foresee=lambda _, ahead: ahead.replace(
            p_max_kw=np.full_like(ahead.ders.p_max_kw, 80.0)
        ),
    )
    assert run.der_kw[:, 0] == pytest.approx([60.0, 40.0], abs=1e-3)


def test_empty_window_is_refused() -> None:
    with pytest.raises(InputError, match="at least one step"):
        run_horizon(with_battery(price=0.1), 0, METHODS["socp"])


def test_warm_windows_take_fewer_iterations() -> None:
    problem, solve = with_battery(price=[0.1, 0.3, 0.1, 0.3]), warm_nlp()
    first = solve(problem.window(0, 2), None)
    again = solve(problem.window(0, 2), first)
    assert again.objective == pytest.approx(first.objective, rel=1e-6)
    assert again.iterations <= first.iterations
    assert solve_nlp(problem.window(0, 2)).objective == pytest.approx(
        first.objective, rel=1e-7
    )
