"""`GymnasiumVectorEnv` does what Gymnasium's own loop over single environments does, in each autoreset mode."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from gymnasium.vector import AutoresetMode, SyncVectorEnv
from gymnasium.wrappers.vector import DictInfoToList, RecordEpisodeStatistics

from counter_task import CounterTask
from tieline.envs.draws import spread
from tieline.envs.faces import GymnasiumEnv, GymnasiumVectorEnv
from tieline.errors import InputError, ShapeError

N = 5
STILL = np.zeros((N, 2), dtype=np.float32)


def make(mode: str | AutoresetMode = "SameStep", n: int = N) -> GymnasiumVectorEnv:
    return GymnasiumVectorEnv(CounterTask(), n, mode)


def assert_info_holds(mine: dict[str, Any], theirs: dict[str, Any]) -> None:
    """Wherever their info has an entry, mine has the same."""
    for key, values in theirs.items():
        if key.startswith("_"):
            assert mine[key][values].all(), key
        elif isinstance(values, dict):
            assert_info_holds(mine[key], values)
        else:
            for row in np.flatnonzero(theirs[f"_{key}"]):
                assert np.array_equal(mine[key][row], values[row]), key


@pytest.mark.parametrize("mode", ["SameStep", "NextStep"])
def test_equals_gymnasiums_loop_over_single_environments(mode: str) -> None:
    """Forty steps in which episodes are truncated, terminated and lost at different times."""
    mine, random = make(mode), np.random.default_rng(0)
    theirs = SyncVectorEnv(
        [lambda: GymnasiumEnv(CounterTask())] * N, autoreset_mode=mode
    )
    assert mine.metadata["autoreset_mode"] is theirs.metadata["autoreset_mode"]
    assert mine.observation_space == theirs.observation_space
    assert mine.action_space == theirs.action_space
    seen, info = mine.reset(seed=8)
    expected, expected_info = theirs.reset(seed=8)
    assert np.array_equal(seen, expected)
    assert_info_holds(info, expected_info)
    ended = 0
    for _ in range(40):
        actions = random.uniform(-1.0, 0.5, (N, 2)).astype(np.float32)
        *step, info = mine.step(actions)
        *loop, loop_info = theirs.step(actions)
        for part, expected in zip(step, loop, strict=True):
            assert np.array_equal(part, expected)
            assert part.dtype == expected.dtype
        assert_info_holds(info, loop_info)
        ended += int(np.logical_or(step[2], step[3]).sum())
    assert ended > 3 * N


def test_in_the_same_step_the_last_observation_and_info_are_kept() -> None:
    env = make(n=2)
    env.reset(seed=[6, 1])
    seen, reward, terminated, _, info = env.step(
        np.array([[0.0, 0.0], [-1.0, -1.0]], dtype=np.float32)
    )
    assert terminated.tolist() == [False, False]
    seen, reward, terminated, _, info = env.step(
        np.array([[0.0, 0.0], [-1.0, -1.0]], dtype=np.float32)
    )
    assert terminated.tolist() == [False, True]
    assert info["final_obs"][0] is None
    assert info["final_obs"][1].tolist() == [-1.0, 0.0]
    assert info["_final_obs"].tolist() == info["_final_info"].tolist() == [False, True]
    assert info["final_info"]["costs"]["excess"].tolist() == [0.0, 99.0]
    assert info["costs"]["excess"].tolist() == [1.0, 99.0], (
        "costs belong to the step, as the reward does"
    )
    assert reward.tolist() == [2 * 6.0 - 3 * 2, -130.0]
    assert info["seed"][1] == spread(1, 1)[0]
    assert seen[1].tolist() == [spread(1, 1)[0] % 7, 0.0]


def test_in_the_next_step_an_ended_episode_starts_and_the_others_go_on() -> None:
    env = make("NextStep", 2)
    env.reset(seed=[6, 1])
    for _ in range(2):
        *_, terminated, _, info = env.step(
            np.array([[0.0, 0.0], [-1.0, -1.0]], dtype=np.float32)
        )
    assert terminated.tolist() == [False, True]
    assert "final_obs" not in info
    seen, reward, terminated, truncated, info = env.step(
        np.ones((2, 2), dtype=np.float32)
    )
    assert seen.tolist() == [[8.0, 3.0], [spread(1, 1)[0] % 7, 0.0]]
    assert reward.tolist() == [2 * 8.0 - 3 * 3, 0.0]
    assert (terminated.tolist(), truncated.tolist()) == ([False, False], [True, False])
    assert info["_costs"].tolist() == [True, False]


def test_disabled_waits_for_a_mask() -> None:
    env = make("Disabled", 2)
    env.reset(seed=[6, 2])
    for _ in range(3):
        *_, truncated, _ = env.step(np.zeros((2, 2), dtype=np.float32))
    assert truncated.all()
    with pytest.raises(InputError, match="Episode 0 has ended"):
        env.step(np.zeros((2, 2), dtype=np.float32))
    seen, info = env.reset(options={"reset_mask": np.array([True, False])})
    assert (seen[:, 1].tolist(), info["_seed"].tolist()) == ([0.0, 3.0], [True, False])
    assert info["seed"][0] == spread(6, 1)[0]
    seen, info = env.reset(
        seed=[9, 11], options={"reset_mask": np.array([False, True])}
    )
    assert (seen[1].tolist(), info["seed"].tolist()) == ([4.0, 0.0], [0, 11])
    env.step(np.zeros((2, 2), dtype=np.float32))


def test_seeds_of_a_reset() -> None:
    env = make(n=3)
    assert env.reset(seed=5)[1]["seed"].tolist() == [5, 6, 7]
    assert env.reset()[1]["seed"].tolist() == [spread(seed, 1)[0] for seed in (5, 6, 7)]
    one, other = (env.reset(seed=[1, None, 3])[1]["seed"] for _ in range(2))
    assert one[[0, 2]].tolist() == other[[0, 2]].tolist() == [1, 3]
    assert one[1] != other[1]


def test_gymnasiums_vector_wrappers_work_on_it() -> None:
    env = DictInfoToList(RecordEpisodeStatistics(make()))
    env.reset(seed=0)
    returns = np.zeros(N)
    for _ in range(3):
        _, reward, *_, info = env.step(STILL)
        returns += reward
    assert info[0]["episode"]["r"] == returns[0], "even seeds end after three steps"
    assert "episode" not in info[1], "odd ones go on"
    assert info[1]["costs"] == {"excess": 0.0, "square": 1.0}


def test_what_is_returned_is_the_callers() -> None:
    env = make()
    seen, _ = env.reset(seed=0)
    seen[:] = 99.0
    assert env.step(STILL)[0][:, 0].tolist() == [0.0, 1.0, 2.0, 3.0, 4.0]


def test_refusals() -> None:
    with pytest.raises(InputError, match="at least one"):
        make(n=0)
    with pytest.raises(InputError, match=r"Known: NextStep, SameStep, Disabled"):
        make("sometimes")
    assert (
        make(AutoresetMode.DISABLED).metadata["autoreset_mode"]
        is AutoresetMode.DISABLED
    )
    env = make()
    with pytest.raises(InputError, match="has not been started"):
        env.step(STILL)
    with pytest.raises(InputError, match="has not been started"):
        env.reset(options={"reset_mask": np.arange(N) > 2})
    with pytest.raises(ShapeError, match="2 seeds were given for 5"):
        env.reset(seed=[1, 2])
    env.reset(seed=1)
    with pytest.raises(ShapeError, match=r"expected \(5, 2\)"):
        env.step(np.zeros((2, 2), dtype=np.float32))
    for mask in (np.zeros(N, dtype=bool), np.ones(3, dtype=bool), np.ones(N)):
        with pytest.raises(ShapeError, match="reset_mask"):
            env.reset(options={"reset_mask": mask})
