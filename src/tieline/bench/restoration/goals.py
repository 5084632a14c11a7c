"""The goals of load restoration, held against a measurement: what is learned beside MPCs and the bound, limits, times."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from statistics import mean, median

from tieline.bench.kit.goals import Goal, at_least, at_most
from tieline.bench.restoration.horizons import HorizonScore
from tieline.bench.restoration.measure import RestorationMeasurement
from tieline.bench.restoration.training import Training
from tieline.studies.restoration.deciders import CPO, FORECASTING

SHORT = ("short15", "short30", "random", "late")
"""Scenarios in which sun and wind fall short of the forecast."""

OPEN = ("random", "late")
"""Scenarios in which a corrected forecast is not as good as perfect knowledge, so that somebody can be ahead of it."""

BELOW_BOUND_PCT = {"short15": 1.0, "short30": 1.0, "random": 1.0, "late": 2.0}
BESIDE_PERFECT_PCT = 1.0
TRIAL_PCT = 0.2
DECISION_MS = 2.0

TRAINING_MIN = {"ieee36": 7.0, "case141": 45.0}
"""Of the published islands; a variant of one has its limit."""

PROGRAM_PCT = 1e-3
"""How far above the bound the tolerances of a program and of the exact island may put somebody [%]."""


def goals(measured: RestorationMeasurement) -> list[Goal]:
    """All goals; what was not measured says so."""
    rows = [_of_trial(measured), _of_bound(measured.horizons)]
    for island in islands_of(measured.horizons):
        scores = [score for score in measured.horizons if score.island == island]
        rows += _of_island(island, scores)
    return [*rows, *_of_training(measured.trainings)]


def islands_of(scores: Iterable[HorizonScore]) -> list[str]:
    """Islands in the order asked."""
    return list(dict.fromkeys(score.island for score in scores))


def gap_pct(scores: Sequence[HorizonScore], scenario: str, who: str) -> float | None:
    """Mean gap of the draws, of the policy where it is largest [%]; None where nobody was asked."""
    by_policy: dict[int, list[float]] = {}
    for score in scores:
        is_asked = score.scenario == scenario and score.who == who
        if is_asked and score.gap_pct is not None:
            by_policy.setdefault(score.policy, []).append(score.gap_pct)
    # a mean over policies would hide a training that went wrong
    return max(map(mean, by_policy.values()), default=None)


def _of_trial(measured: RestorationMeasurement) -> Goal:
    differences = [abs(row.difference_pct) for row in measured.trial]
    what = "programs beside figures of another tool, the largest difference [%]"
    return at_most(what, max(differences, default=None), TRIAL_PCT)


def _of_bound(scores: Sequence[HorizonScore]) -> Goal:
    gaps = [score.gap_pct for score in scores if score.gap_pct is not None]
    what = "nobody above the bound on any draw, the smallest gap [%]"
    return at_least(what, min(gaps, default=None), -PROGRAM_PCT, "{:.5f}".format)


def _of_island(island: str, scores: Sequence[HorizonScore]) -> list[Goal]:
    rows = []
    for rival, words in (
        ("mpc-8", "MPC of 8 steps"),
        ("mpc-rest", "MPC of all steps left"),
    ):
        what = f"{island}: CPO above {words} where sun falls short, worst scenario and seed [points]"
        rows.append(at_least(what, _least_ahead(scores, rival), 0.0))
    what = f"{island}: CPO below MPC of all steps left, perfect forecast [points]"
    lead = ahead(scores, "perfect", CPO, ("mpc-rest",))
    behind = None if lead is None else -lead
    rows.append(at_most(what, behind, BESIDE_PERFECT_PCT))
    for scenario in OPEN:
        what = f"{island}: CPO above the best MPC, {scenario}, worst seed [points]"
        lead = ahead(scores, scenario, CPO, FORECASTING)
        rows.append(at_least(what, lead, 0.0))
    for scenario, limit in BELOW_BOUND_PCT.items():
        what = f"{island}: CPO below the bound, {scenario}, worst seed [%]"
        rows.append(at_most(what, gap_pct(scores, scenario, CPO), limit))
    return [*rows, *_of_safety(island, scores)]


def _of_safety(island: str, scores: Sequence[HorizonScore]) -> list[Goal]:
    learned = [score for score in scores if score.who == CPO]
    violations = None
    blackouts = None
    decision_ms = None
    # without policies nothing was measured, which is no zero
    if learned:
        violations = sum(score.violations or 0 for score in learned)
        blackouts = sum(score.blackout_steps for score in learned)
        decision_ms = median(score.decision_ms or 0.0 for score in learned)
    return [
        at_most(f"{island}: limits broken by CPO after the safety step", violations, 0),
        at_most(f"{island}: steps of CPO in blackout", blackouts, 0),
        at_most(f"{island}: a decision of CPO, median [ms]", decision_ms, DECISION_MS),
    ]


def ahead(
    scores: Sequence[HorizonScore], scenario: str, name: str, rivals: Sequence[str]
) -> float | None:
    """How many points of the gap a decider, its worst policy, is ahead of the best of rivals; None where nobody was asked."""
    learned = gap_pct(scores, scenario, name)
    gaps = [gap_pct(scores, scenario, rival) for rival in rivals]
    best = min((gap for gap in gaps if gap is not None), default=None)
    if learned is None or best is None:
        return None
    return best - learned


def _least_ahead(scores: Sequence[HorizonScore], rival: str) -> float | None:
    leads = [ahead(scores, scenario, CPO, (rival,)) for scenario in SHORT]
    return min((lead for lead in leads if lead is not None), default=None)


def _of_training(trainings: Sequence[Training]) -> list[Goal]:
    rows = []
    for island, limit in TRAINING_MIN.items():
        what = f"{island}: training of one seed [min]"
        minutes = [one.seed_s / 60 for one in trainings if one.island == island]
        rows.append(at_most(what, max(minutes, default=None), limit))
    return rows
