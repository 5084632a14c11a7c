"""The market that is bid in: that of `tieline serve --demo`, with as many devices as participants, one each."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import sqlalchemy as sa

from tieline.bench.service.load.plan import MARKET, Bidder
from tieline.service.market.add import add_market
from tieline.service.market.definition import (
    Definition,
    make_definition,
    read_definition,
)
from tieline.service.market.playing import played
from tieline.service.market.set_up import DEMO
from tieline.service.settings import ServiceSettings
from tieline.service.store import open_store, people

DEVICES_KW = 12_300.0
"""Power of all devices, that of the published case: 123 of 100 kW."""


@dataclass(frozen=True)
class Crowd:
    """Who calls: the participants, and an operator that asks for runs and looks at pages."""

    bidders: tuple[Bidder, ...]
    operator_key: str


def crowded_market(participants: int) -> Definition:
    """The market, its devices shared out over the places of the published case; intervals of a minute."""
    values = read_definition(DEMO).as_values()
    places = [device["bus"] for device in values["devices"]]
    devices = []
    for k in range(participants):
        device: dict[str, Any] = {"name": f"d{k}", "participant": f"p{k}"}
        device |= {"p_kw": DEVICES_KW / participants, "bus": places[k % len(places)]}
        devices.append(device)
    gates = {"interval_minutes": 1, "lead_s": 30.0, "deadline_s": 20.0}
    values |= {"name": MARKET, "devices": devices, "gates": gates, "blocks": 1}
    return make_definition(values)


def prepare(home: Path, participants: int, speed: float) -> Crowd:
    """Make the database of a service with the market and its participants.

    Args:
        home: folder of the service.
        participants: how many.
        speed: of the market's clock; at 1 a gate closes every minute.
    """
    home.mkdir(parents=True, exist_ok=True)
    store = open_store(ServiceSettings(home=str(home)).database_url)
    definition = played(crowded_market(participants), speed, store.now())

    def write(c: sa.Connection) -> Crowd:
        now = store.now()
        operator_key = people.add_participant(c, "operator", "operator", now)
        keys = dict(add_market(c, definition, now))
        bidders = [
            Bidder(
                device.participant, keys[device.participant], device.name, device.p_kw
            )
            for device in definition.devices
        ]
        return Crowd(tuple(bidders), operator_key)

    try:
        return store.write(write)
    finally:
        store.close()
