"""The diagram of a board: buses by voltage, by price or a part of it, or by the microgrid that they are in."""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache
from typing import Literal

from tieline.feeders import Feeder, load_feeder
from tieline.reports.diagram import one_line
from tieline.reports.html import drawing_content
from tieline.service.pages.board import Board

View = Literal["voltage", "price", "energy", "loss", "voltage-part", "congestion"]

WORDS: Mapping[View, str] = {
    "voltage": "voltage",
    "price": "price",
    "energy": "price: energy",
    "loss": "price: losses",
    "voltage-part": "price: voltage",
    "congestion": "price: congestion",
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

FEEDERS_KEPT = 8
"""As many as one service has markets of different feeders at most, nearly always."""


@lru_cache(maxsize=FEEDERS_KEPT)
def feeder_of(name: str) -> Feeder:
    """The feeder of a market, read once."""
    return load_feeder(name)


def draw_board(board: Board, view: View) -> dict[str, str] | None:
    """Picture and legend; None while there is nothing to show."""
    if board.clearing is None:
        return None
    feeder = feeder_of(board.market.definition["feeder"])
    values = board.part_of_bus(COLUMN[view])
    if not values:
        return None
    is_voltage = view == "voltage"
    unit = "pu" if is_voltage else f"{board.market.currency}/kWh"
    drawing = one_line(
        feeder, bus_values=values, value_label=WORDS[view], value_unit=unit
    )
    return drawing_content(drawing)
