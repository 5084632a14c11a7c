"""Participants that are played from the study's day, and the market they are played on."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import numpy as np
import pytest

from tieline import load_feeder
from tieline.errors import InputError
from tieline.service.market.bid_check import bid_problems, door_of
from tieline.service.market.definition import (
    Definition,
    make_definition,
    read_definition,
)
from tieline.service.market.playing import is_same_market, played
from tieline.service.market.set_up import DEMO, set_up_market, wanted_market
from tieline.service.market.simulate import Players
from tieline.service.store import Store

NOW = datetime(2026, 11, 29, 12, 0, tzinfo=UTC)


@pytest.fixture(scope="module")
def demo() -> Definition:
    return played(read_definition(DEMO), 60, NOW)


def test_the_market_to_look_at_has_a_device_at_every_place(demo) -> None:
    assert len(demo.devices) == 123
    assert len(demo.participants) == 6
    assert demo.rules.limit == "135-35:base-15"


def test_bids_can_be_cleared_and_the_sun_limits_those_that_follow_it(demo) -> None:
    players = Players(demo, load_feeder(demo.feeder))
    noon = demo.clock.moment(demo.clock.shows + timedelta(hours=6))
    night = demo.clock.moment(demo.clock.shows + timedelta(hours=18))
    values = demo.as_values()
    kinds = {device.name: device.kind for device in demo.devices}
    sold = {}
    for moment in (noon, night):
        bids = players.bids(moment)
        for participant, offers in bids.items():
            assert bid_problems(door_of(values), participant, offers) == []
        every = [offer for offers in bids.values() for offer in offers]
        sold[moment] = {kinds[offer.device] for offer in every}
    assert "pv" in sold[noon]
    assert "pv" not in sold[night]


def test_meters_take_what_the_study_draws_beyond_the_schedule(demo) -> None:
    feeder = load_feeder(demo.feeder)
    players = Players(demo, feeder)
    moments = [
        demo.clock.moment(demo.clock.shows + timedelta(minutes=10 * k))
        for k in range(108)
    ]
    measured = [players.measured(moment) for moment in moments]
    at_18 = np.array([values["18", "p_kw"] for values in measured])
    # no load is scheduled at bus 18
    assert at_18.min() >= 0
    assert 0.3 * demo.meters["18"] < at_18.max() <= demo.meters["18"]


def test_a_played_market_goes_on_with_its_clock(sqlite_store: Store) -> None:
    wanted = wanted_market(None, is_demo=True, speed=None)
    assert wanted is not None
    definition, speed = wanted
    write = sqlite_store.write
    first, keys = write(lambda c: set_up_market(c, definition, speed, NOW))
    later = NOW + timedelta(hours=1)
    again, more_keys = write(lambda c: set_up_market(c, definition, speed, later))
    assert again == first
    assert len(keys) == 6
    assert more_keys == []
    assert is_same_market(first, definition)


def test_a_file_that_changed_needs_another_name(sqlite_store: Store, values) -> None:
    write = sqlite_store.write
    write(lambda c: set_up_market(c, make_definition(values), None, NOW))
    values["devices"][0]["p-kw"] = 1
    with pytest.raises(InputError, match="another definition"):
        write(lambda c: set_up_market(c, make_definition(values), None, NOW))


def test_gates_leave_the_computer_its_time_however_fast_the_day_goes(demo) -> None:
    fast = played(read_definition(DEMO), 600, NOW)
    length = demo.clock.lasts(demo.gates.length)
    assert length == timedelta(seconds=5)
    assert demo.gates.lead_s == 5
    assert fast.gates.lead_s == 2
    assert fast.gates.deadline_s < fast.gates.lead_s
