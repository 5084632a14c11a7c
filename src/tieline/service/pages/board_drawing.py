"""The diagram of a board: buses by voltage, by price or a part of it, or by the microgrid that they are in."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from functools import lru_cache
from typing import Literal

from tieline.reports.diagram import one_line
from tieline.reports.html import drawing_content
from tieline.service.market.known import MOST_FEEDERS, feeder_of
from tieline.service.pages.board import Board

View = Literal[
    "voltage", "price", "energy", "loss", "voltage-part", "congestion", "microgrids"
]

WORDS: Mapping[View, str] = {
    "voltage": "voltage",
    "price": "price",
    "energy": "price: energy",
    "loss": "price: losses",
    "voltage-part": "price: voltage",
    "congestion": "price: congestion",
    "microgrids": "microgrids",
}
"""What a diagram can show, with what its button says."""

COLUMN: Mapping[View, str] = {
    "voltage": "v_pu",
    "price": "price",
    "energy": "energy",
    "loss": "loss",
    "voltage-part": "voltage",
    "congestion": "congestion",
}


def draw_board(board: Board, view: View) -> dict[str, str] | None:
    """Picture and legend; None while there is nothing to show."""
    if board.clearing is None:
        return None
    feeder = feeder_of(board.market.definition["feeder"])
    if view == "microgrids":
        return drawing_content(one_line(feeder, bus_classes=_microgrids(board)))
    values = board.part_of_bus(COLUMN[view])
    if not values:
        return None
    is_voltage = view == "voltage"
    unit = "pu" if is_voltage else f"{board.market.currency}/kWh"
    drawing = one_line(
        feeder, bus_values=values, value_label=WORDS[view], value_unit=unit
    )
    return drawing_content(drawing)


def _microgrids(board: Board) -> dict[str, str]:
    """Name of the microgrid that each bus is in: its region, or those that are merged."""
    group_of = board.facts.get("regions", [])
    names = [_microgrid_name(group_of, group) for group in group_of]
    region_of = _region_of_bus(json.dumps(board.market.definition))
    return {bus: names[region] for bus, region in region_of.items() if names}


def _microgrid_name(group_of: Sequence[int], group: int) -> str:
    merged = [str(k + 1) for k, label in enumerate(group_of) if label == group]
    word = "regions" if len(merged) > 1 else "region"
    return f"{word} {' + '.join(merged)}"


@lru_cache(maxsize=MOST_FEEDERS)
def _region_of_bus(definition: str) -> dict[str, int]:
    """Region of each bus in the market of a definition, which is given as JSON."""
    # heavy: who looks at voltages and prices alone does without
    from tieline.service.market.definition import make_definition
    from tieline.service.market.stage import region_of_bus

    market = make_definition(json.loads(definition))
    return region_of_bus(market, feeder_of(market.feeder))
