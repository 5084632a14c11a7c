"""What is seen of flexible loads, by hand."""

from __future__ import annotations

import numpy as np
import pytest

from tieline.devices.rebound_load import ReboundLoads, equal_parts
from tieline.envs.rebound_entries import REBOUND_WORDS, rebound_entries


def test_entries_of_two_loads() -> None:
    devices = ReboundLoads.make(["a", "b"], [100.0, 50.0], [40.0, 20.0], equal_parts(4))
    entries = rebound_entries(
        devices,
        curtailed_kw=np.array([[25.0, 50.0]]),
        shifted_kw=np.array([[40.0, 5.0]]),
        returned_kw=np.array([[10.0, 0.0]]),
        # a owes something in the third step from now, but nothing in the second
        owed_kw=np.array([[[10.0, 0.0, 6.0, 0.0], [0.0, 0.0, 0.0, 0.0]]]),
    )
    assert entries.shape == (1, 2, len(REBOUND_WORDS))
    assert entries[0, 0].tolist() == pytest.approx([0.25, 1.0, 0.25, 0.75, 0.1])
    assert entries[0, 1].tolist() == pytest.approx([1.0, 0.25, 0.0, 0.0, 0.0])
