"""Days of the 123-node case: how long a minute takes, what of the saving is kept, what breaks and what falls back."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from tieline.bench.market.options import CASE, Options
from tieline.bench.market.policies import PolicySet
from tieline.studies.answer import Metric
from tieline.studies.result import Result
from tieline.studies.shell import run_study


@dataclass(frozen=True)
class DayRun:
    """One day.

    Attributes:
        seed: of its series.
        minutes: cleared.
        clear_ms_p50, clear_ms_p99: wall time of a minute, from its series to its prices [ms].
        kept_lp_pct, kept_ac_pct: of the saving of the program over all DERs, and of the AC optimum [%]; None without one.
        violations: limits that are broken on AC.
        fallback_pct: minutes that the first choice could not answer [% of them].
        bought_kwh: energy at the balancing price.
        merge_events, merged_minutes: how often, and how long regions were one.
        consensus_rounds: most rounds of a minute until the borders agree; None if no minute was settled so.
        lp_speedup: time of the program over all DERs per time of a minute's own.
    """

    seed: int
    minutes: int
    clear_ms_p50: float
    clear_ms_p99: float
    kept_lp_pct: float | None
    kept_ac_pct: float | None
    violations: int
    fallback_pct: float
    bought_kwh: float
    merge_events: int
    merged_minutes: float
    consensus_rounds: float | None
    lp_speedup: float | None


def play_days(
    options: Options, policies: PolicySet, tell: Callable[[str], None]
) -> tuple[tuple[DayRun, ...], Result | None]:
    """Play the days.

    Args:
        options: how many, and which minutes.
        policies: who chooses; day k asks the policy of seed k.
        tell: is told which day is played now.

    Returns:
        The days, and the result of the first, whose prices stand beside published ones; None where no day is asked for.
    """
    days = []
    first = None
    for seed in range(options.seeds):
        # one day is enough to tell the slowest minutes, and takes as long as ten others
        is_whole = options.whole_day and seed == 0
        every = 1 if is_whole else options.every_minutes
        tell(f"day {seed}, every {every} min")
        result = play(CASE, seed=seed, every_minutes=every, **policies.values(seed))
        days.append(day_run(result))
        # results hold the prices of every node and minute: one of them is enough
        first = first or result
    return tuple(days), first


def play(case: str, **values: Any) -> Result:
    """One run of the study on a published case."""
    return run_study("market", case=case, **values)


def day_run(result: Result) -> DayRun:
    """What a day came to."""
    metrics = result.metrics
    minutes = result.tables["minutes"]
    return DayRun(
        seed=result.config.seed,
        minutes=len(minutes),
        clear_ms_p50=result.number("clear_ms_p50"),
        clear_ms_p99=result.number("clear_ms_p99"),
        kept_lp_pct=_number_or_none(metrics["saving_kept_pct"]),
        kept_ac_pct=_number_or_none(metrics["saving_kept_of_ac_pct"]),
        violations=int(result.number("violations")),
        fallback_pct=100 * result.number("fallbacks") / len(minutes),
        bought_kwh=result.number("bought_at_balancing_kwh"),
        merge_events=int(result.number("merge_events")),
        merged_minutes=result.number("merged_minutes"),
        consensus_rounds=_number_or_none(metrics["consensus_rounds"]),
        lp_speedup=_number_or_none(metrics["lp_speedup"]),
    )


def _number_or_none(value: Metric) -> float | None:
    return float(value) if isinstance(value, int | float) else None
