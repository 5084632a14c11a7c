"""Prices of every minute, bus and phase, and their sums over the run at the buyers' buses."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd

from tieline.studies.market.telling.times import minute_column
from tieline.studies.market.ways.record import MinuteRecord
from tieline.studies.market.world.plant import Plant
from tieline.typing import FloatArray, IntArray

LEAST_CENTS = 1e-4
"""A sum of a day that is smaller is none: the programs are exact to about this."""

CENTS = 100
"""In one unit of the currency."""

PARTS = ("energy", "loss", "voltage", "congestion")


def prices_table(plant: Plant, records: Sequence[MinuteRecord]) -> pd.DataFrame:
    """A row per minute, bus and phase [currency/kWh]; nodes of phases alone, no neutrals."""
    nodes = phase_nodes(plant)
    network = plant.network
    names = [network.node_names[k].rpartition(".") for k in nodes.tolist()]
    n_minutes = len(records)
    columns: dict[str, object] = {
        "minute": minute_column(records, len(nodes)),
        "bus": pd.Categorical([bus for bus, _, _ in names] * n_minutes),
        "phase": np.tile([int(phase) for _, _, phase in names], n_minutes),
    }
    parts = {part: _stacked(records, part, nodes) for part in PARTS}
    total = np.sum(list(parts.values()), axis=0)
    published = {
        "loss_published": _stacked(records, "loss_published", nodes),
        "congestion_published": parts["congestion"],
    }
    return pd.DataFrame({**columns, **parts, "price": total, **published})


def daily_prices_table(
    plant: Plant,
    buses: Sequence[str],
    records: Sequence[MinuteRecord],
) -> pd.DataFrame:
    """Sums of hourly prices over the run at the buyers' buses, mean over phases: what a steady kilowatt pays for each part.

    Args:
        plant: names the buses.
        buses: of the buyer of each region.
        records: cleared minutes, each counted for the time it stands for.
    """
    rows = []
    network = plant.network
    nodes = phase_nodes(plant)
    bus_of_node = network.node_bus[nodes]
    names = [bus.name for bus in plant.feeder.buses]
    hours = np.array([record.hours for record in records])
    for k, bus in enumerate(buses):
        at_bus = nodes[bus_of_node == names.index(bus)]
        row: dict[str, object] = {"bus": bus, "region": k + 1}
        for part in ("congestion", "loss", "loss_published"):
            mean = [
                float(getattr(record.prices, part)[at_bus].mean()) for record in records
            ]
            total = CENTS * float(hours @ mean)
            # sums of rounding would stand in the table as prices
            row[f"{part}_cents"] = total * (abs(total) >= LEAST_CENTS)
        rows.append(row)
    return pd.DataFrame(rows)


def phase_nodes(plant: Plant) -> IntArray:
    """Nodes of phases 1 to 3 that have a price, (node,)."""
    names = plant.network.node_names
    is_phase = [name.rpartition(".")[2] in ("1", "2", "3") for name in names]
    return np.flatnonzero(is_phase)


def _stacked(records: Sequence[MinuteRecord], part: str, nodes: IntArray) -> FloatArray:
    """A part of the price of all minutes, (minute x node,)."""
    return np.concatenate([getattr(record.prices, part)[nodes] for record in records])
