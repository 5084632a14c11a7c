"""The published cases of the minute: the 33-bus feeder with one buyer, the 69-bus feeder with two regions that share a DER."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from tieline.feeders import load_feeder
from tieline.feeders.elements import Load
from tieline.feeders.feeder import Feeder
from tieline.feeders.placing import find_sites
from tieline.network import Network
from tieline.network.attach import with_generators_at
from tieline.opf import BranchLimit
from tieline.opf.balancing import Minute
from tieline.opf.make_problem import network_limits
from tieline.powerflow import solve
from tieline.typing import BoolArray, FloatArray, IntArray

REFERENCE_PRICE = 0.1


def line_between(feeder: Feeder, a: str, b: str) -> str:
    """Name of the line that joins two buses."""
    ends = {a, b}
    return next(
        line.name for line in feeder.lines if {line.from_bus, line.to_bus} == ends
    )


def network_with(
    name: str, sites: Sequence[str], rated_kva: float, buyers: Sequence[str]
) -> Network:
    """A feeder with a DER at each site, and at each buyer's bus a load more, the last ones, which takes nothing yet."""
    feeder = load_feeder(name)
    sited = with_generators_at(feeder, sites, [rated_kva] * len(sites))
    extra = []
    for site in find_sites(feeder, buyers):
        load = Load(f"extra_{site.bus}", *site, p_kw=0.0, q_kvar=0.0)
        extra.append(load)
    return Network.from_feeder(sited.replace(loads=(*feeder.loads, *extra)))


def loads_kw(
    network: Network, extra_kw: Sequence[float], share: float = 1.0
) -> FloatArray:
    """The feeder's loads, scaled, the last ones taking what buyers take, (load,) [kW]."""
    load_kw = share * np.array([load.p_kw for load in network.feeder.loads])
    load_kw[-len(extra_kw) :] = extra_kw
    return load_kw


def nominal_kvar(network: Network, share: float = 1.0) -> FloatArray:
    """The feeder's reactive loads, scaled, (load,)."""
    return share * np.array([load.q_kvar for load in network.feeder.loads])


def ieee33_minute(demand_kw: float, room_kw: float = 300.0, **changes: Any) -> Minute:
    """Buyer bus 2; DERs of 600 kW at 25, 6, 22; at most 300 kW on the line to 25, or another limit."""
    network = network_with("ieee33", ["25", "6", "22"], 600.0, ["2"])
    name = line_between(network.feeder, "24", "25")
    limit = BranchLimit("line", name, forward_kw=room_kw, reverse_kw=room_kw)
    asked: dict[str, Any] = {
        "network": network,
        "load_kw": loads_kw(network, [demand_kw], share=0.5),
        "load_kvar": nominal_kvar(network, share=0.5),
        "positions": {},
        "reference_price": REFERENCE_PRICE,
        "balancing_price": 2 * REFERENCE_PRICE,
        "offer": np.array([0.05, 0.06, 0.07]),
        "p_max_kw": np.full(3, 600.0),
        "demand_kw": np.array([demand_kw]),
        "group": np.zeros(1, dtype=int),
        "neighbours": np.zeros((0, 2), dtype=int),
        "may_serve": np.ones((1, 3), dtype=bool),
        "chosen": np.ones((1, 3), dtype=bool),
        "limits": network_limits(network, 0.9, 1.05, [limit]),
        "label": "minute 12:00",
    }
    return Minute(**(asked | changes))


SITES_69 = ("56", "54", "66", "67")
"""DERs of 30 kW that the published regions call: A the first three, B the last two."""


def ieee69_minute(
    demand_15_kw: float, demand_67_kw: float, room_kw: float | None, **changes: Any
) -> Minute:
    """Region A buys at 15, region B at 67; DER 66 serves both; the line 10-11 has some room above its base flow on AC."""
    network = network_with("ieee69", SITES_69, 30.0, ["15", "67"])
    limits: Sequence[BranchLimit] = ()
    if room_kw is not None:
        name = line_between(network.feeder, "10", "11")
        limits = [
            BranchLimit("line", name, forward_kw=base_flow_kw(network, name) + room_kw)
        ]
    may_serve: BoolArray = np.array([[1, 1, 1, 0], [0, 0, 1, 1]], dtype=bool)
    asked: dict[str, Any] = {
        "network": network,
        "load_kw": loads_kw(network, [demand_15_kw, demand_67_kw]),
        "load_kvar": nominal_kvar(network),
        "positions": {},
        "reference_price": REFERENCE_PRICE,
        "balancing_price": 2 * REFERENCE_PRICE,
        "offer": np.array([0.060, 0.062, 0.064, 0.070]),
        "p_max_kw": np.full(4, 30.0),
        "demand_kw": np.array([demand_15_kw, demand_67_kw]),
        "group": np.arange(2),
        "neighbours": np.array([[0, 1]]),
        "may_serve": may_serve,
        "chosen": may_serve,
        "limits": network_limits(network, 0.9, 1.05, limits),
        "label": "minute 12:00",
    }
    return Minute(**(asked | changes))


def base_flow_kw(network: Network, line: str) -> float:
    """Flow into the first end of a line with nothing bought, on AC."""
    solution = solve(network)
    element = network.element_index["line", line]
    terminals = network.terminals
    is_start = (terminals.element == element) & (terminals.side == 1)
    return float(solution.terminal_kva[0, is_start].sum().real)


def region_of_bus(network: Network) -> IntArray:
    """A behind bus 4 but for 66 and 67, which are B; none nearer to the source and on the laterals that begin there."""
    buses = [bus.name for bus in network.feeder.buses]
    region = np.zeros(len(buses), dtype=int)
    outside = [str(bus) for bus in (1, 2, 3, 4, 5, *range(28, 51))]
    region[[buses.index(name) for name in outside]] = -1
    region[[buses.index(name) for name in ("66", "67")]] = 1
    return region


def limit_in(unit: str, line: str, limit: float) -> BranchLimit:
    """A line's limit in "a" or "kva"."""
    if unit == "a":
        return BranchLimit("line", line, a=limit)
    return BranchLimit("line", line, kva=limit)
