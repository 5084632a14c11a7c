"""What the answer is: hosting capacity at the accepted risk in words, and how the capacities of the deployments spread."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import pandas as pd

from tieline.reports import distributions
from tieline.reports.html import Block, Figure, Section, Table
from tieline.reports.numbers import format_number, with_unit
from tieline.settings.limits import kind_of
from tieline.studies.answer import Metric
from tieline.studies.hosting_capacity.config import HostingCapacityConfig
from tieline.studies.hosting_capacity.judging.risk import draws_for_a_lower_bound
from tieline.studies.hosting_capacity.solving.search import ANY
from tieline.studies.result import Result

HEADINGS = {
    "limit": "limit",
    "at_risk_pct": "at the accepted risk [%]",
    "at_risk_low_pct": "from [%]",
    "at_risk_high_pct": "to [%]",
    "min_pct": "minimum [%]",
    "p05_pct": "5 % have less [%]",
    "median_pct": "median [%]",
    "max_pct": "maximum [%]",
    "violating": "deployments that break it",
}


def is_least(capacities: pd.DataFrame, risk_pct: float) -> bool:
    """Whether no more deployments break a limit than the risk accepts; `capacities` of all limits together."""
    n_breaking = int(np.isfinite(capacities["broken_pct"]).sum())
    return n_breaking <= risk_pct / 100 * len(capacities)


def together(result: Result) -> pd.DataFrame:
    """Capacities of the deployments with all limits together."""
    capacities = result.tables["capacities"]
    return capacities[capacities["limit"] == ANY]


def ends_unjudged(result: Result) -> bool:
    """Whether some capacity ends where a case was not solved, and not where a limit breaks."""
    rows = together(result)
    top_pct = result.tables["levels"]["level_pct"].max()
    never_breaks = np.isinf(rows["broken_pct"])
    return bool((never_breaks & (rows["safe_pct"] < top_pct)).any())


def capacity_words(result: Result, config: HostingCapacityConfig) -> str:
    """The hosting capacity of the title: "73 % of peak load", with "at least" before it where that is all that is known, and
    "below 0.31 %" where the least PV that was looked at is too much.
    """
    pct, bound = _stated(result, config)
    return f"{bound}{level_words(pct)} % of peak load"


def capacity_kw_words(result: Result, config: HostingCapacityConfig) -> str:
    """The PV at that level: "2 552 kW", with the same words before it."""
    pct, bound = _stated(result, config)
    kw = result.number("hosting_capacity_kw")
    if kw == 0:
        # every level is a share of the same peak load
        top = result.tables["levels"].iloc[-1]
        kw = pct * float(top["pv_kw"]) / float(top["level_pct"])
    return f"{bound}{with_unit(kw, 'kW')}"


def _stated(result: Result, config: HostingCapacityConfig) -> tuple[float, str]:
    """The level that is stated [%], and which bound it is, in words: "at least ", "below " or none."""
    capacities = together(result)
    pct = result.number("hosting_capacity_pct")
    if is_least(capacities, config.risk_pct):
        return pct, "at least "
    if pct == 0:
        return float(capacities["broken_pct"].min()), "below "
    return pct, ""


def level_words(pct: Any) -> str:
    """A level with the three digits that the search between levels is good for, but for the smallest."""
    return f"{pct:.3g}"


def interval_words(metrics: Mapping[str, Metric]) -> str:
    """The 95 % interval; without a bound above where there is none."""
    low = level_words(metrics["hosting_capacity_low_pct"])
    high_pct = metrics["hosting_capacity_high_pct"]
    if high_pct is None:
        return f"{low} % and more"
    return f"{low} to {level_words(high_pct)} %"


def definition(config: HostingCapacityConfig) -> str:
    """What hosting capacity means here, in a sentence or two."""
    if config.is_certain:
        return "Hosting capacity is the level up to which no limit breaks."
    risk = format_number(config.risk_pct)
    return (
        f"Hosting capacity is the PV level that at most {risk} % of all deployments do not reach before a limit breaks. Its 95 % "
        "interval says how well the deployments drawn tell it; more of them narrow it."
    )


def how_much(result: Result, config: HostingCapacityConfig) -> Section:
    """The spread of the capacities, as a histogram and limit by limit."""
    rows = together(result)
    blocks: list[Block] = []
    if not config.is_certain and rows["safe_pct"].notna().all():
        blocks.append(_histogram(result, rows))
    blocks.append(by_limit(result))
    intro = (
        "Each deployment has a capacity of its own: the highest level that it reaches before its first violation, found by "
        "halving the step between two levels. The minimum is where the first deployment breaks a limit, the maximum where the "
        "last one does; both depend on how many are drawn."
    )
    return Section("How much fits", blocks, intro)


def _histogram(result: Result, rows: pd.DataFrame) -> Figure:
    capacity_pct = result.metrics["hosting_capacity_pct"]
    limits = {}
    if isinstance(capacity_pct, float):
        limits = {"hosting capacity": capacity_pct}
    figure = distributions.histogram_and_cdf(
        rows["safe_pct"], x_title="capacity [% of peak load]", limits=limits
    )
    never = int(np.isinf(rows["broken_pct"]).sum())
    beyond = ""
    if never:
        top = level_words(rows["safe_pct"].max())
        beyond = (
            f" {never} of {len(rows)} break none up to {top} %, or as far as they were "
            "judged, and are drawn there."
        )
    return Figure(figure, f"Capacities of the deployments.{beyond}")


def by_limit(result: Result) -> Table:
    """How the capacities spread if each limit were the only one."""
    spread = result.tables["limits"]
    listing = spread[[*HEADINGS]].assign(limit=spread["limit"].map(_limit_words))
    # as fine as the search between levels is with the usual steps
    listing = listing.round(1)
    caption = (
        "Capacities if each limit were the only one; from and to bound the 95 % interval. A dash: too few deployments break it "
        "to say. A limit that nothing on this feeder can break has no row."
    )
    return Table(listing, caption, HEADINGS)


def tell_few_draws(config: HostingCapacityConfig, n_deployments: int) -> list[str]:
    """That so few deployments bound the capacity on one side only."""
    if config.is_certain or config.risk_pct == 0:
        return []
    needed = draws_for_a_lower_bound(config.risk_pct / 100)
    if n_deployments >= needed:
        return []
    return [
        f"{n_deployments} deployments give no lower bound of the hosting capacity at a risk of {config.risk_pct:g} %: from "
        f"{needed} on they do. Raise deployments."
    ]


def tell_minimum(config: HostingCapacityConfig) -> list[str]:
    """That the smallest of all draws is no property of the feeder."""
    if config.is_certain or config.risk_pct > 0:
        return []
    return [
        "At a risk of 0 the hosting capacity is the smallest of all that were drawn: it falls as more are drawn. Accept a risk "
        "above 0 for a number that does not."
    ]


def spread_words(result: Result) -> str:
    """Minimum, median and maximum of the deployments."""
    metrics = result.metrics
    top_pct = together(result)["safe_pct"].max()
    numbers = [metrics[f"capacity_{name}_pct"] for name in ("min", "median", "max")]
    beyond = f"over {level_words(top_pct)}"
    texts = [beyond if pct is None else level_words(pct) for pct in numbers]
    return f"{' / '.join(texts)} %"


def _limit_words(name: str) -> str:
    if name == ANY:
        return "all together"
    return kind_of(name).words
