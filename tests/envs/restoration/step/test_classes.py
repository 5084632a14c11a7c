"""An amount is taken from the least important first, and never more than there is."""

from __future__ import annotations

import numpy as np

from tieline.envs.restoration.step.classes import share_taken


def test_by_hand() -> None:
    """40 kW of rank 1, then 50 kW of rank 2: nothing, half the first, all of it and a tenth of the second, more than all."""
    size_kw = np.tile([30.0, 50.0, 10.0], (4, 1))
    rank = np.array([1.0, 2.0, 1.0])
    share = share_taken(np.array([0.0, 20.0, 45.0, 500.0]), size_kw, rank)
    expected = [[0, 0, 0], [0.5, 0, 0.5], [1, 0.1, 1], [1, 1, 1]]
    np.testing.assert_allclose(share, expected, atol=1e-15)


def test_what_gives_nothing_is_not_asked() -> None:
    share = share_taken(np.array([5.0]), np.array([[-10.0, 0.0, 10.0]]), np.ones(3))
    np.testing.assert_allclose(share, [[0.0, 0.0, 0.5]], atol=1e-15)
