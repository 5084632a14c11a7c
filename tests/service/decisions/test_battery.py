"""Battery control asked step by step is the study's: the same set-points for the same state, within all limits on AC."""

from __future__ import annotations

import json
from typing import Any

import numpy as np
import pytest

from tieline.errors import InputError, NoAnswerError
from tieline.feeders import load_feeder
from tieline.service.decisions.ask import decide
from tieline.service.decisions.states import StateError
from tieline.studies.battery.config import BatteryConfig
from tieline.studies.battery.ways.cases import cooperate, make_question
from tieline.studies.battery.ways.csocc_day import CsoccDay
from tieline.studies.battery.world.days import make_days
from tieline.studies.battery.world.plant import make_plant
from tieline.studies.battery.world.question import NOTICED_PU, Question
from tieline.typing import FloatArray

LIMIT_PU = 1.045
"""Of the published case."""

ON_FORECASTS = {"forecast": "drawn", "plan": "chance-constrained"}

FROM_NOON = {"hour": 12.0}


def question_of(**changes: Any) -> Question:
    """The published day as the study asks it."""
    feeder = load_feeder("ieee33")
    values = {"feeder": "ieee33", "limits": "high-voltage-tight", **changes}
    config = BatteryConfig(**values)
    plant = make_plant(feeder, config)
    return make_question(plant, next(make_days(feeder, config)), config, 0)


@pytest.fixture(scope="module")
def published() -> Question:
    return question_of()


@pytest.fixture(scope="module")
def published_day(published: Question) -> CsoccDay:
    return cooperate(published)


def by_battery(question: Question, values: FloatArray) -> dict[str, float]:
    return dict(zip(question.plant.batteries.names, values.tolist(), strict=True))


def stored_before(question: Question, day: CsoccDay, step: int) -> dict[str, float]:
    stored_kwh = question.plant.stored_kwh
    if step > 0:
        stored_kwh = day.schedule.stored_kwh[step - 1]
    return by_battery(question, stored_kwh)


def next_state(answer: dict[str, Any]) -> dict[str, Any]:
    """What an answer hands to the next step, through JSON as a caller sends it."""
    account = {name: answer[name] for name in ("stored_kwh", "lent_kwh", "loan")}
    return json.loads(json.dumps(account))


def test_a_day_asked_step_by_step_is_that_of_the_study(
    published: Question, published_day: CsoccDay
):
    expected_kw = published_day.schedule.injection_kw
    batteries = published.plant.batteries
    state = {"stored_kwh": stored_before(published, published_day, 0)}
    for step in range(published.day.n_steps):
        answer = decide("battery", {"hour": step / 4, **state})
        p_kw = np.array(list(answer["p_kw"].values()))
        assert p_kw == pytest.approx(expected_kw[step], abs=1e-6)
        assert answer["highest_pu"] <= LIMIT_PU + NOTICED_PU
        assert answer["loan_decided"] == (step == 0)
        assert not answer["changed_by_safety_step"]
        stored_kwh = np.array(list(answer["stored_kwh"].values()))
        assert (stored_kwh >= batteries.stored_min_kwh).all()
        assert (stored_kwh <= batteries.stored_max_kwh).all()
        state = next_state(answer)
    # at midnight the account begins anew
    assert (state["loan"], state["lent_kwh"]) == (None, {})


def test_the_account_is_what_was_lent(published: Question, published_day: CsoccDay):
    lent_kwh = 0.25 * published_day.lent_kw.sum(axis=0)
    by_bus_kwh = published.plant.bus_total(lent_kwh)
    state = {"stored_kwh": stored_before(published, published_day, 0)}
    for step in range(published.day.n_steps - 1):
        answer = decide("battery", {"hour": step / 4, **state})
        state = next_state(answer)
    names = published.plant.bus_names
    told = np.array([answer["lent_kwh"].get(bus, 0.0) for bus in names])
    assert told == pytest.approx(by_bus_kwh, abs=1e-6)
    assert told.sum() > 100


def test_on_forecasts_it_is_the_study_too():
    """Each step with its own forecast, a loan every hour from what is stored and lent by then."""
    question = question_of(**ON_FORECASTS)
    day = cooperate(question)
    state: dict[str, Any] = {"stored_kwh": stored_before(question, day, 0)}
    for step in range(60):
        if step % 4 == 0:
            state.pop("loan", None)
        forecast = forecast_at(question, step)
        answer = decide(
            "battery", {"hour": step / 4, **state, **forecast}, ON_FORECASTS
        )
        if answer["changed_by_safety_step"]:
            # the study lets a limit break that nobody foresaw; a decision does not
            assert step > 40
            break
        p_kw = np.array(list(answer["p_kw"].values()))
        assert p_kw == pytest.approx(day.schedule.injection_kw[step], abs=1e-6), step
        state = next_state(answer)


def forecast_at(question: Question, step: int) -> dict[str, Any]:
    """What is believed of the rest of the day at a step."""
    believed = question.foresight.at(step)
    loads = question.plant.feeder.loads
    load_pu = {
        load.name: (believed.load_kw[:, k] / load.p_kw).tolist()
        for k, load in enumerate(loads)
    }
    return {
        "price": believed.price.tolist(),
        "sun": believed.sun_pu.tolist(),
        "load_pu": load_pu,
    }


def test_a_limit_that_the_plan_does_not_see_is_kept_by_the_safety_step(
    published: Question, published_day: CsoccDay
):
    """Batteries that owe nothing follow the price, and let the voltage pass its limit at noon."""
    (step, *_) = np.flatnonzero(published_day.lent_kw.sum(axis=1) > 0)
    state = {
        "hour": step / 4,
        "stored_kwh": by_battery(published, published.plant.stored_kwh),
        "loan": {"owed_kw": {}},
        # dear now and cheap later: nobody charges by itself
        "price": [9.0, *[0.01] * (published.day.n_steps - step - 1)],
    }
    rest = published.after(int(step))
    idle_pu = rest.plant.bus_voltage_pu(rest.replay_idle())[0].max()
    assert idle_pu > LIMIT_PU
    config = {"reverse_limit_kw": 1000.0}
    answer = decide("battery", state, config)
    assert answer["changed_by_safety_step"]
    assert answer["highest_pu"] <= LIMIT_PU + NOTICED_PU
    p_kw = np.array(list(answer["p_kw"].values()))
    assert (np.abs(p_kw) <= published.plant.batteries.charge_max_kw + 1e-9).all()
    replay = rest.only(np.array([0])).replay(p_kw[None])
    highest_pu = rest.plant.bus_voltage_pu(replay).max()
    assert highest_pu == pytest.approx(answer["highest_pu"], abs=1e-9)


def test_full_batteries_under_a_high_sun_have_no_safe_answer(
    published: Question, published_day: CsoccDay
):
    full_kwh = by_battery(published, published.plant.batteries.stored_max_kwh)
    state = {"hour": 14.0, "stored_kwh": full_kwh, "sun": [1.0] * 40}
    with pytest.raises(NoAnswerError, match=r"keep 1.045 pu on feeder 'ieee33'"):
        decide("battery", state)


def test_late_in_the_day_no_more_is_due_than_can_be_charged(published: Question):
    """A battery that is nearly empty a quarter of an hour before midnight charges as it can."""
    lowest_kwh = by_battery(published, published.plant.batteries.stored_min_kwh)
    answer = decide(
        "battery", {"hour": 23.75, "stored_kwh": lowest_kwh}, {"initial_soc_pct": 60.0}
    )
    p_kw = np.array(list(answer["p_kw"].values()))
    assert p_kw == pytest.approx(-published.plant.batteries.charge_max_kw)


def test_everything_that_is_wrong_with_a_state_is_told_together(published: Question):
    stored_kwh = by_battery(published, published.plant.stored_kwh)
    first, second, *_ = stored_kwh
    del stored_kwh[first]
    stored_kwh[second] = 1e6
    state = {
        **FROM_NOON,
        "stored_kwh": stored_kwh,
        "lent_kwh": {"nowhere": 1.0},
        "price": [0.1] * 3,
        "sun": [float("nan")] * 48,
        "loan": {"owed_kw": {second: [1.0] * 2}},
        "soc": 5,
    }
    with pytest.raises(StateError) as caught:
        decide("battery", state)
    problems = [problem.text for problem in caught.value.problems]
    for words in (
        ("sun",),
        ("soc",),
        ("stored_kwh lacks", first),
        (f"stored_kwh of {second}", "outside its limits"),
        ("lent_kwh names nowhere",),
        ("price has 3 steps", "48"),
        (f"loan.owed_kw of {second} has 2 steps",),
    ):
        assert any(all(w in text for w in words) for text in problems), words


@pytest.mark.parametrize("hour", [12.1, 24.0, -1.0, 24 - 1e-12])
def test_an_hour_is_the_beginning_of_a_step(published: Question, hour: float):
    stored_kwh = by_battery(published, published.plant.stored_kwh)
    with pytest.raises(StateError, match="hour"):
        decide("battery", {"hour": hour, "stored_kwh": stored_kwh})


def test_a_decision_is_of_one_day():
    with pytest.raises(InputError, match="Leave out days"):
        decide("battery", {"hour": 0.0, "stored_kwh": {}}, {"days": 2})
