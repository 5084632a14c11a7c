"""The goals of the microgrids, held against a measurement: gaps, limits, consensus, times."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from statistics import mean, median

import numpy as np

from tieline.bench.kit.goals import Goal, at_least, at_most
from tieline.bench.microgrids.consensus import GraphRounds
from tieline.bench.microgrids.days import DayScore
from tieline.bench.microgrids.measure import MicrogridsMeasurement
from tieline.bench.microgrids.training import Training
from tieline.bench.microgrids.windows import WindowRow
from tieline.studies.microgrids.deciders import CENTRAL, SAFE
from tieline.studies.microgrids.telling.published import TABLE_II

MERIT = "merit-safe"
CLOSE = 1e-3
"""How near consensus shall come to the central solution, in objective and limits."""

Fold = Callable[[Iterable[float]], float]
"""From numbers of several days or seeds to the one that is judged."""


def goals(measured: MicrogridsMeasurement) -> list[Goal]:
    """All goals; what was not measured says so."""
    return [
        *_of_days(measured.days),
        *_of_times(measured.days),
        *_of_consensus(measured.graphs),
        *_of_windows(measured.windows),
        _of_training(measured.training),
    ]


def _of_days(days: Sequence[DayScore]) -> list[Goal]:
    safe = [score for score in days if score.who == SAFE]
    gap = worst_seed_gap(safe)
    merit = worst_seed_gap([score for score in days if score.who == MERIT])
    kept_pct = None
    if safe:
        seeds = by_seed(safe).values()
        kept_pct = 100 - max(share_pct(scores, "proposed_broken") for scores in seeds)
    below = Goal("the same, below merit order with the safety step [%]", "", "", None)
    if merit is not None:
        below = at_most(below.what, gap, merit)
    return [
        at_most("gap to the day's optimum, mean of the days, worst seed [%]", gap, 1.0),
        below,
        at_least(
            "steps that keep all limits before the safety step, worst seed [%]",
            kept_pct,
            99.0,
        ),
        at_most("steps with a broken limit after it", fold(sum, safe, "broken"), 0),
    ]


def by_seed(scores: Sequence[DayScore]) -> dict[int, list[DayScore]]:
    """Scores of each training, by its seed."""
    groups: dict[int, list[DayScore]] = {}
    for score in scores:
        groups.setdefault(score.seed, []).append(score)
    return groups


def worst_seed_gap(scores: Sequence[DayScore]) -> float | None:
    """Mean gap of the days, of the seed where it is largest [%]; None without scores."""
    # a mean over seeds would hide a training that went wrong
    seeds = by_seed(scores).values()
    return max(map(_mean_gap, seeds), default=None)


def _mean_gap(scores: Sequence[DayScore]) -> float:
    return mean(score.gap_pct for score in scores)


def share_pct(scores: Sequence[DayScore], name: str) -> float:
    """Steps of all days that a score counts under a name [%]."""
    steps = sum(score.steps for score in scores)
    counted = sum(getattr(score, name) for score in scores)
    return 100 * counted / steps


def fold(how: Fold, scores: Sequence[DayScore], name: str) -> float | None:
    """A number of all scores; None without scores."""
    values = [getattr(score, name) for score in scores]
    return how(values) if values else None


def _of_times(days: Sequence[DayScore]) -> list[Goal]:
    safe = [score for score in days if score.who == SAFE]
    central = [score for score in days if score.who == CENTRAL]
    decision_ms = fold(median, safe, "decision_ms")
    together_ms = fold(median, safe, "safe_decision_ms")
    goals = [
        at_most("a decision of all microgrids, median [ms]", decision_ms, 2.0),
    ]
    # the optimum decides a whole day at once: its time is shared out over the steps
    if central and together_ms is not None:
        share = median(1000 * score.day_s / score.steps for score in central)
        what = "the same with the safety step, below a step of the day's optimum [ms]"
        goals.append(at_most(what, together_ms, share))
    return goals


def _of_consensus(graphs: Sequence[GraphRounds]) -> list[Goal]:
    loss = max((row.objective_loss for row in graphs), default=None)
    miss = max((row.limit_miss for row in graphs), default=None)
    return [
        at_most("consensus, loss of the objective, all graphs", loss, CLOSE),
        at_most("consensus, miss of a limit, all graphs", miss, CLOSE),
    ]


def _of_training(training: Training | None) -> Goal:
    # who uses policies needs one seed; the others are there to show the spread
    seed_min = None if training is None else training.seed_s / 60
    return at_most("training of one seed [min]", seed_min, 10)


def _of_windows(windows: Sequence[WindowRow]) -> list[Goal]:
    of_hour = [row for row in windows if row.case == "paper-window"]
    central = [row for row in of_hour if row.who == CENTRAL]
    what = "published hour, optimum beside the printed costs [%]"
    if not central:
        return [Goal(what, "0.1", "", None)]
    printed = TABLE_II["printed, central"].to_numpy()
    ratio = np.array(central[0].cost_usd) / printed
    worst = np.abs(ratio - 1).max()
    return [at_most(what, 100 * float(worst), 0.1)]
