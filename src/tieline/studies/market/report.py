"""The market report: which microgrids, who supplied at what price, how far from the best, what was assumed."""

from __future__ import annotations

from tieline.reports.html import Report
from tieline.studies.broken_before import broken_before_section
from tieline.studies.market.config import MarketConfig
from tieline.studies.market.headline import headline
from tieline.studies.market.telling.sections.assumed import assumed, cleared
from tieline.studies.market.telling.sections.choice import choice
from tieline.studies.market.telling.sections.costs import costs
from tieline.studies.market.telling.sections.microgrids import microgrids
from tieline.studies.market.telling.sections.prices import prices
from tieline.studies.market.telling.sections.searches import searches
from tieline.studies.market.telling.sections.supply import supply
from tieline.studies.result import Result


def report(result: Result) -> Report:
    """What the page about a market run says."""
    config = result.config
    assert isinstance(config, MarketConfig)
    return Report(
        headline(result),
        sections=[
            microgrids(result, config),
            supply(result),
            prices(result, config),
            costs(result, config),
            choice(result),
            *searches(result, config),
            cleared(result),
            *broken_before_section(result),
            assumed(config, result.feeder),
        ],
    )
