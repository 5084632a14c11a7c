"""Minutes of the published cases: what the sources say must come out, on AC."""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence

import numpy as np
import pytest

from tieline import load_feeder
from tieline.opf.balancing import UnmetLimitsError
from tieline.profiles import BusSeries
from tieline.studies.answer import Tell
from tieline.studies.market.config import MarketConfig
from tieline.studies.market.ways.borders import watched_buses
from tieline.studies.market.ways.deciders import make_deciders
from tieline.studies.market.ways.minute import MinuteAnswer
from tieline.studies.market.ways.minutes import MinuteLoop
from tieline.studies.market.ways.models import ChoiceModels
from tieline.studies.market.world.make import make_world

OFFER = {"54": 0.062, "56": 0.060, "66": 0.064, "67": 0.070}
EXCHANGE = 0.01


def loop_at(departures_kw: Sequence[Sequence[float]], **values: object) -> MinuteLoop:
    """A case whose first minutes have these loads beyond the schedule, (minute, bus)."""
    config = MarketConfig.model_validate(values)
    feeder = load_feeder(config.feeder)
    plant, day = make_world(feeder, config)
    p_kw = np.zeros_like(day.extra.p_kw)
    p_kw[: len(departures_kw)] = departures_kw
    stated = dataclasses.replace(day, extra=BusSeries(day.extra.buses, p_kw))
    watched = watched_buses(plant, stated, config)
    models = ChoiceModels(plant)
    deciders = make_deciders(feeder, models, stated, config, Tell())
    return MinuteLoop(models, stated, config, watched, deciders.choosers)


def of_69(departures_kw: Sequence[Sequence[float]], limit: str) -> list[MinuteAnswer]:
    """Minutes of the 69-bus case with demands at buses 15 and 67."""
    loop = loop_at(departures_kw, case="ieee69", limit=limit)
    return [loop.clear(minute) for minute in range(len(departures_kw))]


def shares_kw(
    answer: MinuteAnswer, loop_buses: Sequence[str]
) -> list[dict[str, float]]:
    """What each DER gives each region, those that give nothing left out."""
    by_region = []
    for share in answer.clearing.share_kw:
        given = {
            bus: kw for bus, kw in zip(loop_buses, share, strict=True) if kw > 0.01
        }
        by_region.append(given)
    return by_region


def buses_of(answer: MinuteAnswer) -> list[str]:
    return [der.bus for der in answer.clearing.minute.network.feeder.ders]


def price_at(answer: MinuteAnswer, bus: str, part: str | None = None) -> float:
    network = answer.clearing.minute.network
    nodes = answer.prices.nodes
    values = nodes.total if part is None else getattr(nodes, part)
    index = [b.name for b in network.feeder.buses].index(bus)
    return float(values[0, network.node_bus == index][0])


def test_69_buses_without_a_limit_the_cheapest_serve() -> None:
    low, high = of_69([(25, 5), (45, 10)], "10-11:9000")
    assert shares_kw(low, buses_of(low)) == [
        {"56": pytest.approx(25)},
        {"66": pytest.approx(5)},
    ]
    assert shares_kw(high, buses_of(high)) == [
        {"56": pytest.approx(30), "54": pytest.approx(15)},
        {"66": pytest.approx(10)},
    ]
    assert price_at(high, "15", "congestion") == 0


def test_69_buses_780_der_66_gives_the_excess() -> None:
    below, above = of_69([(39, 5), (45, 5)], "10-11:base+40.2")
    assert "66" not in shares_kw(below, buses_of(below))[0]
    assert price_at(below, "15", "congestion") == 0
    served = shares_kw(above, buses_of(above))
    # lossless 4.8 kW; on AC the losses of what comes over the line are in the way
    assert served[0]["66"] == pytest.approx(5.9, abs=0.1)
    assert served[1] == {"66": pytest.approx(5)}
    # one DER of region A in place of another, a few losses aside
    step = OFFER["66"] - OFFER["54"]
    assert price_at(above, "15", "congestion") == pytest.approx(step, rel=0.1)
    # bus 67 lies behind the line too
    assert price_at(above, "67", "congestion") == pytest.approx(step, rel=0.1)


def test_69_buses_740_binds_from_the_start() -> None:
    answers = of_69([(20, 5), (30, 10), (45, 10)], "10-11:base+0.2")
    shared, full, exporting = (shares_kw(a, buses_of(a)) for a in answers)
    assert all(a.clearing.binding for a in answers)
    assert sum(shared[0].values()) == pytest.approx(20.2, abs=0.1)
    assert set(shared[0]) == set(shared[1]) == {"66"}
    # both demands pass what 66 can give: 67 serves B, and A over the border
    assert full[0] == {"66": pytest.approx(30)}
    assert full[1] == {"67": pytest.approx(10.4, abs=0.1)}
    given_kw = sum(kw for share in exporting for kw in share.values())
    assert given_kw == pytest.approx(55.8, abs=0.1)
    assert answers[2].clearing.exchange_kw[1, 0] == pytest.approx(15, abs=0.1)
    prices = [price_at(answer, "15") for answer in answers]
    # the next kWh comes from 66, then from 67, then from 67 over the border
    steps = [OFFER["67"] - OFFER["66"], EXCHANGE]
    assert np.diff(prices) == pytest.approx(steps, rel=0.05)
    assert prices[0] == pytest.approx(OFFER["66"], rel=0.06)


def test_69_buses_a_limit_below_what_ders_can_relieve() -> None:
    # 66 and 67 have 60 kW, of which AC takes about one
    with pytest.raises(
        UnmetLimitsError, match=r"(?s)Minute 2025-06-21 00:00.*branch_10"
    ):
        of_69([(50, 12)], "10-11:base+0.2")


def test_33_buses_more_than_one_der_where_one_does_not_do() -> None:
    loop = loop_at([(900,)], case="ieee33", offer_swing=0.0)
    answer = loop.clear(0)
    (given,) = shares_kw(answer, buses_of(answer))
    # 390 kW would flow back over line 24-25, which carries 300
    assert given["25"] == pytest.approx(511, abs=2)
    assert given["6"] == pytest.approx(900 - given["25"], abs=0.5)
    assert answer.clearing.cost.offers == pytest.approx(48.9, abs=0.1)
    assert answer.clearing.keeps_limits


def test_123_buses_congestion_is_relieved_even_without_a_demand() -> None:
    quiet = [0.0] * 8
    wide = loop_at([quiet], case="ieee123", limit="135-35:9000", choice="cheapest")
    narrow = loop_at([quiet], case="ieee123", choice="cheapest")
    without = wide.clear(0)
    relieved = narrow.clear(0)
    assert without.clearing.p_kw.sum() == pytest.approx(0, abs=1e-6)
    p_kw = relieved.clearing.p_kw
    may_serve = relieved.clearing.minute.may_serve
    # the region of buses 35 to 51
    (region,) = np.flatnonzero(may_serve[:, buses_of(relieved).index("47")])
    behind = may_serve[region]
    assert p_kw[behind].sum() == pytest.approx(15.0, abs=0.2)
    assert relieved.clearing.keeps_limits
    assert price_at(relieved, "47", "congestion") > 0.03
    assert abs(price_at(relieved, "8", "congestion")) < 1e-3
    # the published loss part: below zero where a DER relieves the feeder
    assert -price_at(relieved, "72", "loss") < 0


def test_123_buses_merge_at_their_load_and_split_to_the_choice_before() -> None:
    """Watched loads pass 90 kW for two minutes; the mean is over one."""
    calm = [60, 60, 60, 60, 60, 60, 40, 40]
    high = [60, 60, 60, 60, 60, 60, 95, 95]
    loop = loop_at(
        [calm, high, high, calm],
        case="ieee123",
        watch_minutes=1,
        choice="greedy",
        offer_swing=0.0,
        limit="135-35:9000",
    )
    answers = [loop.clear(minute) for minute in range(4)]
    ratios = [answer.ratio.max() for answer in answers]
    is_merged = [len(set(answer.labels.tolist())) < 6 for answer in answers]
    assert is_merged == [ratio >= 1 for ratio in ratios] == [False, True, True, False]
    events = [(event.kind, event.minute) for event in loop.events]
    assert ("merge", 1) in events
    assert ("split", 3) in events
    before, after = answers[0], answers[3]
    np.testing.assert_array_equal(before.choice.chosen, after.choice.chosen)
    assert all(answer.clearing.keeps_limits for answer in answers)


def test_123_buses_where_nobody_chooses_merged_regions_call_all_ders_too() -> None:
    high = [60, 60, 60, 60, 60, 60, 95, 95]
    loop = loop_at(
        [high], case="ieee123", watch_minutes=1, choice="all", limit="135-35:9000"
    )
    answer = loop.clear(0)
    is_merged = np.bincount(answer.labels)[answer.labels] > 1
    may_serve = answer.clearing.minute.may_serve
    assert is_merged.any()
    np.testing.assert_array_equal(answer.choice.chosen[is_merged], may_serve[is_merged])


def test_reactive_power_of_called_ders_costs_less() -> None:
    """Within the 30 kVA of each, and no region is asked to agree on it."""
    costs = {}
    for is_free in (False, True):
        loop = loop_at([(20.0, 5.0)], case="ieee69", reactive_power=is_free)
        clearing = loop.clear(0).clearing
        costs[is_free] = clearing.cost.total
        is_called = clearing.minute.chosen.any(axis=0)
        assert (clearing.q_kvar[~is_called] == 0).all()
        assert (np.hypot(clearing.p_kw, clearing.q_kvar) <= 30 * (1 + 1e-9)).all()
        assert clearing.q_kvar.any() == is_free
    assert costs[True] < costs[False]


def test_a_price_below_zero_before_the_cleared_minutes_stops_nothing() -> None:
    """Merges count from the first minute of the day on; prices do not have to."""
    config = MarketConfig(watch="18:20", watch_minutes=1)
    feeder = load_feeder(config.feeder)
    plant, day = make_world(feeder, config)
    reference_price = np.where(np.arange(len(day.times)) < 600, -0.01, 0.1)
    priced = dataclasses.replace(day, reference_price=reference_price)
    watched = watched_buses(plant, priced, config)
    assert watched.load_kw[:600].max() > 20
    loop = MinuteLoop(ChoiceModels(plant), priced, config, watched, {})
    assert loop.clear(600).clearing.keeps_limits
    assert any(event.minute < 600 for event in loop.events)
