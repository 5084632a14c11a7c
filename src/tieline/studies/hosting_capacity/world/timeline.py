"""What load and sun do in each deployment: one light-load snapshot at full sun, or profiles over days.

Deployment k has version k of the drawn profiles; series from a user's table are the same in every deployment.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from tieline.feeders import Feeder
from tieline.profiles import (
    draw_scenarios,
    load_pu_from_table,
    load_table,
    sun_from_table,
)
from tieline.profiles.clock import steps
from tieline.profiles.config import ProfileConfig
from tieline.studies.hosting_capacity.config import HostingCapacityConfig
from tieline.typing import FloatArray


@dataclass(frozen=True, eq=False)
class Timeline:
    """Load and sun over the steps of a run.

    `times`: start of each step, None for a snapshot. `nominal_kw`, `nominal_kvar`: the loads, (load,). `share_p`, `share_q`: of
    nominal in the snapshot. `load_pu` (time, load) and `sun_pu` (time,): series from the user's tables, None where they are
    drawn.
    """

    feeder: Feeder
    profiles: ProfileConfig | None
    seed: int
    times: pd.DatetimeIndex | None
    nominal_kw: FloatArray
    nominal_kvar: FloatArray
    share_p: float
    share_q: float
    load_pu: FloatArray | None = None
    sun_pu: FloatArray | None = None

    @property
    def n_steps(self) -> int:
        """Power flows of one case."""
        if self.times is None:
            return 1
        return len(self.times)

    @property
    def snapshot_load(self) -> tuple[FloatArray, FloatArray]:
        """Load of the light-load snapshot, (load,) [kW, kvar]."""
        return self.nominal_kw * self.share_p, self.nominal_kvar * self.share_q

    def draw(self, deployments: range) -> tuple[FloatArray, FloatArray, FloatArray]:
        """Load (deployment, time, load) [kW], [kvar] and PV output per rating (deployment, time) of consecutive deployments."""
        count = len(deployments)
        if self.profiles is None:
            p_kw, q_kvar = self.snapshot_load
            load_kw = np.tile(p_kw, (count, 1, 1))
            load_kvar = np.tile(q_kvar, (count, 1, 1))
            return load_kw, load_kvar, np.ones((count, 1))
        load_pu = self.load_pu
        sun_pu = self.sun_pu
        if load_pu is None or sun_pu is None:
            scenarios = draw_scenarios(
                self.feeder, self.profiles, count, self.seed, deployments.start
            )
            load_pu = scenarios.load_pu if load_pu is None else load_pu
            sun_pu = scenarios.sun_pu if sun_pu is None else sun_pu
        shape = (count, self.n_steps)
        load_pu = np.broadcast_to(load_pu, (*shape, len(self.nominal_kw)))
        return (
            load_pu * self.nominal_kw,
            load_pu * self.nominal_kvar,
            np.broadcast_to(sun_pu, shape),
        )

    def find(self, label: str) -> int:
        """The step of a label; the first one if there is none of that label."""
        return next(
            (step for step in range(self.n_steps) if self.label(step) == label), 0
        )

    def label(self, step: int) -> str:
        """Time of a step as text; empty for a snapshot."""
        if self.times is None:
            return ""
        return self.times[step].isoformat(timespec="minutes")


def make_timeline(feeder: Feeder, config: HostingCapacityConfig) -> Timeline:
    """The timeline of a run; raises `InputError` if a table cannot be used or is shorter than the days asked for."""
    kvar_pct = config.light_load_kvar_pct
    if kvar_pct is None:
        kvar_pct = config.light_load_pct
    kw = np.array([load.p_kw for load in feeder.loads])
    kvar = np.array([load.q_kvar for load in feeder.loads])
    shares = (config.light_load_pct / 100, kvar_pct / 100)
    if config.time == "snapshot":
        return Timeline(feeder, None, config.seed, None, kw, kvar, *shares)
    profiles = config.drawn_profiles
    times = steps(profiles)
    load_pu = None
    sun_pu = None
    if config.load_table is not None:
        table = load_table(config.load_table, profiles.time_zone)
        load_pu = load_pu_from_table(table, feeder, times)
    if config.sun_table is not None:
        sun_pu = sun_from_table(config.sun_table, profiles.time_zone, times)
    return Timeline(
        feeder, profiles, config.seed, times, kw, kvar, *shares, load_pu, sun_pu
    )
