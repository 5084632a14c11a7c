"""What stands where no program answers: the last safe dispatch, or none; and who pays for it.

A deadline that is missed, or limits that all devices together cannot keep, give no new set-points. The last ones go on for a
quarter of an hour at most: they kept every limit when they were published. Devices are paid what they were paid then, by the
operator, whose failure it is; loads pay nothing beyond their schedule. Bids of the interval are rejected with the reason.
"""

from __future__ import annotations

from tieline.opf.settlement import Entry
from tieline.service.market.definition import Definition
from tieline.service.market.question import FALLBACK, LastSafe, Question
from tieline.service.market.settle import DER, book, hours_of, settled_rows
from tieline.service.market.state import MarketState
from tieline.service.store.clearings import Clearing, Fate


def last_safe_dispatch(
    definition: Definition, question: Question, reason: str
) -> Clearing:
    """The last safe dispatch where it may go on, else none.

    Args:
        definition: the market.
        question: the interval.
        reason: why no program answers.
    """
    last = question.last
    if last is None or not _is_fresh(definition, question, last):
        minutes = FALLBACK.seconds // 60
        return no_dispatch(
            question,
            f"{reason}; no safe dispatch of the last {minutes} minutes goes on",
        )
    last_time = definition.shown(last.starts_at)
    text = f"{reason}; the dispatch of {last_time:%Y-%m-%d %H:%M} goes on"
    lines = ()
    state = question.state
    if state is not None:
        before = MarketState.of_bytes(state)
        settled = book(
            _payments(definition, last), before.balances, question.starts_at.isoformat()
        )
        lines = settled_rows(definition, settled.lines)
        state = MarketState(before.carried, settled.balances).to_bytes()
    return Clearing(
        market=question.market,
        starts_at=question.starts_at,
        book_digest=question.book.digest,
        status="fallback",
        reason=text,
        dispatch=last.dispatch,
        prices=last.prices,
        settlement=lines,
        fates=_rejected(question, text),
        facts={"dispatch_of": last.starts_at.isoformat()},
        state=state,
        began_from=question.began_from,
        began_revision=question.began_revision,
    )


def no_dispatch(question: Question, reason: str) -> Clearing:
    """Nothing is published that could be unsafe: devices give nothing, and somebody has to look."""
    return Clearing(
        market=question.market,
        starts_at=question.starts_at,
        book_digest=question.book.digest,
        status="unmet",
        reason=reason,
        fates=_rejected(question, reason),
        state=question.state,
        began_from=question.began_from,
        began_revision=question.began_revision,
    )


def _is_fresh(definition: Definition, question: Question, last: LastSafe) -> bool:
    now = definition.shown(question.starts_at)
    return now - definition.shown(last.starts_at) <= FALLBACK


def _rejected(question: Question, reason: str) -> dict[int, Fate]:
    return {bid.bid_id: Fate("rejected", reason) for bid in question.book.bids}


def _payments(definition: Definition, last: LastSafe) -> list[Entry]:
    entries = []
    for point in last.dispatch:
        energy_kwh = point.p_discharge_kw * hours_of(definition)
        amount = energy_kwh * last.paid_per_kwh.get(point.device, 0.0)
        account = f"{DER}{point.device}"
        entries.append(Entry(account, "energy", energy_kwh, amount))
    return entries
