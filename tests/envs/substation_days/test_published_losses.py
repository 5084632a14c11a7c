"""Published losses: read, between their days, and what drawn days are scaled by."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from tieline.envs.substation_days.published_losses import PublishedLosses, scaled_to

LOSSES = PublishedLosses(np.array([0, 51, 76]), np.array([2.0, 3.0, 7.0]))
"""The second begins at 11:30 of the fifth of May, the third at midnight after it, on the ninth, as days between train."""


def test_losses_of_published_episodes() -> None:
    assert LOSSES.of(np.array([76, 0])).tolist() == [7.0, 2.0]


def test_losses_between_published_ones_follow_the_calendar() -> None:
    days = ["2024-05-05 11:30", "2024-05-07 05:45", "2024-05-09 00:00"]
    assert LOSSES.on(days) == pytest.approx([3.0, 5.0, 7.0])


def test_where_none_is_published_the_mean_holds() -> None:
    assert LOSSES.on(["2025-01-15 00:00"]).tolist() == [4.0]


def test_a_table_is_read(tmp_path: Path) -> None:
    path = tmp_path / "losses.csv"
    path.write_text("# source\nfirst_half_hour,loss_mwh\n0,2.5\n51,2.25\n")
    losses = PublishedLosses.read(path)
    assert losses.starts.tolist() == [0, 51]
    assert losses.loss.tolist() == [2.5, 2.25]


def test_days_are_scaled_to_their_losses() -> None:
    """Losses that are not quite quadratic: k^2 + k^3 / 5 times the mean square of the shape."""
    shape = np.random.default_rng(0).uniform(0.5, 1.5, (4, 7, 3))
    wanted = np.array([0.5, 1.0, 2.0, 5.0])

    def loss_of(tried: np.ndarray) -> np.ndarray:
        return (tried**2 + tried**3 / 5).mean(axis=(1, 2))

    scaled = scaled_to(shape, wanted, loss_of)
    assert loss_of(scaled) == pytest.approx(wanted, rel=1e-6)
    ratio = scaled / shape
    assert np.ptp(ratio, axis=(1, 2)) == pytest.approx(0.0, abs=1e-12)
