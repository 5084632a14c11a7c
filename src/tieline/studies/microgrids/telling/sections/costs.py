"""Section "What it costs": each microgrid with each decider, gaps to the central optimum, what the article prints."""

from __future__ import annotations

import pandas as pd

from tieline.reports.figures import bar
from tieline.reports.html import Block, Figure, Section, Table, Text
from tieline.settings.currency import in_currency
from tieline.studies.microgrids.config import MicrogridsConfig
from tieline.studies.microgrids.deciders import CENTRAL, DECIDERS
from tieline.studies.microgrids.telling.gaps import (
    gaps_by_day,
    gaps_by_microgrid,
    net_cost,
)
from tieline.studies.microgrids.telling.metrics import deciders_of
from tieline.studies.microgrids.telling.published import PUBLISHED
from tieline.studies.microgrids.telling.shown import microgrids_of, words_of
from tieline.studies.result import Result

INTRO = (
    "Each microgrid pays for what it buys at its meter, is paid the same price for what it sells, and burns fuel. The central "
    "optimum knows everything and decides for all: it minimises what they spend together, so that one of them may do better "
    "without it. What batteries hold at the end beyond the start is paid back before costs are compared."
)

ALL = "all"


def costs(result: Result, config: MicrogridsConfig) -> Section:
    """Costs by microgrid, gaps, and published figures."""
    blocks: list[Block] = [_bars(result, config), _costs(result, config)]
    gaps = gaps_by_microgrid(result.tables["bills"])
    if gaps.empty:
        blocks.append(Text("Without the central optimum there are no gaps to it."))
    else:
        blocks.append(_gaps(result, gaps))
    blocks += _spread(result)
    if config.case in PUBLISHED:
        blocks.append(_published(result, config))
    return Section("What it costs", blocks, INTRO)


def _mean_costs(result: Result, config: MicrogridsConfig) -> pd.DataFrame:
    """Mean cost of a day, a row per microgrid and a column per decider."""
    bills = result.tables["bills"]
    cost = in_currency("cost", config.currency)
    wide = bills.pivot_table(index="microgrid", columns="decider", values=cost)
    return wide.loc[microgrids_of(result), deciders_of(result.tables)]


def _bars(result: Result, config: MicrogridsConfig) -> Figure:
    by_microgrid = _mean_costs(result, config)
    series = {words_of(str(name)): by_microgrid[name] for name in by_microgrid}
    figure = bar(
        list(by_microgrid.index),
        series,
        value_title=f"cost [{config.currency}]",
        label_title="microgrid",
    )
    return Figure(figure, "What each microgrid spends; in the mean of the days.")


def _costs(result: Result, config: MicrogridsConfig) -> Table:
    by_microgrid = _mean_costs(result, config)
    frame = by_microgrid.T
    frame.insert(0, ALL, by_microgrid.sum())
    bills = result.tables["bills"]
    gained = net_cost(bills)
    n_days = bills["day"].nunique()
    by_decider = gained.groupby(bills["decider"]).sum() / n_days
    frame.insert(1, "net", by_decider.loc[frame.index])
    frame.insert(0, "who", [words_of(str(name)) for name in frame.index])
    unit = config.currency
    headings = {name: f"{name} [{unit}]" for name in frame.columns[1:]}
    headings["net"] = f"all, stored energy paid back [{unit}]"
    return Table(frame, "Cost of a day, mean of the days.", headings)


def _gaps(result: Result, gaps: pd.DataFrame) -> Table:
    """Gaps of all microgrids together and of each [%]."""
    names = deciders_of(result.tables)
    names.remove(CENTRAL)
    by_day = gaps_by_day(result.tables["bills"])
    together = by_day[names].mean()
    frame = gaps.loc[microgrids_of(result), names].T
    frame.insert(0, ALL, together)
    frame.insert(0, "who", [words_of(name) for name in names])
    headings = {name: f"{name} [%]" for name in frame.columns[1:]}
    caption = "Above the central optimum; below 0 is cheaper for that microgrid."
    return Table(frame, caption, headings)


def _spread(result: Result) -> list[Block]:
    """Gaps over the days, where there are several."""
    by_day = gaps_by_day(result.tables["bills"])
    if len(by_day) < 2 or by_day.empty:
        return []
    rows = []
    for name in DECIDERS:
        if name == CENTRAL or name not in by_day:
            continue
        gaps = by_day[name]
        row = {
            "who": words_of(name),
            "mean_pct": gaps.mean(),
            "std_pct": gaps.std(ddof=0),
            "lowest_pct": gaps.min(),
            "highest_pct": gaps.max(),
        }
        rows.append(row)
    caption = f"Gap to the central optimum over {len(by_day)} days."
    return [Table(pd.DataFrame(rows), caption)]


def _published(result: Result, config: MicrogridsConfig) -> Table:
    """The article's costs beside those of this run."""
    by_microgrid = _mean_costs(result, config)
    frame = PUBLISHED[config.case].assign(microgrid=microgrids_of(result))
    for name in by_microgrid:
        frame[words_of(str(name))] = by_microgrid[name].to_numpy()
    caption = (
        "Table II of the article beside this run. The article has no data: loads were chosen so that the central optimum costs "
        "what it prints. Its safe policies cost 1.13 % more than its central optimum, all microgrids together."
    )
    columns = ["microgrid", *[name for name in frame.columns if name != "microgrid"]]
    unit = config.currency
    headings = {name: f"{name} [{unit}]" for name in columns[1:]}
    return Table(frame[columns], caption, headings)
