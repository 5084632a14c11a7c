"""Participants and meters of a market, played from a drawn day of the market study, in a process of their own.

Meters take what departs from the schedule: homes of the peak that the definition states (`world.days`). Devices ask what they ask
in the study (`world.sellers`), for half of their power more; PV follows the sun.
Every interval gets measurements and one bid of each participant before its gate.
"""

from __future__ import annotations

import os
import signal
import sys
import threading
import time
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime

import numpy as np
import sqlalchemy as sa

from tieline.feeders import Feeder, load_feeder
from tieline.profiles.draw import draw_scenarios
from tieline.profiles.noise import child
from tieline.service.jobs import workers
from tieline.service.jobs.worker import ADDRESS, end_with_parent, worker_name
from tieline.service.market.definition import Definition, by_hour
from tieline.service.market.known import KnownMarkets
from tieline.service.store import Store, intervals, ledger, measurements, open_store
from tieline.service.store.offers import Offer, make_offer
from tieline.service.store.refusals import GateClosed, StoreError
from tieline.studies.market.world.days import departures
from tieline.studies.market.world.sellers import OFFERS, Sellers
from tieline.typing import FloatArray

LOOK_S = 0.05
"""Between two looks for intervals that wait for bids."""

AHEAD = 3
"""Intervals before whose gates participants bid: early enough to be seen in the book, late enough to know their day."""

PLAYS = "play"
"""What this process does, among the workers that the database knows; no job is of this kind."""

SIGN_S = 5.0
"""Between two signs of life: the crew takes who says nothing for half a minute for hanging."""

RETRY_S = 1.0
"""Before another try where the database could not be reached."""

METER = "simulated meters"
"""Who measures."""

LEAST_KW = 0.001
"""Less than a watt is no offer."""

MINUTES_AN_HOUR = 60


@dataclass(frozen=True)
class DrawnDay:
    """A day of loads beyond the schedule, (minute, meter) [kW], and of the sun, (minute,)."""

    buses: tuple[str, ...]
    beyond_kw: FloatArray
    sun_pu: FloatArray

    def at(self, hour: float) -> tuple[FloatArray, float]:
        """Loads and sun at an hour of the day."""
        minute = min(int(hour * MINUTES_AN_HOUR), len(self.beyond_kw) - 1)
        return self.beyond_kw[minute], float(self.sun_pu[minute])


class Players:
    """The participants and meters of a market.

    Args:
        definition: the market.
        feeder: its feeder.
    """

    def __init__(self, definition: Definition, feeder: Feeder) -> None:
        self._definition = definition
        self._feeder = feeder
        self._sellers = _sellers(definition)
        self._days: dict[date, DrawnDay] = {}

    def measured(self, starts_at: datetime) -> dict[tuple[str, str], float]:
        """What meters measure for an interval."""
        hour = self._definition.hour_at(starts_at)
        day = self._day_of(starts_at)
        beyond_kw, _ = day.at(hour)
        values = {}
        for bus, kw in zip(day.buses, beyond_kw.tolist(), strict=True):
            values[bus, "p_kw"] = self._scheduled_kw(bus, hour) + kw
        return values

    def bids(self, starts_at: datetime) -> dict[str, list[Offer]]:
        """What participants bid for an interval."""
        hour = self._definition.hour_at(starts_at)
        _, sun_pu = self._day_of(starts_at).at(hour)
        prices = self._sellers.offer(hour).tolist()
        powers_kw = self._sellers.p_max_kw(sun_pu).tolist()
        bids: dict[str, list[Offer]] = {}
        for k, device in enumerate(self._definition.devices):
            if powers_kw[k] < LEAST_KW:
                continue
            blocks = self._blocks(powers_kw[k], prices[k])
            offer = make_offer(device.name, blocks)
            bids.setdefault(device.participant, []).append(offer)
        return bids

    def _blocks(self, p_kw: float, price: float) -> list[tuple[float, float]]:
        """Half of the power at the price, half of it above: a bid in blocks, where the market takes them."""
        if self._definition.blocks == 1:
            return [(p_kw, price)]
        dearer = price + self._sellers.swing / 2
        return [(p_kw / 2, price), (p_kw / 2, dearer)]

    def _scheduled_kw(self, bus: str, hour: float) -> float:
        stated = self._definition.schedule.get(bus)
        if stated is not None:
            return by_hour(stated)[int(hour)]
        share = self._definition.rules.load_pct / 100
        return share * sum(load.p_kw for load in self._feeder.loads if load.bus == bus)

    def _day_of(self, starts_at: datetime) -> DrawnDay:
        day = self._definition.shown(starts_at).date()
        if day not in self._days:
            self._days = {day: draw_day(self._definition, self._feeder, day)}
        return self._days[day]


def draw_day(definition: Definition, feeder: Feeder, day: date) -> DrawnDay:
    """A day of a market; another day is another draw."""
    rules = definition.rules
    stated = {"start": day, "days": 1, "seed": rules.seed + day.toordinal()}
    config = rules.model_copy(update=stated)
    peaks_kw: Mapping[str, float] = {
        feeder.bus(bus).name: kw for bus, kw in definition.meters.items()
    }
    homes = departures(feeder, config, peaks_kw)
    scenarios = draw_scenarios(feeder, config.drawn_profiles, 1, config.seed)
    return DrawnDay(homes.buses, homes.p_kw, scenarios.sun_pu[0])


def _sellers(definition: Definition) -> Sellers:
    """Devices as the study's sellers, with mean offers drawn as there."""
    rules = definition.rules
    devices = definition.devices
    cost = child(rules.seed, OFFERS).uniform(
        rules.offer_low, rules.offer_high, len(devices)
    )
    return Sellers(
        names=tuple(device.name for device in devices),
        places=tuple(device.bus for device in devices),
        rated_kw=np.array([device.p_kw for device in devices]),
        cost=cost,
        is_solar=np.array([device.kind == "pv" for device in devices]),
        swing=rules.offer_swing,
    )


def play_due(store: Store, players: Players, market: str, last: datetime) -> datetime:
    """Measure and bid for the next intervals; returns the start of the last one.

    Args:
        store: the database.
        players: of the market.
        market: its name.
        last: start of the last interval that was played.
    """
    with store.read() as c:
        now = store.now()
        coming = intervals.between(
            c, market, now, datetime.max.replace(tzinfo=now.tzinfo)
        )
    waiting = [interval for interval in coming if interval.state == "open"][:AHEAD]
    for interval in waiting:
        if interval.starts_at > last:
            last = interval.starts_at
            _play(store, players, market, last)
    return last


def _play(store: Store, players: Players, market: str, starts_at: datetime) -> None:
    measured = players.measured(starts_at)
    bids = players.bids(starts_at)

    def write(c: sa.Connection) -> None:
        now = store.now()
        measurements.add(c, market, starts_at, measured, METER, now)
        for participant, offers in bids.items():
            ledger.place(c, market, starts_at, participant, offers, now)

    try:
        store.write(write)
    except GateClosed:
        # a busy computer: the interval is cleared without these bids
        return


def main(market: str, address: str) -> None:
    """Play a market until the process is asked to end."""
    stopped = threading.Event()
    signal.signal(signal.SIGTERM, lambda *_: stopped.set())
    signal.signal(signal.SIGINT, lambda *_: stopped.set())
    store = open_store(address)
    name = worker_name(os.getpid())
    store.write(lambda c: workers.announce(c, name, [PLAYS], store.now()))
    with store.read() as c:
        definition = KnownMarkets().find(c, market)
    players = Players(definition, load_feeder(definition.feeder))
    store.write(lambda c: workers.ready(c, name, store.now()))
    last = store.now()
    next_sign_s = 0.0
    while not stopped.wait(LOOK_S):
        try:
            last = play_due(store, players, market, last)
            if time.monotonic() >= next_sign_s:
                next_sign_s = time.monotonic() + SIGN_S
                store.write(lambda c: workers.seen(c, name, store.now()))
        except StoreError:
            # the database may come back
            stopped.wait(RETRY_S)
    store.write(lambda c: workers.leave(c, name))
    store.close()


if __name__ == "__main__":
    end_with_parent()
    main(sys.argv[1], os.environ[ADDRESS])
