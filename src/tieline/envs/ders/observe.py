"""What each of the agents sees: voltages at and around its bus, those of the feeder, the time, and its own device.

Every agent has the same number of entries, so that one network can serve agents of a kind. The neighbourhood is the four nearest
buses, counted in lines.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import islice
from typing import Any

import networkx as nx
import numpy as np

from tieline.envs.box import Box
from tieline.envs.ders.model import DerModel
from tieline.feeders import Feeder
from tieline.typing import FloatArray, IntArray

VOLTAGE_SCALE_PU = 0.1
HIGHEST_SEEN_PU = 2.0

NEAR = 4
"""Buses around an agent whose voltages it sees."""

VOLTAGE_WORDS = ("lowest_voltage", "highest_voltage", "mean_voltage")
"""Of the whole feeder, after those around the agent."""


@dataclass(frozen=True)
class Entry:
    """A number that an agent sees of its own device: its word, and its least value; the highest is 1."""

    word: str
    low: float = 0.0


def unused(number: int) -> Entry:
    """A place that is always 0, so that all agents have as many."""
    return Entry(f"unused {number}")


class LocalView:
    """The observation of all agents, one after the other.

    Args:
        model: the feeder, whose devices have an agent each.
        shared: what every agent sees beside voltages.
        of_kind: what it sees of its device, by the kind in its name.
    """

    def __init__(
        self,
        model: DerModel,
        shared: Sequence[Entry],
        of_kind: Mapping[str, Sequence[Entry]],
    ):
        feeder = model.network.feeder
        self._own = points_at(model, model.device_buses)
        near = [
            points_at(model, nearest_buses(feeder, bus)) for bus in model.device_buses
        ]
        self._near = np.stack(near)
        boxes = []
        for agent in model.agent_names:
            kind = agent.partition("_")[0]
            boxes.append(_agent_box(agent, [*shared, *of_kind[kind]]))
        self.box = Box.joined(boxes)
        self.n_agents = len(boxes)

    def rows(self, agent: int) -> IntArray:
        """Entries of one agent."""
        size = self.box.size // self.n_agents
        return np.arange(agent * size, (agent + 1) * size)

    def see(
        self, v_pu: FloatArray, shared: FloatArray, devices: FloatArray, xp: Any = np
    ) -> FloatArray:
        """The observation, (episode, entry).

        Args:
            v_pu: (episode, point).
            shared: (episode, shared entry).
            devices: of each device, (episode, agent, entry).
            xp: the array package, `numpy` or `jax.numpy`.
        """
        distance = (v_pu - 1.0) / VOLTAGE_SCALE_PU
        columns = [distance.min(axis=1), distance.max(axis=1), distance.mean(axis=1)]
        for_all = xp.hstack([xp.stack(columns, axis=1), shared])
        parts = (
            distance[:, self._own, None],
            distance[:, self._near],
            xp.repeat(for_all[:, None, :], self.n_agents, axis=1),
            devices,
        )
        by_agent = xp.concatenate(parts, axis=2).reshape(len(v_pu), -1)
        return xp.clip(by_agent, self.box.low, self.box.high)


def entries_of(columns: Sequence[FloatArray], count: int, xp: Any = np) -> FloatArray:
    """What agents see of their devices, (episode, device, count): columns (episode, device), and 0 in the entries after them."""
    zeros = xp.zeros_like(columns[0])
    unused_ones = [zeros] * (count - len(columns))
    return xp.stack([*columns, *unused_ones], axis=-1)


def nearest_buses(feeder: Feeder, bus: str) -> list[str]:
    """The nearest buses, counted in lines in service; of equally near ones those of the first lines."""
    graph = nx.Graph()
    graph.add_edges_from(
        (line.from_bus, line.to_bus) for line in feeder.lines if line.closed
    )
    outwards = nx.bfs_edges(graph, bus)
    return [reached for _, reached in islice(outwards, NEAR)]


def points_at(model: DerModel, buses: Iterable[str]) -> IntArray:
    """The first voltage point of each bus, (bus,)."""
    names = [bus.name for bus in model.network.feeder.buses]
    points = model.points.bus.tolist()
    return np.array([points.index(names.index(bus)) for bus in buses])


def _agent_box(agent: str, entries: Sequence[Entry]) -> Box:
    """Names and bounds of one agent's entries, voltages first."""
    near = [f"near_voltage {number} of {agent}" for number in range(1, NEAR + 1)]
    summary = [f"{word} of {agent}" for word in VOLTAGE_WORDS]
    voltages = (f"voltage of {agent}", *near, *summary)
    low = -1.0 / VOLTAGE_SCALE_PU
    high = (HIGHEST_SEEN_PU - 1.0) / VOLTAGE_SCALE_PU
    parts = [Box.of(voltages, low, high)]
    parts += [Box.of((f"{one.word} of {agent}",), one.low, 1.0) for one in entries]
    return Box.joined(parts)
