"""One run of the benchmark: days, unseen games, growth, published cases; what is left out was not asked for."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import asdict, dataclass
from typing import Any

from tieline.bench.kit.left_out import LeftOut
from tieline.bench.kit.options import with_count
from tieline.bench.market.ablation import Brought, compare_steps
from tieline.bench.market.days import DayRun, play, play_days
from tieline.bench.market.growth import GrowthRow, grow
from tieline.bench.market.held_out import Score, judge
from tieline.bench.market.options import CASE, DEFAULT_DERS, Options
from tieline.bench.market.policies import (
    PolicySet,
    Training,
    find_policies,
    time_training,
)
from tieline.bench.market.published import PRICE_SUMS, PriceSum
from tieline.bench.market.stage import make_stage
from tieline.bench.market.standing import Standing, stand_all
from tieline.feeders import load_feeder
from tieline.studies.result import Result


@dataclass(frozen=True)
class OurSum:
    """A daily sum of prices of ours beside a published one [cents]."""

    published: PriceSum
    congestion_cents: float
    loss_cents: float
    loss_published_cents: float


@dataclass(frozen=True)
class MarketMeasurement:
    """What was measured; parts that were not asked for are empty.

    Attributes:
        days: of the 123-node case.
        scores: deciders on unseen games.
        steps: what each step of the method brings.
        standings: published sets among all sets.
        sums: published sums of prices beside ours.
        growth: a row per feeder and number of DERs.
        training: of the policies that were judged; None if unknown.
        timed: a short training on this machine; None if it was left out.
        left_out: what could not be measured, and why.
    """

    days: tuple[DayRun, ...] = ()
    scores: tuple[Score, ...] = ()
    steps: tuple[Brought, ...] = ()
    standings: tuple[Standing, ...] = ()
    sums: tuple[OurSum, ...] = ()
    growth: tuple[GrowthRow, ...] = ()
    training: Training | None = None
    timed: Training | None = None
    left_out: tuple[LeftOut, ...] = ()

    def to_json(self) -> dict[str, Any]:
        """All of it as plain dictionaries."""
        return asdict(self)


def measure(
    options: Options, tell: Callable[[str], None] = lambda _: None
) -> MarketMeasurement:
    """Measure the parts that are asked for; all of them take about an hour.

    Args:
        options: which parts, and how long.
        tell: is told what is measured now.

    Raises:
        InputError: if a feeder is not known, or policies do not fit.
    """
    counts = [with_count(text, DEFAULT_DERS) for text in options.feeders]
    for name, _ in counts:  # all are known before anything is measured
        load_feeder(name)
    policies = find_policies(options, tell)
    days, first = play_days(options, policies, tell)
    stage = make_stage(CASE)
    scores = []
    if options.held_out:
        regions = range(stage.n_regions)
        scores = judge(stage, regions, options.held_out, policies.files, tell)
    steps = []
    if options.ablation:
        steps = compare_steps(stage, options.ablation, tell)
    standings = []
    if options.published:
        tell("published sets")
        standings = stand_all(stage)
    sums = _sums(first, policies, tell) if options.published else []
    timed = time_training(options, tell)
    # last: a large feeder may take longer than all else
    rows = _growth(counts, tell) if options.growth else []
    left_out = [row for row in rows if isinstance(row, LeftOut)]
    if not policies.files:
        left_out.append(LeftOut("policies", "none are trained yet"))
    return MarketMeasurement(
        days=days,
        scores=tuple(scores),
        steps=tuple(steps),
        standings=tuple(standings),
        sums=tuple(sums),
        growth=tuple(row for row in rows if isinstance(row, GrowthRow)),
        training=policies.training,
        timed=timed,
        left_out=tuple(left_out),
    )


def _sums(
    first: Result | None, policies: PolicySet, tell: Callable[[str], None]
) -> list[OurSum]:
    """Ours beside the published sums of prices."""
    results: dict[str, Result] = {}
    if first is not None:
        results["123 nodes"] = first
    sums = []
    for published in PRICE_SUMS:
        if published.words not in results:
            tell(published.words)
            values = dict(published.values)
            # policies belong to one feeder
            if published.case == CASE:
                values |= policies.values(0)
            results[published.words] = play(published.case, **values)
        sums.append(our_sum(published, results[published.words]))
    return sums


def our_sum(published: PriceSum, result: Result) -> OurSum:
    """The sum at the buyer's bus of the region that holds the published one's."""
    buses = result.tables["buses"].set_index("bus")
    region = buses.loc[published.buyer, "region"]
    table = result.tables["daily_prices"]
    row = table[table["region"] == region].iloc[0]
    return OurSum(
        published,
        float(row["congestion_cents"]),
        float(row["loss_cents"]),
        float(row["loss_published_cents"]),
    )


def _growth(
    counts: list[tuple[str, int]], tell: Callable[[str], None]
) -> list[GrowthRow | LeftOut]:
    rows = []
    for name, n_ders in counts:
        tell(f"growth: {n_ders} DERs")
        rows.append(grow(name, n_ders))
    return rows
