"""Metrics of money, by hand: the saving is told against what could be saved, not against the bill."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import pytest

from tieline.studies.market.telling.metrics import _gap_pct, _saving_kept_pct
from tieline.studies.market.ways.beside import Beside


def minute(none: float, cost: float, full: float | None) -> Any:
    beside = None if full is None else Beside(full, 1.0, float("nan"))
    return SimpleNamespace(cost_none=none, cost=cost, beside=beside)


def test_saving_kept_and_gap() -> None:
    records = [minute(10, 4, 3), minute(6, 3, 2), minute(99, 50, None)]
    # 16 - 5 could be saved, 16 - 7 was; the third minute has no optimum beside
    assert _saving_kept_pct(records, "full_cost") == pytest.approx(100 * 9 / 11)
    assert _gap_pct(records, "full_cost") == pytest.approx(100 * 2 / 5)


def test_what_cannot_be_saved_has_no_share() -> None:
    assert _saving_kept_pct([minute(10, 10, 10)], "full_cost") is None
    assert _saving_kept_pct([minute(10, 4, 3)], "ac_cost") is None
    assert _gap_pct([minute(0, 0, 0)], "full_cost") is None
