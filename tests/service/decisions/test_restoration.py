"""Restoration asked step by step is the study's: the same set-points for the same state, within all limits of the island."""

from __future__ import annotations

import json
from typing import Any

import numpy as np
import pytest

from tieline.envs.restoration.episode import Episode
from tieline.envs.restoration.step.set_points import SetPoints
from tieline.envs.restoration.world import RestorationWorld, make_world
from tieline.errors import InputError, NoAnswerError
from tieline.feeders.islands import read_island
from tieline.opf.restoration.state import first_state
from tieline.service.decisions.ask import decide
from tieline.service.decisions.restoration_state import RestorationReader
from tieline.service.decisions.states import StateError
from tieline.studies.restoration.config import RestorationConfig
from tieline.studies.restoration.ways.panel import Panel
from tieline.typing import FloatArray


def world_of(**changes: Any) -> RestorationWorld:
    config = RestorationConfig(**{"feeder": "ieee36", **changes})
    return make_world(config, read_island(config.feeder))


@pytest.fixture(scope="module")
def published() -> RestorationWorld:
    return world_of()


@pytest.fixture(scope="module")
def late_kw(published: RestorationWorld) -> FloatArray:
    """Sun and wind that break down halfway: the safety step has something to do. (step, renewable) [kW]."""
    return published.actual_kw("late", np.array([0]))[0]


def study_plays(
    world: RestorationWorld, who: str, seed: int, actual_kw: FloatArray
) -> Episode:
    """The episode that a run of the study plays."""
    config = RestorationConfig(**{**world.config.model_dump(), "deciders": who})
    return Panel(world, config).play(who, actual_kw[None], seed).episode


def first_island(world: RestorationWorld) -> dict[str, Any]:
    return RestorationReader(world).told(0, first_state(world.plant, 1))


def measured(
    world: RestorationWorld, actual_kw: FloatArray, step: int
) -> dict[str, Any]:
    """What a caller has measured by a step."""
    so_far_kw = actual_kw[: step + 1].T.tolist()
    names = world.plant.renewables.names
    return {"measured_kw": dict(zip(names, so_far_kw, strict=True))}


def first_question(world: RestorationWorld) -> dict[str, Any]:
    return first_island(world) | measured(world, world.forecast_kw, 0)


def powers(set_points: SetPoints) -> tuple[FloatArray, FloatArray]:
    """Of microturbines, batteries, sun and wind, (unit,) each [kW, kvar]."""
    p_kw = (set_points.p_kw, set_points.battery_kw, set_points.renewable_kw)
    q_kvar = (set_points.q_kvar, set_points.battery_kvar, set_points.renewable_kvar)
    return np.hstack(p_kw)[0], np.hstack(q_kvar)[0]


def numbers(by_name: dict[str, float]) -> FloatArray:
    return np.array(list(by_name.values()))


def require_same(answer: dict[str, Any], episode: Episode, step: int) -> None:
    """What is answered is what the study carried out."""
    played = episode.played[step]
    p_kw, q_kvar = powers(played.step.set_points)
    served = played.step.set_points.served[0]
    assert numbers(answer["served"]) == pytest.approx(served, abs=1e-9), step
    assert numbers(answer["p_kw"]) == pytest.approx(p_kw, abs=1e-5), step
    assert numbers(answer["q_kvar"]) == pytest.approx(q_kvar, abs=1e-5), step
    assert answer["changed_by_safety_step"] == played.touched[0]
    after_hz = played.step.state.frequency_hz[0]
    assert answer["after"]["frequency_hz"] == pytest.approx(after_hz, abs=1e-9)


def test_an_episode_asked_step_by_step_is_that_of_the_study(
    published: RestorationWorld, late_kw: FloatArray
):
    episode = study_plays(published, "cpo", 0, late_kw)
    assert episode.touched.any()
    island = first_island(published)
    for step in range(published.config.steps):
        answer = decide("restoration", island | measured(published, late_kw, step))
        require_same(answer, episode, step)
        assert answer["decided_by"] == "cpo"
        # as a caller sends it
        island = json.loads(json.dumps(answer["after"]))
    assert island["step"] == published.config.steps


def test_where_no_policy_fits_mpc_decides_as_in_the_study():
    """No policy was trained for a horizon of four steps."""
    config = {"steps": 4}
    world = world_of(**config)
    actual_kw = world.actual_kw("short30", np.array([0]))[0]
    episode = study_plays(world, "mpc-corrected", -1, actual_kw)
    island = first_island(world)
    for step in range(world.config.steps):
        state = island | measured(world, actual_kw, step)
        answer = decide("restoration", state, config)
        require_same(answer, episode, step)
        assert answer["decided_by"] == "mpc-corrected"
        island = answer["after"]


def test_who_decides_can_be_named(published: RestorationWorld):
    answer = decide("restoration", first_question(published), {"deciders": "hold"})
    assert answer["decided_by"] == "hold"


@pytest.mark.parametrize(
    ("config", "words"),
    [
        ({"deciders": "bound"}, "none of bound"),
        ({"deciders": "cpo,hold"}, "made by one"),
        ({"deciders": "cpo", "steps": 4}, "tieline train restoration"),
    ],
)
def test_who_cannot_decide_is_refused(
    published: RestorationWorld, config: dict[str, Any], words: str
):
    with pytest.raises(InputError, match=words):
        decide("restoration", first_question(published), config)


def test_a_forecast_of_ones_own_is_planned_with(published: RestorationWorld):
    """Who expects nothing later holds less load."""
    question = first_question(published)
    calm_kw = np.zeros_like(published.forecast_kw)
    calm_kw[0] = published.forecast_kw[0]
    names = published.plant.renewables.names
    forecast_kw = dict(zip(names, calm_kw.T.tolist(), strict=True))
    config = {"deciders": "hold"}
    expecting = decide("restoration", question, config)
    calm = decide("restoration", question | {"forecast_kw": forecast_kw}, config)
    load_kw = published.plant.load_kw
    served_kw = numbers(expecting["served"]) @ load_kw
    assert numbers(calm["served"]) @ load_kw < 0.95 * served_kw


def test_no_more_load_stays_on_than_can_be_held(published: RestorationWorld):
    """All load is on, and neither sun nor turbines run: an imitation does not see that, the safety step does."""
    question = first_question(published)
    question["served"] = dict.fromkeys(question["served"], 1.0)
    units = published.plant.renewables.names
    question["measured_kw"] = {name: [0.0] for name in units}
    question["last_kw"] = dict.fromkeys(question["last_kw"], 0.0)
    answer = decide("restoration", question, {"deciders": "imitation"})
    assert answer["changed_by_safety_step"]
    injected_kw = numbers(answer["p_kw"]).sum() + answer["after"]["last_kw"]["droop"]
    served_kw = numbers(answer["served"]) @ published.plant.load_kw
    # the difference is lost in lines
    assert 0.99 * injected_kw < served_kw < injected_kw


def test_an_mpc_without_a_plan_says_so(published: RestorationWorld):
    """For its frequency the droop unit gives 100 kW at least: 60 kWh of fuel last for this step and for no plan to the end."""
    question = first_question(published)
    question["fuel_kwh"]["droop"] = 60.0
    answer = decide("restoration", question, {"deciders": "mpc-corrected"})
    assert answer["decided_by"] == "mpc-corrected, without a plan"
    assert numbers(answer["served"]).any()


def test_an_island_that_goes_dark_has_no_answer(published: RestorationWorld):
    question = first_question(published)
    question["fuel_kwh"] = dict.fromkeys(question["fuel_kwh"], 0.0)
    with pytest.raises(NoAnswerError, match="island 'ieee36' in this step: no droop"):
        decide("restoration", question)


def test_a_limit_that_cannot_be_kept_has_no_answer(published: RestorationWorld):
    with pytest.raises(NoAnswerError, match="undervoltage_pu 0"):
        decide("restoration", first_question(published), {"lowest_pu": 1.045})


def test_everything_that_is_wrong_with_a_state_is_told_together(
    published: RestorationWorld,
):
    state = first_question(published)
    first_load, second_load, *_ = state["served"]
    machine, other, *_ = state["fuel_kwh"]
    battery, *_ = state["stored_kwh"]
    sun, wind, *_ = state["measured_kw"]
    del state["served"][first_load]
    state["served"][second_load] = 1.5
    state["fuel_kwh"] |= {machine: -1.0, other: 1e300, "nowhere": 1.0}
    state["stored_kwh"][battery] = 0.0
    state["last_kw"][machine] = float("nan")
    state["measured_kw"][sun] = [1.0, 1.0]
    state["measured_kw"][wind] = [-3.0]
    state["forecast_kw"] = {name: [1.0] for name in state["measured_kw"]}
    state["soc"] = 5
    with pytest.raises(StateError) as caught:
        decide("restoration", state)
    problems = [problem.text for problem in caught.value.problems]
    for words in (
        ("served lacks", first_load),
        (f"served of {second_load} is 1.5", "0 to 1"),
        (f"fuel_kwh of {machine} is -1", "outside its limits"),
        (f"fuel_kwh of {other} is 1e+300",),
        ("fuel_kwh names nowhere",),
        (f"stored_kwh of {battery}", "outside its limits"),
        ("last_kw",),
        (f"measured_kw of {sun} has 2 steps; 1 are needed",),
        (f"measured_kw of {wind} is -3",),
        (f"forecast_kw of {sun} has 1 steps; 24 are needed",),
        ("soc",),
    ):
        assert any(all(w in text for w in words) for text in problems), words


@pytest.mark.parametrize("step", [24, 10**30, -1, 0.5, float("nan"), "noon"])
def test_a_step_is_one_of_the_horizon(published: RestorationWorld, step: Any):
    with pytest.raises(StateError, match="step"):
        decide("restoration", first_question(published) | {"step": step})
