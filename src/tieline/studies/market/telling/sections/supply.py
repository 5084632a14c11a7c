"""Section "Who supplies": output per region, what is bought from the main feeder, and lines against their limits."""

from __future__ import annotations

import pandas as pd

from tieline.reports.clock import HOUR_TITLE, hours_of_day
from tieline.reports.colours import NO_VALUE
from tieline.reports.figures import lines_with_band
from tieline.reports.html import Block, Figure, Section, Table, Text
from tieline.reports.stacked_areas import stacked_areas
from tieline.studies.market.telling.merged_regions import regions_of
from tieline.studies.market.telling.region_slider import region_colours
from tieline.studies.result import Result

FROM_MAIN = "from the main feeder"

NO_LIMITS = "No line has a limit of its own (--limit), so none is drawn. Limits that were reached stand at the top of the page."

DRAWN_LINES = 6
"""Lines in the figure of flows: as many as a reader tells apart."""

LINE_HEADINGS = {
    "branch": "line",
    "limit_kw": "limit [kW]",
    "highest_kw": "largest flow on AC [kW]",
    "at_limit_h": "at the limit [h]",
}


def supply(result: Result) -> Section:
    """Outputs by region, and flows."""
    blocks: list[Block] = [_outputs(result), _energies(result)]
    limits = result.tables["limits"]
    if len(limits):
        blocks += [_flows(limits), _limited_lines(result)]
    else:
        blocks.append(Text(NO_LIMITS))
    return Section("Who supplies", blocks)


def _outputs(result: Result) -> Figure:
    """Power of the DERs that serve each region, stacked, with the demand over it."""
    outputs = result.tables["outputs"]
    kw = outputs.pivot(index="minute", columns="region", values="der_kw")
    by_minute = outputs.groupby("minute")[["bought_kw", "demand_kw"]].sum()
    colours = region_colours(regions_of(kw))
    areas = {f"for region {region}": kw[region] for region in colours}
    of_area = {f"for region {region}": colour for region, colour in colours.items()}
    figure = stacked_areas(
        hours_of_day(kw.index.to_series()),
        {**areas, FROM_MAIN: by_minute["bought_kw"]},
        x_title=HOUR_TITLE,
        y_title="power [kW]",
        lines={"demand beyond the schedule": by_minute["demand_kw"]},
        colours={**of_area, FROM_MAIN: NO_VALUE},
    )
    caption = (
        "Power of the DERs by the region that they serve, and what is bought at the balancing price. Together they cover the "
        "demand that departs from the schedule."
    )
    return Figure(figure, caption)


def _energies(result: Result) -> Table:
    """Energy of the whole run by region [kWh]."""
    outputs = result.tables["outputs"]
    columns = ["demand_kw", "der_kw", "bought_kw", "import_kw"]
    stands_for_h = _hours_of(result, outputs["minute"])
    energy = outputs[columns].mul(stands_for_h, axis=0)
    kwh = energy.groupby(outputs["region"]).sum()
    headings = {
        "demand_kwh": "demand [kWh]",
        "der_kwh": "from DERs [kWh]",
        "bought_kwh": "from the main feeder [kWh]",
        "import_kwh": "from other regions, net [kWh]",
    }
    named = kwh.rename(columns=dict(zip(columns, headings, strict=True)))
    return Table(named.reset_index(), "Energy of the whole run.", headings)


def _hours_of(result: Result, minutes: pd.Series) -> pd.Series:
    """How long the cleared minute of each row stands for [h]."""
    stands_for_h = result.tables["minutes"].set_index("minute")["stands_for_h"]
    return minutes.map(stands_for_h)


def _flows(limits: pd.DataFrame) -> Figure:
    """Flow over its limit, of the lines that came nearest."""
    # limits hold in both directions
    share = 100 * limits["flow_kw"].abs() / limits["limit_kw"]
    by_line = limits.assign(share_pct=share).pivot(
        index="minute", columns="branch", values="share_pct"
    )
    nearest = by_line.max().sort_values(ascending=False).head(DRAWN_LINES)
    figure = lines_with_band(
        hours_of_day(by_line.index.to_series()),
        {str(line): by_line[line] for line in nearest.index},
        x_title=HOUR_TITLE,
        y_title="active power of the line [% of its limit]",
        limits={"limit": 100.0},
    )
    figure.update_layout(showlegend=True)
    # a line that is at its limit all the time would be drawn by its rounding
    figure.update_yaxes(rangemode="tozero")
    return Figure(figure, "Lines against their limits, on the AC power flow.")


def _limited_lines(result: Result) -> Table:
    """A row per line: its limit, how near it came, how long it was there."""
    limits = result.tables["limits"]
    stands_for_h = _hours_of(result, limits["minute"])
    rows_of_lines = limits.assign(
        flow_kw=limits["flow_kw"].abs(),
        at_limit_h=stands_for_h.where(limits["binds"].astype(bool), 0.0),
    )
    by_line = rows_of_lines.groupby("branch", sort=False)
    frame = pd.DataFrame(
        {
            "limit_kw": by_line["limit_kw"].max(),
            "highest_kw": by_line["flow_kw"].max(),
            "at_limit_h": by_line["at_limit_h"].sum(),
        }
    )
    # the line that came nearest to its limit first: most lines never do
    nearest = (frame["highest_kw"] / frame["limit_kw"]).sort_values(ascending=False)
    rows = frame.loc[nearest.index].reset_index()
    return Table(rows, "The limited lines.", LINE_HEADINGS, 10, "limits.parquet")
