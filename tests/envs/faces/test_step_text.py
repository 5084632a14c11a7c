"""An episode as text."""

from __future__ import annotations

import gymnasium
import numpy as np
import pytest

from counter_task import CounterTask
from tieline.envs.faces import GymnasiumEnv, gymnasium_id


def test_every_term_and_cost_of_the_last_step_has_its_line() -> None:
    env = GymnasiumEnv(CounterTask(), render_mode="ansi")
    env.reset(seed=3)
    assert "before the first step" in str(env.render())
    _, reward, _, _, info = env.step(np.zeros(2))
    lines = str(env.render()).splitlines()
    assert lines[0] == f"{env.task.name}: step 1, reward {reward:.4g}"
    told = {line.split()[0]: float(line.split()[1]) for line in lines[1:]}
    assert told == pytest.approx(info["terms"] | info["costs"], rel=1e-3)


def test_gymnasium_hands_the_mode_on() -> None:
    env = gymnasium.make(gymnasium_id("reserve"), render_mode="ansi")
    env.reset(seed=0)
    assert "reserve" in str(env.render())
