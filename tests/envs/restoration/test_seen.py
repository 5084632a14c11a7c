"""What a controller has seen, by hand."""

from __future__ import annotations

import numpy as np

from tieline.envs.restoration.seen import Seen

FORECAST_KW = np.array([[100.0, 0.0], [200.0, 0.0], [300.0, 50.0]])


def test_the_forecast_is_corrected_by_what_was_measured() -> None:
    """150 of 300 kW measured so far: half of what is forecast is to be expected; what had no forecast keeps it."""
    measured_kw = np.array([[[50.0, 0.0], [100.0, 10.0]]])
    seen = Seen(1, FORECAST_KW, measured_kw)
    assert seen.n_ahead == 2
    np.testing.assert_allclose(seen.measured_share, [[0.5, 1.0]])
    np.testing.assert_allclose(seen.ahead_kw(), [[[100.0, 10.0], [300.0, 50.0]]])
    corrected_kw = seen.ahead_kw("mean")
    np.testing.assert_allclose(corrected_kw, [[[100.0, 10.0], [150.0, 50.0]]])


def test_the_forecast_is_corrected_by_what_is_measured_now() -> None:
    """200 kW measured of 200: the error of the step before is forgotten."""
    measured_kw = np.array([[[50.0, 0.0], [200.0, 10.0]]])
    seen = Seen(1, FORECAST_KW, measured_kw)
    np.testing.assert_allclose(seen.last_share, [[1.0, 1.0]])
    persistent_kw = seen.ahead_kw("now")
    np.testing.assert_allclose(persistent_kw, [[[200.0, 10.0], [300.0, 50.0]]])
    corrected_kw = seen.ahead_kw("mean")
    np.testing.assert_allclose(corrected_kw[0, 1, 0], 250.0)
