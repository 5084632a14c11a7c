"""The linear program is timed for every number of DERs, or not at all."""

from __future__ import annotations

from typing import Any

import pytest

from tieline.bench.powerflow import der_growth
from tieline.errors import MissingExtraError


def test_every_count_has_a_cold_and_a_warm_time(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    pytest.importorskip("highspy")
    monkeypatch.setattr(der_growth, "FEEDER", "ieee13")
    monkeypatch.setattr(der_growth, "COUNTS", (1, 2, 1000))
    monkeypatch.setattr(der_growth, "TRIES", 1)
    growth = der_growth.measure_der_growth(seed=0)
    assert growth is not None
    # ieee13 has not a thousand buses
    assert list(growth.cold_s) == list(growth.warm_s) == [1, 2]
    assert min(*growth.cold_s.values(), *growth.warm_s.values()) > 0


def test_without_the_extra_there_is_nothing_to_time(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def refuse(*arguments: Any, **options: Any) -> None:
        raise MissingExtraError("highspy", "opf", "The LP")

    monkeypatch.setattr(der_growth, "ask", refuse)
    assert der_growth.measure_der_growth(seed=0) is None
