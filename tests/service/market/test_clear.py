"""An interval, cleared: who sells at which price, that it comes out the same again, and what stands where nothing is safe."""

from __future__ import annotations

import dataclasses
from datetime import timedelta

import pytest

from tieline.service.market.clear import Question, clear_interval
from tieline.service.market.fallback import FALLBACK, LastSafe
from tieline.service.market.measured import Measured
from tieline.service.market.outcome import SetPoint
from tieline.service.market.stage import Stage
from tieline.service.market.state import MarketState
from tieline.service.store.ledger import Bid
from tieline.service.store.offers import Block, Offer

BEYOND_KW = 400.0


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
    return Question(now, [ann, bob], measured, None, None)


def test_the_cheapest_blocks_serve_and_each_block_has_its_fate(stage, question) -> None:
    outcome = clear_interval(stage, question)
    assert outcome.status == "cleared"
    by_block = {(b.device, b.block): b for b in outcome.blocks}
    assert by_block["north", 1].cleared_kw == pytest.approx(300)
    assert by_block["south", 1].cleared_kw == pytest.approx(100, abs=0.1)
    assert by_block["north", 2].cleared_kw == by_block["west", 1].cleared_kw == 0
    assert "asks 0.12" in by_block["west", 1].reason
    # the block that is taken in part sets the price where it stands
    assert by_block["south", 1].paid_per_kwh == pytest.approx(0.07, abs=1e-4)
    assert all(fate.is_cleared for fate in outcome.fates.values())


def test_settlement_sums_to_zero_and_pays_the_price_there(stage, question) -> None:
    outcome = clear_interval(stage, question)
    assert sum(line.cents for line in outcome.lines) == 0
    cents = {line.account: line.cents for line in outcome.lines}
    # 300 kW for a minute
    paid = next(b.paid_per_kwh for b in outcome.blocks if b.device == "north")
    assert cents["DER north"] == round(100 * 300 / 60 * paid)
    assert cents["load extra_2"] < 0


def test_minutes_add_up_to_the_exact_amount(stage, question) -> None:
    total = 0
    exact = 0.0
    for _ in range(5):
        outcome = clear_interval(stage, question)
        total += sum(x.cents for x in outcome.lines if x.account == "DER south")
        paid = next(b for b in outcome.blocks if b.device == "south")
        exact += 100 * paid.cleared_kw / 60 * paid.paid_per_kwh
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
    assert once.prices == again.prices
    assert once.blocks == again.blocks
    assert once.state == again.state
    state = MarketState.of_bytes(once.state)
    assert state.to_bytes() == once.state
    assert state.carried.merging.minute == 3


def test_without_a_bid_the_main_feeder_covers_all(stage, question) -> None:
    outcome = clear_interval(stage, dataclasses.replace(question, bids=[]))
    assert outcome.status == "cleared"
    assert outcome.dispatch == []
    assert sum(outcome.facts["bought_kw"]) == pytest.approx(BEYOND_KW)


def test_where_no_device_can_keep_a_limit_nothing_is_dispatched(
    stage, question
) -> None:
    overload = [Measured("25", 5000.0)]
    unsafe = dataclasses.replace(question, measured=overload)
    outcome = clear_interval(stage, unsafe)
    assert outcome.status == "unmet"
    assert outcome.dispatch == ()
    assert "cannot keep a limit" in outcome.reason
    assert not any(fate.is_cleared for fate in outcome.fates.values())


def test_the_last_dispatch_goes_on_only_if_it_is_safe_now(stage, question) -> None:
    last = LastSafe(question.starts_at, [SetPoint("north", "ann", 100.0)], [], {})
    overload = [Measured("25", 5000.0)]
    unsafe = dataclasses.replace(question, measured=overload, last=last)
    assert clear_interval(stage, unsafe).status == "unmet"


def test_the_last_dispatch_grows_old(question) -> None:
    last = LastSafe(question.starts_at, [], [], {})
    assert last.is_fresh(question.starts_at + FALLBACK)
    assert not last.is_fresh(question.starts_at + FALLBACK + timedelta(seconds=1))
