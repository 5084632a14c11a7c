"""`VoltagePoints`: the voltages that limits apply to.

On a grounded section that is the voltage of every phase node to ground. A section without any connection to ground (a
three-wire delta feeder) has no meaningful node-to-ground voltage: it floats with the cables' capacitance. There the voltages
between phases count, in per unit of kV line-to-line. A section is what lines join; it is grounded by the source, by a wye
winding with a grounded neutral, or by a grounded shunt or load.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import combinations

import networkx as nx
import numpy as np
from scipy import sparse

from tieline.feeders.elements import Nodes
from tieline.feeders.feeder import Feeder
from tieline.network.network import Network
from tieline.typing import BoolArray, ComplexArray, FloatArray, IntArray
from tieline.units import SQRT3

PHASES = (1, 2, 3)


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
        floats = np.flatnonzero(self.minus >= 0)
        if len(floats):
            across[:, floats] -= v_pu[:, self.minus[floats]]
        return np.abs(across) * self.scale

    def magnitude_slopes(self, v_pu: ComplexArray, dv_pu: ComplexArray) -> FloatArray:
        """Change of the magnitudes where node voltages change, 0 where there is no voltage.

        Args:
            v_pu: (scenario, node).
            dv_pu: changes of the node voltages, per unit of anything, (scenario, direction, node).

        Returns:
            (scenario, point, direction).
        """
        at = v_pu[:, self.plus] - np.where(self.minus >= 0, v_pu[:, self.minus], 0.0)
        change = dv_pu[..., self.plus] - np.where(self.minus >= 0, dv_pu[..., self.minus], 0.0)
        size = np.abs(at)
        direction = np.divide(at, size, out=np.zeros_like(at), where=size != 0)
        return (np.conj(direction)[:, None, :] * change).real.swapaxes(1, 2) * self.scale[:, None]

    def across(self, n_nodes: int) -> sparse.csr_array:
        """Voltage at every point as a linear form of the node voltages, (point, node) [pu per pu]."""
        between, row = self.minus >= 0, np.arange(len(self.names))
        value = np.concatenate([self.scale, -self.scale[between]])
        rows, columns = (
            np.concatenate([row, row[between]]),
            np.concatenate([self.plus, self.minus[between]]),
        )
        return sparse.csr_array((value, (rows, columns)), shape=(len(row), n_nodes))

    def select(self, chosen: BoolArray) -> VoltagePoints:
        """Only the chosen points, (point,) bool."""
        names = tuple(name for name, is_chosen in zip(self.names, chosen, strict=True) if is_chosen)
        return VoltagePoints(
            names, self.bus[chosen], self.plus[chosen], self.minus[chosen], self.scale[chosen]
        )


def voltage_points(network: Network) -> VoltagePoints:
    """The points of a network, bus by bus. Neutral conductors (node 4 and up) have none."""
    feeder, index = network.feeder, network.node_index
    grounded = grounded_buses(feeder)
    rows = []
    for k, bus in enumerate(feeder.buses):
        phases = [phase for phase in bus.phases if phase in PHASES]
        if bus.name in grounded or len(phases) < 2:
            rows += [(f"{bus.name}.{p}", k, index[f"{bus.name}.{p}"], -1, 1.0) for p in phases]
        else:
            for p, q in combinations(phases, 2):
                rows.append(
                    (
                        f"{bus.name}.{p}-{q}",
                        k,
                        index[f"{bus.name}.{p}"],
                        index[f"{bus.name}.{q}"],
                        1 / SQRT3,
                    )
                )
    names, bus_index, plus, minus, scale = zip(*rows, strict=True)
    return VoltagePoints(
        names, np.array(bus_index), np.array(plus), np.array(minus), np.array(scale)
    )


def live_voltage_points(network: Network, v_pu: ComplexArray) -> VoltagePoints:
    """The points that have voltage in the first scenario of a solution: no limit applies where no supply reaches.

    Args:
        network: the network.
        v_pu: node voltages of a solution, (scenario, node) [pu].
    """
    points = voltage_points(network)
    return points.select(points.magnitude_pu(v_pu[:1])[0] > 0)


def grounded_buses(feeder: Feeder) -> set[str]:
    """Buses of every section that has a connection to ground."""
    graph = nx.Graph()
    graph.add_nodes_from(bus.name for bus in feeder.buses)
    graph.add_edges_from((line.from_bus, line.to_bus) for line in feeder.lines if line.closed)
    earthed = {source.bus for source in feeder.sources}
    earthed |= {
        w.bus
        for transformer in feeder.transformers
        for w in transformer.windings
        if _is_grounded(w.nodes, w.connection)
    }
    shunts = (*feeder.loads, *feeder.ders, *feeder.capacitors, *feeder.shunts)
    earthed |= {
        element.bus for element in shunts if _is_grounded(element.nodes, element.connection)
    }
    sections = nx.connected_components(graph)
    return set().union(*(section for section in sections if section & earthed))


def _is_grounded(nodes: Nodes, connection: str) -> bool:
    return connection == "wye" and nodes[-1] == 0
