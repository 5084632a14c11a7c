"""Allocations by rule: what an aggregator does without a model of the feeder.

All take capacities, (episode, der) [kW], bids [cents/kWh] and requests, (episode,) [kW], and return (episode, der) [kW].
"""

from __future__ import annotations

import numpy as np

from tieline.typing import FloatArray, IntArray


def by_capacity(capacity_kw: FloatArray, request_kw: FloatArray) -> FloatArray:
    """Every DER gives the same share of its capacity, (episode, der) [kW]."""
    total_kw = np.maximum(capacity_kw.sum(axis=1), np.finfo(float).tiny)
    return capacity_kw * (request_kw / total_kw)[:, None]


def cheapest_first(
    capacity_kw: FloatArray, bid_cents: FloatArray, request_kw: FloatArray
) -> FloatArray:
    """The lowest bid is used up before the next; of equal bids the first DER goes first, (episode, der) [kW]."""
    return in_order(
        capacity_kw, request_kw, np.argsort(bid_cents, axis=1, kind="stable")
    )


def in_order(
    capacity_kw: FloatArray, request_kw: FloatArray, order: IntArray
) -> FloatArray:
    """One DER after the other is used up, in the order given, (episode, der), first to last."""
    offered = np.take_along_axis(capacity_kw, order, axis=1)
    before = np.cumsum(offered, axis=1) - offered
    ordered = np.clip(request_kw[:, None] - before, 0.0, offered)
    allocation = np.empty_like(ordered)
    np.put_along_axis(allocation, order, ordered, axis=1)
    return allocation
