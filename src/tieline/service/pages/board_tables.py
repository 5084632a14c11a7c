"""Tables of a board: the book with what became of it, the price map in parts, and the settlement."""

from __future__ import annotations

from collections.abc import Mapping
from math import isclose
from typing import Any

import pandas as pd

from tieline.reports.html import Table
from tieline.service.pages.board import Board
from tieline.service.pages.look import shown_table
from tieline.service.store.clearings import Fate
from tieline.service.store.ledger import Bid

MOST_BIDS = 40
MOST_BUSES = 12
MOST_ACCOUNTS = 60

PRICE_PARTS = ("energy", "loss", "voltage", "congestion")

CENTS = 100

SHOWN_KW = 0.005
"""Less than the table shows [kW]."""


def book_table(board: Board) -> dict[str, Any] | None:
    """Bids that may be seen, a row for each device; None if there are none."""
    clearing = board.clearing
    all_reason = "" if clearing is None else clearing.reason
    rows = [
        row for bid in board.bids for row in _offer_rows(bid, board.fates, all_reason)
    ]
    if not rows:
        return None
    # what is taken first: of hundreds of devices most are not
    rows.sort(key=lambda row: row["taken_kw"] or 0.0, reverse=True)
    headings = {name: f"{name} [{_price_unit(board)}]" for name in ("from", "to")}
    return shown_table(
        Table(pd.DataFrame(rows), headings=headings, most_rows=MOST_BIDS)
    )


def _price_unit(board: Board) -> str:
    return f"{board.market.currency}/kWh"


def _offer_rows(
    bid: Bid, fates: Mapping[int, Fate], all_reason: str
) -> list[dict[str, Any]]:
    fate = fates.get(bid.bid_id)
    taken_kw = _taken_kw(fate)
    rows = []
    for offer in bid.offers:
        prices = [price for _, price in offer.blocks]
        offered_kw = sum(p_kw for p_kw, _ in offer.blocks)
        device_kw = taken_kw.get(offer.device, 0.0 if fate else None)
        rows.append(
            {
                "participant": bid.participant,
                "device": offer.device,
                "offered_kw": offered_kw,
                "from": min(prices),
                "to": max(prices),
                "taken_kw": device_kw,
                "what_became_of_it": _fate_words(
                    fate, offered_kw, device_kw, all_reason
                ),
            }
        )
    return rows


def _taken_kw(fate: Fate | None) -> dict[str, float]:
    """Power that is taken of each device."""
    taken_kw: dict[str, float] = {}
    for block in fate.blocks if fate is not None else ():
        device = block["device"]
        taken_kw[device] = taken_kw.get(device, 0.0) + block["cleared_kw"]
    return taken_kw


def _fate_words(
    fate: Fate | None, offered_kw: float, device_kw: float | None, all_reason: str
) -> str:
    """What became of the offer of a device."""
    if fate is None or device_kw is None:
        return "waits for the clearing"
    if fate.fate == "rejected":
        # what held for the whole interval stands above the book
        return "rejected" if fate.reason == all_reason else f"rejected: {fate.reason}"
    if device_kw == 0.0:
        return "not taken"
    if isclose(device_kw, offered_kw, abs_tol=SHOWN_KW):
        return "taken"
    return "taken in part"


def price_table(board: Board) -> dict[str, Any] | None:
    """The dearest buses, with the parts of their price; None if nothing is priced."""
    price = board.price_of_bus
    if not price:
        return None
    parts = {part: board.part_of_bus(part) for part in PRICE_PARTS}
    dearest = sorted(price, key=price.__getitem__, reverse=True)
    rows = [
        {
            "bus": bus,
            "price": price[bus],
            **{part: parts[part][bus] for part in PRICE_PARTS},
        }
        for bus in dearest
    ]
    names = ("price", *PRICE_PARTS)
    headings = {name: f"{name} [{_price_unit(board)}]" for name in names}
    return shown_table(
        Table(pd.DataFrame(rows), headings=headings, most_rows=MOST_BUSES)
    )


def settlement_table(board: Board) -> dict[str, Any] | None:
    """Accounts that may be seen; None if there are none."""
    lines = [] if board.clearing is None else board.clearing.settlement
    is_visible = board.visitor.sees
    rows = [
        {
            "account": line.account,
            "for": line.what,
            "energy_kwh": line.energy_kwh,
            "amount": line.cents / CENTS,
        }
        for line in lines
        if board.visitor.sees_all or (line.participant and is_visible(line.participant))
    ]
    if not rows:
        return None
    headings = {"amount": f"amount [{board.market.currency}]"}
    return shown_table(
        Table(pd.DataFrame(rows), headings=headings, most_rows=MOST_ACCOUNTS)
    )
