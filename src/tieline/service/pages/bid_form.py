"""The form of a bid: power and price of each device of a participant, for the interval that takes bids next.

A form holds one block for each device; more blocks are for the API. A device left empty is not offered; a form without any is a
withdrawal. An earlier bid of the participant in the interval is replaced.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Literal

import sqlalchemy as sa

from tieline.service.market.bid_check import Doors, bid_problems
from tieline.service.pages.board import Board
from tieline.service.pages.sessions import Visitor
from tieline.service.store import ledger
from tieline.service.store.ledger import Bid
from tieline.service.store.offers import Offer, make_offer
from tieline.service.web.problems import Finding, Refusal

POWER = "kw:"
PRICE = "price:"
"""Fields are called after the device: `kw:NAME`, `price:NAME`."""


START = re.compile(r"\d{1,11}")
"""Start of an interval in Unix seconds; eleven digits reach as far as the calendar."""


Act = Literal["placed", "withdrawn"]


@dataclass(frozen=True)
class AskedBid:
    """What a form asks."""

    starts_at: datetime
    offers: tuple[Offer, ...]

    @property
    def act(self) -> Act:
        """What it does."""
        return "placed" if self.offers else "withdrawn"


@dataclass(frozen=True)
class RefusedBid:
    """A form that was not taken.

    Attributes:
        reasons: why, as sentences.
        fields: as it was filled in.
        status: HTTP status of the answer.
    """

    reasons: tuple[str, ...]
    fields: Mapping[str, str]
    status: int


def devices_of(board: Board, refused: RefusedBid | None = None) -> list[dict[str, Any]]:
    """Devices of who looks, as the market's definition has them, each with the texts of its two fields, `filled`.

    A form that was refused keeps what was filled in; else it is the block that is bid for the next interval.
    """
    name = board.visitor.bids_as
    devices = board.market.definition.get("devices", [])
    fields = _fields_of(board.next_bid) if refused is None else refused.fields
    return [
        {**device, "filled": _filled(fields, device["name"])}
        for device in devices
        if device["participant"] == name
    ]


def _fields_of(bid: Bid | None) -> dict[str, str]:
    """Fields that say the first block of each device of a bid."""
    fields: dict[str, str] = {}
    for offer in () if bid is None else bid.offers:
        p_kw, price = offer.blocks[0]
        fields[POWER + offer.device] = str(p_kw)
        fields[PRICE + offer.device] = str(price)
    return fields


def _filled(fields: Mapping[str, str], device: str) -> tuple[str, str]:
    """Texts of power and price of a device."""
    return fields.get(POWER + device, ""), fields.get(PRICE + device, "")


def read_form(form: Mapping[str, str]) -> AskedBid:
    """What a form asks.

    Raises:
        Refusal: with every field that cannot be used.
        Refusal of the ledger: if an offer is none.
    """
    problems: list[str] = []
    offers = []
    for field, text in form.items():
        if not field.startswith(POWER) or not text.strip():
            continue
        device = field.removeprefix(POWER)
        p_kw = _number(form, field, f"power of {device} [kW]", problems)
        price = _number(form, PRICE + device, f"price of {device}", problems)
        if not problems:
            offers.append(make_offer(device, [(p_kw, price)]))
    start = form.get("interval", "")
    if not START.fullmatch(start):
        problems.append("The form names no interval. Open the page again.")
    _refuse(problems)
    return AskedBid(datetime.fromtimestamp(int(start), UTC), tuple(offers))


def _number(
    form: Mapping[str, str], field: str, what: str, problems: list[str]
) -> float:
    """A number of a form; what is none goes to the problems."""
    text = form.get(field, "").strip()
    try:
        return float(text)
    except ValueError:
        problems.append(f"The {what} is '{text}', not a number. Correct it.")
        return 0.0


def _refuse(problems: Sequence[str]) -> None:
    """Raise all that is wrong, if anything is."""
    if not problems:
        return
    findings = [Finding(where="/", message=problem) for problem in problems]
    raise Refusal("not-valid", " ".join(problems), findings)


def refused_bid(refusal: Refusal, fields: Mapping[str, str]) -> RefusedBid:
    """What is shown of a form that was not taken."""
    reasons = tuple(finding.message for finding in refusal.findings)
    return RefusedBid(reasons or (str(refusal),), fields, refusal.status)


def place(
    c: sa.Connection,
    doors: Doors,
    market: str,
    visitor: Visitor,
    bid: AskedBid,
    now: datetime,
) -> None:
    """Place, replace or withdraw; raises what the ledger refuses."""
    name = visitor.bids_as
    if name is None:
        raise Refusal("not-allowed", "Bids are for participants.")
    if not bid.offers:
        ledger.withdraw(c, market, bid.starts_at, name, now)
        return
    _refuse(bid_problems(doors.find(c, market), name, bid.offers))
    ledger.place(c, market, bid.starts_at, name, bid.offers, now)
