"""Steps in turn: what devices can follow, by hand; what the next step begins with; what a safety step is asked."""

from __future__ import annotations

import numpy as np
import pytest

from tieline.envs.microgrids.before import state_before
from tieline.envs.microgrids.day import problem_of
from tieline.envs.microgrids.observe import Observer
from tieline.envs.microgrids.plant import Plant
from tieline.envs.microgrids.windows import DayStack
from tieline.opf import Problem
from tieline.studies.microgrids.cases import make_day
from tieline.studies.microgrids.config import MicrogridsConfig
from tieline.studies.microgrids.ways.closed_loop import (
    Powers,
    State,
    play,
    within_devices,
)
from tieline.studies.microgrids.ways.merit import merit_wish
from tieline.typing import FloatArray

PEAK = MicrogridsConfig(case="peak-window")


def test_devices_follow_as_far_as_they_can(plant: Plant) -> None:
    day = make_day(plant, PEAK)
    question = problem_of(plant, day).window(0, 1)
    wish_kw = np.zeros(question.n_ders)
    wish_kw[plant.battery_ders] = 500.0
    wish_kvar = np.full(question.n_ders, 1000.0)
    p_kw, q_kvar = within_devices(question, wish_kw, wish_kvar)
    # 100 kW of battery; from 300 kW down by 150 kW a step
    assert p_kw[plant.battery_ders] == pytest.approx(100.0)
    assert p_kw[plant.generator_ders] == pytest.approx(150.0)
    assert q_kvar[plant.generator_ders] == pytest.approx(200.0)
    apparent_kva = np.hypot(p_kw, q_kvar)
    assert (apparent_kva <= question.ders.kva + 1e-9).all()


def test_a_step_begins_with_what_the_one_before_left(plant: Plant) -> None:
    day = make_day(plant, PEAK)
    states: list[State] = []
    merit = merit_wish(plant, day)

    def watch(step: int, state: State) -> Powers:
        states.append(state)
        return merit(step, state)

    course = play(plant, day, watch)
    first, second = states[:2]
    before = state_before(Observer.of(plant), DayStack.of([day]))
    assert first.pcc_pu == pytest.approx(before.pcc_pu[0], abs=1e-9)
    # a quarter of an hour of 100 kW at 95 %
    drawn_kwh = first.stored_kwh - second.stored_kwh
    assert drawn_kwh == pytest.approx(25 / 0.95)
    assert list(second.last_kw) == list(course.applied_kw[0, plant.generator_ders])
    replay = course.applied.replay
    expected_pu = Observer.of(plant).pcc_pu(replay.solution)[0]
    assert second.pcc_pu == pytest.approx(expected_pu, abs=1e-9)
    np.testing.assert_allclose(states[3].stored_kwh, replay.stored_kwh[2])


def test_what_a_safety_step_changes_is_applied_and_counted(plant: Plant) -> None:
    day = make_day(plant, PEAK)
    asked: list[Problem] = []

    def make_guard(problem: Problem):
        def rest_in_second_step(
            question: Problem, p_kw: FloatArray, q_kvar: FloatArray
        ) -> Powers:
            asked.append(question)
            if len(asked) != 2:
                return p_kw, q_kvar
            resting_kw = p_kw.copy()
            resting_kw[plant.battery_ders] = 0.0
            return resting_kw, q_kvar

        return rest_in_second_step

    course = play(plant, day, merit_wish(plant, day), make_guard)
    assert list(course.is_touched) == [False, True, False, False]
    batteries = plant.battery_ders
    assert (course.proposed_kw[1, batteries] == 100.0).all()
    assert (course.applied_kw[1, batteries] == 0.0).all()
    # what was not taken is still there
    np.testing.assert_allclose(asked[2].storage.stored_kwh, asked[1].storage.stored_kwh)
