"""The feeder as a region sees it: the loss of what it does itself, and what it draws over the border to the source.

Inputs are DERs and what is injected at the far ends of borders: a neighbour that draws one kW less. The loss is that of the whole
feeder while others do what they do; what a neighbour changes is the neighbour's to count, therefore the last inputs lose nothing.
"""

from __future__ import annotations

import numpy as np

from tieline.linear.blocks import assemble
from tieline.opf.balancing.consensus.couplings import Couplings
from tieline.opf.balancing.linearised import Linearised
from tieline.opf.flow_limits import FlowLimits
from tieline.typing import FloatArray


class RegionFeeder(Linearised):
    """A linearised feeder whose loss counts DERs only."""

    def loss(self, inputs: FloatArray) -> tuple[float, FloatArray]:
        """Loss at what DERs inject, and its derivative by each input, 0 for what others draw less."""
        n_ders = len(self.solution.network.feeder.ders)
        of_ders_kw = inputs.copy()
        of_ders_kw[n_ders:] = 0.0
        loss_kw, slope = super().loss(of_ders_kw)
        slope[n_ders:] = 0.0
        return loss_kw, slope


def draw_slopes(feeder: Linearised, couplings: Couplings) -> FloatArray:
    """Change of what arrives at the far end of each crossing by every input, (crossing, input) [kW per kW]."""
    terminal = couplings.terminal
    count = len(terminal)
    network = feeder.solution.network
    shape = (count, len(network.terminals.node))
    gather = assemble(np.arange(count), terminal, np.ones(count), shape)
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
    return feeder.slopes_of(rows, np.arange(count))
