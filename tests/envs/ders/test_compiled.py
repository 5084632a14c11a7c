"""Both forms of the task in JAX: the numbers of the task itself on random days, and derivatives along a whole day."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import pytest

pytest.importorskip("jax", reason="JAX (extra 'learn') is not installed")

import jax

from tieline.envs import make_task
from tieline.envs.compiled import CompiledEnv
from tieline.envs.ders.base import DersTask
from tieline.envs.faces.rolling_env import RollingEnv

EPISODES = 4


@pytest.fixture(autouse=True)
def _double_precision() -> Iterator[None]:
    with jax.enable_x64(True):
        yield


@pytest.fixture(scope="module", params=["ders141", "ders141-as-published"])
def task(request: pytest.FixtureRequest) -> DersTask:
    """Training days, whose own power flow has more digits than usual."""
    made = make_task(request.param, split="train")
    assert isinstance(made, DersTask)
    made.model.__dict__["solver"] = made.model.network.solver(tolerance=1e-12)
    return made


@pytest.fixture(scope="module")
def env(task: DersTask) -> CompiledEnv:
    return CompiledEnv(task.compiled())


def test_random_days_are_those_of_the_task(task: DersTask, env: CompiledEnv) -> None:
    stepped = RollingEnv(task, EPISODES)
    seen = stepped.reset(np.arange(EPISODES))
    rows = env.reset(np.arange(EPISODES))
    assert rows.observation == pytest.approx(seen, abs=1e-6)
    make_step = jax.jit(env.step)
    random = np.random.default_rng(0)
    n_ends = 0
    for _ in range(task.days.n_steps + 4):
        action = random.uniform(
            task.action.low, task.action.high, (EPISODES, task.action.size)
        )
        rows, step = make_step(rows, action)
        expected = stepped.step(action)
        assert step.observation == pytest.approx(expected.observation, abs=1e-6)
        assert step.terms == pytest.approx(expected.info["terms"], abs=1e-6)
        assert step.costs == pytest.approx(expected.costs)
        assert (np.asarray(step.ended) == expected.ended).all()
        if expected.ended.any():
            stepped.restart(np.flatnonzero(expected.ended))
            n_ends += 1
    assert n_ends == 1


def test_a_return_moves_as_its_derivatives_say(
    task: DersTask, env: CompiledEnv
) -> None:
    """One action for all steps of some hours: batteries fill, flexible loads owe; against central differences."""
    start = env.reset(np.arange(EPISODES))

    def value(action: jax.Array) -> jax.Array:
        actions = jax.numpy.repeat(action[None], EPISODES, axis=0)

        def step_on(rows, _):
            rows, step = env.step(rows, actions)
            return rows, step.reward

        _, rewards = jax.lax.scan(step_on, start, None, length=8)
        return rewards.sum()

    random = np.random.default_rng(1)
    low, high = task.action.low, task.action.high
    # inside the bounds, and where no battery fills up
    action = low + (high - low) * random.uniform(0.45, 0.55, task.action.size)
    way = random.normal(size=task.action.size)
    slope = jax.jit(jax.grad(value))(action)
    there, back = (jax.jit(value)(action + step * way) for step in (1e-5, -1e-5))
    assert float(slope @ way) == pytest.approx(float(there - back) / 2e-5, rel=1e-3)
