"""`GymnasiumEnv` on a task that can be worked out by hand."""

from __future__ import annotations

import subprocess
import sys

import numpy as np
import pytest

from counter_task import CounterTask
from tieline.envs.draws import spread
from tieline.envs.faces import GymnasiumEnv
from tieline.errors import InputError, install_command

STILL = np.zeros(2, dtype=np.float32)


def test_spaces_are_the_tasks_in_single_precision() -> None:
    env = GymnasiumEnv(CounterTask())
    assert env.observation_space.dtype == env.action_space.dtype == np.float32
    assert (env.action_space.low.tolist(), env.action_space.high.tolist()) == (
        [-1.0, -1.0],
        [2.0, 2.0],
    )
    assert (
        env.observation_space.low.tolist(),
        env.observation_space.high.tolist(),
    ) == (
        [-10.0, 0.0],
        [200.0, 10.0],
    )
    assert env.cost_limits == {"excess": 1.0, "square": 4.0}


def test_an_episode_by_hand() -> None:
    """Even seeds are truncated after three steps."""
    env = GymnasiumEnv(CounterTask())
    seen, info = env.reset(seed=6)
    assert (seen.tolist(), seen.dtype, info) == ([6.0, 0.0], np.float32, {"seed": 6})
    seen, reward, terminated, truncated, info = env.step(
        np.array([1.0, 0.5], dtype=np.float32)
    )
    assert (seen.tolist(), reward, terminated, truncated) == (
        [7.5, 1.0],
        12.0,
        False,
        False,
    )
    assert (info["cost"], info["costs"]) == (58.75, {"excess": 2.5, "square": 56.25})
    assert env.step(STILL)[2:4] == (False, False)
    assert env.step(STILL)[2:4] == (False, True)
    with pytest.raises(InputError, match="has ended"):
        env.step(STILL)


def test_without_a_solution_it_is_terminated() -> None:
    env = GymnasiumEnv(CounterTask())
    env.reset(seed=0)
    seen, reward, terminated, truncated, info = env.step(
        np.array([-1.0, -1.0], dtype=np.float32)
    )
    assert (seen.tolist(), reward, terminated, truncated) == (
        [0.0, 0.0],
        -130.0,
        True,
        False,
    )
    assert (info["solved"], info["costs"]) == (False, {"excess": 99.0, "square": 999.0})


def test_seeds_follow_from_the_first() -> None:
    env = GymnasiumEnv(CounterTask())
    env.reset(seed=4)
    assert [env.reset()[1]["seed"] for _ in range(3)] == spread(4, 3).tolist()
    assert env.reset(seed=4)[1]["seed"] == 4
    assert env.reset()[1]["seed"] == spread(4, 1)[0]


def test_without_a_seed_two_environments_differ() -> None:
    first, second = (GymnasiumEnv(CounterTask()).reset()[1]["seed"] for _ in range(2))
    assert first != second


@pytest.mark.parametrize(
    ("package", "module", "extra"),
    [
        ("gymnasium", "tieline.envs.faces", "envs"),
        ("pettingzoo", "tieline.envs.faces.pettingzoo_env", "envs"),
        ("stable_baselines3", "tieline.envs.faces.stable_baselines", "sb3"),
    ],
)
def test_an_absent_package_is_named_with_its_extra(
    package: str, module: str, extra: str
) -> None:
    code = f"import sys; sys.modules['{package}'] = None\nimport {module}"
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, timeout=120
    )
    message = f"needs the package '{package.replace('_', '-')}'. Install it with: {install_command(extra)}"
    assert "MissingExtraError" in done.stderr
    assert message in done.stderr
