"""What is expected of sun and wind, by hand."""

from __future__ import annotations

import numpy as np

from tieline.envs.restoration.plan.figures import IslandFigures
from tieline.envs.restoration.plan.view import NEXT_STEPS, view_of
from tieline.envs.restoration.seen import Seen
from tieline.envs.restoration.world import RestorationWorld


def test_a_forecast_stays_as_wrong_as_it_is_now(world36: RestorationWorld) -> None:
    figures = IslandFigures.of(world36)
    measured_kw = world36.forecast_kw[None, :3].copy()
    measured_kw[:, 2] *= 0.5
    view = view_of(figures, Seen(2, world36.forecast_kw, measured_kw))
    expected_kw = 0.5 * world36.forecast_kw
    np.testing.assert_allclose(view.expected_kw[0, 2:], expected_kw[2:])
    assert not view.expected_kw[:, :2].any()
    np.testing.assert_allclose(view.now_kw[0], expected_kw[2])
    np.testing.assert_allclose(view.next_kw[0], expected_kw[3 : 3 + NEXT_STEPS])
    assert view.ahead.number[2] == 1.0
    assert view.ahead.is_ahead.sum() == 22


def test_nothing_is_expected_beyond_the_end(world36: RestorationWorld) -> None:
    figures = IslandFigures.of(world36)
    view = view_of(figures, Seen(23, world36.forecast_kw, world36.forecast_kw[None]))
    assert view.next_kw.shape == (1, NEXT_STEPS, 3)
    assert not view.next_kw.any()


def test_nothing_is_expected_above_a_rating(world36: RestorationWorld) -> None:
    figures = IslandFigures.of(world36)
    measured_kw = 1.5 * world36.forecast_kw[None, :1]
    view = view_of(figures, Seen(0, world36.forecast_kw, measured_kw))
    assert view.expected_kw.max() == figures.renewable_kw.max()
