"""`RollingEnv`: which seed comes next depends on the first seed of the row alone."""

from __future__ import annotations

import numpy as np

from counter_task import CounterTask
from tieline.envs.draws import spread
from tieline.envs.faces.rolling_env import RollingEnv


def test_seeds_of_a_row_are_its_first_and_then_its_spread() -> None:
    rows = RollingEnv(CounterTask(), 3)
    assert not rows.started
    assert rows.reset([5, 6, 7])[:, 0].tolist() == [5.0, 6.0, 0.0]
    assert rows.started
    rows.restart(np.array([1]))
    rows.restart(np.array([1, 2]))
    assert rows.seeds.tolist() == [5, spread(6, 2)[1], spread(7, 1)[0]]


def test_observations_are_single_precision_and_of_the_present_seeds() -> None:
    rows = RollingEnv(CounterTask(), 2)
    rows.reset([5, 6])
    seen = rows.restart(np.array([0]))
    assert seen.dtype == np.float32
    assert seen[:, 0].tolist() == [spread(5, 1)[0] % 7, 6.0]


def test_a_new_first_seed_starts_a_new_line() -> None:
    rows = RollingEnv(CounterTask(), 2)
    rows.reset([5, 6])
    rows.restart(np.array([0]))
    rows.reseed(np.array([0]), [9])
    assert rows.seeds.tolist() == [9, 6]
    rows.restart(np.array([0, 1]))
    assert rows.seeds.tolist() == [spread(9, 1)[0], spread(6, 1)[0]]
