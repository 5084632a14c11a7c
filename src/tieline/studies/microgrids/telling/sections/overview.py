"""Section "Who decides, and how well": every decider in a row, and the feeder with its microgrids."""

from __future__ import annotations

import pandas as pd

from tieline.reports.diagram import one_line
from tieline.reports.html import Block, Diagram, Section, Table
from tieline.reports.numbers import format_number
from tieline.settings.currency import in_currency
from tieline.studies.microgrids.config import MicrogridsConfig
from tieline.studies.microgrids.deciders import DECIDERS, has_safety_step
from tieline.studies.microgrids.telling.metrics import deciders_of
from tieline.studies.microgrids.telling.places import OUTSIDE
from tieline.studies.microgrids.telling.shown import (
    main_decider,
    of_first_day,
    span_of_costs,
    words_of,
)
from tieline.studies.result import Result

INTRO = (
    "The best has the lowest cost among those who break no limit. A limit is broken if it is missed by more than 1e-4 (pu of "
    "voltage, or of what a branch may carry)."
)

HEADINGS = {
    "gap": "above the central optimum [%]",
    "proposed": "steps with broken limits, as decided [%]",
    "broken": "steps with broken limits, as applied [%]",
    "lowest_pu": "lowest voltage [pu]",
    "highest_pu": "highest voltage [pu]",
    "loading_pct": "highest loading of a branch [%]",
}


def overview(result: Result, config: MicrogridsConfig) -> Section:
    """All deciders, and the feeder."""
    blocks: list[Block] = [standing_table(result, config), _diagram(result)]
    return Section("Who decides, and how well", blocks, INTRO)


def standing_table(result: Result, config: MicrogridsConfig) -> Table:
    """A row for each decider."""
    names = deciders_of(result.tables)
    rows = [_row(result, name, config.currency) for name in names]
    # a column that says nothing of anybody is left out
    frame = pd.DataFrame(rows).dropna(axis="columns", how="all")
    steps = result.tables["steps"].drop_duplicates(["day", "step"])
    n_steps = len(steps)
    caption = (
        f"All {format_number(n_steps)} steps; the cost is that of {span_of_costs(result)}, before what batteries hold at the end "
        "is paid back."
    )
    headings = HEADINGS | {"cost": f"cost [{config.currency}]"}
    return Table(frame, caption, headings)


def _row(result: Result, name: str, currency: str) -> dict[str, object]:
    steps = result.tables["steps"]
    of_decider = steps[steps["decider"] == name]
    suffix = DECIDERS[name].suffix
    proposed = None
    # without a safety step what is decided is what is applied
    if has_safety_step(name):
        proposed = _share_pct(of_decider["proposed_violations"])
    return {
        "who": words_of(name),
        "cost": result.metrics[f"{in_currency('cost', currency)}{suffix}"],
        "gap": result.metrics.get(f"cost_gap_pct{suffix}"),
        "proposed": proposed,
        "broken": _share_pct(of_decider["violations"]),
        "lowest_pu": of_decider["lowest_pu"].min(),
        "highest_pu": of_decider["highest_pu"].max(),
        "loading_pct": of_decider["loading_pct"].max(),
    }


def _share_pct(violations: pd.Series) -> float:
    """Steps with a broken limit [%], of all seeds of policies where there are several."""
    return 100 * float((violations > 0).mean())


def _diagram(result: Result) -> Diagram:
    """Buses in the colour of their microgrid, voltages under the mouse."""
    name = main_decider(result)
    buses = of_first_day(result, "buses", name)
    # a source holds its voltage: no limit stands there, and no row
    areas = dict.fromkeys((bus.name for bus in result.feeder.buses), OUTSIDE)
    areas.update(zip(buses["bus"], buses["area"], strict=True))
    tooltips = {}
    for row in buses.to_dict("records"):
        low = format_number(row["lowest_pu"], "pu")
        high = format_number(row["highest_pu"], "pu")
        tooltips[row["bus"]] = f"{row['area']}, {low} to {high} pu"
    drawing = one_line(result.feeder, bus_classes=areas, tooltips=tooltips)
    caption = f"The microgrids. Under the mouse: voltages of the first day, decided by {words_of(name)}."
    return Diagram(drawing, caption)
