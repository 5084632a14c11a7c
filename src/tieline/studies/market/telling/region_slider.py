"""The feeder through the day: the microgrid that each bus belongs to now, and the DERs that give power now.

A region is a microgrid of its own while it stands alone; merged regions are one microgrid and share the colour of the first of
them, with a ring of each region's own colour. A bus whose DER gives power is drawn larger.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import pandas as pd

from tieline.reports.clock import clock_times
from tieline.reports.colours import (
    INK,
    NO_VALUE,
    PAPER,
    ClassStyle,
    category_colour,
)
from tieline.reports.numbers import format_number
from tieline.reports.slider import Slider, Steps
from tieline.reports.slider_diagram import diagram_over_time
from tieline.studies.market.telling.merged_regions import (
    by_minute,
    group_table,
    merged_text,
    regions_of,
)
from tieline.studies.result import Result
from tieline.typing import BoolArray, IntArray

BUS_SIZE = 1.25
GIVING_SIZE = 1.9
MERGED_EDGE = 1.9
MERGED_SIZE = 1.25
"""Sizes of a bus and of one whose DER gives power, relative to an ordinary bus; a bus of a merged region has a wider edge, and is
larger by so much that the edge takes nothing from its colour.
"""

LEAST_GIVEN_KW = 0.05
"""What rounds to 0.1 kW: less is what a solver leaves by rounding."""

OUTSIDE = 0
"""Region of a bus that lies in none."""

CAPTION = "Colour: the microgrid of the bus now."

CAPTION_MERGED = (
    " Merged regions share the colour of the first of them, and the buses of the others keep a ring of their own colour. Marks "
    "above the slider: microgrids merge or split."
)


def region_slider(result: Result) -> Slider:
    """One-line diagram with a slider through the minutes of a run."""
    groups = group_table(result.tables["outputs"])
    classes, styles = _classes(result, groups)
    stops = _merge_steps(groups)
    steps = Steps(
        names=clock_times(result.tables["minutes"]["minute"]),
        notes=_notes(result, groups),
        label="Time of day",
        # a moment that shows what the slider is for; a day without one begins at its middle
        first=stops[0] if stops else len(groups) // 2,
        stops=stops,
    )
    return diagram_over_time(
        result.feeder,
        classes,
        styles,
        steps,
        legend=_legend(result, regions_of(groups)),
        caption=CAPTION + CAPTION_MERGED if stops else CAPTION,
        tooltips=_tooltips(result.tables["buses"]),
    )


def region_colours(regions: list[int]) -> dict[int, str]:
    """The colour of each region, on every figure of a page."""
    return {region: category_colour(k) for k, region in enumerate(regions)}


def _classes(result: Result, groups: pd.DataFrame) -> tuple[IntArray, list[ClassStyle]]:
    """Class of each bus in each step, (step, bus), and the style of each class."""
    bus_names = [bus.name for bus in result.feeder.buses]
    buses = result.tables["buses"].set_index("bus")
    region = buses.loc[bus_names, "region"].to_numpy()
    group = groups.reindex(columns=region, fill_value=OUTSIDE).to_numpy()
    gives = _giving(result, bus_names)
    # three facts make the look of a bus: each combination that occurs is a class
    facts = np.stack([np.broadcast_to(region, group.shape), group, gives])
    kinds, number = np.unique(
        facts.reshape(3, -1),
        axis=1,
        return_inverse=True,
    )
    colours = region_colours(regions_of(groups)) | {OUTSIDE: NO_VALUE}
    styles = [_style(colours, *map(int, kind)) for kind in kinds.T]
    return number.reshape(group.shape), styles


def _style(
    colours: Mapping[int, str], region: int, group: int, gives: int
) -> ClassStyle:
    """A bus of a region that belongs to the microgrid of `group` now."""
    size = GIVING_SIZE if gives else BUS_SIZE
    if region == group:
        return ClassStyle(colours[region], INK, size)
    with_ring = size * MERGED_SIZE
    return ClassStyle(colours[group], colours[region], with_ring, edge=MERGED_EDGE)


def _giving(result: Result, bus_names: list[str]) -> BoolArray:
    """Whether the DER of each bus gives power, (step, bus)."""
    dispatch = result.tables["dispatch"]
    minutes = result.tables["minutes"]["minute"]
    giving = dispatch[dispatch["p_kw"] > LEAST_GIVEN_KW]
    kw = giving.pivot_table("p_kw", "minute", "bus", aggfunc="sum", fill_value=0.0)
    by_bus = kw.reindex(index=minutes, columns=bus_names, fill_value=0.0)
    return by_bus.to_numpy() > 0


def _merge_steps(groups: pd.DataFrame) -> list[int]:
    """Steps in which microgrids merge or split."""
    moves = np.diff(groups.to_numpy(), axis=0).any(axis=1)
    steps = np.flatnonzero(moves) + 1
    return steps.tolist()


def _notes(result: Result, groups: pd.DataFrame) -> list[str]:
    """What is so in each minute: merged regions, who supplies, what is at its limit."""
    minutes = result.tables["minutes"]
    binding = _binding_lines(result.tables["limits"])
    notes = []
    for row, group_of in zip(minutes.itertuples(), by_minute(groups), strict=True):
        parts = [merged_text(group_of), _supply_text(row)]
        lines = binding.get(row.minute)
        if lines:
            parts.append(f"At its limit: {lines}.")
        notes.append(" ".join(parts))
    return notes


def _supply_text(row: Any) -> str:
    """Whole kilowatts: a reader who moves a slider compares sizes."""
    text = f"DERs give {round(row.der_kw)} of {round(row.demand_kw)} kW"
    bought_kw = round(row.bought_kw)
    if bought_kw:
        text += f", {bought_kw} kW come from the main feeder"
    return f"{text}."


def _binding_lines(limits: pd.DataFrame) -> dict[Any, str]:
    """Names of the lines at their limit by minute."""
    binding = limits[limits["binds"].astype(bool)]
    names = binding.groupby("minute")["branch"].agg(", ".join)
    return dict(names.items())


def _legend(result: Result, regions: list[int]) -> dict[str, ClassStyle]:
    """What a bus that is drawn so means."""
    legend = {}
    for region, colour in region_colours(regions).items():
        legend[f"region {region}"] = ClassStyle(colour, INK, BUS_SIZE)
    if (result.tables["buses"]["region"] == OUTSIDE).any():
        legend["in no region"] = ClassStyle(NO_VALUE, INK, BUS_SIZE)
    legend["its DER gives power now"] = ClassStyle(PAPER, INK, GIVING_SIZE)
    return legend


def _tooltips(buses: pd.DataFrame) -> dict[str, str]:
    """Region, DER, and what is watched there."""
    return {str(row.bus): _tooltip(row) for row in buses.itertuples()}


def _tooltip(row: Any) -> str:
    facts = [f"region {row.region}" if row.region != OUTSIDE else "in no region"]
    if row.is_root:
        facts.append("its root")
    if row.der_kw > 0:
        facts.append(f"DER of {format_number(row.der_kw)} kW")
    if row.watched_kw > 0:
        facts.append(f"watched: merges at {format_number(row.watched_kw)} kW")
    return ", ".join(facts)
