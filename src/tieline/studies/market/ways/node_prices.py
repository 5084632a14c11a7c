"""`NodePrices`: what a minute publishes: the price at every node in parts, and the two parts as the papers define them."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from tieline.opf.balancing import Clearing
from tieline.opf.balancing.prices import OUTSIDE, from_duals
from tieline.opf.sensitivity_prices import from_sensitivities
from tieline.studies.market.world.plant import Plant
from tieline.typing import FloatArray


@dataclass(frozen=True, eq=False)
class NodePrices:
    """Prices at every node, (node,) each [currency/kWh], single precision: parts of the nodal price and the papers' parts."""

    energy: FloatArray
    loss: FloatArray
    voltage: FloatArray
    congestion: FloatArray
    loss_published: FloatArray
    congestion_published: FloatArray


def node_prices(plant: Plant, clearing: Clearing) -> NodePrices:
    """Prices of a clearing, from the duals of its last program at its AC replay."""
    region_of = plant.microgrids.region_of
    region_of_bus = np.array(
        [region_of.get(bus.name, OUTSIDE) for bus in plant.feeder.buses], dtype=np.int64
    )
    nodal = from_duals(clearing, region_of_bus).nodes
    published = from_sensitivities(
        clearing.solution,
        clearing.minute.reference_price,
        plant.limits,
        voltage_dual=clearing.prices.voltage,
        flow_dual=clearing.prices.flow,
    )
    parts = (
        nodal.energy,
        nodal.loss,
        nodal.voltage,
        nodal.congestion,
        published.loss,
        published.congestion,
    )
    return NodePrices(*(part[0].astype(np.float32) for part in parts))
