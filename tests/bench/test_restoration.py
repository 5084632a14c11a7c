"""The bench of load restoration: gaps to the bound of the same draw, goals met and missed, the page."""

from __future__ import annotations

from dataclasses import replace

import pytest
from restoration_scores import SCORE

from tieline.bench.kit.parts import PartRecord
from tieline.bench.restoration.goals import gap_pct, goals
from tieline.bench.restoration.horizons import HorizonScore, with_gaps
from tieline.bench.restoration.measure import RestorationMeasurement, TrialRow
from tieline.bench.restoration.page import page, summary
from tieline.bench.restoration.training import Training


def _score(who: str, objective: float, policy: int = -1, **changes) -> HorizonScore:
    played = {"violations": 0, "touched": 1, "decision_ms": 0.5, "horizon_s": 0.012}
    values = {"who": who, "objective": objective, "policy": policy}
    return replace(SCORE, **{**played, **values, **changes})


@pytest.fixture
def measured() -> RestorationMeasurement:
    """A bound, two MPCs, and CPO with two seeds, of which the second is behind the corrected MPC."""
    scores = [
        SCORE,
        _score("mpc-8", 950.0),
        _score("mpc-rest", 980.0),
        _score("mpc-corrected", 999.0),
        _score("hold", 990.0),
        _score("cpo", 999.5, policy=0),
        _score("cpo", 985.0, policy=1),
    ]
    return RestorationMeasurement(
        trial=(TrialRow("ieee36", "perfect", "bound", 100.0, 100.3),),
        horizons=tuple(with_gaps(scores)),
        trainings=(Training("ieee36", 2, 120.0, 1000, "a machine"),),
        parts=(PartRecord("trial", "2025-01-01", "1", "a machine"),),
    )


def test_gaps_are_below_the_bound_and_the_worst_seed_counts(
    measured: RestorationMeasurement,
) -> None:
    assert measured.horizons[0].gap_pct is None
    assert gap_pct(measured.horizons, "short15", "mpc-8") == pytest.approx(5.0)
    assert gap_pct(measured.horizons, "short15", "cpo") == pytest.approx(1.5)
    assert gap_pct(measured.horizons, "late", "cpo") is None


def test_goals_are_met_missed_or_not_measured(measured: RestorationMeasurement) -> None:
    verdicts = {goal.what: goal.is_met for goal in goals(measured)}
    of = {key: met for key, met in verdicts.items() if "short15" in key}
    assert list(of.values()) == [False]
    assert verdicts["ieee36: CPO below the bound, late, worst seed [%]"] is None
    assert verdicts["ieee36: training of one seed [min]"] is True
    (trial,) = [met for key, met in verdicts.items() if "another tool" in key]
    assert trial is False


def test_the_page_says_where_who_learned_is_behind(
    measured: RestorationMeasurement,
) -> None:
    texts = [
        block
        for section in page(measured).sections
        for block in section.blocks
        if isinstance(block, str)
    ]
    (verdict,) = [text for text in texts if text.startswith("CPO")]
    # 0.1 % of the best MPC against 1.5 % of the worst seed
    assert "short15 -1.400" in verdict
    assert "behind in 1 of 1 scenarios" in verdict
    assert summary(measured).tables
