"""How long hosting-capacity runs take on this machine, and how often its 95 % interval holds.

`measure` runs whole studies, from reading the feeder to the answer. `coverage` repeats a small study with many seeds and counts
how often the interval of a level contains the probability that a run with very many draws finds. `complete` adds what is answered
and not timed: the published case, feeders of three sizes, the what-ifs, and runs of several sizes.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from tieline.bench.hosting_capacity.draws import Draws, answer_draws
from tieline.bench.hosting_capacity.options import Options
from tieline.bench.hosting_capacity.published import Published, answer_published
from tieline.bench.hosting_capacity.sizes import FeederAnswer, answer_sizes
from tieline.bench.hosting_capacity.what_ifs import WhatIfs, answer_what_ifs
from tieline.errors import InputError
from tieline.feeders import load_feeder
from tieline.studies.hosting_capacity.config import HostingCapacityConfig
from tieline.studies.hosting_capacity.judging.judgement import judge
from tieline.studies.hosting_capacity.judging.levels import level_table
from tieline.studies.hosting_capacity.solving.cases import draw_group, solve_cases
from tieline.studies.hosting_capacity.solving.shards import Shard, cut, merge_cases
from tieline.studies.hosting_capacity.solving.tally import Tables
from tieline.studies.hosting_capacity.world.setting import Setting, prepare
from tieline.studies.shell import run_study

SMALL_CASE = HostingCapacityConfig(
    feeder="ieee13",
    limits="high-voltage-only",
    highest_pu=1.06,
    controls="off",
    what_if="off",
    step_pct=50.0,
    max_pct=150.0,
)
"""A case of seconds in which the probability passes through the middle of its range at several levels."""
GROUP = 1000
"""Deployments solved at once: enough to fill the solver."""
MIDDLE = (0.05, 0.95)
"""Levels that count for coverage: where nearly no or nearly every draw violates, the interval is wide on purpose and always
holds.
"""


@dataclass(frozen=True)
class Timing:
    """One study: `case` in words, power flows and seconds from the feeder's file to the answer."""

    case: str
    n_power_flows: int
    wall_s: float
    power_flows_per_s: float
    hosting_capacity_pct: float | None


@dataclass(frozen=True)
class Coverage:
    """How often the interval of one level held: `probability` of the long run, `share` of the seeds."""

    level_pct: float
    probability: float
    seeds: int
    share: float


@dataclass(frozen=True)
class HostingCapacityRuns:
    """Times of studies, coverage of the interval where that was asked, and what only the page shows."""

    timings: tuple[Timing, ...]
    coverage: tuple[Coverage, ...]
    published: Published | None = None
    sizes: tuple[FeederAnswer, ...] = ()
    what_ifs: tuple[WhatIfs, ...] = ()
    draws: Draws | None = None

    def to_json(self) -> dict[str, Any]:
        """Plain dictionaries and lists."""
        return asdict(self)


def cases(ieee8500: Path | None = None) -> dict[str, HostingCapacityConfig]:
    """The runs that are timed, by what they are; the 8500-node feeder only if its master file is given."""
    runs = {
        "ieee123, 100 deployments x 11 levels x 96 quarter-hours": HostingCapacityConfig(
            feeder="ieee123", time="profiles", what_if="off"
        ),
        "ieee123, 100 deployments x 11 levels, with what-ifs": HostingCapacityConfig(
            feeder="ieee123"
        ),
    }
    if ieee8500 is not None:
        if not ieee8500.exists():
            raise InputError(
                f"'{ieee8500}' does not exist. Give the master file of the 8500-node feeder."
            )
        runs["8500-node, 100 deployments x 11 levels"] = HostingCapacityConfig(
            feeder=str(ieee8500), what_if="off"
        )
    return runs


def measure(
    options: Options, tell: Callable[[str], None] = lambda _: None
) -> HostingCapacityRuns:
    """Time every case once, after a small run that loads the compiled kernels; then check the interval if that is asked.

    Args:
        options: the large feeder, and the check.
        tell: is told what is measured now.
    """
    timed_cases = cases(options.ieee8500)
    # compiles, which the first case would otherwise be charged for
    run_study("hosting-capacity", feeder="ieee13", deployments=2)
    timings = []
    for case, config in timed_cases.items():
        tell(case)
        timings.append(_time(case, config))
    levels = []
    if options.coverage:
        tell(f"the interval with {options.coverage} seeds")
        levels = coverage(options.coverage, options.draws, options.long_draws)
    return HostingCapacityRuns(tuple(timings), tuple(levels))


def complete(
    runs: HostingCapacityRuns, options: Options, tell: Callable[[str], None]
) -> HostingCapacityRuns:
    """The same with what only the page shows; takes minutes, most of them for the runs of several sizes."""
    tell("the published case")
    return replace(
        runs,
        published=answer_published(),
        sizes=answer_sizes(options.ieee8500, tell),
        what_ifs=answer_what_ifs(tell),
        draws=answer_draws(tell),
    )


def coverage(
    n_seeds: int,
    draws: int,
    long_draws: int,
    config: HostingCapacityConfig = SMALL_CASE,
    truth: Sequence[float] | None = None,
) -> list[Coverage]:
    """How often the 95 % interval of `draws` deployments holds the answer of `long_draws` deployments of another seed.

    Args:
        n_seeds: seeds 0 to `n_seeds` - 1 are tried.
        draws: deployments of each.
        long_draws: deployments of seed `n_seeds`, whose probabilities stand for the truth.
        config: a snapshot case.
        truth: probability of each level from an earlier long run, in place of a new one.
    """
    setting = prepare(load_feeder(config.feeder), config)
    if truth is None:
        # the seed after the last: the truth must not share draws with what it judges
        truth = _levels(setting, n_seeds, long_draws)["probability"].tolist()
    inside = []
    for seed in range(n_seeds):
        levels = _levels(setting, seed, draws)
        above_low = levels["probability_low"] <= np.array(truth)
        below_high = levels["probability_high"] >= np.array(truth)
        inside.append(above_low & below_high)
    shares = np.mean(inside, axis=0).tolist()
    low, high = MIDDLE
    return [
        Coverage(level_pct, probability, n_seeds, share)
        for level_pct, probability, share in zip(
            config.levels_pct, truth, shares, strict=True
        )
        if low <= probability <= high
    ]


def _time(case: str, config: HostingCapacityConfig) -> Timing:
    result = run_study("hosting-capacity", config=config)
    metrics: dict[str, Any] = result.metrics
    return Timing(
        case,
        metrics["n_power_flows"],
        result.wall_s,
        metrics["power_flows_per_s"],
        metrics["hosting_capacity_pct"],
    )


def _levels(setting: Setting, seed: int, draws: int) -> pd.DataFrame:
    """The level table of other draws."""
    config = setting.config.model_copy(update={"seed": seed})
    reseeded = replace(setting, config=config)
    # the levels alone, without the search between them: their probability is what is asked
    parts = [_cases(reseeded, shard) for shard in cut(0, draws, GROUP)]
    judged_cases = judge(merge_cases(parts), config.limit_numbers)
    return level_table(judged_cases, 1, is_certain=False)


def _cases(setting: Setting, shard: Shard) -> Tables:
    """Cases of some deployments at the levels of the setting."""
    group = draw_group(setting, range(shard.first, shard.last))
    levels_pct = np.tile(setting.levels_pct, (shard.n_deployments, 1))
    return solve_cases(setting, setting.variants[0], group, levels_pct)
