"""Section "Learning on this window": rewards over updates with all limits and without some, and what generators wish."""

from __future__ import annotations

import pandas as pd

from tieline.reports.figures import lines_with_band
from tieline.reports.html import Block, Figure, Section
from tieline.studies.microgrids.config import MicrogridsConfig
from tieline.studies.microgrids.deciders import CENTRAL
from tieline.studies.microgrids.telling.metrics import deciders_of
from tieline.studies.microgrids.telling.shown import (
    generator_limit_kw,
    microgrids_of,
    words_of,
)
from tieline.studies.microgrids.training.config import LearnerConfig
from tieline.studies.result import Result

INTRO = (
    "The method of the article on this window alone: every update moves the policies of all microgrids within their trust "
    "regions. With all limits the reward comes up to that of the optimum and no limit is broken; without limits of generators it "
    "goes beyond, and generators are asked for what they cannot give."
)

GENERATOR = "generator_kw_"

BEYOND = (
    f"Where a limit holds, a wish may be up to {100 * LearnerConfig().device_tolerance:g} % of the rating beyond it, and the "
    "device stops at its limit: agents kept from that stay below limits at which the optimum lies."
)


def lessons(result: Result, config: MicrogridsConfig) -> list[Section]:
    """Figures 6 and 7 of the article; nothing where nobody learned."""
    curves = result.tables.get("lessons")
    if curves is None:
        return []
    blocks: list[Block] = [_rewards(result, config, curves)]
    for name in ("learned", "learned-generators"):
        rows = curves[curves["decider"] == name]
        if len(rows):
            blocks.append(_generators(result, rows, name))
    return [Section("Learning on this window", blocks, INTRO)]


def _rewards(result: Result, config: MicrogridsConfig, curves: pd.DataFrame) -> Figure:
    by_decider = curves.pivot_table(index="update", columns="decider", values="reward")
    names = [name for name in deciders_of(result.tables) if name in by_decider]
    # rewards are told as in the article, without the value of what is stored; so is the optimum's
    limits = {}
    if CENTRAL in deciders_of(result.tables):
        bills = result.tables["bills"]
        central = bills[bills["decider"] == CENTRAL]
        limits["central optimum"] = -float(central.filter(like="cost_").sum().iloc[0])
    figure = lines_with_band(
        by_decider.index,
        {words_of(name): by_decider[name] for name in names},
        x_title="update",
        y_title=f"reward [{config.currency}]",
        limits=limits,
    )
    caption = (
        "Less what all microgrids spend, without noise (the article's figure 6). With all limits, what is above the optimum on "
        "the way breaks some limit or lives on what is stored."
    )
    return Figure(figure, caption)


def _generators(result: Result, rows: pd.DataFrame, name: str) -> Figure:
    """What the generator of the first microgrid wishes in each step."""
    columns = [column for column in rows if str(column).startswith(GENERATOR)]
    lines = {}
    for column in columns:
        step = str(column).removeprefix(GENERATOR)
        lines[f"step {step}"] = rows[column]
    first = microgrids_of(result)[0]
    figure = lines_with_band(
        rows["update"],
        lines,
        x_title="update",
        y_title=f"generator of {first} [kW]",
        limits={"limit": generator_limit_kw(result, first)},
    )
    # a wish of 304 kW beside 300 would else look like a broken limit
    figure.update_yaxes(rangemode="tozero")
    caption = f"{words_of(name).capitalize()} (the article's figure 7): what agents wish. {BEYOND}"
    return Figure(figure, caption)
