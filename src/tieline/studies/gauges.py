"""Gauges: for each limit that is on, where it is read, and its reading in every power flow.

Voltages are read at every live voltage point, loading by current at every line or transformer with a rating, unbalance at every
live bus with three phases, reverse power at the source, neutral-to-earth voltage at every neutral conductor. An element without
rating cannot break a limit: `tell_unrated` says how many there are.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from tieline.network import Network
from tieline.network.neutrals import neutral_nodes
from tieline.network.voltage_points import VoltagePoints
from tieline.powerflow import Solution
from tieline.settings.broken_before import slack
from tieline.settings.limits import LimitKind, Limits
from tieline.typing import FloatArray, IntArray

LOADING_OF = {"line-loading": "line", "transformer-loading": "transformer"}
PHASES = {1, 2, 3}


@dataclass(frozen=True, eq=False)
class Gauge:
    """One limit and its places.

    `limit`: its number in the unit of `kind`; `names`: of the places; `column`: which column of the reading each place is,
    (place,).
    """

    kind: LimitKind
    limit: float
    names: tuple[str, ...]
    column: IntArray

    @property
    def slack(self) -> float:
        """By how much a reading may be beyond the limit, in the unit of the kind."""
        return float(slack(np.asarray(self.limit)))

    def read(self, solution: Solution, point_pu: FloatArray) -> FloatArray:
        """Reading at every place, in the unit of the kind.

        Args:
            solution: solved power flows.
            point_pu: their voltages at the voltage points, (row, point) [pu].

        Returns:
            (row, place); NaN for rows without an answer.
        """
        if self.kind.name in LOADING_OF:
            return solution.loading_of(self.column)
        if self.kind.name == "unbalance":
            return solution.unbalance_pct[:, self.column]
        if self.kind.name == "neutral-voltage":
            return solution.neutral_v[:, self.column]
        if self.kind.name == "reverse-power":  # the source counts what it delivers
            return -solution.source_kva.real[:, None]
        return point_pu


def make_gauges(
    network: Network, points: VoltagePoints, limits: Limits
) -> tuple[Gauge, ...]:
    """A gauge for each limit that is on; one without any place (no rating, no three-phase bus) has no names."""
    return tuple(
        Gauge(kind, limits.number(kind), *_places(kind, network, points))
        for kind in limits.kinds
    )


def tell_unrated(network: Network, gauge: Gauge) -> str:
    """How many elements of the gauge's kind have no rating, as "3 of 20 lines and 2 of 2 switches"; empty if all have one."""
    kind = LOADING_OF.get(gauge.kind.name)
    if kind is None:
        return ""
    switches = (
        {line.name for line in network.feeder.switches} if kind == "line" else set()
    )
    rated = {name.removeprefix(f"{kind} ") for name in gauge.names}
    every = {name for of, name in network.elements if of == kind}
    groups = {f"{kind}s": every - switches, "switches": every & switches}
    parts = []
    for words, names in groups.items():
        unrated = names - rated
        if unrated:
            parts.append(f"{len(unrated)} of {len(names)} {words}")
    return " and ".join(parts)


def _places(
    kind: LimitKind, network: Network, points: VoltagePoints
) -> tuple[tuple[str, ...], IntArray]:
    """Names and columns of the places of one kind."""
    if kind.name in LOADING_OF:
        return _rated_elements(network, LOADING_OF[kind.name])
    if kind.name == "unbalance":
        return _three_phase_buses(network, points)
    if kind.name == "reverse-power":
        # what several sources take back counts together
        buses = [source.bus for source in network.feeder.sources]
        return (" and ".join(buses),), np.zeros(1, dtype=np.int64)
    if kind.name == "neutral-voltage":
        neutrals = neutral_nodes(network)
        return tuple(network.node_names[k] for k in neutrals), np.arange(len(neutrals))
    return points.names, np.arange(len(points.names))


def _rated_elements(network: Network, kind: str) -> tuple[tuple[str, ...], IntArray]:
    rated = {line.name for line in network.feeder.lines if line.is_rated}
    names = []
    columns = []
    for k, (of, name) in enumerate(network.elements):
        if of == kind and (kind == "transformer" or name in rated):
            # a transformer has a rating
            names.append(f"{kind} {name}")
            columns.append(k)
    return tuple(names), np.array(columns, dtype=np.int64)


def _three_phase_buses(
    network: Network, points: VoltagePoints
) -> tuple[tuple[str, ...], IntArray]:
    buses = network.feeder.buses
    names = []
    columns = []
    for k in np.unique(points.bus):
        bus = buses[k]
        if PHASES.issubset(bus.phases):
            names.append(bus.name)
            columns.append(int(k))
    return tuple(names), np.array(columns, dtype=np.int64)
