"""Derivatives agree with the differences they are timed against."""

from __future__ import annotations

import pytest

from builders import random_feeder
from tieline.bench.opf.sensitivities import measure_sensitivities


def test_derivatives_and_differences_agree() -> None:
    found = measure_sensitivities(random_feeder(0, 8))
    assert found.n_loads == 8
    assert found.tangent_error_pu_per_kw < 1e-7
    assert found.adjoint_error < 1e-5
    assert found.tangents_per_s > 0 < found.difference_s


def test_a_large_feeder_is_differenced_in_part(monkeypatch: pytest.MonkeyPatch) -> None:
    feeder = random_feeder(0, 8)
    monkeypatch.setattr(
        "tieline.bench.opf.sensitivities.LARGEST_DIFFERENCE",
        6 * sum(len(bus.phases) for bus in feeder.buses),
    )
    found = measure_sensitivities(feeder)
    assert found.n_loads == 3
    assert found.tangent_error_pu_per_kw < 1e-7
