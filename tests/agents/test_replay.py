"""The memory of steps: a ring that forgets the oldest, recalled evenly."""

from __future__ import annotations

import numpy as np
import pytest

jax = pytest.importorskip("jax", reason="learning needs the extra 'learn'")

from tieline.agents.replay import Steps, empty_memory, recall, remember  # noqa: E402


def steps(*numbers: float) -> Steps:
    """Steps whose every entry is their number."""
    row = jax.numpy.asarray(numbers)
    return Steps(row[:, None], row[:, None], row, row[:, None], row)


def test_the_oldest_steps_are_overwritten() -> None:
    memory = empty_memory(4, 1, 1)
    for block in ((1.0, 2.0), (3.0, 4.0), (5.0, 6.0)):
        memory = remember(memory, steps(*block))
    assert np.asarray(memory.steps.reward).tolist() == [5.0, 6.0, 3.0, 4.0]
    assert int(memory.count) == 6


def test_only_filled_places_are_recalled_and_rows_stay_together() -> None:
    memory = remember(empty_memory(100, 1, 1), steps(7.0, 8.0))
    drawn = recall(memory, 1000, jax.random.key(0))
    rewards = np.asarray(drawn.reward)
    assert set(rewards.tolist()) == {7.0, 8.0}
    # four standard deviations of a fair coin
    assert abs((rewards == 7.0).mean() - 0.5) < 4 * 0.5 / 1000**0.5
    assert (np.asarray(drawn.action)[:, 0] == rewards).all()
