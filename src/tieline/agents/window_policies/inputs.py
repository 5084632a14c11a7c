"""What the networks of an agent are given: its observation (`envs.microgrids.observe`) and its own part of the merit plan.

The plan follows from what the agent sees, so that it tells nothing new; it spares the network learning the kinks of merit order,
and says from where its action departs.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from tieline.envs.microgrids.observe import Observer
from tieline.envs.microgrids.plan import merit_plan
from tieline.envs.microgrids.plant import Plant
from tieline.envs.microgrids.set_points import (
    Controls,
    SetPoints,
    controls_of,
    planned,
    ratings,
)
from tieline.envs.microgrids.windows import Windows
from tieline.typing import FloatArray, IntArray


@dataclass(frozen=True, eq=False)
class AgentInputs:
    """What all agents are given in a batch of windows.

    Attributes:
        base: set-points of the plan.
        of_agents: of each, (window, input).
    """

    base: SetPoints
    of_agents: tuple[FloatArray, ...]

    def take(self, rows: IntArray) -> AgentInputs:
        """That of some windows."""
        base = self.base.take(rows)
        of_agents = tuple(of_agent[rows] for of_agent in self.of_agents)
        return AgentInputs(base, of_agents)


class Eyes:
    """The eyes of all agents of a plant; made once.

    Attributes:
        plant: the plant.
        observer: what each sees.
        controls: what each sets.
    """

    def __init__(self, plant: Plant):
        self.plant = plant
        self.observer = Observer.of(plant)
        self.controls: tuple[Controls, ...] = controls_of(plant)
        self._p_unit_kw, _ = ratings(plant)

    def see(self, windows: Windows) -> AgentInputs:
        """Plan and inputs."""
        n_windows = len(windows)
        plan = merit_plan(self.plant, windows)
        base = planned(self.plant, windows, plan)
        # what a network departs from, counted as it counts its own numbers
        shares = base.der_kw / self._p_unit_kw
        observations = self.observer.observe(windows)
        inputs = []
        for control, observation in zip(self.controls, observations, strict=True):
            of_agent = shares[..., control.p_ders]
            own_plan = of_agent.reshape(n_windows, -1)
            both_parts = np.hstack([observation, own_plan])
            inputs.append(both_parts)
        return AgentInputs(base, tuple(inputs))
