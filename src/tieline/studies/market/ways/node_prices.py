"""Prices of a minute: those that settle it, from duals, and the two parts as the papers define them; kept for every node."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from tieline.opf.balancing import Clearing
from tieline.opf.balancing.prices import OUTSIDE, MarketPrices, from_duals
from tieline.opf.prices import Prices
from tieline.opf.sensitivity_prices import from_sensitivities
from tieline.studies.market.world.plant import Plant
from tieline.typing import FloatArray


@dataclass(frozen=True, eq=False)
class MinutePrices:
    """What a minute publishes: prices `market` that settle it, and the papers' prices by sensitivities."""

    market: MarketPrices
    published: Prices

    @property
    def at_nodes(self) -> NodePrices:
        """In single precision, to be kept."""
        nodal = self.market.nodes
        parts = (
            nodal.energy,
            nodal.loss,
            nodal.voltage,
            nodal.congestion,
            self.published.loss,
            self.published.congestion,
        )
        return NodePrices(*(part[0].astype(np.float32) for part in parts))


@dataclass(frozen=True, eq=False)
class NodePrices:
    """Prices at every node, (node,) each [currency/kWh], single precision: parts of the nodal price and the papers' parts."""

    energy: FloatArray
    loss: FloatArray
    voltage: FloatArray
    congestion: FloatArray
    loss_published: FloatArray
    congestion_published: FloatArray

    @property
    def total(self) -> FloatArray:
        """The nodal price, (node,)."""
        return self.energy + self.loss + self.voltage + self.congestion


def price_minute(plant: Plant, clearing: Clearing) -> MinutePrices:
    """Prices of a clearing, from the duals of its last program at its AC replay."""
    region_of = plant.microgrids.region_of
    region_of_bus = np.array(
        [region_of.get(bus.name, OUTSIDE) for bus in plant.feeder.buses], dtype=np.int64
    )
    published = from_sensitivities(
        clearing.solution,
        clearing.minute.reference_price,
        plant.limits,
        voltage_dual=clearing.prices.voltage,
        flow_dual=clearing.prices.flow,
    )
    return MinutePrices(from_duals(clearing, region_of_bus), published)
