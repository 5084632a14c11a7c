"""The headline of a hosting-capacity result: what fits, how sure that is, and what breaks first."""

from __future__ import annotations

from tieline.feeders import Feeder
from tieline.reports.clock import moment_words
from tieline.reports.headline import Headline
from tieline.reports.numbers import MISSING, brief, format_number
from tieline.reports.places import place_words
from tieline.settings.limits import kind_of
from tieline.studies.answer import Metric
from tieline.studies.hosting_capacity.config import HostingCapacityConfig
from tieline.studies.hosting_capacity.judging.levels import first_risky, first_violation
from tieline.studies.hosting_capacity.telling.capacity import (
    by_limit,
    capacity_kw_words,
    capacity_words,
    definition,
    ends_unjudged,
    interval_words,
    level_words,
    spread_words,
)
from tieline.studies.result import Result


def headline(result: Result) -> Headline:
    """What a reader of a hosting-capacity result sees first."""
    config = result.config
    assert isinstance(config, HostingCapacityConfig)
    feeder = result.feeder
    return Headline(
        title=f"Hosting capacity of {feeder.name}: {_answer(result, config)}",
        question=_question(result, feeder, config),
        summary=_summary(result, config),
        violations=_violations(result),
        table=by_limit(result),
    )


def _answer(result: Result, config: HostingCapacityConfig) -> str:
    metrics = result.metrics
    if metrics["judged_up_to_pct"] is None:
        return "not known, the base case was not solved in full"
    if metrics["hosting_capacity_pct"] is None:
        return "none, the base case already violates"
    risk = ""
    if not config.is_certain:
        risk = f" ({interval_words(metrics)}) at a risk of {format_number(config.risk_pct)} %"
    return f"{capacity_words(result, config)}{risk}{_doubt(result)}"


def _doubt(result: Result) -> str:
    """What was not judged, as the end of the headline."""
    if ends_unjudged(result):
        return ", not judged in full above"
    if result.metrics.get("what_if_cases_unjudged"):
        return ", what-ifs not judged in full"
    return ""


def _question(result: Result, feeder: Feeder, config: HostingCapacityConfig) -> str:
    count = result.metrics["deployments"]
    draws = f"{count} deployments per level, placement {config.placement}"
    if config.is_certain:
        draws = "one certain placement"
    if config.time == "snapshot":
        when = (
            f"load at {format_number(config.light_load_pct)} % of nominal and full sun"
        )
    else:
        profiles = config.drawn_profiles
        days = "1 day"
        if profiles.days != 1:
            days = f"{profiles.days} days"
        when = (
            f"{days} from {profiles.start} in steps of {profiles.step_minutes} minutes"
        )
    return (
        f"How much PV fits on {feeder.name} ({len(feeder.buses)} buses, {brief(feeder.peak_load_kw)} kW peak load) "
        f"before a limit breaks: {draws}, {when}. Limits: {config.limits}, {config.limit_numbers.words}. {definition(config)}"
    )


def _summary(result: Result, config: HostingCapacityConfig) -> list[tuple[str, object]]:
    metrics = result.metrics
    limit = "-"
    if metrics["first_violation_pct"] is not None:
        limit = kind_of(str(metrics["binding_limit"])).words
    return [
        *_capacity(result, config),
        ("First violation", _first_violation(metrics)),
        ("Breaks first", limit),
        ("Most often at", _most_often_at(result)),
        *_before_pv(metrics, config),
        ("Cases not judged", _unjudged(metrics)),
    ]


def _most_often_at(result: Result) -> str:
    place = result.metrics["binding_at"]
    if not place:
        return MISSING
    return place_words(str(place), result.feeder)


def _capacity(
    result: Result, config: HostingCapacityConfig
) -> list[tuple[str, object]]:
    """The answer in tiles; of one certain deployment nothing is estimated."""
    metrics = result.metrics
    if metrics["hosting_capacity_kw"] is None:
        return [("Hosting capacity", "-")]
    percent = capacity_words(result, config).removesuffix(" of peak load")
    tiles: list[tuple[str, object]] = [
        ("Hosting capacity", percent),
        ("PV at that level", capacity_kw_words(result, config)),
    ]
    if not config.is_certain:
        tiles.append(("95 % interval", interval_words(metrics)))
        tiles.append(("Minimum / median / maximum", spread_words(result)))
    return tiles


def _before_pv(
    metrics: dict[str, Metric], config: HostingCapacityConfig
) -> list[tuple[str, object]]:
    """What the base case takes of the room below the highest voltage."""
    limit_pu = config.limit_numbers.highest_pu
    before_pu = metrics["v_max_before_pv_pu"]
    if limit_pu is None or before_pu is None:
        return []
    return [("Highest voltage without PV", f"{before_pu:.4f} of {limit_pu:g} pu")]


def _first_violation(metrics: dict[str, Metric]) -> str:
    if metrics["first_violation_pct"] is not None:
        return f"{level_words(metrics['first_violation_pct'])} %"
    judged_pct = metrics["judged_up_to_pct"]
    if judged_pct is None:
        return "none in what was judged"
    return f"none up to {format_number(judged_pct)} %"


def _unjudged(metrics: dict[str, Metric]) -> str:
    count = metrics["cases_unjudged"]
    in_what_ifs = metrics.get("what_if_cases_unjudged")
    as_configured = "none"
    if count:
        as_configured = f"{count} ({format_number(metrics['unjudged_pct'])} %)"
    if in_what_ifs:
        return f"{as_configured}, and {in_what_ifs} in what-ifs"
    return as_configured


def _violations(result: Result) -> list[str]:
    """The first level at which more deployments violate than the risk accepts, else the first that violates, in a sentence."""
    levels = result.tables["levels"]
    config = result.config
    assert isinstance(config, HostingCapacityConfig)
    first = first_risky(levels, config.risk_pct / 100)
    if first is None:
        first = first_violation(levels)
    if first is None:
        return []
    when = ""
    if first["binding_when"]:
        when = f", on {moment_words(first['binding_when'])}"
    where = place_words(first["binding_at"], result.feeder)
    return [
        f"At {format_number(first['level_pct'])} % PV, {first['violating']} of {first['draws']} deployments violate a limit: "
        f"{kind_of(first['binding_limit']).words}, most often at {where}{when}."
    ]
