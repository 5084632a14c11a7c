"""The feeder as one cluster of regions sees it: its own loss, what its borders deliver and what it draws at its own border.

Inputs are DERs and what is injected at the far ends of borders: a neighbour behind a border that draws one kW less. Voltages at
the border are as AC has them: what other regions do to them is left to the next linearisation.
"""

from __future__ import annotations

import numpy as np
from scipy import sparse

from tieline.linear.blocks import assemble
from tieline.linear.losses import VoltageLoss
from tieline.network.network import Network
from tieline.network.partition import Partition
from tieline.opf.balancing.consensus.couplings import Couplings
from tieline.opf.balancing.flow_rows import flow_slopes
from tieline.opf.balancing.linearised import Linearised
from tieline.opf.balancing.region_limits import region_of_element
from tieline.opf.flow_limits import FlowLimits
from tieline.typing import FloatArray, IntArray


def region_loss(
    network: Network, state: FloatArray, cluster_of_element: IntArray, cluster: int
) -> VoltageLoss:
    """Loss of the lines and transformers of one cluster as a form of all voltages."""
    terminals = network.terminals
    is_counted = network.is_kind("line", "transformer")
    is_counted &= cluster_of_element[terminals.element] == cluster
    rows = np.flatnonzero(is_counted)
    gather = assemble(
        terminals.node[rows],
        rows,
        np.ones(len(rows)),
        (network.n_nodes, len(is_counted)),
    )
    admittance = gather @ network.terminal_admittance(state)
    return VoltageLoss.of_admittance(sparse.csr_array(admittance))


def clusters_of_elements(
    network: Network, partition: Partition, couplings: Couplings
) -> IntArray:
    """Cluster of each element, (element,); -1 where the source does not reach, and nothing is lost."""
    region = region_of_element(network, partition)
    return np.where(region < 0, -1, couplings.cluster_of[region])


def draw_slopes(feeder: Linearised, couplings: Couplings) -> FloatArray:
    """Change of what arrives at the far end of each crossing by every input, (crossing, input) [kW per kW]."""
    terminal = couplings.terminal
    count = len(terminal)
    network = feeder.solution.network
    gather = assemble(
        np.arange(count),
        terminal,
        np.ones(count),
        (count, len(network.terminals.node)),
    )
    # As rows in kW: what arrives leaves the branch, against the direction of its own conductor.
    rows = FlowLimits(
        names=("",) * count,
        element=network.terminals.element[terminal],
        side=network.terminals.side[terminal],
        unit=np.array(["kW"] * count, dtype="<U3"),
        sign=np.full(count, -1.0),
        limit=np.zeros(count),
        scale=np.ones(count),
        gather=gather,
    )
    return feeder.by_inputs(flow_slopes(rows, feeder.solution).T)
