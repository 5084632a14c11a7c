"""`VoltagePoints`: the voltages that limits apply to.

On a grounded section that is the voltage of every phase node to ground. A section without any connection to ground (a
three-wire delta feeder) has no meaningful node-to-ground voltage: it floats with the cables' capacitance. There the voltages
between phases count, in per unit of kV line-to-line. A section is what lines join; it is grounded by the source, by a wye
winding with a grounded neutral, or by a grounded shunt or load.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from itertools import combinations

import numpy as np
from scipy import sparse

from tieline.feeders.elements import FIRST_NEUTRAL
from tieline.feeders.grounding import grounded_buses
from tieline.network.network import Network
from tieline.network.neutrals import neutral_nodes
from tieline.typing import BoolArray, ComplexArray, FloatArray, IntArray
from tieline.units import SQRT3

PHASES = (1, 2, 3)

NETWORKS_KEPT = 16
"""Networks whose points are remembered: a study works on a few at a time."""

PointRow = tuple[str, int, int, int, float]
"""Name, bus, plus, minus and scale of a point."""


@dataclass(frozen=True, eq=False)
class VoltagePoints:
    """Pairs of nodes, (point,); `minus` is -1 for ground.

    `names` reads "bus.phase" or "bus.phase-phase"; `bus` indexes `feeder.buses`; `scale` turns the node difference into per
    unit of the point.
    """

    names: tuple[str, ...]
    bus: IntArray
    plus: IntArray
    minus: IntArray
    scale: FloatArray

    def magnitude_pu(self, v_pu: ComplexArray) -> FloatArray:
        """Voltage magnitude at every point, (scenario, node) -> (scenario, point) [pu]."""
        across = v_pu[:, self.plus]
        # on most feeders no point is between two nodes, and this runs on every batch
        floats = np.flatnonzero(self.minus >= 0)
        if len(floats):
            across[:, floats] -= v_pu[:, self.minus[floats]]
        # `abs` of complex numbers guards against overflow, which no voltage comes near, and takes three times as long
        square = across.real**2
        square += across.imag**2
        return np.sqrt(square, out=square) * self.scale

    def live_pu(self, v_pu: ComplexArray) -> FloatArray:
        """`magnitude_pu`, with NaN at points without supply: 0 is de-energised, not low."""
        vm_pu = self.magnitude_pu(v_pu)
        return np.where(vm_pu > 0, vm_pu, np.nan)

    def magnitude_slopes(self, v_pu: ComplexArray, dv_pu: ComplexArray) -> FloatArray:
        """Change of the magnitudes where node voltages change, 0 where there is no voltage.

        Args:
            v_pu: (scenario, node).
            dv_pu: changes of the node voltages, per unit of anything, (scenario, direction, node).

        Returns:
            (scenario, point, direction).
        """
        phasor = self._across(v_pu)
        change = self._across(dv_pu)
        # a magnitude grows by the part of the change that points along the phasor
        size = np.abs(phasor)
        direction = np.divide(phasor, size, out=np.zeros_like(phasor), where=size != 0)
        growth = (np.conj(direction)[:, None, :] * change).real
        return growth.swapaxes(1, 2) * self.scale[:, None]

    def magnitude_slopes_at(
        self,
        v_pu: ComplexArray,
        dv_pu: ComplexArray,
        scenario: IntArray,
        point: IntArray,
    ) -> FloatArray:
        """Change of one magnitude of a scenario each.

        Args:
            v_pu: node voltages of the scenario of each, (pair, node).
            dv_pu: changes of the node voltages, per unit of anything, (scenario, direction, node).
            scenario, point: of each, (pair,).

        Returns:
            (pair, direction); 0 where there is no voltage.
        """
        pair = np.arange(len(point))
        plus = self.plus[point]
        minus = self.minus[point]
        is_between = minus >= 0
        phasor = v_pu[pair, plus]
        change = dv_pu[scenario, :, plus]
        if is_between.any():
            phasor = phasor - np.where(is_between, v_pu[pair, minus], 0.0)
            other_end = dv_pu[scenario, :, minus]
            change = change - np.where(is_between[:, None], other_end, 0.0)
        size = np.abs(phasor)
        direction = np.divide(phasor, size, out=np.zeros_like(phasor), where=size != 0)
        growth = (np.conj(direction)[:, None] * change).real
        return growth * self.scale[point][:, None]

    def _across(self, v_pu: ComplexArray) -> ComplexArray:
        """Voltage between the two nodes of every point, (..., node) -> (..., point) [pu of a node]."""
        if (self.minus < 0).all():
            return v_pu[..., self.plus]
        v_minus = np.where(self.minus >= 0, v_pu[..., self.minus], 0.0)
        return v_pu[..., self.plus] - v_minus

    def across(self, n_nodes: int) -> sparse.csr_array:
        """Voltage at every point as a linear form of the node voltages, (point, node) [pu per pu]."""
        is_between = self.minus >= 0
        point = np.arange(len(self.names))
        shape = (len(point), n_nodes)
        minus = self.minus[is_between]
        rows = np.concatenate([point, point[is_between]])
        columns = np.concatenate([self.plus, minus])
        values = np.concatenate([self.scale, -self.scale[is_between]])
        return sparse.csr_array((values, (rows, columns)), shape=shape)

    def select(self, mask: BoolArray) -> VoltagePoints:
        """Only the points where `mask` holds, (point,) bool."""
        chosen_points = np.flatnonzero(mask)
        return VoltagePoints(
            names=tuple(self.names[k] for k in chosen_points),
            bus=self.bus[mask],
            plus=self.plus[mask],
            minus=self.minus[mask],
            scale=self.scale[mask],
        )


@lru_cache(maxsize=NETWORKS_KEPT)
def voltage_points(network: Network) -> VoltagePoints:
    """The points of a network, bus by bus.

    Neutral conductors have none; phases of further circuits, which are numbered from 4 on, have one to ground.
    """
    grounded = grounded_buses(network.feeder)
    neutral_names = {network.node_names[k] for k in neutral_nodes(network)}
    rows: list[PointRow] = []
    for k, bus in enumerate(network.feeder.buses):
        phases = [phase for phase in bus.phases if phase in PHASES]
        # a single phase without a ground has no voltage but the one to ground
        if bus.name in grounded or len(phases) < 2:
            rows += _points_to_ground(network, k, phases)
        else:
            rows += _points_between(network, k, phases)
        further = [phase for phase in bus.phases if phase >= FIRST_NEUTRAL]
        circuits = [n for n in further if f"{bus.name}.{n}" not in neutral_names]
        rows += _points_to_ground(network, k, circuits)
    names, bus_index, plus, minus, scale = zip(*rows, strict=True)
    return VoltagePoints(
        names=names,
        bus=np.array(bus_index),
        plus=np.array(plus),
        minus=np.array(minus),
        scale=np.array(scale),
    )


def _points_to_ground(network: Network, k: int, phases: list[int]) -> list[PointRow]:
    bus = network.feeder.buses[k].name
    rows = []
    for phase in phases:
        name = f"{bus}.{phase}"
        rows.append((name, k, network.node_index[name], -1, 1.0))
    return rows


def _points_between(network: Network, k: int, phases: list[int]) -> list[PointRow]:
    bus = network.feeder.buses[k].name
    rows = []
    for p, q in combinations(phases, 2):
        plus = network.node_index[f"{bus}.{p}"]
        minus = network.node_index[f"{bus}.{q}"]
        rows.append((f"{bus}.{p}-{q}", k, plus, minus, 1 / SQRT3))
    return rows


def live_voltage_points(network: Network, v_pu: ComplexArray) -> VoltagePoints:
    """The points that have voltage in the first scenario of a solution: no limit applies where no supply reaches.

    Args:
        network: the network.
        v_pu: node voltages of a solution, (scenario, node) [pu].
    """
    points = voltage_points(network)
    return points.select(points.magnitude_pu(v_pu[:1])[0] > 0)
