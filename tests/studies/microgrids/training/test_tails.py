"""Tails by hand."""

from __future__ import annotations

import numpy as np
import pytest

from tieline.envs.microgrids.config import MicrogridsWorldConfig
from tieline.envs.microgrids.day import problem_of
from tieline.envs.microgrids.days import day_of_shapes
from tieline.envs.microgrids.plant import Plant, make_plant
from tieline.envs.microgrids.window_model import WindowModel
from tieline.studies.microgrids.training.tails import (
    groups_of,
    tail_counts,
    tail_weights,
)

VALUES = np.array([[0.5, -3.0], [-1.0, -2.0], [0.3, -4.0], [-2.0, -1.0]] * 5)


def test_a_tail_is_as_long_as_what_is_broken_at_least_the_share_at_most_half() -> None:
    # of 20 rows 10 are beyond the aim in the first column, none in the second
    counts = tail_counts(VALUES, share=0.1, aim=-0.01)
    assert counts.tolist() == [10, 2]
    assert tail_counts(VALUES + 10.0, share=0.1, aim=0.0).tolist() == [10, 10]


def test_the_mean_of_a_tail_is_that_of_its_highest_values() -> None:
    weights = tail_weights(VALUES, np.array([10, 2]))
    means = np.sum(weights * VALUES, axis=0)
    assert means == pytest.approx([0.4, -1.0])
    assert weights.sum(axis=0) == pytest.approx([1.0, 1.0])


def test_a_feeder_that_lies_in_a_microgrid_as_a_whole_has_no_group_beside_it(
    plant: Plant,
) -> None:
    config = MicrogridsWorldConfig(pccs=("branch_1",))
    whole = make_plant(plant.network.feeder, config)
    problem = problem_of(whole, day_of_shapes(whole, config, np.array([12.0])))
    grid = WindowModel(whole, problem).grid
    groups = groups_of(whole, grid)
    voltages = [name for name in groups.names if name.startswith("voltage")]
    assert voltages == ["voltage of branch_1 high", "voltage of branch_1 low"]
    values, _ = groups.worst(np.zeros((2, len(groups.group))))
    assert values.shape == (2, len(groups.names))
