"""The task: an episode's reward is its objective, the safety step keeps its limits, dark islands end."""

from __future__ import annotations

import numpy as np
import pytest
from restoration_cases import small_config

from tieline.agents.safety import make_safe
from tieline.envs.batched_env import BatchedEnv
from tieline.envs.restoration.config import RestorationEnvConfig
from tieline.envs.restoration.task import RestorationTask
from tieline.envs.restoration.world import make_world

CONFIG = RestorationEnvConfig(steps=4, scenario="short15")


def small_task(**changes: object) -> RestorationTask:
    island = small_config(available=[0.25, 0.5, 0.75, 1.0], **changes)
    return RestorationTask(CONFIG, make_world(CONFIG, island))


def actions(task: RestorationTask, **shares: float) -> np.ndarray:
    """Shares by the first word of an entry's name; all else 0."""
    row = [shares.get(name.partition(" ")[0], 0.0) for name in task.action.names]
    return np.array([row])


def test_pickup_reward_and_end_by_hand() -> None:
    """Half of what is off is picked up in each step: 50 %, then half of the rest above what may fall."""
    task = small_task()
    env = BatchedEnv(task)
    env.reset([0])
    load_kwh = 0.25 * task.world.plant.load_kw
    worth_kwh = load_kwh @ task.world.plant.load_weight
    step = env.step(actions(task, pickup_share=0.5, p_share=0.5))
    served = 0.5
    assert step.info["terms"][0, 0] == pytest.approx(served * worth_kwh)
    assert step.info["restored_kwh"][0] == pytest.approx(served * load_kwh.sum())
    step = env.step(actions(task, pickup_share=0.5, p_share=0.5))
    lowest = served - 0.02
    served = lowest + 0.5 * (1 - lowest)
    assert step.info["served"][0] == pytest.approx(served)
    generated_kwh = step.info["terms"][0, 1]
    reward = served * worth_kwh - 0.05 * generated_kwh
    assert step.reward[0] == pytest.approx(reward)
    for _ in range(2):
        assert not step.ended[0]
        step = env.step(actions(task, pickup_share=0.0, p_share=0.5))
    assert step.terminated[0]


def test_a_dark_island_ends_and_what_was_on_is_shed() -> None:
    """A droop unit with 30 kWh, which nothing relieves, is empty in the second step."""
    unit = small_config().droop_unit[0].model_dump(exclude_defaults=True) | {
        "fuel_kwh": 30.0
    }
    task = small_task(droop_unit=[unit])
    env = BatchedEnv(task)
    env.reset([0])
    step = env.step(actions(task, pickup_share=0.3))
    assert not step.ended[0]
    step = env.step(actions(task, pickup_share=0.3))
    assert step.terminated[0]
    assert step.info["terms"][0, 0] == 0.0
    assert step.info["terms"][0, 2] > 0.0


def test_actions_after_the_safety_step_drop_nothing() -> None:
    """Full load at once asks more of the droop unit than its ramp: as proposed load is dropped, made safe none is."""
    task = small_task()
    state = task.start(np.arange(3))
    wish = np.tile(actions(task, pickup_share=1.0, p_share=0.2), (3, 1))
    assert (task.advance(state, wish).costs[:, 4] > 10.0).all()
    safe = make_safe(task, state, wish)
    assert safe.touched.all()
    costs = task.advance(state, safe.actions).costs
    np.testing.assert_allclose(costs, 0.0, atol=1e-6)
    bounds = task.bounds(state)
    assert (safe.actions >= bounds.low - 1e-9).all()
    assert (safe.actions <= bounds.high + 1e-9).all()
