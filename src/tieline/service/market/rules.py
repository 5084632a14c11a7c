"""The rules of a market: which questions of the market study a definition may answer, and what the others are set to.

A drawn day, its window, and what stands beside a cleared minute belong to a run of the study and have no meaning here.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from pydantic import ValidationError

from tieline.errors import unknown_name_message
from tieline.studies.market.config import MarketConfig
from tieline.studies.market.flag_texts import parse_watch
from tieline.wording import explain

RULES = (
    "microgrids",
    "phi_pu",
    "root",
    "reach_pu",
    "barriers",
    "smallest_pct",
    "adequate",
    "load_pct",
    "limits",
    "lowest_pu",
    "highest_pu",
    "limit",
    "line_limit_factor",
    "line_limit_least_kw",
    "loss_limit",
    "broken_before",
    "controls",
    "watch",
    "watch_minutes",
    "hysteresis",
    "dwell_minutes",
    "exchange_price",
    "choice",
    "agents",
)
"""Fields of `MarketConfig` that a market states."""

CHOICES = ("all", "greedy", "cheapest")
"""Who may choose. A search and a policy know one DER at a bus with one offer; here bids come and go."""

EVERY_BID = "all"
"""The choice if none is given: a bid is then rejected for its price or a limit, never because it was not looked at."""


def make_rules(values: Any, feeder: Any, currency: Any) -> MarketConfig:
    """The configuration of the study for a market.

    Args:
        values: the table `rules`.
        feeder, currency: of the market.

    Raises:
        ValueError: with everything that cannot be used.
    """
    if not isinstance(values, Mapping):
        raise ValueError("rules is no table. Write [rules] and fields below it")
    problems = [*_unknown(values), *_unusable(values)]
    stated = {name: value for name, value in values.items() if name in RULES}
    complete = {"choice": EVERY_BID, "agents": 1, **stated}
    try:
        rules = MarketConfig(**complete, feeder=feeder, currency=currency)
    except ValidationError as error:
        problems += explain(error, MarketConfig, lambda name: f"rules.{name}")
    else:
        if not problems:
            return rules
    raise ValueError("; ".join(problem.rstrip(".") for problem in problems))


def _unknown(values: Mapping[str, Any]) -> list[str]:
    return [
        unknown_name_message("field of rules", name, RULES)
        for name in values
        if name not in RULES
    ]


def _unusable(values: Mapping[str, Any]) -> list[str]:
    problems = []
    choice = values.get("choice", EVERY_BID)
    if choice not in CHOICES:
        problems.append(
            f"rules.choice is {choice!r}; a market may choose by {', '.join(CHOICES)}"
        )
    watch = values.get("watch")
    if isinstance(watch, str):
        problems += _without_threshold(watch)
    return problems


def _without_threshold(watch: str) -> list[str]:
    """A run takes the threshold from its day; here the day is not known before it is over."""
    try:
        thresholds_kw = parse_watch(watch)
    except ValueError:
        # told by the field itself
        return []
    buses = [bus for bus, kw in thresholds_kw.items() if kw is None]
    return [
        f"rules.watch: {', '.join(buses)} has no threshold. Write BUS:KW"
        for _ in buses[:1]
    ]
