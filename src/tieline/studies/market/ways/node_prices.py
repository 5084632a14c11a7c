"""Prices of a minute at every node, from the duals of its last program at its AC replay.

The papers' prices by sensitivities (`opf.sensitivity_prices`, corrected) differ from these in energy, which is the reference
price there, and in the sign of the loss part; voltage and congestion are the same. So both are told by one set of numbers.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from tieline.opf.balancing import Clearing
from tieline.opf.balancing.prices import MarketPrices, from_duals
from tieline.studies.market.world.plant import Plant
from tieline.typing import FloatArray


@dataclass(frozen=True, eq=False)
class NodePrices:
    """Parts of the price at every node, (node,) each [currency/kWh], in single precision."""

    energy: FloatArray
    loss: FloatArray
    voltage: FloatArray
    congestion: FloatArray

    @property
    def total(self) -> FloatArray:
        """The nodal price, (node,)."""
        return self.energy + self.loss + self.voltage + self.congestion

    @property
    def loss_published(self) -> FloatArray:
        """The loss part as the papers have it: l0 dLoss/dP of an injection, below 0 where that relieves the feeder, (node,)."""
        return -self.loss

    @classmethod
    def of(cls, prices: MarketPrices) -> NodePrices:
        """What is kept of a minute's prices."""
        nodes = prices.nodes
        return cls(
            energy=_single(nodes.energy),
            loss=_single(nodes.loss),
            voltage=_single(nodes.voltage),
            congestion=_single(nodes.congestion),
        )


def _single(part: FloatArray) -> FloatArray:
    """The one minute of a part, in single precision."""
    return part[0].astype(np.float32)


def price_minute(plant: Plant, clearing: Clearing) -> MarketPrices:
    """Prices of a clearing."""
    return from_duals(clearing, plant.region_of_bus)
