"""Section "Microgrids through the day": the diagram with a slider, when regions merge, and the load centroids that decide it."""

from __future__ import annotations

from tieline.reports.clock import HOUR_TITLE, hours_of_day
from tieline.reports.figures import lines_with_band
from tieline.reports.html import Block, Figure, Section, Table, Text
from tieline.reports.interval_bars import interval_bars
from tieline.studies.market.config import MarketConfig
from tieline.studies.market.telling.merged_regions import (
    group_table,
    merge_intervals,
    regions_of,
)
from tieline.studies.market.telling.region_slider import region_colours, region_slider
from tieline.studies.result import Result

INTRO = (
    "A region is a part of the feeder between borders that do not move. A microgrid clears its own demand: a region alone, or "
    "several that are merged for the moment."
)

HEADINGS = {
    "buyer": "buyer's bus",
    "ders": "DERs",
    "load_kw": "scheduled load [kW]",
    "capacity_kw": "DERs together [kW]",
}


def microgrids(result: Result, config: MarketConfig) -> Section:
    """Regions, and which of them are one microgrid when."""
    blocks: list[Block] = [region_slider(result), _merge_bars(result, config)]
    if len(result.tables["watch"]):
        blocks.append(_centroids(result, config))
    return Section("Microgrids through the day", [*blocks, region_table(result)], INTRO)


def region_table(result: Result) -> Table:
    """What belongs to each region."""
    return Table(result.tables["regions"], "The regions.", HEADINGS)


def _merge_bars(result: Result, config: MarketConfig) -> Block:
    groups = group_table(result.tables["outputs"])
    stands_for_h = result.tables["minutes"]["stands_for_h"]
    rows = merge_intervals(groups, stands_for_h)
    if not rows:
        return Text(_without_merges(result, config))
    hours = hours_of_day(groups.index.to_series())
    end = float(hours[-1] + stands_for_h.iloc[-1])
    colours = region_colours(regions_of(groups))
    # as in the diagram: a microgrid has the colour of its first region
    of_row = {name: colours[int(name.split(" ")[0])] for name in rows}
    named = {f"regions {name}": intervals for name, intervals in rows.items()}
    of_named = {f"regions {name}": colour for name, colour in of_row.items()}
    figure = interval_bars(
        named, x_range=(float(hours[0]), end), x_title=HOUR_TITLE, colours=of_named
    )
    return Figure(figure, "When regions were one microgrid.")


def _without_merges(result: Result, config: MarketConfig) -> str:
    """What is said where no cleared minute has merged regions; between two of them some may have merged and split."""
    if result.metrics["microgrids"] == 1:
        return "There is one region, and nothing to merge."
    if not config.watch:
        return "No border bus is watched, so regions stay apart (--watch)."
    n_changes = result.metrics["merge_events"]
    if not n_changes:
        return "No regions merged in this run."
    return f"No regions were merged in a cleared minute; between them there were {n_changes} changes (--every-minutes 1)."


def _centroids(result: Result, config: MarketConfig) -> Figure:
    """The load centroid of each watched bus, with the levels at which regions merge and split."""
    watch = result.tables["watch"]
    lc = watch.pivot(index="minute", columns="bus", values="lc")
    figure = lines_with_band(
        hours_of_day(lc.index.to_series()),
        {f"bus {bus}": lc[bus] for bus in lc.columns},
        x_title=HOUR_TITLE,
        y_title="watched load over its threshold",
        limits=_levels(config),
    )
    figure.update_layout(showlegend=True)
    caption = (
        f"Mean of the last {config.watch_minutes} minutes of the load at each watched border bus, over the load at which its "
        "region merges."
    )
    return Figure(figure, caption)


def _levels(config: MarketConfig) -> dict[str, float]:
    """One line where merging and splitting have the same level."""
    if config.hysteresis == 0:
        return {"merges above, splits below": 1.0}
    return {"merges": 1.0, "splits": 1.0 - config.hysteresis}
