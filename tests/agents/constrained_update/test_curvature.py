"""The running mean by hand."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any, cast

import numpy as np
import pytest

from tieline.agents.constrained_update.curvature import CAUTION, Curvature


def update(part: float, ratios: list[float]) -> Any:
    """What an update says of its step: true divergences, and those that the metric promised."""
    promised = np.full(len(ratios), 0.5)
    return SimpleNamespace(
        part=part, divergence=promised * ratios, promised_divergence=promised
    )


def test_three_tenths_of_the_way_to_the_worst_agent() -> None:
    curvature = Curvature(4.0)
    curvature.learn(update(1.0, [2.0, 8.0]))
    assert curvature.value == pytest.approx(0.7 * 4.0 + 0.3 * 8.0 * CAUTION)


def test_a_step_that_was_not_taken_tells_nothing() -> None:
    curvature = Curvature(4.0)
    curvature.learn(update(0.0, [np.nan, np.nan]))
    assert curvature.value == 4.0


def test_an_agent_that_stays_where_it_is_tells_nothing() -> None:
    curvature = Curvature(4.0)
    at_rest = SimpleNamespace(
        part=1.0,
        divergence=np.array([0.0, 4.0]),
        promised_divergence=np.array([0.0, 0.5]),
    )
    curvature.learn(cast(Any, at_rest))
    assert curvature.value == pytest.approx(0.7 * 4.0 + 0.3 * 8.0 * CAUTION)


def test_the_metric_never_says_too_much() -> None:
    curvature = Curvature(1.0)
    curvature.learn(update(1.0, [0.1, 0.2]))
    assert curvature.value == 1.0
