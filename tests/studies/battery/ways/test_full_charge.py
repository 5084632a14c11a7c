"""What no use of the batteries mends: rated charge in every step, and no statement where phases pull on each other."""

from __future__ import annotations

from tieline.feeders import load_feeder
from tieline.studies.battery.config import BatteryConfig
from tieline.studies.battery.ways.full_charge import count_unavoidable
from tieline.studies.battery.world.days import make_days
from tieline.studies.battery.world.foresight import Foresight
from tieline.studies.battery.world.plant import make_plant
from tieline.studies.battery.world.question import Question
from tieline.studies.shell import run_study

SMALL = BatteryConfig(step_minutes=60, bound="off", battery_pct=1.0)


def test_batteries_of_little_power_leave_what_rated_charge_leaves() -> None:
    result = run_study("battery", None, SMALL)
    unavoidable = result.number("violations_unavoidable")
    assert 0 < unavoidable <= result.number("violations_csocc")
    assert unavoidable < result.number("violations_none")
    assert any(f"fewer than {unavoidable:g}" in text for text in result.warnings)
    large = run_study("battery", None, SMALL.model_copy(update={"battery_pct": 20.0}))
    assert large.metrics["violations_unavoidable"] == 0


def test_nothing_is_said_of_feeders_with_phases() -> None:
    feeder = load_feeder("ieee13")
    config = BatteryConfig(feeder="ieee13", step_minutes=60, highest_pu=1.05)
    plant = make_plant(feeder, config)
    day = next(make_days(feeder, config))
    question = Question(plant, Foresight(day, None), config)
    assert count_unavoidable(question) is None
