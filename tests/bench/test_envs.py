"""Steps per second of the environments: what a step is, that the peer plays the same problem, what the page says."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest

from tieline.bench.envs import measure
from tieline.bench.envs.anm_environment import make_anm_environment
from tieline.bench.envs.measure import (
    EnvironmentSpeeds,
    first_compared,
    largest_difference_pu,
    tieline_stepper,
)
from tieline.bench.envs.options import Options
from tieline.bench.envs.page import page
from tieline.bench.kit.markdown import Page
from tieline.bench.kit.peers import CannotRun
from tieline.envs import BatchedEnv, make_env, make_task
from tieline.envs.voltage_control.task import VoltageControlTask

RowsOf = Callable[[Page, str], list[dict[str, str]]]
TextOf = Callable[[Page, str], str]


def test_a_step_counts_every_episode_and_starts_ended_ones_again():
    env = make_env("reserve")
    step = tieline_stepper(env, 3)
    first = env.state.request_kw.copy()
    # an episode of this task has one step: the second starts anew
    assert [step(), step()] == [
        3,
        3,
    ]
    assert not np.isclose(env.state.request_kw, first).any()


def test_steps_of_a_day_go_on():
    env = BatchedEnv(make_task("voltage-control", pool_days=2))
    step = tieline_stepper(env, 2)
    assert sum(step() for _ in range(100)) == 200
    assert list(env.state.step) == [4, 4]


def test_peer_plays_the_same_problem():
    pytest.importorskip("gym_anm", reason="the extra 'bench' is not installed")
    task = make_task("voltage-control", pool_days=2)
    assert isinstance(task, VoltageControlTask)
    noon = first_compared(task)
    assert largest_difference_pu(task, make_anm_environment(task, 1, noon), 1) < 1e-4
    # another day is seen
    assert largest_difference_pu(task, make_anm_environment(task, 0, noon), 1) > 1e-4


def test_feeder_that_the_peer_cannot_play():
    pytest.importorskip("gym_anm", reason="the extra 'bench' is not installed")
    task = make_task("voltage-control", feeder="ieee13", pool_days=1)
    assert isinstance(task, VoltageControlTask)
    with pytest.raises(CannotRun, match="only balanced feeders"):
        make_anm_environment(task, 0)


def test_measured_without_the_peer(monkeypatch: pytest.MonkeyPatch):
    def missing(task: object, day: int, first_step: int) -> None:
        raise CannotRun("gym-anm is not installed (extra 'bench')")

    monkeypatch.setattr(measure, "make_anm_environment", missing)
    monkeypatch.setattr(measure, "AT_LEAST_S", 0.0)
    monkeypatch.setattr(measure, "BATCHES", (2,))
    monkeypatch.setattr(measure, "ROUNDS", 1)
    speeds = measure.measure(Options())
    assert [(speed.task, speed.program, speed.batch) for speed in speeds.speeds] == [
        ("reserve", "tieline", 2),
        ("voltage-control", "tieline", 2),
    ]
    assert all(
        speed.steps_per_s > 0 and speed.times_of_peer is None for speed in speeds.speeds
    )
    assert speeds.largest_difference_pu is None
    assert "extra 'bench'" in speeds.left_out["gym-anm"]


def test_aims_are_judged_by_the_rates(
    environment_speeds: EnvironmentSpeeds, rows_of: RowsOf
):
    reserve, voltage_control = rows_of(page(environment_speeds), "Aims")
    assert (reserve["aim [steps/s]"], reserve["measured"], reserve[""]) == (
        "20,000",
        "30,000",
        "met",
    )
    assert (voltage_control["measured"], voltage_control[""]) == (
        "90,000",
        "**not met**",
    )


def test_only_tieline_is_told_in_times_of_the_peer(
    environment_speeds: EnvironmentSpeeds, rows_of: RowsOf
):
    alone, tieline, peer = rows_of(page(environment_speeds), "Steps per second")
    assert [row["times the peer's"] for row in (alone, tieline, peer)] == [
        "",
        "3,000",
        "",
    ]
    assert [row["steps/s"] for row in (alone, tieline, peer)] == [
        "30,000",
        "90,000",
        "30",
    ]


def test_what_was_not_measured_is_said(
    environment_speeds: EnvironmentSpeeds, rows_of: RowsOf, text_of: TextOf
):
    assert "within 2e-06 pu of tieline's" in text_of(page(environment_speeds), "Rules")
    assert "- another: is not installed" in text_of(page(environment_speeds), "Rules")
    nothing = page(EnvironmentSpeeds((), None, {}))
    assert [row["measured"] for row in rows_of(nothing, "Aims")] == ["not measured"] * 2
    assert "The peer was left out" in text_of(nothing, "Rules")
