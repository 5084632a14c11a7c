"""How large a reserve run is, before it begins: what would not end or fit into memory is refused."""

from __future__ import annotations

from math import factorial

from tieline.effort import BYTES, require_memory, require_power_flows
from tieline.studies.reserve.config import ReserveConfig
from tieline.studies.reserve.ways.optimum import MOST_ORDERED

REMEDY = "Lower held_out."


def require_size(config: ReserveConfig) -> None:
    """Refuse a run with too many unseen requests; raises `InputError` saying how much was asked and what the limit is."""
    n_ders = len(config.ders)
    orders = factorial(min(n_ders, MOST_ORDERED))
    # the cheapest first and the even split too
    allocations = config.held_out * (orders + 2)
    requests = f"{config.held_out:,} unseen requests"
    require_power_flows(requests, allocations, REMEDY)
    require_memory(requests, allocations * n_ders * BYTES, REMEDY)
