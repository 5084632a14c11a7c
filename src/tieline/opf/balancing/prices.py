"""Nodal prices of a cleared minute, in parts, from the duals of its program at its AC replay.

One kW more of load at node n of region m raises the demand D_m by one kW too, and costs

    price_n = lambda_m  +  l0 dLoss/dP_n  +  sum nu d|V|/dP_n  +  sum mu dF/dP_n
              energy       loss              voltage               congestion

lambda_m: dual of the region's balance, so that energy is what the next kWh of the market costs, not the reference price. Loss(0),
against which the cost of the minute is measured, is an account of what was before, and stays out. Outside all regions, and where
a region takes less than its schedule, energy comes from the main feeder at l0. All derivatives are exact, per bus and phase.

A DER is paid for what it gives region m by the same sum at its own nodes: its offer, where a share lies between its limits.

Source: as `opf.prices`.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from tieline.errors import ShapeError
from tieline.opf.balancing.clearing import Clearing
from tieline.opf.balancing.minute import Minute
from tieline.opf.prices import Prices, voltage_pull_back
from tieline.powerflow.derivatives.gradients import Gradient, adjoint
from tieline.powerflow.losses import series_loss_slope
from tieline.typing import BoolArray, FloatArray, IntArray

OUTSIDE = -1
"""Region of a bus that belongs to none."""


@dataclass(frozen=True, eq=False)
class MarketPrices:
    """Prices of one minute [currency/kWh].

    Attributes:
        nodes: parts of what one kWh more costs at each node, (1, node).
        load: what one kWh more of each load costs, (load,).
        der: what one kWh of each DER is worth to each region, (region, der).
        is_cleared: loads whose departure from the schedule the market covers; the others settle with the main feeder, (load,).
    """

    nodes: Prices
    load: FloatArray
    der: FloatArray
    is_cleared: BoolArray


def from_duals(clearing: Clearing, region_of_bus: IntArray) -> MarketPrices:
    """Prices of a clearing that a program made.

    Args:
        clearing: with duals.
        region_of_bus: region of each bus of the feeder, `OUTSIDE` where it has none, (bus,).

    Raises:
        ShapeError: if there is not one region for each bus.
    """
    minute = clearing.minute
    network = minute.network
    shape = np.shape(region_of_bus)
    n_buses = len(network.feeder.buses)
    if shape != (n_buses,):
        raise ShapeError(
            f"region_of_bus has shape {shape}; expected ({n_buses},), one for each bus."
        )
    regions = np.asarray(region_of_bus)
    energy_of_bus, is_cleared = _energy_by_bus(clearing, regions)
    by_input = _by_input(clearing)
    loss, voltage, congestion = by_input.node_kw[:, None]
    at_nodes = energy_of_bus[network.node_bus]
    parts = Prices(
        energy=at_nodes[None, :], loss=loss, voltage=voltage, congestion=congestion
    )
    load_bus = _load_buses(minute)
    beside_energy = by_input.load_kw.sum(axis=0)
    relieved = by_input.der_kw.sum(axis=0)
    return MarketPrices(
        nodes=parts,
        load=energy_of_bus[load_bus] + beside_energy,
        # Derivatives are by an injection, which is worth what it takes off the cost.
        der=clearing.prices.balance[:, None] - relieved,
        is_cleared=is_cleared[load_bus],
    )


def _energy_by_bus(
    clearing: Clearing, region_of_bus: IntArray
) -> tuple[FloatArray, BoolArray]:
    """Price of energy at each bus, and whether the market covers what is taken there, (bus,) each."""
    minute = clearing.minute
    is_cleared = region_of_bus != OUTSIDE
    is_cleared &= ~np.isin(region_of_bus, minute.surplus_regions)
    # `OUTSIDE` reads the last region's price here, which is not taken
    of_region = clearing.prices.balance[region_of_bus]
    energy = np.where(is_cleared, of_region, minute.reference_price)
    return energy, is_cleared


def _by_input(clearing: Clearing) -> Gradient:
    """Loss, voltage and congestion part by every input of the power flow, (part, input) [currency/kWh]."""
    solution = clearing.solution
    limits = clearing.minute.limits
    of_points = clearing.prices.voltage[None, :]
    of_rows = clearing.prices.flow[None, :]
    by_loss = series_loss_slope(solution.network, solution.v_pu, solution.state)
    by_voltage = voltage_pull_back(limits.points, solution.v_pu, of_points)
    by_flow = limits.flows.pull_back(solution, of_rows)
    # together, since what an input does at its nodes is the same for all parts
    paid_for_loss = clearing.minute.reference_price * by_loss
    return adjoint(solution, np.concatenate([paid_for_loss, by_voltage, by_flow]))


def _load_buses(minute: Minute) -> IntArray:
    """Bus of each load, (load,)."""
    feeder = minute.network.feeder
    names = [bus.name for bus in feeder.buses]
    index = {name: place for place, name in enumerate(names)}
    places = [index[load.bus] for load in feeder.loads]
    return np.array(places, dtype=np.int64)
