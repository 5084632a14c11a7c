"""What is wrong with a bid at the door.

A bid is for one interval: for each device up to `blocks` blocks of power at rising prices. It is refused with everything that is
wrong with it; what was taken in can be cleared. This file imports nothing that computes: the web process asks it at every bid.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa

from tieline.errors import unknown_name_message
from tieline.service.store import markets
from tieline.service.store.offers import Offer


@dataclass(frozen=True)
class Door:
    """What bids of a market are held against.

    Attributes:
        devices: by name, as the definition has them.
        blocks: of one device, at most.
    """

    devices: Mapping[str, Mapping[str, Any]]
    blocks: int


def door_of(definition: Mapping[str, Any]) -> Door:
    """The door of a market, by its definition as `Definition.as_values` has it."""
    devices = {device["name"]: device for device in definition["devices"]}
    return Door(devices, definition["blocks"])


class Doors:
    """Doors by market, read when first asked for: a definition never changes under its name."""

    def __init__(self) -> None:
        self._doors: dict[str, Door] = {}

    def find(self, c: sa.Connection, market: str) -> Door:
        """The door of a market.

        Raises:
            UnknownMarket: if there is none.
        """
        if market not in self._doors:
            self._doors[market] = door_of(markets.find(c, market).definition)
        return self._doors[market]


def bid_problems(door: Door, participant: str, offers: Sequence[Offer]) -> list[str]:
    """Everything for which a bid is refused at the door, as sentences; empty if it can be cleared.

    Args:
        door: of the market.
        participant: who bids.
        offers: one for each device.
    """
    findings = []
    counted: set[str] = set()
    if not offers:
        findings.append("The bid offers nothing. Offer a device, or withdraw the bid.")
    for offer in offers:
        name = offer.device
        if name in counted:
            findings.append(
                f"Device '{name}' is offered twice. Put its blocks into one offer."
            )
        counted.add(name)
        device = door.devices.get(name)
        if device is None:
            own_devices = [
                d["name"]
                for d in door.devices.values()
                if d["participant"] == participant
            ]
            findings.append(unknown_name_message("device", name, own_devices))
        elif device["participant"] != participant:
            findings.append(
                f"Device '{name}' is not one of participant '{participant}'. Offer your own devices."
            )
        else:
            findings += _of_blocks(device, offer, door.blocks)
    return findings


def _of_blocks(device: Mapping[str, Any], offer: Offer, most_blocks: int) -> list[str]:
    name = offer.device
    blocks = list(offer.blocks)
    if offer.direction == "charge" or any(p_kw < 0 for p_kw, _ in blocks):
        # the balancing program buys what DERs inject: it has no buyer but the regions themselves
        return [
            f"Device '{name}': this market clears p_discharge_kw only, no offers to take power. Leave the offer out."
        ]
    if not blocks:
        return [f"Device '{name}' offers no block. Give at least one, or leave it out."]
    if not all(math.isfinite(p_kw) and math.isfinite(price) for p_kw, price in blocks):
        return [
            f"Device '{name}' has a power or price that is no number. Give numbers."
        ]
    findings = []
    if len(blocks) > most_blocks:
        findings.append(
            f"Device '{name}' has {len(blocks)} blocks; this market takes {most_blocks}. Join some."
        )
    if any(p_kw <= 0 for p_kw, _ in blocks):
        findings.append(
            f"Device '{name}' has a block that is not above 0 kW. Leave it out."
        )
    total_kw = sum(p_kw for p_kw, _ in blocks)
    # a sum of blocks may differ from the rating by a rounding
    if total_kw > device["p_kw"] * (1 + 1e-9):
        findings.append(
            f"Device '{name}' offers {total_kw:g} kW; it injects {device['p_kw']:g} kW at most. Offer less."
        )
    prices = [price for _, price in blocks]
    if min(prices) < 0:
        findings.append(
            f"Device '{name}' asks {min(prices):g}: below 0 it would be taken without end. Ask 0 or more."
        )
    if prices != sorted(prices):
        findings.append(
            f"Device '{name}' has blocks of falling price. Order them from the cheapest on."
        )
    return findings
