"""Text and pictures of episodes, in every face and of every task."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from typing import Any

import gymnasium
import numpy as np
import pytest
from gymnasium.utils.env_checker import check_env
from gymnasium.wrappers import RenderCollection

from counter_task import CounterTask
from tieline.envs import TASKS, Task, make_task
from tieline.envs.faces import (
    GymnasiumEnv,
    GymnasiumVectorEnv,
    PettingZooEnv,
    StableBaselinesVecEnv,
    gymnasium_id,
)
from tieline.errors import InputError

FACES: list[Callable[..., Any]] = [
    GymnasiumEnv,
    GymnasiumVectorEnv,
    PettingZooEnv,
    StableBaselinesVecEnv,
]


@cache
def task_of(name: str) -> Task:
    """A task on few days, where it has any: drawing them takes longest."""
    has_days = "pool_days" in TASKS[name].config_model.model_fields
    return make_task(name, **({"pool_days": 4} if has_days else {}))


@pytest.mark.parametrize("name", sorted(TASKS))
def test_pictures_of_every_task_have_one_size(name: str) -> None:
    """Before the first step, after one, and of the next episode; and a step changes what is seen."""
    task = task_of(name)
    env = GymnasiumEnv(task, "rgb_array")
    env.reset(seed=0)
    frames = [np.asarray(env.render())]
    env.step(task.action.low)
    frames.append(np.asarray(env.render()))
    env.reset()
    frames.append(np.asarray(env.render()))
    height, width, _ = frames[0].shape
    assert (height % 2, width % 2) == (0, 0)
    assert {(frame.shape, frame.dtype.name) for frame in frames} == {
        ((height, width, 3), "uint8")
    }
    assert (frames[0] != frames[1]).any()
    assert (frames[0] == frames[2]).all()


@pytest.mark.parametrize("face", FACES)
def test_an_unknown_mode_is_refused_with_those_there_are(
    face: Callable[..., Any],
) -> None:
    with pytest.raises(InputError, match=r"'human' is unknown.*'ansi'.*'rgb_array'"):
        face(CounterTask(), render_mode="human")


@pytest.mark.parametrize("face", FACES)
def test_a_task_without_a_grid_has_no_picture(face: Callable[..., Any]) -> None:
    with pytest.raises(InputError, match=r"no picture of task 'counter'.*'ansi'"):
        face(CounterTask(), render_mode="rgb_array")


def test_gymnasium_checks_both_modes() -> None:
    env = gymnasium.make(gymnasium_id("voltage-control"), render_mode="rgb_array")
    check_env(env.unwrapped)


def test_frames_of_an_episode_can_be_collected() -> None:
    """As video recorders do: one at the reset, one after each step."""
    env = RenderCollection(GymnasiumEnv(task_of("reserve"), "rgb_array"))
    env.reset(seed=0)
    env.step(np.full(4, 0.5))
    frames: Any = env.render()
    assert np.stack(frames).shape[0] == 2


def test_each_row_shows_its_own_episode() -> None:
    """Seed 0 lasts three steps, seed 1 four: after three the first row has begun anew."""
    env = GymnasiumVectorEnv(CounterTask(), 2, render_mode="ansi")
    env.reset(seed=0)
    for _ in range(3):
        _, rewards, *_ = env.step(np.zeros((2, 2)))
    frames = env.render()
    assert frames is not None
    assert "before the first step" in str(frames[0])
    assert str(frames[1]).startswith(f"counter: step 3, reward {rewards[1]:.4g}")


def test_rows_that_step_alone_show_their_own_step() -> None:
    env = GymnasiumVectorEnv(CounterTask(), 2, "NextStep", render_mode="ansi")
    env.reset(seed=0)
    for _ in range(4):
        _, rewards, *_ = env.step(np.zeros((2, 2)))
    frames = env.render()
    assert frames is not None
    assert "before the first step" in str(frames[0])
    assert str(frames[1]).startswith(f"counter: step 4, reward {rewards[1]:.4g}")


def test_vectors_and_agents_show_pictures_too() -> None:
    task = task_of("reserve")
    vector = GymnasiumVectorEnv(task, 2, render_mode="rgb_array")
    vector.reset(seed=0)
    frames = vector.render()
    assert frames is not None
    shapes = {np.asarray(frame).shape for frame in frames}
    game = PettingZooEnv(task, "rgb_array")
    game.reset(seed=0)
    assert shapes == {np.asarray(game.render()).shape}
    tiled = StableBaselinesVecEnv(task, 2, "rgb_array")
    tiled.reset()
    assert np.asarray(tiled.render()).shape == (2 * len(np.asarray(frames[0])), 800, 3)


def test_vectors_of_islands_show_their_voltages() -> None:
    """Islands that different units hold have no power flow in common, and yet each has its voltages."""
    env = gymnasium.make_vec(
        gymnasium_id("restoration"), num_envs=2, render_mode="rgb_array"
    )
    env.reset(seed=0)
    before: Any = env.render()
    env.step(np.zeros(env.action_space.shape or ()))
    after: Any = env.render()
    assert all((one != other).any() for one, other in zip(before, after, strict=True))


def test_without_a_mode_nothing_is_shown() -> None:
    env = GymnasiumVectorEnv(CounterTask(), 2)
    env.reset(seed=0)
    assert env.render() is None
