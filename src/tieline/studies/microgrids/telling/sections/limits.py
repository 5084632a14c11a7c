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
    blocks: list[Block] = [
        _map(result),
        _lowest(result, config),
        _highest(result, config),
    ]
    return Section("Where limits bind", blocks, INTRO)


def _compared(result: Result) -> list[str]:
    """The optimum, the decider that the page is about, merit order, which looks at no limit, and then others."""
    names = deciders_of(result.tables)
    order = [CENTRAL, main_decider(result), "merit", *names]
    asked_names = [name for name in dict.fromkeys(order) if name in names]
    return asked_names[:PANELS]


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
        "Green where a limit is reached, red where it is broken, white where none is near.",
    )


def _places(frames) -> list[tuple[str, str]]:
    """Kinds and areas that occur, the first kind on top."""
    rows = pd.concat(frames)
    pairs = rows[["kind", "area"]].drop_duplicates()
    places = []
    # maps are drawn from the bottom
    for kind in reversed(KINDS):
        areas = pairs.loc[pairs["kind"] == kind, "area"]
        places += [(kind, area) for area in sorted(areas)]
    return places


def _grid(
    frame: pd.DataFrame, places: list[tuple[str, str]], n_steps: int
) -> FloatArray:
    """Value of each limit that binds, of the limit [%], (place, step); NaN elsewhere."""
    shape = (len(places), n_steps)
    grid = np.full(shape, np.nan)
    # how near is no matter: a limit is reached, or it is broken by so much
    miss = frame["miss"].where(frame["broken"], 0.0)
    of_limit_pct = 100 * (1 + miss)
    for k, (kind, area) in enumerate(places):
        is_kind = frame["kind"] == kind
        is_there = is_kind & (frame["area"] == area)
        steps = frame.loc[is_there, "step"].to_numpy()
        grid[k, steps] = of_limit_pct[is_there]
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
        steps = of_first_day(result, "steps", decider)
        lines[words_of(decider)] = steps[column]
    figure = lines_with_band(
        hours_of_steps(result),
        lines,
        x_title=TIME_TITLE,
        y_title="voltage [pu]",
        limits={name: limit_pu} if limit_pu is not None else None,
    )
    return Figure(figure, caption)
