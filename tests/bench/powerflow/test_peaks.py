"""Peaks are measured, so only what any machine obeys is tested."""

from __future__ import annotations

import numpy as np
import pytest

from tieline.bench.powerflow import peaks
from tieline.powerflow.kernel.lanes import LANES


def test_the_triad_computes_what_it_is_timed_for() -> None:
    a, b, c = np.zeros((3, LANES)), np.full((3, LANES), 2.0), np.full((3, LANES), 4.0)
    peaks._triad(1, 0.5, a, b, c)
    assert (a == 4.0).all()


def test_chains_of_multiply_adds_compute_what_they_are_timed_for() -> None:
    for kernel in (peaks._multiply_add_3, peaks._multiply_add_6):
        out = np.zeros((1, LANES))
        kernel(100, 0.5, 1.0, out)  # every chain x <- x / 2 + 1 ends at 2
        chains = 3 if kernel is peaks._multiply_add_3 else 6
        assert out == pytest.approx(2.0 * chains)


def test_peaks_are_positive(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(peaks, "TRY_S", 0.002)
    monkeypatch.setattr(peaks, "MEMORY_BYTES", 8 * 2**20)
    assert peaks.cache_gb_s(16_000) > 0
    assert peaks.memory_gb_s() > 0
    assert peaks.peak_gflops() > 0
