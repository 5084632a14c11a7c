"""What AC asks for beyond the reverse power: influence by differences, a bus that feeds back nothing, phases that do not help."""

from __future__ import annotations

from functools import partial

import numpy as np
import pytest

from tieline.feeders import load_feeder
from tieline.studies.battery.config import BatteryConfig
from tieline.studies.battery.ways.feedback import fall_together
from tieline.studies.battery.ways.loan_decision import LendingState, decide_loan
from tieline.studies.battery.ways.ranking import fall_by_battery
from tieline.studies.battery.world.days import make_days
from tieline.studies.battery.world.foresight import Foresight
from tieline.studies.battery.world.plant import make_plant
from tieline.studies.battery.world.question import Question
from tieline.studies.shell import run_study
from tieline.typing import FloatArray

run = partial(run_study, "battery", None)


def test_influence_is_that_of_differences() -> None:
    feeder, config = (
        load_feeder("ieee123"),
        BatteryConfig(feeder="ieee123", step_minutes=60),
    )
    plant, day = make_plant(feeder, config), next(make_days(feeder, config))
    noon = Question(plant, Foresight(day.only(np.array([12])), None), config)

    def voltages(injection_kw: FloatArray) -> FloatArray:
        return plant.points.magnitude_pu(noon.replay(injection_kw).v_pu)[0]

    solution = noon.replay_idle()
    point = 40
    share = np.random.default_rng(1).dirichlet(np.ones(plant.n_batteries))
    alone = fall_by_battery(plant, solution, point)
    together = fall_together(plant, solution, share)[0]
    assert together[point] == pytest.approx(share @ alone)
    one_kw = share[None, :]
    difference = (voltages(one_kw) - voltages(-one_kw)) / 2
    assert together == pytest.approx(difference, abs=1e-4 * abs(together).max())
    assert together.max() > 0 > together.min()  # phases: charge on one raises another


def test_a_critical_bus_without_load_is_helped_though_it_feeds_back_nothing() -> None:
    question = BatteryConfig(feeder="ieee34", highest_pu=1.1283, bound="off")
    result = run(question)
    critical = result.tables["buses"].query("role == 'critical'")["bus"].tolist()
    loaded = {load.bus for load in load_feeder("ieee34").loads if load.p_kw > 0}
    assert critical
    assert not loaded & set(critical)
    assert result.number("reverse_kwh_critical_none") == 0.0
    assert result.number("violations_mpc") > 0
    assert result.number("violations_csocc") == 0
    assert result.number("required_energy_kwh") == pytest.approx(
        result.number("lent_energy_kwh")
    )
    # half an hour at 10 % is too little, and the answer says so
    small = run(question.model_copy(update={"alpha_a_pct": 10.0, "battery_hours": 0.5}))
    assert small.number("violations_csocc") > 0
    assert small.number("missing_energy_kwh") > 0
    assert any("The answer is partial" in text for text in small.warnings)


def test_batteries_that_would_not_lower_the_voltage_are_not_asked() -> None:
    feeder, config = (
        load_feeder("ieee123"),
        BatteryConfig(feeder="ieee123", highest_pu=1.04),
    )
    plant, day = make_plant(feeder, config), next(make_days(feeder, config))
    plant = plant.held_at(plant.settle(day))
    question = Question(plant, Foresight(day, None), config)
    solution = question.replay_idle()
    decision = decide_loan(question, solution, LendingState.at_start(plant))
    critical = {bus for region in decision.regions for bus in region.buses}
    region = decision.regions[0]
    assert region.ranking is not None
    v_pu = plant.points.magnitude_pu(solution.v_pu)
    v_pu[:, ~np.isin(plant.points.bus, plant.positions(region.buses))] = 0.0
    step, point = np.unravel_index(v_pu.argmax(), v_pu.shape)
    # every battery alone, charging 1 kW
    count = plant.n_batteries
    alone = plant.replay(day.only(np.full(count, step)), -np.eye(count))
    falls = v_pu[step, point] - plant.points.magnitude_pu(alone.v_pu)[:, point] > 0
    helpful = {feeder.buses[k].name for k in plant.battery_bus[falls]} - critical
    assert set(region.ranking.buses) <= helpful
    # many batteries are on phases that do not help
    assert 0 < len(helpful) < len({*plant.battery_bus}) - 10


def test_short_sight_is_told() -> None:
    result = run(BatteryConfig(horizon_h=1, bound="off"))
    assert result.number("violations_csocc") > 0
    assert any(
        "did not charge" in text and "look 1 h ahead" in text
        for text in result.warnings
    )


def test_where_the_cone_program_is_not_exact_the_linear_one_is_played_beside_the_proof() -> (
    None
):
    result = run(BatteryConfig(scenarios=2, step_minutes=60))
    days = result.tables["days"].query("case == 'bound'").set_index("day")
    assert (days["violations"] == 0).all()
    assert (days["proven_usd"] <= days["cost_usd"] + 0.01).all()
    assert (days["cost_usd"] - days["proven_usd"] < 0.01 * days["load_bill_usd"]).all()
