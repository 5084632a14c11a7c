"""Plateaus of businesses, by hand."""

from __future__ import annotations

import numpy as np
import pytest

from tieline.profiles.businesses import COMMERCIAL, INDUSTRIAL, BusinessKind
from tieline.profiles.clock import Clock


def clock(hour: float, weekend: bool = False) -> Clock:
    return Clock(np.array([hour]), np.array([weekend]), np.ones(1))


@pytest.mark.parametrize("kind", [COMMERCIAL, INDUSTRIAL])
def test_plateau_night_and_weekend(kind: BusinessKind):
    assert kind.shape(clock(13)) == pytest.approx(1.0, abs=0.01)
    assert kind.shape(clock(2)) == pytest.approx(kind.base, abs=0.01)
    assert kind.shape(clock(13, weekend=True)) == pytest.approx(
        kind.base + (1 - kind.base) * kind.weekend, abs=0.01
    )
    assert kind.shape(clock(kind.opens_h)) == pytest.approx(
        (1 + kind.base) / 2, abs=0.01
    )
