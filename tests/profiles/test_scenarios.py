"""Shapes and times that do not fit are refused where they enter."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from tieline.errors import ShapeError
from tieline.profiles import Scenarios

TIMES = pd.date_range("2025-03-01", periods=4, freq="30min", tz="UTC")


def test_counts_and_step():
    scenarios = Scenarios(TIMES, np.ones((3, 4, 2)), np.ones((3, 4)), np.ones((3, 4)))
    assert (scenarios.n_scenarios, scenarios.step_h) == (3, 0.5)


@pytest.mark.parametrize(
    ("load", "sun", "price"),
    [
        ((3, 4, 2), (3, 4), (2, 4)),
        ((3, 4), (3, 4), (3, 4)),
        ((3, 5, 2), (3, 5), (3, 5)),
        ((4, 2), (4,), (4,)),
    ],
)
def test_shapes_that_do_not_fit_are_refused(
    load: tuple[int, ...], sun: tuple[int, ...], price: tuple[int, ...]
):
    with pytest.raises(ShapeError, match="4 times"):
        Scenarios(TIMES, np.ones(load), np.ones(sun), np.ones(price))


@pytest.mark.parametrize(
    "times",
    [
        TIMES.tz_localize(None),
        TIMES[[0, 1, 3]].append(TIMES[:1] + pd.Timedelta(days=1)),
    ],
)
def test_times_without_zone_or_even_step_are_refused(times: pd.DatetimeIndex):
    with pytest.raises(ShapeError, match="evenly spaced"):
        Scenarios(times, np.ones((1, 4, 2)), np.ones((1, 4)), np.ones((1, 4)))
