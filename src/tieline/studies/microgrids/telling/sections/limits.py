"""Section "Where limits bind": which of them in which step, with several deciders side by side; voltages through the day."""

from __future__ import annotations

import numpy as np
import pandas as pd

from tieline.reports.figures import lines_with_band
from tieline.reports.heat_map import heat_maps
from tieline.reports.html import Block, Figure, Section, Text
from tieline.studies.microgrids.config import MicrogridsConfig
from tieline.studies.microgrids.deciders import CENTRAL
from tieline.studies.microgrids.telling.binding import KINDS
from tieline.studies.microgrids.telling.metrics import deciders_of
from tieline.studies.microgrids.telling.misses import NOTICED
from tieline.studies.microgrids.telling.shown import (
    TIME_TITLE,
    hours_of_steps,
    main_decider,
    of_first_day,
    words_of,
)
from tieline.studies.result import Result
from tieline.typing import FloatArray

INTRO = (
    "A limit binds where it is reached: one more kilowatt there would cost something. The optimum reaches many and breaks none; "
    "who decides without looking at the network breaks limits."
)

PANELS = 3
"""Maps side by side, as many as fit a page."""


def limits(result: Result, config: MicrogridsConfig) -> Section:
    """Map of limits, and voltages."""
    blocks: list[Block] = [_map(result), _lowest(result, config)]
    blocks.append(_highest(result, config))
    return Section("Where limits bind", blocks, INTRO)


def _compared(result: Result) -> list[str]:
    """The optimum, the decider that the page is about, and then others."""
    names = deciders_of(result.tables)
    first = [name for name in (CENTRAL, main_decider(result)) if name in names]
    return list(dict.fromkeys([*first, *names]))[:PANELS]


def _map(result: Result) -> Block:
    names = _compared(result)
    frames = {name: of_first_day(result, "binding", name) for name in names}
    places = _places(frames.values())
    if not places:
        return Text("No limit binds.")
    n_steps = len(hours_of_steps(result))
    panels = {}
    for name, frame in frames.items():
        panels[words_of(name)] = _grid(frame, places, n_steps)
    figure = heat_maps(
        panels,
        x=_clock(hours_of_steps(result)),
        y=[f"{kind}, {area}" for kind, area in places],
        # exactly at the limit is kept: a miss that nobody could read is no violation
        limit=100 * (1 + NOTICED),
        x_title=TIME_TITLE,
        y_title="",
        value_title="of the limit [%]",
    )
    return Figure(
        figure,
        "Limits that bind (green to blue) or are broken (red); white where none is near.",
    )


def _places(frames) -> list[tuple[str, str]]:
    """Kinds and areas that occur, the first kind on top."""
    rows = pd.concat(frames)
    pairs = set(zip(rows["kind"], rows["area"], strict=True))
    order = {kind: k for k, kind in enumerate(KINDS)}
    # maps are drawn from the bottom
    return sorted(pairs, key=lambda pair: (-order[pair[0]], pair[1]))


def _grid(
    frame: pd.DataFrame, places: list[tuple[str, str]], n_steps: int
) -> FloatArray:
    """Value of each limit that binds, of the limit [%], (place, step); NaN elsewhere."""
    grid = np.full((len(places), n_steps), np.nan)
    row_of = {place: k for k, place in enumerate(places)}
    for row in frame.itertuples():
        grid[row_of[row.kind, row.area], row.step] = 100 * (1 + row.miss)
    return grid


def _clock(hours: FloatArray) -> list[str]:
    minutes = np.round(60 * hours).astype(int)
    return [f"{(m // 60) % 24:02d}:{m % 60:02d}" for m in minutes.tolist()]


def _lowest(result: Result, config: MicrogridsConfig) -> Figure:
    limit_pu = config.limit_numbers.lowest_pu
    caption = "Lowest voltage anywhere, feeder and microgrids."
    return _voltages(result, "lowest_pu", f"{limit_pu:g} pu", limit_pu, caption)


def _highest(result: Result, config: MicrogridsConfig) -> Figure:
    limit_pu = config.limit_numbers.highest_pu
    caption = "Highest voltage anywhere."
    return _voltages(result, "highest_pu", f"{limit_pu:g} pu", limit_pu, caption)


def _voltages(
    result: Result, column: str, name: str, limit_pu: float | None, caption: str
) -> Figure:
    lines = {}
    for decider in deciders_of(result.tables):
        lines[words_of(decider)] = of_first_day(result, "steps", decider)[column]
    figure = lines_with_band(
        hours_of_steps(result),
        lines,
        x_title=TIME_TITLE,
        y_title="voltage [pu]",
        limits={name: limit_pu} if limit_pu is not None else None,
    )
    return Figure(figure, caption)
