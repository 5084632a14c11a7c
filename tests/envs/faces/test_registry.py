"""The catalogue under Gymnasium's names."""

from __future__ import annotations

import warnings

import gymnasium
import numpy as np
import pytest
from gymnasium.vector import AutoresetMode

from tieline.envs import TASKS
from tieline.envs.faces import GymnasiumVectorEnv, gymnasium_id, register_tasks
from tieline.errors import InputError


def test_names() -> None:
    assert gymnasium_id("reserve") == "tieline/Reserve-v0"
    assert gymnasium_id("voltage-control") == "tieline/VoltageControl-v0"


def test_every_task_is_registered_once() -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        register_tasks()
    ours = {name for name in gymnasium.registry if name.startswith("tieline/")}
    assert ours == {gymnasium_id(name) for name in TASKS}


def test_keywords_reach_the_configuration() -> None:
    env = gymnasium.make("tieline/Reserve-v0", ders=("844", "890")).unwrapped
    assert env.action_space.shape == (2,)
    with pytest.raises(InputError, match="configuration of task 'reserve'"):
        gymnasium.make("tieline/Reserve-v0", colour="red")


def test_many_are_one_vector_environment_without_complaints() -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        env = gymnasium.make_vec(
            "tieline/Reserve-v0", num_envs=3, autoreset_mode=AutoresetMode.NEXT_STEP
        )
    assert isinstance(env, GymnasiumVectorEnv)
    assert env.metadata["autoreset_mode"] is AutoresetMode.NEXT_STEP
    env.reset(seed=0)
    assert np.isfinite(env.step(env.action_space.sample())[1]).all()
