"""Section "What limits of generators cost": the peak with all limits, without those of some generators, of all, without any."""

from __future__ import annotations

from tieline.reports.figures import bar
from tieline.reports.html import Figure, Section
from tieline.settings.currency import in_currency
from tieline.studies.microgrids.config import MicrogridsConfig
from tieline.studies.microgrids.deciders import CENTRAL, UNCONSTRAINED
from tieline.studies.microgrids.telling.metrics import deciders_of
from tieline.studies.microgrids.telling.shown import (
    generator_limit_kw,
    hours_of_steps,
    microgrids_of,
    of_first_day,
    words_of,
)
from tieline.studies.result import Result

INTRO = (
    "At the peak a generator earns more than its fuel costs, up to its limit and beyond: who drops the limit earns more, with "
    "set-points that no generator follows. In hours of low price nobody would go beyond a limit, with it or without."
)


def peak(result: Result, config: MicrogridsConfig) -> list[Section]:
    """Rewards and generators in each step; nothing where no limit was dropped."""
    names = [
        name for name in (CENTRAL, *UNCONSTRAINED) if name in deciders_of(result.tables)
    ]
    if not set(names) & set(UNCONSTRAINED):
        return []
    blocks = [_rewards(result, config, names), _generators(result, names)]
    return [Section("What limits of generators cost", blocks, INTRO)]


def _rewards(result: Result, config: MicrogridsConfig, names: list[str]) -> Figure:
    cost = in_currency("cost", config.currency)
    bills = result.tables["bills"]
    rewards = [-bills.loc[bills["decider"] == name, cost].sum() for name in names]
    figure = bar(
        [words_of(name) for name in names],
        {"reward": rewards},
        value_title=f"reward [{config.currency}]",
        horizontal=True,
    )
    caption = "Less what all microgrids spend together (the article's figure 6, of optima in place of learned policies)."
    return Figure(figure, caption)


def _generators(result: Result, names: list[str]) -> Figure:
    """Generators of the first microgrid in each step."""
    first = microgrids_of(result)[0]
    series = {}
    for name in names:
        rows = of_first_day(result, "microgrids", name)
        series[words_of(name)] = rows.loc[rows["microgrid"] == first, "generator_kw"]
    hours = hours_of_steps(result)
    labels = [f"step {k + 1}" for k in range(len(hours))]
    limit_kw = generator_limit_kw(result, first)
    figure = bar(labels, series, value_title=f"generators of {first} [kW]")
    figure.add_hline(y=limit_kw, line={"dash": "dash", "width": 1.2})
    caption = f"Power in each step beside the limit of {limit_kw:g} kW, dashed (the article's figure 7)."
    return Figure(figure, caption)
