"""Settlement of an interval in whole cents: the study's, with one account for each device.

Amounts of an account are changes of its rounded total since the market began, so intervals add up to any bill without a cent
lost, and every interval sums to zero (`opf.settlement`). The exact totals are part of the market's state.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from tieline.opf.settlement import Entry, Ledger, Line, entries
from tieline.service.market.definition import Definition
from tieline.service.market.stage import Stage
from tieline.service.market.state import Account
from tieline.service.store.clearings import Settled
from tieline.studies.market.ways.minute import MinuteAnswer

DER = "DER "
"""Begins the account of a DER in the study's settlement."""

SECONDS_AN_HOUR = 3600


@dataclass(frozen=True)
class Booked:
    """Lines of an interval, and the balances after it."""

    lines: tuple[Line, ...]
    balances: Mapping[Account, float]


def settle(
    stage: Stage, answer: MinuteAnswer, balances: Mapping[Account, float], when: str
) -> Booked:
    """Book a cleared interval.

    Args:
        stage: the market.
        answer: the cleared minute.
        balances: before it [cents].
        when: the interval, for the lines.
    """
    hours = hours_of(stage.definition)
    schedule_kw = answer.moment.schedule_kw
    posted = entries(answer.clearing, answer.prices, schedule_kw, hours)
    return book(_by_device(posted), balances, when)


def book(
    posted: Iterable[Entry], balances: Mapping[Account, float], when: str
) -> Booked:
    """Book entries on top of balances; what is left over is the operator's."""
    ledger = Ledger.resumed(balances)
    lines = ledger.post(when, posted)
    return Booked(lines, ledger.balances)


def _by_device(posted: Iterable[Entry]) -> list[Entry]:
    """Entries with the blocks of each device in one account."""
    by_account: dict[Account, Entry] = {}
    for entry in posted:
        account = entry.account
        if account.startswith(DER):
            device, _, _ = account.rpartition("#")
            # a DER of the feeder itself has no blocks
            account = device or account
        key = (account, entry.what)
        before = by_account.get(key, Entry(account, entry.what, 0.0, 0.0))
        by_account[key] = Entry(
            account,
            entry.what,
            before.energy_kwh + entry.energy_kwh,
            before.amount + entry.amount,
        )
    return list(by_account.values())


def settled_rows(definition: Definition, lines: Iterable[Line]) -> list[Settled]:
    """Lines with whose account each is of: the participant of a device, else empty."""
    rows = []
    for line in lines:
        device = None
        if line.account.startswith(DER):
            device = definition.device_of.get(line.account.removeprefix(DER))
        participant = "" if device is None else device.participant
        energy_kwh = float(line.energy_kwh)
        row = Settled(line.account, line.what, participant, energy_kwh, line.cents)
        rows.append(row)
    return rows


def hours_of(definition: Definition) -> float:
    """Length of an interval in time of the market [h]."""
    return definition.gates.length.total_seconds() / SECONDS_AN_HOUR
