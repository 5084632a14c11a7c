"""`BatchedEnv` on a task that can be worked out by hand."""

from __future__ import annotations

import numpy as np
import pytest

from counter_task import CounterTask
from tieline.envs.batched_env import BatchedEnv
from tieline.errors import InputError, ShapeError


def started(*seeds: int) -> BatchedEnv:
    env = BatchedEnv(CounterTask())
    env.reset(list(seeds))
    return env


def test_a_step_by_hand() -> None:
    """Seed 6 starts at 6: 6 + 1 + 0.5 = 7.5; seed 8 at 1: 1 - 1 + 0 = 0."""
    step = started(6, 8).step([[1.0, 0.5], [-1.0, 0.0]])
    assert step.observation.tolist() == [[7.5, 1.0], [0.0, 1.0]]
    assert step.reward.tolist() == [2 * 7.5 - 3, -3.0]
    assert step.costs.tolist() == [[2.5, 56.25], [0.0, 0.0]]
    assert step.info["terms"].tolist() == [[7.5, 1.0], [0.0, 1.0]]
    assert step.info["moved"].tolist() == [1.5, -1.0]
    assert not step.ended.any()


def test_actions_outside_the_bounds_are_moved_to_them() -> None:
    assert started(0).step([[9.0, -9.0]]).info["moved"].tolist() == [2.0 - 1.0]


def test_an_episode_without_a_solution_ends_alone_at_its_worst() -> None:
    env = started(0, 0, 0)
    step = env.step([[0.0, 0.0], [-1.0, -1.0], [1.0, 0.0]])
    assert step.info["solved"].tolist() == [True, False, True]
    assert step.terminated.tolist() == [False, True, False]
    assert step.reward.tolist() == [-3.0, 2 * -50.0 - 3 * 10.0, 2.0 - 3.0]
    assert step.costs[1].tolist() == [99.0, 999.0]
    assert step.observation.tolist() == [[0.0, 1.0], [0.0, 0.0], [1.0, 1.0]], (
        "the second keeps what it saw before"
    )
    again = env.reset_rows([1], [4])
    assert again.tolist() == [[0.0, 1.0], [4.0, 0.0], [1.0, 1.0]]
    assert np.isfinite(env.step(np.zeros((3, 2))).reward).all()


def test_truncated_when_the_series_is_over_and_terminated_wins() -> None:
    env = started(0, 0)
    for _ in range(2):
        assert not env.step(np.zeros((2, 2))).ended.any()
    step = env.step([[0.0, 0.0], [-1.0, -1.0]])
    assert (step.terminated.tolist(), step.truncated.tolist()) == (
        [False, True],
        [True, False],
    )


def test_an_ended_episode_must_be_started_again() -> None:
    env = started(0, 0)
    env.step([[0.0, 0.0], [-1.0, -1.0]])
    with pytest.raises(InputError, match="Episode 1 has ended"):
        env.step(np.zeros((2, 2)))
    assert env.step(np.zeros((1, 2)), rows=[0]).observation.tolist() == [[0.0, 2.0]]


@pytest.mark.parametrize("rows", [[2, 0], [True, False, True]], ids=["indices", "bool"])
def test_a_step_of_some_rows_leaves_the_others_alone(rows: list[int]) -> None:
    env = started(2, 4, 6)
    step = env.step([[1.0, 0.0], [2.0, 0.0]], rows)
    order = np.arange(3)[rows]
    assert (
        step.observation[:, 0].tolist()
        == (np.array([2.0, 4.0, 6.0])[order] + [1.0, 2.0]).tolist()
    )
    assert env.state.step.tolist() == [1, 0, 1]
    assert env.step(np.zeros((3, 2))).observation[:, 1].tolist() == [2.0, 1.0, 2.0]


def test_rows_start_again_by_mask() -> None:
    env = started(2, 4, 6)
    env.step(np.ones((3, 2)))
    assert env.reset_rows(np.array([True, False, True]), [8, 10]).tolist() == [
        [1.0, 0.0],
        [6.0, 1.0],
        [3.0, 0.0],
    ]
    assert env.reset_rows(np.array([], dtype=int), []).tolist() == [
        [1.0, 0.0],
        [6.0, 1.0],
        [3.0, 0.0],
    ]


def test_what_is_returned_is_the_callers() -> None:
    """Spoiling a returned array does not reach the environment."""
    env = BatchedEnv(CounterTask())
    env.reset([0, 0])[:] = 77.0
    step = env.step([[0.0, 0.0], [-1.0, -1.0]])
    assert step.observation.tolist() == [[0.0, 1.0], [0.0, 0.0]]
    step.observation[:] = 77.0
    assert env.reset_rows([1], [0]).tolist() == [[0.0, 1.0], [0.0, 0.0]]


def test_refusals() -> None:
    with pytest.raises(InputError, match="has not been started"):
        BatchedEnv(CounterTask()).step(np.zeros((0, 2)))
    env = started(0, 1)
    with pytest.raises(ShapeError, match=r"expected \(2, 2\)"):
        env.step(np.zeros((1, 2)))
    with pytest.raises(InputError, match="'right' of episode 1 is nan"):
        env.step([[0.0, 0.0], [0.0, np.nan]])
    with pytest.raises(ShapeError, match="1 episodes start again but 2 seeds"):
        env.reset_rows([0], [1, 2])
    for rows in ([2], [0.5], [True, False, True]):
        with pytest.raises(InputError, match="not among 2 episodes"):
            env.reset_rows(rows, [1])
