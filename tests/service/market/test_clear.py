"""An interval, cleared: who sells at which price, that it comes out the same again, and what stands where nothing is safe."""

from __future__ import annotations

import dataclasses
from datetime import timedelta

import pytest

from tieline.service.market.clear import clear_interval
from tieline.service.market.fallback import last_safe_dispatch
from tieline.service.market.measured import Measured
from tieline.service.market.question import FALLBACK, LastSafe, Question
from tieline.service.market.stage import Stage
from tieline.service.market.state import MarketState
from tieline.service.store.clearings import SetPoint
from tieline.service.store.ledger import Bid, Book
from tieline.service.store.offers import Block, Offer

BEYOND_KW = 400.0
OVERLOAD = [Measured("25", 5000.0)]


@pytest.fixture
def question(stage: Stage, now) -> Question:
    """400 kW beyond the schedule; the cheapest 300 kW stand at bus 25, the next at bus 6."""

    def bid(number, who, *offers):
        return Bid(number, "small", now, who, 1, "place", offers, now)

    def offer(device, *blocks):
        return Offer(device, tuple(Block(*block) for block in blocks))

    ann = bid(1, "ann", offer("north", (300, 0.05), (300, 0.09)))
    bob = bid(2, "bob", offer("south", (500, 0.07)), offer("west", (600, 0.12)))
    (load,) = stage.loads_at["2"]
    measured = [Measured("2", stage.hourly_kw[0, load] + BEYOND_KW)]
    return Question(Book("small", now, (ann, bob)), measured)


def test_the_cheapest_blocks_serve_and_each_block_has_its_fate(stage, question) -> None:
    outcome = clear_interval(stage, question)
    assert outcome.status == "cleared"
    cheap, dear = outcome.fates[1].blocks
    partly, idle = outcome.fates[2].blocks
    assert cheap["cleared_kw"] == pytest.approx(300)
    assert partly["cleared_kw"] == pytest.approx(100, abs=0.1)
    assert dear["cleared_kw"] == idle["cleared_kw"] == 0
    assert "asks 0.12" in idle["reason"]
    # the block that is taken in part sets the price where it stands
    assert partly["paid_per_kwh"] == pytest.approx(0.07, abs=1e-4)
    assert [fate.fate for fate in outcome.fates.values()] == ["cleared", "cleared"]


def test_settlement_sums_to_zero_and_pays_the_price_there(stage, question) -> None:
    outcome = clear_interval(stage, question)
    assert sum(row.cents for row in outcome.settlement) == 0
    of_account = {row.account: row for row in outcome.settlement}
    # 300 kW for a minute
    paid = outcome.fates[1].blocks[0]["paid_per_kwh"]
    assert of_account["DER north"].cents == round(100 * 300 / 60 * paid)
    assert of_account["DER north"].participant == "ann"
    assert of_account["load extra_2"].cents < 0


def test_minutes_add_up_to_the_exact_amount(stage, question) -> None:
    total = 0
    exact = 0.0
    for _ in range(5):
        outcome = clear_interval(stage, question)
        rows = [row for row in outcome.settlement if row.account == "DER south"]
        total += sum(row.cents for row in rows)
        block = outcome.fates[2].blocks[0]
        exact += 100 * block["cleared_kw"] / 60 * block["paid_per_kwh"]
        question = dataclasses.replace(question, state=outcome.state)
    assert total == round(exact)


def test_the_same_question_has_the_same_answer_from_what_is_stored(
    stage, question
) -> None:
    """Three intervals in a row, then the last one again from the bytes that the second left."""
    outcome = clear_interval(stage, question)
    second = clear_interval(stage, dataclasses.replace(question, state=outcome.state))
    third = dataclasses.replace(question, state=second.state)
    once = clear_interval(stage, third)
    again = clear_interval(stage, third)
    assert once.outcome_digest == again.outcome_digest
    assert once.prices == again.prices
    assert once.state == again.state
    assert once.state is not None
    state = MarketState.of_bytes(once.state)
    assert state.to_bytes() == once.state
    assert state.carried.merging.minute == 3


def test_without_a_bid_the_main_feeder_covers_all(stage, question) -> None:
    without = dataclasses.replace(question, book=Book("small", question.starts_at, ()))
    outcome = clear_interval(stage, without)
    assert outcome.status == "cleared"
    assert outcome.dispatch == []
    assert sum(outcome.facts["bought_kw"]) == pytest.approx(BEYOND_KW)


def test_where_no_device_can_keep_a_limit_nothing_is_dispatched(
    stage, question
) -> None:
    unsafe = dataclasses.replace(question, measured=OVERLOAD)
    outcome = clear_interval(stage, unsafe)
    assert outcome.status == "unmet"
    assert outcome.dispatch == ()
    assert "cannot keep a limit" in outcome.reason
    assert {fate.fate for fate in outcome.fates.values()} == {"rejected"}


def test_the_last_dispatch_goes_on_only_if_it_is_safe_now(stage, question) -> None:
    last = LastSafe(question.starts_at, [SetPoint("north", "ann", 0.0, 100.0)], [], {})
    unsafe = dataclasses.replace(question, measured=OVERLOAD, last=last)
    assert clear_interval(stage, unsafe).status == "unmet"


def test_a_missed_deadline_lets_the_last_dispatch_go_on_for_a_while(
    stage, question
) -> None:
    """Its devices are paid as before, by the operator; bids are rejected with the reason."""
    cleared = clear_interval(stage, question)
    paid = cleared.fates[1].blocks[0]["paid_per_kwh"]
    last = LastSafe(
        question.starts_at, cleared.dispatch, cleared.prices, {"north": paid}
    )

    def after(time: timedelta) -> Question:
        book = Book("small", question.starts_at + time, question.book.bids)
        return dataclasses.replace(question, book=book, state=cleared.state, last=last)

    late = last_safe_dispatch(stage.definition, after(FALLBACK), "nobody answered")
    assert late.status == "fallback"
    assert late.dispatch == cleared.dispatch
    cents = {row.account: row.cents for row in late.settlement}
    assert cents["DER north"] == round(100 * 300 / 60 * paid)
    assert cents["operator"] == -sum(c for a, c in cents.items() if a != "operator")
    assert late.fates[1].fate == "rejected"
    assert "nobody answered" in late.fates[1].reason
    too_late = after(FALLBACK + timedelta(minutes=1))
    nothing = last_safe_dispatch(stage.definition, too_late, "nobody answered")
    assert nothing.status == "unmet"
