"""`StableBaselinesVecEnv`: its conventions by hand, the same episodes as Stable-Baselines3's own loop, and PPO learns on it."""

from __future__ import annotations

import numpy as np
import pytest
from gymnasium import spaces
from stable_baselines3 import PPO
from stable_baselines3.common.monitor import Monitor
from stable_baselines3.common.vec_env import DummyVecEnv, VecMonitor

from counter_task import CounterTask
from tieline.envs import BatchedEnv, make_task
from tieline.envs.draws import spread
from tieline.envs.faces import GymnasiumEnv
from tieline.envs.faces.stable_baselines import StableBaselinesVecEnv
from tieline.errors import InputError


def make(n: int = 2) -> StableBaselinesVecEnv:
    return StableBaselinesVecEnv(CounterTask(), n)


def monitored(n: int) -> DummyVecEnv:
    """Stable-Baselines3's own loop, with its own record of episodes."""
    return DummyVecEnv([lambda: Monitor(GymnasiumEnv(CounterTask()))] * n)


def test_actions_between_minus_one_and_one_span_the_bounds() -> None:
    env = make()
    space = env.action_space
    assert isinstance(space, spaces.Box)
    assert (space.low.tolist(), space.high.tolist()) == (
        [-1.0, -1.0],
        [1.0, 1.0],
    )
    assert env.task_actions(np.array([[-1.0, 1.0], [0.0, 0.5]])).tolist() == [
        [-1.0, 2.0],
        [0.5, 1.25],
    ]


def test_equals_stable_baselines_own_loop_over_single_environments() -> None:
    n, random = 5, np.random.default_rng(0)
    mine, theirs = make(n), monitored(n)
    mine.seed(8)
    theirs.seed(8)
    assert np.array_equal(mine.reset(), np.asarray(theirs.reset()))
    assert mine.reset_infos == theirs.reset_infos
    n_ended = 0
    for _ in range(40):
        actions = random.uniform(-1.0, 0.0, (n, 2))
        seen, reward, ended, infos = mine.step(actions)
        expected = theirs.step(mine.task_actions(actions))
        assert np.array_equal(np.asarray(seen), np.asarray(expected[0]))
        assert np.array_equal(reward, expected[1])
        assert np.array_equal(ended, expected[2])
        assert reward.dtype == expected[1].dtype
        for info, other in zip(infos, expected[3], strict=True):
            assert info.keys() == other.keys()
            # seconds are those of two clocks
            info.get("episode", {}).pop("t", None)
            other.get("episode", {}).pop("t", None)
            assert info.pop("episode", None) == pytest.approx(
                other.pop("episode", None), abs=1e-5
            )
            assert np.array_equal(
                info.pop("terminal_observation", 0),
                other.pop("terminal_observation", 0),
            )
            assert info == other
        assert mine.reset_infos == theirs.reset_infos
        n_ended += int(ended.sum())
    assert n_ended > 3 * n


def test_truncated_is_said_and_a_lost_episode_is_not() -> None:
    env = make()
    env.seed(0)
    env.reset()
    still, down = np.full(2, -1 / 3), np.full(2, -1.0)
    for _ in range(2):
        env.step(np.array([still, still]))
    _, reward, ended, infos = env.step(np.array([still, down]))
    assert ended.tolist() == [True, False]
    assert infos[0]["TimeLimit.truncated"] is True
    assert infos[0]["terminal_observation"] == pytest.approx([0.0, 3.0], abs=0.0)
    assert env.reset_infos[0] == {"seed": spread(0, 1)[0]}
    _, reward, ended, infos = env.step(np.array([still, down]))
    assert (ended[1], infos[1]["TimeLimit.truncated"], reward[1]) == (
        True,
        False,
        -130.0,
    )


def test_attributes_are_shared_and_rows_have_none() -> None:
    env = make(3)
    assert env.get_attr("cost_limits", [0, 2]) == [{"excess": 1.0, "square": 4.0}] * 2
    assert not env.has_attr("action_masks")
    assert env.env_is_wrapped(object) == [False] * 3
    with pytest.raises(InputError, match="'x' cannot be set"):
        env.set_attr("x", 1)
    with pytest.raises(InputError, match="'f' cannot be called"):
        env.env_method("f")
    with pytest.raises(InputError, match="at least one"):
        make(0)


def test_their_monitor_counts_returns() -> None:
    env = VecMonitor(make(1))
    env.seed(0)
    env.reset()
    rewards = 0.0
    for _ in range(3):
        _, reward, _, infos = env.step(np.full((1, 2), -1 / 3))
        rewards += reward[0]
    assert infos[0]["episode"]["r"] == pytest.approx(rewards)
    assert infos[0]["episode"]["l"] == 3


def test_ppo_learns_to_share_out_reserve() -> None:
    """Ten thousand decisions on random requests; judged on a thousand other requests, the same before and after."""
    import torch

    torch.set_num_threads(1)
    task = make_task("reserve")
    env = StableBaselinesVecEnv(task, 256)
    model = PPO(
        "MlpPolicy",
        env,
        n_steps=8,
        batch_size=512,
        gamma=0.0,
        learning_rate=3e-3,
        seed=0,
        device="cpu",
    )

    def rewards() -> np.ndarray:
        judge = BatchedEnv(task)
        seen = judge.reset(np.arange(1000) + 10**6).astype(np.float32)
        return judge.step(
            env.task_actions(model.predict(seen, deterministic=True)[0])
        ).reward

    before = rewards()
    model.learn(10_000)
    gain = rewards() - before
    assert gain.mean() > 3.0
    assert gain.mean() > 20 * gain.std() / np.sqrt(len(gain)), "far outside the noise"


def test_a_trainer_has_returns_and_lengths_to_log() -> None:
    model = PPO("MlpPolicy", make(4), n_steps=32, batch_size=32, seed=0)
    model.learn(128)
    episodes = list(model.ep_info_buffer or [])
    assert episodes
    assert all(np.isfinite(episode["r"]) for episode in episodes)
    assert all(episode["l"] >= 1 for episode in episodes)
