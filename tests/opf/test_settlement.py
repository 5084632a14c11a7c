"""Settlement adds up to the cent, by minute and by day, and pays DERs and main feeder what they are due."""

from __future__ import annotations

import pytest

from minute_cases import ieee69_minute, region_of_bus
from tieline.opf.balancing import Clearing, clear
from tieline.opf.balancing.prices import from_duals
from tieline.opf.settlement import OPERATOR, Entry, Ledger, entries

pytest.importorskip("highspy")


def settled(clearing: Clearing, hours: float) -> tuple[Entry, ...]:
    minute = clearing.minute
    prices = from_duals(clearing, region_of_bus(minute.network))
    scheduled_kw = minute.load_kw.copy()
    scheduled_kw[-2:] = 0
    return entries(clearing, prices, scheduled_kw, hours)


def test_an_hour_by_hand() -> None:
    """45 + 5 kW with 40.2 kW of room: DERs 56, 54 and 66 paid, the line's rent left over."""
    clearing = clear(ieee69_minute(45, 5, 40.2))
    amounts = {(e.account, e.what): e.amount for e in settled(clearing, hours=1.0)}
    assert amounts["DER der_2", "energy"] == pytest.approx(9.14 * 0.062, abs=0.01)
    assert amounts["DER der_3", "energy"] == pytest.approx(10.86 * 0.064, abs=0.01)
    assert amounts["DER der_1", "energy"] > 30 * 0.060
    assert amounts["load extra_67", "departure"] == pytest.approx(-5 * 0.064, abs=0.01)
    assert amounts["main feeder", "balancing"] == 0
    assert amounts["main feeder", "losses"] == pytest.approx(clearing.cost.loss)
    # What is left is the rent of the line and of losses at the margin, not a loss of the operator.
    assert sum(amounts.values()) < 0


def test_exports_and_the_main_feeder_are_paid() -> None:
    clearing = clear(ieee69_minute(70, 45, None))
    amounts = {(e.account, e.what): e for e in settled(clearing, hours=0.5)}
    balancing = amounts["main feeder", "balancing"]
    assert balancing.energy_kwh == pytest.approx(clearing.bought_kw.sum() / 2)
    assert balancing.amount == pytest.approx(0.2 * balancing.energy_kwh)
    exporting = clear(ieee69_minute(45, 10, 0.2))
    exports = {(e.account, e.what): e for e in settled(exporting, hours=1.0)}
    assert exports["region 1", "exports"].amount == pytest.approx(0.15, abs=1e-3)


def test_minutes_and_day_add_up_to_the_cent() -> None:
    """A minute is worth some cents: rounded alone, a day of them would be off by many."""
    ledger = Ledger()
    exact = 0.0
    for k in range(20):
        clearing = clear(ieee69_minute(10 + 2 * k, 5, 40.2))
        posted = settled(clearing, hours=1 / 60)
        lines = ledger.post(f"minute {k}", posted)
        assert sum(line.cents for line in lines) == 0
        exact += sum(e.amount for e in posted if e.account == "DER der_1")
    totals = ledger.totals()
    assert sum(totals.values()) == 0
    assert totals["DER der_1"] == pytest.approx(100 * exact, abs=0.5)
    assert totals[OPERATOR] == sum(
        line.cents for line in ledger.lines if line.account == OPERATOR
    )


def test_half_cents_go_to_the_even_side() -> None:
    ledger = Ledger()
    cents = [
        ledger.post("m", [Entry("a", "energy", 1.0, 0.005)])[0].cents for _ in range(4)
    ]
    assert cents == [0, 1, 1, 0]
