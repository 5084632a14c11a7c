"""Section "What it costs": each microgrid with each decider, gaps to the central optimum, what the article prints."""

from __future__ import annotations

import pandas as pd

from tieline.reports.figures import bar
from tieline.reports.html import Block, Figure, Section, Table, Text
from tieline.settings.currency import in_currency
from tieline.studies.microgrids.config import MicrogridsConfig
from tieline.studies.microgrids.deciders import CENTRAL, NO_POLICY
from tieline.studies.microgrids.telling.gaps import (
    WHO,
    gaps_by_day,
    gaps_by_microgrid,
    net_cost,
)
from tieline.studies.microgrids.telling.metrics import deciders_of
from tieline.studies.microgrids.telling.published import PUBLISHED
from tieline.studies.microgrids.telling.shown import (
    microgrids_of,
    span_of_costs,
    words_of,
)
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
    names = deciders_of(result.tables)
    if CENTRAL not in names:
        blocks.append(Text("Without the central optimum there are no gaps to it."))
    elif len(names) > 1:
        blocks.append(_gaps(result))
        blocks += _spread(result)
    if config.case in PUBLISHED:
        blocks.append(_published(result, config))
    return Section("What it costs", blocks, INTRO)


def _mean_costs(result: Result, config: MicrogridsConfig) -> pd.DataFrame:
    """Mean cost of a day, a row per microgrid and a column per decider."""
    names = deciders_of(result.tables)
    wide = result.tables["bills"].pivot_table(
        index="microgrid",
        columns="decider",
        values=in_currency("cost", config.currency),
    )
    # days without a power flow have no cost, and a table of means leaves them out
    return wide.reindex(index=microgrids_of(result), columns=names)


def _bars(result: Result, config: MicrogridsConfig) -> Figure:
    by_microgrid = _mean_costs(result, config)
    series = {words_of(str(name)): by_microgrid[name] for name in by_microgrid}
    figure = bar(
        list(by_microgrid.index),
        series,
        value_title=f"cost [{config.currency}]",
        label_title="microgrid",
    )
    return Figure(
        figure, f"What each microgrid spends: cost of {span_of_costs(result)}."
    )


def _costs(result: Result, config: MicrogridsConfig) -> Table:
    by_microgrid = _mean_costs(result, config)
    frame = by_microgrid.T
    frame.insert(0, ALL, by_microgrid.sum())
    bills = result.tables["bills"]
    by_microgrid_net = bills.assign(net=net_cost(bills)).pivot_table(
        index="microgrid", columns="decider", values="net"
    )
    frame.insert(1, "net", by_microgrid_net.sum())
    frame.insert(0, "who", [words_of(str(name)) for name in frame.index])
    unit = config.currency
    headings = {name: f"{name} [{unit}]" for name in frame.columns[1:]}
    headings["net"] = f"all, stored energy paid back [{unit}]"
    return Table(frame, f"Cost of {span_of_costs(result)}.", headings)


def _gaps(result: Result) -> Table:
    """Gaps of all microgrids together and of each [%]."""
    bills = result.tables["bills"]
    by_microgrid = gaps_by_microgrid(bills).pivot_table(
        index="decider", columns="microgrid", values="gap_pct"
    )
    together = gaps_by_day(bills).groupby("decider")["gap_pct"].mean()
    names = [name for name in deciders_of(result.tables) if name != CENTRAL]
    frame = by_microgrid.loc[names, microgrids_of(result)]
    frame.insert(0, ALL, together)
    frame.insert(0, "who", [words_of(name) for name in names])
    headings = {name: f"{name} [%]" for name in frame.columns[1:]}
    caption = "Above the central optimum; below 0 is cheaper for that microgrid."
    return Table(frame, caption, headings)


def _spread(result: Result) -> list[Block]:
    """Gaps over days and seeds of policies, where there are several."""
    gaps = gaps_by_day(result.tables["bills"])
    n_days = gaps["day"].nunique()
    if n_days < 2:
        return []
    rows = []
    for (name, seed), of_one in gaps.groupby(WHO, sort=False):
        gap_pct = of_one["gap_pct"]
        row = {
            "who": words_of(str(name)),
            "policy": None if seed == NO_POLICY else seed,
            "mean_pct": gap_pct.mean(),
            "std_pct": gap_pct.std(ddof=0),
            "lowest_pct": gap_pct.min(),
            "highest_pct": gap_pct.max(),
        }
        rows.append(row)
    frame = pd.DataFrame(rows).dropna(axis="columns", how="all")
    caption = f"Gap to the central optimum over {n_days} days."
    return [Table(frame, caption, {"policy": "seed of policies"})]


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
