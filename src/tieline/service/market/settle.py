"""Settlement of an interval in whole cents: the study's, with one account for each device.

Amounts of an account are changes of its rounded total since the market began, so intervals add up to any bill without a cent
lost, and every interval sums to zero (`opf.settlement`). The exact totals are part of the market's state.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from tieline.opf.settlement import OPERATOR, Entry, Ledger, Line, entries
from tieline.service.market.stage import Stage
from tieline.service.market.state import Account
from tieline.studies.market.ways.minute import MinuteAnswer

DER = "DER "
"""Begins the account of a DER in the study's settlement."""

SECONDS_AN_HOUR = 3600


@dataclass(frozen=True)
class Settled:
    """Lines of an interval, and the balances after it."""

    lines: tuple[Line, ...]
    balances: Mapping[Account, float]


def settle(
    stage: Stage, answer: MinuteAnswer, balances: Mapping[Account, float], when: str
) -> Settled:
    """Book a cleared interval.

    Args:
        stage: the market.
        answer: the cleared minute.
        balances: before it [cents].
        when: the interval, for the lines.
    """
    gates = stage.definition.gates
    hours = gates.length.total_seconds() / SECONDS_AN_HOUR
    schedule_kw = answer.moment.schedule_kw
    posted = entries(answer.clearing, answer.prices, schedule_kw, hours)
    return book(_by_device(posted), balances, when)


def book(
    posted: Iterable[Entry], balances: Mapping[Account, float], when: str
) -> Settled:
    """Book entries on top of balances; what is left over is the operator's."""
    ledger = Ledger.resumed(balances)
    lines = ledger.post(when, posted)
    return Settled(lines, ledger.balances)


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


def participant_of(stage: Stage, line: Line) -> str:
    """Whose account a line is of: the participant of a device, else empty."""
    device = stage.definition.device_of.get(line.account.removeprefix(DER))
    is_der = line.account.startswith(DER) and device is not None
    return device.participant if is_der else ""


__all__ = ["OPERATOR", "Settled", "book", "participant_of", "settle"]
