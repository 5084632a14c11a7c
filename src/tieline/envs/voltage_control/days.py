"""`Days`: the pool of load and sun that episodes are picked from, drawn once.

Each holds one step more than an episode has, because the world goes on after its last step and a learner looks at what follows.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

import numpy as np

from tieline.envs.draws import spread
from tieline.envs.voltage_control.config import VoltageControlEnvConfig
from tieline.feeders import Feeder
from tieline.profiles import ProfileConfig, Scenarios, draw_scenarios
from tieline.profiles.clock import read_clock
from tieline.typing import FloatArray

MINUTES_OF_A_DAY = 24 * 60


@dataclass(frozen=True, eq=False)
class Days:
    """Load per nominal load, (day, step + 1, load), sun per PV rating and local hour, both (day, step + 1)."""

    load_pu: FloatArray
    sun_pu: FloatArray
    hour: FloatArray

    @property
    def n_days(self) -> int:
        """Days in the pool."""
        return len(self.sun_pu)

    @property
    def n_steps(self) -> int:
        """Steps of an episode."""
        return self.sun_pu.shape[1] - 1


def draw_days(feeder: Feeder, config: VoltageControlEnvConfig) -> Days:
    """The pool of a configuration: its days begin at `starts` in turn, and day k is the same in a pool of any size.

    Raises:
        InputError: if the profiles name a load that the feeder does not have.
    """
    count = config.pool_days
    every = len(config.starts)
    profiles = config.profiles
    minutes = profiles.days * MINUTES_OF_A_DAY
    # one step more than the day has: what is seen after its last step
    n_states = minutes // profiles.step_minutes + 1
    load_pu = np.empty((count, n_states, len(feeder.loads)))
    sun_pu, hour = np.empty((2, count, n_states))
    seeds = spread(config.pool_seed, every)
    # days k, k + every, k + 2 every, ... begin at the same date: they are drawn together
    for k in range(min(count, every)):
        n_days = len(range(k, count, every))
        scenarios = _draw(feeder, profiles, config.starts[k], n_days, int(seeds[k]))
        clock = read_clock(scenarios.times)
        load_pu[k::every] = scenarios.load_pu[:, :n_states]
        sun_pu[k::every] = scenarios.sun_pu[:, :n_states]
        hour[k::every] = clock.hour[:n_states]
    return Days(load_pu, sun_pu, hour)


def _draw(
    feeder: Feeder, profiles: ProfileConfig, start: date, count: int, seed: int
) -> Scenarios:
    """Scenarios from a date on, with a day more: for the step after the last, and for clocks that go forward."""
    return draw_scenarios(
        feeder,
        profiles.model_copy(update={"start": start, "days": profiles.days + 1}),
        count,
        seed,
    )
