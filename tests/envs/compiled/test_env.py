"""Compiled episodes beside `BatchedEnv`: the same days, numbers, restarts and endings."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
import pytest

pytest.importorskip("jax", reason="JAX (extra 'learn') is not installed")

import jax

from tieline.envs import make_task
from tieline.envs.compiled import CompiledEnv
from tieline.envs.compiled.draws import first_uniform
from tieline.envs.compiled.draws import follow as compiled_follow
from tieline.envs.draws import follow, uniform
from tieline.envs.faces.rolling_env import RollingEnv
from tieline.envs.voltage_control.task import VoltageControlTask
from tieline.errors import InputError

EPISODES = 6


@pytest.fixture(autouse=True)
def _double_precision() -> Iterator[None]:
    with jax.enable_x64(True):
        yield


@pytest.fixture(scope="module")
def task() -> VoltageControlTask:
    """Days of 24 steps, whose own power flow has more digits than usual."""
    made = make_task(
        "voltage-control",
        pool_days=5,
        reactive_weight=0.5,
        profiles={"step_minutes": 60},
    )
    assert isinstance(made, VoltageControlTask)
    made.model.__dict__["solver"] = made.model.network.solver(tolerance=1e-12)
    return made


@pytest.fixture(scope="module")
def env(task: VoltageControlTask) -> CompiledEnv:
    return CompiledEnv(task.compiled())


def test_random_days_are_those_of_the_task(
    task: VoltageControlTask, env: CompiledEnv
) -> None:
    stepped = RollingEnv(task, EPISODES)
    stepped.reset(np.arange(EPISODES))
    rows = env.reset(np.arange(EPISODES))
    make_step = jax.jit(env.step)
    random = np.random.default_rng(0)
    n_restarts = 0
    # some actions lie outside the bounds
    for actions in random.uniform(-1.2, 1.2, (50, EPISODES, task.action.size)):
        expected = stepped.step(actions)
        rows, step = make_step(rows, actions)
        # voltages are seen in tenths: 1e-9 pu are 1e-8 there
        assert np.asarray(step.observation) == pytest.approx(
            expected.observation, abs=1e-8
        )
        # terms and reward are percents, and the band counts a hundredfold
        terms = np.asarray(step.terms)
        assert terms == pytest.approx(expected.info["terms"], abs=1e-7)
        assert np.asarray(step.reward) == pytest.approx(expected.reward, abs=1e-5)
        assert np.asarray(step.costs) == pytest.approx(expected.costs, abs=1e-9)
        assert (np.asarray(step.truncated) == expected.truncated).all()
        if expected.ended.any():
            n_restarts += 1
            fresh = stepped.restart(np.flatnonzero(expected.ended))
            assert np.asarray(rows.observation) == pytest.approx(fresh, abs=1e-6)
    assert n_restarts == 2


def test_an_episode_without_a_power_flow_ends_at_its_worst(
    task: VoltageControlTask, env: CompiledEnv
) -> None:
    rows = env.reset(np.arange(3))
    beyond = np.array(rows.state.across_pu)
    # a start that is no number: the power flow of this row finds nothing
    beyond[1] = np.nan
    rows = rows._replace(state=rows.state._replace(across_pu=beyond))
    seen_before = np.asarray(rows.observation)[1]
    rows_after, step = env.step(rows, np.zeros((3, task.action.size)))
    assert list(np.asarray(step.solved)) == [True, False, True]
    assert list(np.asarray(step.terminated)) == [False, True, False]
    assert list(np.asarray(step.terms)[1]) == [term.worst for term in task.terms]
    assert list(np.asarray(step.costs)[1]) == [c.worst for c in task.constraints]
    assert np.asarray(step.observation)[1] == pytest.approx(seen_before)
    assert np.isfinite(np.asarray(rows_after.observation)).all()
    assert list(np.asarray(rows_after.followed)) == [0, 1, 0]


def test_an_action_that_is_no_number_is_no_step(
    task: VoltageControlTask, env: CompiledEnv
) -> None:
    actions = np.zeros((2, task.action.size))
    actions[0, 0] = np.nan
    _, step = env.step(env.reset([0, 1]), actions)
    assert list(np.asarray(step.solved)) == [False, True]


def test_draws_are_bit_by_bit_those_of_numpy() -> None:
    seeds = np.array([0, 1, 7, 2**40, 2**62])
    numbers = np.array([1, 2, 3, 4, 5])
    drawn = np.asarray(first_uniform(jax.numpy.asarray(seeds)))
    assert (drawn == uniform(seeds, 1)[:, 0]).all()
    followed = compiled_follow(jax.numpy.asarray(seeds), jax.numpy.asarray(numbers))
    assert (np.asarray(followed) == follow(seeds, numbers)).all()


@pytest.mark.parametrize(
    ("values", "reason"),
    [
        ({"name": "voltage-control", "feeder": "ieee13", "pool_days": 1}, "act"),
        ({"name": "reserve"}, "no compiled form"),
    ],
)
def test_refused_by_name(values: dict[str, Any], reason: str) -> None:
    with pytest.raises(InputError, match=reason):
        make_task(**values).compiled()
