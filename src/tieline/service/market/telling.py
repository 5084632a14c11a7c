"""A cleared minute as rows: what devices do, prices of every phase, and what became of every block, with the reason.

A block is taken whole, in part, or not: because it asks more than a kilowatt-hour is worth where it stands, because others of its
price cover the demand, or because its region called other devices (where a rule chooses devices, `rules.choice`).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from tieline.opf.broken_before import Outside
from tieline.service.market.book import Place, Sale
from tieline.service.market.stage import Stage
from tieline.service.store.clearings import Fate, NodePrice, SetPoint
from tieline.service.store.ledger import Book
from tieline.studies.market.telling.price_table import phase_nodes
from tieline.studies.market.ways.minute import MinuteAnswer

NOTICED_KW = 1e-6
"""A milliwatt: less is what the program's tolerances leave, and such a block is not taken."""

Block = Mapping[str, Any]
"""What became of a block, as plain values."""


def block_fates(
    stage: Stage, answer: MinuteAnswer, sale: Sale
) -> list[tuple[Place, Block]]:
    """What became of every block of a book."""
    first = stage.plant.first_seller
    p_kw = answer.clearing.p_kw[first:]
    # what a kilowatt-hour is worth to the region that values it most, of those that may call the device
    worth = np.where(stage.plant.may_serve, answer.prices.der, -np.inf)
    best = worth.max(axis=0)[first:]
    is_called = np.any(answer.clearing.minute.chosen, axis=0)[first:]
    fates = []
    for place in sale.places:
        k = place.seller
        cleared_kw = float(p_kw[k]) if p_kw[k] > NOTICED_KW else 0.0
        paid = float(best[k])
        reason = _reason(place, cleared_kw, paid, bool(is_called[k]))
        block = {
            "device": place.device,
            "block": place.block,
            "p_kw": place.p_kw,
            "price_per_kwh": place.price,
            "cleared_kw": cleared_kw,
            "paid_per_kwh": paid,
            "reason": reason,
        }
        fates.append((place, block))
    return fates


def _reason(place: Place, cleared_kw: float, worth: float, is_called: bool) -> str:
    """Why a block is not taken whole; empty where it is."""
    if cleared_kw >= place.p_kw - NOTICED_KW:
        return ""
    if cleared_kw:
        return "the demand takes a part of it"
    if not is_called:
        return "its region called other devices"
    if place.price >= worth:
        return (
            f"it asks {place.price:.6g}, and a kilowatt-hour is worth {worth:.6g} there"
        )
    return "others of the same price cover the demand"


def fates_of(book: Book, blocks: Sequence[tuple[Place, Block]]) -> dict[int, Fate]:
    """What became of every bid: cleared if anything of it is taken, else rejected for the reason of its first block."""
    of_bid: dict[int, list[Block]] = {bid.bid_id: [] for bid in book.bids}
    for place, block in blocks:
        of_bid[place.bid_id].append(block)
    fates = {}
    for bid_id, own_blocks in of_bid.items():
        if any(block["cleared_kw"] > 0 for block in own_blocks):
            fates[bid_id] = Fate("cleared", "", own_blocks)
            continue
        reason = "it offers nothing"
        if own_blocks:
            reason = f"{own_blocks[0]['device']}: {own_blocks[0]['reason']}"
        fates[bid_id] = Fate("rejected", reason, own_blocks)
    return fates


def dispatch_of(stage: Stage, blocks: Sequence[tuple[Place, Block]]) -> list[SetPoint]:
    """Set-points of the devices that give something."""
    p_kw: dict[str, float] = {}
    for place, block in blocks:
        if block["cleared_kw"]:
            p_kw[place.device] = p_kw.get(place.device, 0.0) + block["cleared_kw"]
    devices = stage.definition.device_of
    return [
        SetPoint(name, devices[name].participant, 0.0, kw) for name, kw in p_kw.items()
    ]


def paid_per_kwh(blocks: Sequence[tuple[Place, Block]]) -> dict[str, float]:
    """What devices that give something are paid, by device [currency/kWh]."""
    return {
        place.device: block["paid_per_kwh"]
        for place, block in blocks
        if block["cleared_kw"]
    }


def node_prices(stage: Stage, answer: MinuteAnswer) -> list[NodePrice]:
    """Voltage and price of every phase of every bus."""
    names = stage.plant.network.node_names
    parts = answer.prices.nodes
    columns = (
        np.abs(answer.clearing.v_pu),
        parts.energy[0],
        parts.loss[0],
        parts.voltage[0],
        parts.congestion[0],
    )
    table = np.column_stack(columns).tolist()
    prices = []
    for k in phase_nodes(stage.plant).tolist():
        bus, _, phase = names[k].rpartition(".")
        prices.append(NodePrice(bus, int(phase), *table[k]))
    return prices


def facts_of(stage: Stage, answer: MinuteAnswer) -> dict[str, Any]:
    """Numbers for people and pages, as plain values."""
    clearing = answer.clearing
    minute = clearing.minute
    return {
        "shows": answer.moment.time.isoformat(),
        "demand_kw": minute.covered_kw.tolist(),
        "served_kw": clearing.share_kw.sum(axis=1).tolist(),
        "bought_kw": clearing.bought_kw.tolist(),
        "load_kw": float(minute.load_kw.sum()),
        "loss_kw": clearing.loss_kw,
        "cost": clearing.cost.total,
        "cost_without_devices": clearing.none_cost,
        "reference_price": minute.reference_price,
        "balancing_price": minute.balancing_price,
        "regions": answer.labels.tolist(),
        "load_centroids": answer.ratio.tolist(),
        "binding": list(clearing.binding),
        "taps": np.asarray(clearing.solution.taps[0]).tolist(),
        "kept": [_kept_text(place) for place in answer.kept],
        "steps": [*answer.choice.fallbacks, *clearing.fallbacks],
    }


def _kept_text(outside: Outside) -> str:
    return (
        f"{outside.place} stands at {outside.before:.4f} pu without the market, outside its limit of {outside.number:.4f} pu: "
        "it was held to that"
    )
