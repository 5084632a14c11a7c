"""What DERs may inject: ratings, stated limits, set-points of what may not be controlled, and the sun."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from builders import two_bus, two_wire
from tieline.feeders import Feeder, find_problems
from tieline.feeders.elements import Bus, Generator, Pv, Source, Storage
from tieline.network import Network
from tieline.opf import (
    BranchLimit,
    FlexibleInputs,
    make_problem,
    replay,
    solve_lp,
    solve_nlp,
    solve_socp,
)
from tieline.opf.der_limits import limit_ders

AT_B = ("b", (1, 0), "wye", 12.66)


def with_ders(**of_generator: Any) -> Feeder:
    """A roof of 80 kW, a battery of 100 kW and a generator of 500 kVA."""
    roof = Pv("roof", *AT_B, rated_kw=80.0, inverter_kva=100.0, p_kw=60.0)
    shed = Storage(
        "shed",
        *AT_B,
        rated_kw=100.0,
        energy_kwh=200.0,
        inverter_kva=100.0,
        p_charge_kw=30.0,
        q_kvar=-5.0,
    )
    diesel = Generator("diesel", *AT_B, rated_kva=500.0, **of_generator)
    return two_bus().replace(pvs=(roof,), storages=(shed,), generators=(diesel,))


def test_ratings_limit_where_nothing_is_stated() -> None:
    limits = limit_ders(with_ders())
    assert limits.p_min_kw.tolist() == [0.0, -100.0, 0.0]
    assert limits.p_max_kw.tolist() == [80.0, 100.0, 500.0]
    assert limits.q_max_kvar.tolist() == [100.0, 100.0, 500.0]


def test_stated_limits_take_the_place_of_ratings() -> None:
    limits = limit_ders(
        with_ders(
            p_low_limit_kw=-50.0,
            p_high_limit_kw=400.0,
            q_low_limit_kvar=0.0,
            q_high_limit_kvar=10.0,
        )
    )
    assert (limits.p_min_kw[2], limits.p_max_kw[2]) == (-50.0, 400.0)
    assert (limits.q_min_kvar[2], limits.q_max_kvar[2], limits.kva[2]) == (
        0.0,
        10.0,
        500.0,
    )


def test_what_may_not_be_controlled_keeps_its_set_point() -> None:
    feeder = with_ders(
        controllable=False, p_kw=450.0, q_kvar=300.0, p_high_limit_kw=400.0
    )
    feeder = feeder.replace(storages=(replace(feeder.storages[0], controllable=False),))
    limits = limit_ders(feeder)
    assert (
        limits.p_min_kw[1:].tolist() == limits.p_max_kw[1:].tolist() == [-30.0, 450.0]
    )
    assert (
        limits.q_min_kvar[1:].tolist()
        == limits.q_max_kvar[1:].tolist()
        == [-5.0, 300.0]
    )
    # above its rating, as the snapshot has it
    assert limits.kva[2] == pytest.approx(np.hypot(450.0, 300.0))


@pytest.mark.parametrize(
    ("sun", "low", "high"),
    [(1.0, 20.0, 70.0), (0.5, 20.0, 40.0), (0.1, 8.0, 8.0), (0.0, 0.0, 0.0)],
)
def test_the_sun_limits_pv_whatever_is_stated(
    sun: float, low: float, high: float
) -> None:
    feeder = with_ders()
    roof = replace(feeder.pvs[0], p_low_limit_kw=20.0, p_high_limit_kw=70.0)
    limits = limit_ders(feeder.replace(pvs=(roof,)), sun=sun)
    assert (limits.p_min_kw[0], limits.p_max_kw[0]) == (low, high)


def test_fixed_pv_follows_the_sun_too() -> None:
    feeder = with_ders()
    limits = limit_ders(
        feeder.replace(pvs=(replace(feeder.pvs[0], controllable=False),)), sun=0.25
    )
    assert (limits.p_min_kw[0], limits.p_max_kw[0]) == (20.0, 20.0)


@pytest.mark.parametrize("solve", [solve_nlp, solve_socp, solve_lp])
def test_every_formulation_stops_at_the_stated_limit_and_pays_the_stated_cost(
    solve,
) -> None:
    """Energy at 0.1 makes a generator at 0.05 run at its 400 kW: 400 x 0.05 is what it costs."""
    feeder = with_ders(
        p_high_limit_kw=400.0,
        q_low_limit_kvar=0.0,
        q_high_limit_kvar=0.0,
        cost_per_kwh=0.05,
    )
    feeder = feeder.replace(pvs=(), storages=())
    answer = solve(make_problem(Network.from_feeder(feeder), price=[0.1]))
    assert answer.der_kw[0, 0] == pytest.approx(400.0, abs=1e-3)
    assert answer.der_kvar[0, 0] == pytest.approx(0.0, abs=1e-3)
    assert answer.problem.ders.cost[0, 0] == 0.05


def test_voltage_limits_of_buses_are_the_default() -> None:
    feeder = with_ders().replace(
        buses=(
            Bus("a", (1,), 12.66),
            Bus("b", (1,), 12.66, v_low_limit_pu=0.9, v_high_limit_pu=1.02),
        )
    )
    problem = make_problem(Network.from_feeder(feeder), price=[0.1])
    assert problem.limits.points.names == ("b.1",)
    assert (problem.limits.v_min_pu[0], problem.limits.v_max_pu[0]) == (0.9, 1.02)
    told = make_problem(
        Network.from_feeder(feeder), price=[0.1], v_min_pu=0.95, v_max_pu=1.05
    )
    assert (told.limits.v_min_pu[0], told.limits.v_max_pu[0]) == (0.95, 1.05)


def test_a_source_past_its_limits_is_a_violation() -> None:
    """1000 kW of load and no losses to speak of: 1100 kW of generation send 100 kW into a grid that takes none."""
    feeder = two_bus(r_ohm=1e-6, x_ohm=1e-6).replace(
        generators=(Generator("g", *AT_B, rated_kva=2000.0),)
    )
    feeder = feeder.replace(
        sources=(
            Source("grid", "a", (1,), 12.66, p_low_limit_kw=0.0, p_high_limit_kw=500.0),
        )
    )
    problem = make_problem(Network.from_feeder(feeder), price=[0.1])

    def broken(p_kw: float) -> list[str]:
        return [
            one.what
            for one in replay(problem, np.array([[p_kw]]), np.zeros((1, 1))).violations
        ]

    assert broken(1100.0) == ["less than allowed from"]
    assert broken(100.0) == ["more than allowed from"]
    assert broken(700.0) == []


def test_a_neutral_above_its_limit_is_a_violation() -> None:
    feeder = two_wire().replace(
        generators=(Generator("g", "b", (1, 4), "wye", 0.24, rated_kva=9.0),)
    )
    network = Network.from_feeder(feeder)
    alone, served = np.array([[0.0]]), np.array([[2.0]])
    for limit_v, p_kw, expected in (
        (10.0, alone, ["neutral-to-earth voltage too high at"]),
        (20.0, alone, []),
        # what is generated at the load does not come back through earth
        (10.0, served, []),
    ):
        problem = make_problem(network, price=[0.1], v_min_pu=0, neutral_v=limit_v)
        broken = replay(problem, p_kw, np.zeros((1, 1))).violations
        assert [one.what for one in broken] == expected
        assert all((one.where, one.unit) == ("b.4", "V") for one in broken)


def test_crossed_limits_are_findings() -> None:
    feeder = with_ders(p_low_limit_kw=1.0, p_high_limit_kw=0.0)
    assert "GENERATOR.LIMITS_CROSSED" in {
        finding.code for finding in find_problems(feeder)
    }


@pytest.mark.parametrize("solve", [solve_nlp, solve_lp])
def test_one_load_that_may_be_shed_and_no_der(solve) -> None:
    """As much is served as the line's 40 A carry."""
    problem = make_problem(
        Network.from_feeder(two_bus()),
        price=[0.1],
        branch_limits=[BranchLimit("line", "ab", a=40.0)],
        flexible=FlexibleInputs(is_flexible=True, value=0.5),
    )
    answer = solve(problem)
    assert 0 < answer.served[0, 0] < 1
    assert problem.limits.flows.values(answer.replay.solution).max() == pytest.approx(
        40.0, rel=1e-4
    )
