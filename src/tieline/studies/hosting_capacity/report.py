"""The hosting-capacity report: the answer, what broke, and what was assumed; its figures and tables are in `telling.sections`."""

from __future__ import annotations

import pandas as pd

from tieline.feeders import Feeder
from tieline.reports.html import Block, Report, Section, Table, Text
from tieline.reports.numbers import format_number
from tieline.settings.limits import KINDS, kind_of
from tieline.studies.answer import Metric
from tieline.studies.feeder_ders import tell_own_ders
from tieline.studies.hosting_capacity.config import HostingCapacityConfig
from tieline.studies.hosting_capacity.judging.levels import first_risky, first_violation
from tieline.studies.hosting_capacity.telling import sections as parts
from tieline.studies.hosting_capacity.telling.capacity import (
    capacity_words,
    definition,
    ends_unjudged,
    how_much,
    interval_words,
    level_words,
    spread_words,
)
from tieline.studies.hosting_capacity.world.inverters import CURVE, KVA_PER_KW
from tieline.studies.result import Result


def report(result: Result) -> Report:
    """What the page about a hosting-capacity result says."""
    config = result.config
    assert isinstance(config, HostingCapacityConfig)
    feeder = result.feeder
    unused = ()
    if config.time == "snapshot":
        unused = ("profiles",)
    return Report(
        title=f"Hosting capacity of {feeder.name}: {_headline(result, config)}",
        question=_question(result, feeder, config),
        summary=_summary(result, config),
        sections=[
            how_much(result, config),
            parts.where_it_breaks(result, config, feeder),
            parts.how_sure(result, config),
            parts.voltages(result, config, feeder),
            *parts.what_if(result, config),
            *parts.estimates(result),
            *parts.base_case(result),
            _assumptions(config, feeder),
        ],
        facts={"power flows": result.metrics["n_power_flows"]},
        unused=unused,
        violations=_violations(result),
    )


def _headline(result: Result, config: HostingCapacityConfig) -> str:
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
        f"How much PV fits on {feeder.name} ({len(feeder.buses)} buses, {format_number(feeder.peak_load_kw)} kW peak load) "
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
        ("Most often at", metrics["binding_at"] or "-"),
        *_before_pv(metrics, config),
        ("Cases not judged", _unjudged(metrics)),
    ]


def _capacity(
    result: Result, config: HostingCapacityConfig
) -> list[tuple[str, object]]:
    """The answer in tiles; of one certain deployment nothing is estimated."""
    metrics = result.metrics
    capacity_kw = metrics["hosting_capacity_kw"]
    if capacity_kw is None:
        return [("Hosting capacity", "-")]
    percent = capacity_words(result, config).removesuffix(" of peak load")
    tiles: list[tuple[str, object]] = [
        ("Hosting capacity", percent),
        ("PV at that level", f"{format_number(capacity_kw)} kW"),
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
        when = f", at {first['binding_when']}"
    return [
        f"At {format_number(first['level_pct'])} % PV, {first['violating']} of {first['draws']} deployments violate a limit: "
        f"{kind_of(first['binding_limit']).words}, most often at {first['binding_at']}{when}."
    ]


def _assumptions(config: HostingCapacityConfig, feeder: Feeder) -> Section:
    texts = [
        _time(config),
        _limits(config),
        _controls(config),
        _inverter(config),
        *_own_der(config, feeder),
        _left_out(config),
    ]
    blocks: list[Block] = [Text(text) for text in texts]
    if config.placement != "uniform":
        classes = pd.DataFrame(
            [customer.model_dump() for customer in config.customer_classes]
        )
        headings = {"name": "customer", "up_to_load_kw": "load up to [kW]"}
        caption = "PV sizes drawn at a site, by its nominal load; an assumption to be replaced by the utility's records."
        blocks.append(Table(classes, caption, headings))
    if feeder.origin:
        blocks.append(Text(f"Figures of the feeder: {feeder.origin}."))
    return Section("What was assumed", blocks)


def _time(config: HostingCapacityConfig) -> str:
    if config.time == "snapshot":
        return "One snapshot: every PV system delivers its rated power while the load is light."
    load = "loads drawn for every deployment"
    if config.load_table:
        load = f"loads from {config.load_table}"
    sun = (
        f"sun from {config.sun_table}"
        if config.sun_table
        else f"a {config.drawn_profiles.cloudiness} sky drawn for every deployment"
    )
    return f"Profiles: {load}, {sun}, all PV systems under the same sky. A deployment violates if any step does."


def _limits(config: HostingCapacityConfig) -> str:
    limits = config.limit_numbers
    listed = [
        f"{kind.words} {'above' if kind.side > 0 else 'below'} {format_number(limits.number(kind))} {kind.unit}"
        for kind in limits.kinds
    ]
    off = [kind.words for kind in KINDS if kind not in limits.kinds]
    unused = ""
    if off:
        unused = f" Not looked at: {', '.join(off)}."
    return (
        f"A limit breaks at: {'; '.join(listed)}. Voltages count at every node (between phases on a section without connection "
        f"to ground). PV is blamed for a point only if it holds the limit before PV is added at the same time.{unused}"
    )


def _controls(config: HostingCapacityConfig) -> str:
    return {
        "feeder": "Regulators and switched capacitors act in every case until they rest.",
        "hold": "Regulators and capacitors stay where they rest before PV is added under the same load.",
        "off": "Regulators and capacitors stay as the feeder states them.",
    }[config.controls]


def _inverter(config: HostingCapacityConfig) -> str:
    words = {
        "unity": "PV works at unity power factor.",
        "power-factor": f"PV works at power factor {config.power_factor:g}, absorbing.",
        "volt-var": "PV follows the default volt-var curve of IEEE 1547-2018, category B.",
    }[config.inverter]
    if config.inverter != "volt-var" and config.what_if == "off":
        return words
    points = zip(CURVE.v_pu, CURVE.q_share, strict=True)
    curve = ", ".join(f"{q * 100:g} % at {v:g} pu" for v, q in points)
    return (
        f"{words} Where volt-var is asked for, the curve is {curve} of rated kVA, inverters are {KVA_PER_KW:.3f} kVA per kW, and "
        "no active power is given up."
    )


def _own_der(config: HostingCapacityConfig, feeder: Feeder) -> list[str]:
    if not feeder.ders:
        return []
    snapshot = (
        "PV, storage and generators that the feeder has of its own run as stated."
    )
    run = snapshot
    if config.time != "snapshot":
        run = tell_own_ders(feeder)
    return [f"{run} They do not count as penetration and are there before PV is added."]


def _left_out(config: HostingCapacityConfig) -> str:
    moving = "" if config.time == "snapshot" else ", moving averages of loading"
    return f"Left out: protection, flicker, harmonics, the response of controls over time{moving}."
