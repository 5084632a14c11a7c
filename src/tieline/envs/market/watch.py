"""`WatchedLimits`: how much of each limit of a region is used, for many voltages at once.

    use = |F_l| / F_max_l     of the branches that touch the region
    use = (V - 1) / (V_max - 1)  and  (1 - V) / (1 - V_min)     at its voltage points

1 is at the limit. The values are those of `opf.flow_limits`; here only the conductors of the region are worked out, because
choices are judged a million at a time.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass

import numpy as np
from scipy import sparse

from tieline.envs.market.conductors import Conductors
from tieline.errors import InputError
from tieline.network.network import Network
from tieline.network.voltage_points import VoltagePoints, live_voltage_points
from tieline.opf.branch_limits import BranchLimit
from tieline.opf.flow_limits import FlowLimits
from tieline.powerflow.solution import Solution
from tieline.typing import FloatArray
from tieline.units import S_BASE_KVA

LEAST_SCALE = 1.0
"""What a limit of 0 kW is measured against [kW]: a share of nothing has no value."""


@dataclass(frozen=True, eq=False)
class WatchedLimits:
    """Limits of one region.

    Attributes:
        flows: rows of the watched branches.
        points: voltage points of the region that have voltage.
        band_pu: lowest and highest voltage [pu].
        conductors: those that the rows need.
        gather: rows as sums of these, (row, conductor).
    """

    flows: FlowLimits
    points: VoltagePoints
    band_pu: tuple[float, float]
    conductors: Conductors
    gather: sparse.csr_array

    @classmethod
    def of(
        cls,
        base: Solution,
        buses: Collection[str],
        limits: Sequence[BranchLimit],
        band_pu: tuple[float, float],
    ) -> WatchedLimits:
        """The limits that touch a region.

        Args:
            base: the feeder without the DERs of the market; shows which buses have voltage.
            buses: of the region.
            limits: of any branches of the feeder; those with an end in the region count.
            band_pu: lowest and highest voltage [pu].

        Raises:
            InputError: if the band does not hold 1 pu, or a limit names no branch.
        """
        lowest, highest = band_pu
        if not lowest < 1.0 < highest:
            raise InputError(
                f"The voltage band must hold 1 pu inside; got {lowest:g} to {highest:g} pu. Deviations are measured from 1 pu."
            )
        network = base.network
        touching = [limit for limit in limits if _touches(network, limit, buses)]
        flows = FlowLimits.of(network, touching)
        terminals = np.unique(flows.gather.indices).astype(np.int64)
        return cls(
            flows=flows,
            points=_points_of(base, buses),
            band_pu=band_pu,
            conductors=Conductors.of(network, terminals),
            gather=sparse.csr_array(flows.gather[:, terminals]),
        )

    @property
    def n_upper(self) -> int:
        """Rows that more injection can reach: branches and highest voltages, which come first."""
        return len(self.flows) + len(self.points.names)

    @property
    def names(self) -> tuple[str, ...]:
        """What each row of `use` limits, (row,)."""
        points = [f"voltage at {name}" for name in self.points.names]
        above = [f"{point} above" for point in points]
        below = [f"{point} below" for point in points]
        # in the order of `use`
        return (*self.flows.names, *above, *below)

    def use(self, solution: Solution) -> FloatArray:
        """Share of each limit that is used: branches, then highest voltages, then lowest, (scenario, row)."""
        lowest, highest = self.band_pu
        deviation = self.points.magnitude_pu(solution.v_pu) - 1.0
        flow_use = self._flow_use(solution)
        upper_use = deviation / (highest - 1.0)
        # below 1 pu both deviations are negative: their ratio is the use again
        lower_use = deviation / (lowest - 1.0)
        return np.hstack([flow_use, upper_use, lower_use])

    def excess(self, solution: Solution) -> FloatArray:
        """Sum over the limits of what is used beyond them, as shares of the limits, (scenario,)."""
        lowest, highest = self.band_pu
        vm_pu = self.points.magnitude_pu(solution.v_pu)
        above_pu = _sum_above(vm_pu, highest)
        below_pu = _sum_above(-vm_pu, -lowest)
        above = above_pu / (highest - 1.0)
        below = below_pu / (1.0 - lowest)
        flow_use = self._flow_use(solution)
        return above + below + _sum_above(flow_use, 1.0)

    def _flow_use(self, solution: Solution) -> FloatArray:
        """|F| / F_max of the branch rows, (scenario, row)."""
        flows = self.flows
        current = self.conductors.current_pu(solution)
        node = self.conductors.node
        v_pu = solution.v_pu[:, node].T
        conductor_kva = v_pu * np.conj(current) * S_BASE_KVA
        power_kva = np.asarray(self.gather @ conductor_kva)
        value = flows.sign[:, None] * np.real(power_kva)
        # most markets have limits in kW alone, and this runs on every set
        if not flows.is_directed.all():
            is_directed = flows.is_directed[:, None]
            value = np.where(is_directed, value, np.abs(power_kva))
        if flows.is_current.any():
            base_a = self.conductors.network.node_base_a[node]
            conductor_a = np.abs(current) * base_a[:, None]
            current_a = np.asarray(self.gather @ conductor_a)
            value = np.where(flows.is_current[:, None], current_a, value)
        limit = flows.limit[:, None]
        scale = np.maximum(limit, LEAST_SCALE)
        over = (value - limit) / scale
        return over.T + 1.0


def _sum_above(values: FloatArray, edge: float) -> FloatArray:
    """Sum over the columns of what passes an edge, (scenario,)."""
    over = np.maximum(values - edge, 0.0)
    return over.sum(axis=1)


def _touches(network: Network, limit: BranchLimit, buses: Collection[str]) -> bool:
    """Whether a branch has an end in the region; one that does not exist is left to `FlowLimits`, which names it."""
    element = network.element_index.get((limit.kind, limit.name.lower()))
    if element is None:
        return True
    terminals = network.terminals
    node = terminals.node[terminals.element == element]
    ends = {network.feeder.buses[k].name for k in network.node_bus[node]}
    return not ends.isdisjoint(buses)


def _points_of(base: Solution, buses: Collection[str]) -> VoltagePoints:
    # no limit applies where no supply reaches
    points = live_voltage_points(base.network, base.v_pu)
    feeder_buses = base.network.feeder.buses
    bus_names = [feeder_buses[k].name for k in points.bus]
    is_inside = [name in buses for name in bus_names]
    return points.select(np.array(is_inside))
