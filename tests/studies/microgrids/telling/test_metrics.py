"""Metrics by hand, of made-up tables."""

from __future__ import annotations

from typing import Any

import pandas as pd
import pytest

from tieline.studies.microgrids.config import MicrogridsConfig
from tieline.studies.microgrids.telling.metrics import make_metrics


def _steps(decider: str, **columns: Any) -> pd.DataFrame:
    values = {
        "day": [1, 1],
        "decider": decider,
        "policy": -1,
        "voltage_miss_pu": 0.0,
        "loading_pct": [80.0, 90.0],
        "violations": 0,
        "proposed_miss_pu": 0.0,
        "proposed_violations": 0,
        "touched": False,
        "decision_ms": 1.0,
        "guard_ms": 0.0,
    }
    return pd.DataFrame(values | columns)


def _tables() -> dict[str, pd.DataFrame]:
    merit = _steps(
        "merit-safe",
        proposed_miss_pu=[0.02, 0.0],
        proposed_violations=[3, 0],
        touched=[True, False],
        guard_ms=[20.0, 2.0],
    )
    central = _steps("central", decision_ms=[500.0, 0.0])
    bills = {
        "day": 1,
        "decider": ["central", "central", "merit-safe", "merit-safe"],
        "policy": -1,
        "microgrid": ["a", "b", "a", "b"],
        "cost_eur": [10.0, 30.0, 9.0, 32.0],
        "stored_gain_eur": 0.0,
    }
    microgrids = {"decider": ["central", "merit-safe"], "beyond_kw": [0.0, 5.0]}
    return {
        "steps": pd.concat([central, merit]),
        "bills": pd.DataFrame(bills),
        "microgrids": pd.DataFrame(microgrids),
    }


def test_metrics_of_a_decider_with_a_safety_step() -> None:
    metrics = make_metrics(_tables(), MicrogridsConfig(currency="EUR"))
    assert metrics["cost_eur_merit_safe"] == 41.0
    assert metrics["cost_gap_pct_merit_safe"] == pytest.approx(2.5)
    assert metrics["cost_gap_pct_a_merit_safe"] == pytest.approx(-10.0)
    assert metrics["violations_merit_safe"] == 0
    assert metrics["violations_local_merit_safe"] == 1
    assert metrics["proposed_steps_pct_merit_safe"] == 50.0
    assert metrics["proposed_max_pu_merit_safe"] == 0.02
    assert metrics["projections_merit_safe"] == 1
    assert metrics["safe_decision_ms_merit_safe"] == 12.0


def test_metrics_of_the_optimum() -> None:
    metrics = make_metrics(_tables(), MicrogridsConfig(currency="EUR"))
    assert metrics["cost_eur_b_central"] == 30.0
    assert metrics["central_ms"] == 500.0
    assert "cost_gap_pct_central" not in metrics
    assert "reward_case1" not in metrics
