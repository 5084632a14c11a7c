"""Sections "How it was cleared" and "What was assumed": what had to answer, how long it took, and what is approximated."""

from __future__ import annotations

import pandas as pd

from tieline.envs.market.games import BALANCING_RATIO
from tieline.feeders import Feeder
from tieline.profiles.draw import follows_load_shapes
from tieline.profiles.told import tell_loads, tell_sun
from tieline.reports.clock import HOUR_TITLE, hours_of_day
from tieline.reports.figures import bar, lines_with_band
from tieline.reports.html import Block, Figure, Section, Table, Text
from tieline.reports.numbers import format_number
from tieline.studies.market.config import MarketConfig
from tieline.studies.result import Result

STEPS = {
    "choice": "the chosen DERs",
    "added": "the chosen DERs and further ones",
    "full-lp": "the linear program over all DERs",
}
"""What had to answer, in the order in which it is asked."""

CONTROLS = {
    "feeder": "Regulators and capacitors act in that power flow; the linear program holds them where the last one left them.",
    "off": "Regulators and capacitors stay where the feeder states them.",
}

IN_TURN = "Each region's agents choose its set of {agents} DERs in turn."

CHOOSING = {
    "auto": IN_TURN,
    "policy": IN_TURN,
    "greedy": IN_TURN,
    "cheapest": "Each region calls the {agents} DERs of lowest offer and loss.",
    "margin-search": "Each region's tree search walks from its buyer's bus to the DERs that sell, as many as the demand takes.",
    "all": "Nobody chooses: all DERs are called.",
}
"""Who chooses, by the flag."""

MERGED = " Merged regions choose together: each agent takes the best DER of the union given those before it."

REACTIVE = {
    False: "DERs inject active power only.",
    True: "Called DERs inject reactive power too, unpaid, within their apparent power; the choice weighs active power only.",
}

BORDER_HEADINGS = {
    "near": "region nearer to the source",
    "far": "the other region",
    "lowest_kw": "lowest flow [kW]",
    "highest_kw": "highest flow [kW]",
    "disagreed": "minutes without agreement",
}


def cleared(result: Result) -> Section:
    """What had to answer, times, borders."""
    minutes = result.tables["minutes"]
    blocks: list[Block] = [_steps(minutes), _times(minutes)]
    borders = result.tables["borders"]
    if len(borders):
        blocks.append(_borders(borders))
    return Section("How it was cleared", blocks)


def _steps(minutes: pd.DataFrame) -> Figure:
    counts = minutes["step"].value_counts()
    names = list(STEPS)
    figure = bar(
        [STEPS[name] for name in names],
        {"minutes": [counts.get(name, 0) for name in names]},
        value_title="cleared minutes",
        horizontal=True,
    )
    caption = (
        "What had to answer. Every answer is replayed on AC; where a limit breaks, or energy is bought while DERs are idle, more "
        "DERs are let in."
    )
    return Figure(figure, caption)


def _times(minutes: pd.DataFrame) -> Figure:
    figure = lines_with_band(
        hours_of_day(minutes["minute"]),
        {
            "whole minute": minutes["clear_ms"],
            "its linear program": minutes["lp_ms"],
            "linear program over all DERs": minutes["full_lp_ms"],
        },
        x_title=HOUR_TITLE,
        y_title="wall time [ms]",
    )
    # the program over all DERs is asked in some minutes only
    figure.update_traces(connectgaps=True)
    return Figure(figure, "How long a minute takes.")


def _borders(borders: pd.DataFrame) -> Table:
    by_border = borders.groupby(["branch", "near", "far"], sort=False)
    frame = pd.DataFrame(
        {
            "lowest_kw": by_border["flow_kw"].min(),
            "highest_kw": by_border["flow_kw"].max(),
            "disagreed": by_border["agreed"].agg(lambda agreed: int((~agreed).sum())),
        }
    )
    caption = "Flow over the borders on AC, from the region nearer to the source to the other."
    return Table(
        frame.reset_index(), caption, BORDER_HEADINGS, rest_in="borders.parquet"
    )


def assumed(config: MarketConfig, feeder: Feeder) -> Section:
    """The approximations behind the numbers."""
    profiles = config.drawn_profiles
    texts = [
        _schedule_text(config, feeder),
        tell_sun(feeder, profiles, None),
        _choosing(config),
        "The power of DERs follows from a program around the last AC solution, and all of it is judged by an AC power flow of "
        "the whole feeder.",
        CONTROLS[config.controls],
        REACTIVE[config.reactive_power],
        _limits_text(config),
        f"Energy beyond the schedule costs {format_number(BALANCING_RATIO)} times the reference price at the main feeder; "
        f"energy of another region costs {format_number(config.exchange_price)} {config.currency}/kWh on top, nothing within a "
        "microgrid.",
        "The regions follow from an exact growth along the lines. The tree search finds the same ones in far more time: it is "
        "for borders that only a simulator knows.",
    ]
    return Section("What was assumed", [Text(text) for text in texts])


def _schedule_text(config: MarketConfig, feeder: Feeder) -> str:
    table = config.load_table or config.schedule_table
    profiles = config.drawn_profiles
    if table is not None or follows_load_shapes(feeder, profiles):
        return tell_loads(feeder, profiles, table)
    return (
        f"Loads keep to {format_number(config.load_pct)} % of nominal all day, but for those beyond the schedule, which are "
        "drawn or read."
    )


def _choosing(config: MarketConfig) -> str:
    text = CHOOSING[config.choice].format(agents=config.agents)
    # without watched buses no regions ever merge, and where nobody chooses merged regions do not either
    if config.watch and config.choice != "all":
        text += MERGED
    return text


def _limits_text(config: MarketConfig) -> str:
    factor = format_number(config.line_limit_factor)
    least = format_number(config.line_limit_least_kw)
    text = f"Lines without a stated limit may carry {factor} times their flow at nominal load, at least {least} kW."
    if config.limit:
        text += f" Stated: {config.limit}, where base is the flow of the scheduled load on AC."
    return text
