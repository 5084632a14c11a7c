"""Whether the interval of the hosting capacity does what it says: runs of several sizes and seeds on one feeder.

The first deployments of a run are those of a shorter run with the same seed, so one long run for each seed has all sizes in it.
All of them together stand for the truth. How many pairs of intervals overlap is held against what chance alone would do: the same
sizes and seeds drawn again and again from all deployments.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from itertools import combinations

import numpy as np
import pandas as pd

from tieline.studies.hosting_capacity.judging.capacities import bounds
from tieline.studies.hosting_capacity.judging.risk import Capacity, capacity_at_risk
from tieline.studies.hosting_capacity.solving.search import ANY
from tieline.studies.shell import run_study
from tieline.typing import FloatArray

FEEDER = "ieee123"
SIZES = (100, 500, 2000)
SEEDS = range(6)
RISK = 0.05

REDRAWN = 400
"""Times that all runs are drawn again: enough for a probability of a few percent."""

Intervals = dict[tuple[int, int], Capacity]
"""By seed and size."""


@dataclass(frozen=True)
class RunsOfASize:
    """Runs with so many deployments.

    `lowest_pct`, `highest_pct`: of their hosting capacities; `width_pct`: mean width of their intervals; `share`: of the disjoint
    runs of that size within all deployments, `runs` of them, the part whose interval holds the capacity of all.
    """

    size: int
    lowest_pct: float
    highest_pct: float
    width_pct: float
    runs: int
    share: float


@dataclass(frozen=True)
class Draws:
    """The capacity of all deployments, the runs by size, and how many of all pairs of intervals overlap.

    `by_chance`: mean number of overlapping pairs among deployments drawn again; `as_few_share`: how often as few or fewer do.
    """

    deployments: int
    truth_pct: float
    sizes: tuple[RunsOfASize, ...]
    pairs: int
    overlapping: int
    by_chance: float
    as_few_share: float


def answer_draws(tell: Callable[[str], None]) -> Draws:
    """Run the study with every seed at the largest size."""
    by_seed = []
    for seed in SEEDS:
        tell(f"{SIZES[-1]} deployments of seed {seed}")
        by_seed.append(_capacities(seed))
    return compare(by_seed)


def compare(by_seed: list[FloatArray]) -> Draws:
    """What runs of all sizes say; `by_seed`: highest level that holds and lowest that does not, (2, deployment) of each seed."""
    together = np.concatenate(by_seed, axis=1)
    truth = _at_risk(together)
    intervals = _intervals(by_seed)
    overlapping = _overlapping(intervals)
    redrawn = _redrawn(together, len(by_seed))
    return Draws(
        deployments=together.shape[1],
        truth_pct=truth.pct,
        sizes=tuple(_of_size(size, intervals, together, truth) for size in SIZES),
        pairs=len(intervals) * (len(intervals) - 1) // 2,
        overlapping=overlapping,
        by_chance=float(redrawn.mean()),
        as_few_share=float((redrawn <= overlapping).mean()),
    )


def _capacities(seed: int) -> FloatArray:
    result = run_study(
        "hosting-capacity",
        feeder=FEEDER,
        deployments=SIZES[-1],
        seed=seed,
        what_if="off",
    )
    capacities: pd.DataFrame = result.tables["capacities"]
    together = capacities[capacities["limit"] == ANY].sort_values("deployment")
    return np.stack(bounds(together))


def _at_risk(rows: FloatArray) -> Capacity:
    """Hosting capacity of deployments, (2, deployment) as in `compare`."""
    safe_pct, broken_pct = rows[0], rows[1]
    return capacity_at_risk(safe_pct, broken_pct, RISK)


def _intervals(by_seed: list[FloatArray]) -> Intervals:
    """Capacity of the first deployments of each seed."""
    return {
        (seed, size): _at_risk(rows[:, :size])
        for seed, rows in enumerate(by_seed)
        for size in SIZES
    }


def _overlapping(intervals: Intervals) -> int:
    """How many pairs of intervals have a level in common."""
    pairs = combinations(intervals.values(), 2)
    return sum(
        first.low_pct <= second.high_pct and second.low_pct <= first.high_pct
        for first, second in pairs
    )


def _redrawn(together: FloatArray, n_seeds: int) -> np.ndarray:
    """Overlapping pairs among runs drawn again from all deployments, (repetition,)."""
    random = np.random.default_rng(0)
    counts = []
    for _ in range(REDRAWN):
        rows = random.integers(together.shape[1], size=(n_seeds, SIZES[-1]))
        counts.append(_overlapping(_intervals([together[:, row] for row in rows])))
    return np.array(counts)


def _of_size(
    size: int, intervals: Intervals, together: FloatArray, truth: Capacity
) -> RunsOfASize:
    runs = [interval for (_, one), interval in intervals.items() if one == size]
    capacities_pct = [run.pct for run in runs]
    widths_pct = [run.high_pct - run.low_pct for run in runs]
    disjoint = np.split(together, together.shape[1] // size, axis=1)
    holding = [_holds(_at_risk(rows), truth) for rows in disjoint]
    return RunsOfASize(
        size=size,
        lowest_pct=min(capacities_pct),
        highest_pct=max(capacities_pct),
        width_pct=float(np.mean(widths_pct)),
        runs=len(disjoint),
        share=float(np.mean(holding)),
    )


def _holds(run: Capacity, truth: Capacity) -> bool:
    return run.low_pct <= truth.pct <= run.high_pct
