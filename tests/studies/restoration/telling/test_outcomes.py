"""The step from which on all load is on."""

from __future__ import annotations

import numpy as np
import pytest

from tieline.studies.restoration.telling.tables.outcomes import full_step


@pytest.mark.parametrize(
    ("share", "step"),
    [
        ([0.5, 1, 1, 1, 1, 0.9], 1),
        ([1, 1, 1, 0.9, 1, 1, 1, 1], 4),
        # to the end is enough, where the horizon ends before an hour is over
        ([0.5, 0.9, 1, 1], 2),
        ([0.9995, 0.9995, 0.9995, 0.9995], 0),
        ([0.99, 0.99], -1),
    ],
)
def test_full_step(share: list[float], step: int) -> None:
    assert full_step(np.array(share)) == step
