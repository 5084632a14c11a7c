"""Limits of lines on feeders that state no ratings: what flows at nominal load, with room."""

from __future__ import annotations

from collections.abc import Mapping

from tieline.network.network import Network
from tieline.network.scatter import sum_columns
from tieline.opf.flow_limits import BranchLimit
from tieline.powerflow import solve

ROOM = 1.5
"""Limit of a line relative to its flow at nominal load. Bundled feeders have no ratings; the studies of the papers state none
either."""

LEAST_KW = 100.0
"""No line has a lower limit: one rated for next to nothing would forbid a DER behind it."""


def limits_by_nominal_flow(
    network: Network,
    *,
    room: float = ROOM,
    least_kw: float = LEAST_KW,
    limits_kw: Mapping[str, float] | None = None,
) -> tuple[BranchLimit, ...]:
    """A limit of active power for each closed line, either way, by the AC flow at the feeder's own load.

    Args:
        network: feeder arrays; its controls act.
        room: limit relative to that flow.
        least_kw: no limit is lower [kW].
        limits_kw: limits of some lines by name, in place of these [kW].
    """
    stated = limits_kw or {}
    flow_kw = line_flow_kw(network)
    limits = []
    for line in network.feeder.lines:
        if not line.closed:
            continue
        limit_kw = max(least_kw, room * abs(flow_kw[line.name]))
        limit_kw = stated.get(line.name, limit_kw)
        limit = BranchLimit("line", line.name, forward_kw=limit_kw, reverse_kw=limit_kw)
        limits.append(limit)
    return tuple(limits)


def line_flow_kw(network: Network) -> dict[str, float]:
    """Active power into the first end of every line at the feeder's own load, on AC [kW]."""
    solution = solve(network)
    terminals = network.terminals
    is_start = network.is_kind("line") & (terminals.side == 1)
    into_start = solution.terminal_kva.real * is_start
    by_element = sum_columns(into_start, terminals.element, len(network.elements))[0]
    return {
        line.name: float(by_element[network.element_index["line", line.name]])
        for line in network.feeder.lines
    }
