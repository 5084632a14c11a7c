"""Shapes of load, sun and price at hours worked out by hand."""

from __future__ import annotations

import numpy as np
import pytest

from tieline.envs.microgrids.config import LOAD_SHAPES, Bump, MicrogridsWorldConfig
from tieline.envs.microgrids.shapes import (
    bumps_at,
    feeder_share,
    microgrid_share,
    price_at,
    sun_share,
)


def test_a_bump_goes_around_midnight():
    late = Bump(hour=23.0, width_h=2.0)
    values = bumps_at([late], np.array([23.0, 1.0, 21.0]))
    assert values == pytest.approx([1.0, np.exp(-0.5), np.exp(-0.5)])


@pytest.mark.parametrize("shape", LOAD_SHAPES)
def test_a_microgrid_reaches_its_range(shape):
    share = microgrid_share(shape, np.arange(0, 24, 0.01))
    assert share.max() == pytest.approx(1.0, abs=1e-4)
    assert share.min() == pytest.approx(shape.low_share, abs=1e-4)


def test_feeder_sun_and_price():
    hour = np.array([3.0, 12.5, 19.0, 22.0])
    far = np.exp(-0.5 * (7 / 3) ** 2)
    evening = 0.55 + 0.45 * min(0.5 * far + 1, 1.0)
    assert feeder_share(hour)[2] == pytest.approx(evening)
    assert feeder_share(hour)[0] < 0.57
    assert sun_share(hour) == pytest.approx(
        [0.0, 0.95, 0.95 * np.cos(6.5 * np.pi / 14) ** 1.3, 0.0]
    )
    assert price_at(MicrogridsWorldConfig(), hour) == pytest.approx(
        [0.06, 0.1, 0.16, 0.1]
    )
    assert price_at(
        MicrogridsWorldConfig(), np.array([6.75, 7.0, 23.0])
    ) == pytest.approx([0.06, 0.10, 0.06])
