"""Which limits are whose: voltages at a region's buses, branches that lie in it; a border's branch is the nearer region's."""

from __future__ import annotations

import numpy as np

from tieline.network.network import Network
from tieline.network.partition import Partition
from tieline.opf.balancing.minute import Watched
from tieline.opf.problem import NetworkLimits
from tieline.typing import IntArray


def limits_by_region(
    network: Network, limits: NetworkLimits, partition: Partition
) -> Watched:
    """Each region's own limits, (region, point) and (region, row)."""
    regions = np.arange(len(partition.regions))[:, None]
    of_bus = region_of_bus(network, partition)
    of_element = region_of_element(network, partition)
    return Watched(
        points=regions == of_bus[limits.points.bus],
        flows=regions == of_element[limits.flows.element],
    )


def region_of_bus(network: Network, partition: Partition) -> IntArray:
    """Region of each bus of the feeder, (bus,); -1 where the source does not reach."""
    names = [bus.name for bus in network.feeder.buses]
    regions = [partition.region_of.get(name, -1) for name in names]
    return np.array(regions)


def region_of_element(network: Network, partition: Partition) -> IntArray:
    """Region of each element, (element,): of two at a border the nearer to the source, -1 where the source does not reach."""
    terminals = network.terminals
    bus = network.node_bus[terminals.node]
    of_bus = region_of_bus(network, partition)
    of_terminal = of_bus[bus]
    n_regions = len(partition.regions)
    nearest = np.full(len(network.elements), n_regions)
    # Regions are numbered from the source, so that the nearer has the smaller number.
    is_live = of_terminal >= 0
    live_elements = terminals.element[is_live]
    np.minimum.at(nearest, live_elements, of_terminal[is_live])
    return np.where(nearest == n_regions, -1, nearest)
