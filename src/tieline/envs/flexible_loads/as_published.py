"""`PublishedDso33Task`: the task on 33 buses as it was published, flaws kept, so that its figures can be checked and compared."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from tieline.devices.rebound_load import Reduction
from tieline.envs.flexible_loads.base import FlexibleLoadsState, FlexibleLoadsTask
from tieline.envs.flexible_loads.config import PublishedDso33EnvConfig
from tieline.envs.flexible_loads.days import Days, glued_days
from tieline.envs.flexible_loads.definition import dso33
from tieline.envs.flexible_loads.model import Effect, FeederModel
from tieline.envs.flexible_loads.published import (
    at_losses,
    published_losses,
    window_starts,
)
from tieline.envs.task import Constraint, Term
from tieline.typing import FloatArray

if TYPE_CHECKING:
    from tieline.envs.flexible_loads.compiled import CompiledPublishedDso33

LOSS_WEIGHT = -0.1
"""Of a MW lost, in each step."""


class PublishedDso33Task(FlexibleLoadsTask):
    """Lose less in the lines of 33 buses by curtailing and shifting six flexible loads, as published in PowerZooJax (task "DSO").

    Episode: 48 half hours, then truncated. The seed picks one of the windows of `windows`.

    Flaws, kept: curtailing costs nothing and its energy has no limit; neither curtailing nor shifting is bounded by the load at
    the bus, which may then feed the grid; what would come back after the last step is lost; windows begin at any half hour of
    days that are glued together, four days apart, and the time shown is that since the window began; the windows that train
    are eight of those that judge; half of each entry of the action does nothing.

    Loads: those of `dso33.toml` times the shape of their zone, P and Q alike, at constant power. Drawn windows are scaled to lose
    what is published of them where nothing is done (`published`); those of a file are taken as they are.

    Observation, of the step before (in the first step, of that step without control): `voltage` of every bus as (V - 1 pu) /
    0.1 pu, [-10, 10]; `line_p_share` and `line_q_share`, flow into the first end of every line in service over 3.715 MW and 2.3
    Mvar, [-10, 10]; of this step: `load_p_share` and `load_q_share` of every bus over the same, [-10, 10]; `day_sine`,
    `day_cosine` of the time since the window began; of each device `curtailed_share`, `shifted_share` and `returned_share` in the
    step before over its cap, `owed_steps_share`, steps until its last return over those of the rebound, and `owed_share`, power
    still to return over as many caps, all [0, 1].

    Action, two numbers in [-1, 1] for each device: `curtail_share` and `shift_share` of its cap; below 0 counts as 0. What is
    shifted comes back in four equal parts in the next four steps.

    Reward: -0.1 x `loss_mw` [MW].

    Costs: `outside_buses`, voltages outside 0.94 to 1.06 pu, that of the source counted as well [buses], limit 0.

    Info: `loss_kw` (episode,), `curtailed_kw`, `shifted_kw`, `returned_kw` (episode, device), `voltage_pu` (episode, bus).

    Not as published: flows and losses are those of the AC power flow, not of a sweep that takes branch losses from the flow
    without losses, which loses 0.2 to 0.6 % less.
    """

    name = "dso33-as-published"
    closes_within_episode = False

    def __init__(
        self,
        config: PublishedDso33EnvConfig,
        days: Days | None = None,
    ):
        self.config = config
        definition = dso33()
        model = FeederModel.of(definition)
        super().__init__(
            definition,
            model,
            definition.make_devices(within_load=False),
            days or _windows(config, model),
            lowest_action=-1.0,
        )
        total_mw = model.nominal_kw.sum() / 1e3
        self.terms = (Term("loss_mw", "MW", LOSS_WEIGHT, total_mw),)
        n_points = float(len(model.points.names))
        self.constraints = (Constraint("outside_buses", "buses", 0.0, n_points),)

    def give_way(
        self, state: FlexibleLoadsState, actions: FloatArray, load_kw: FloatArray
    ) -> Reduction:
        """Shares of the caps, whatever the load."""
        shares = np.clip(actions, 0.0, 1.0)
        devices = self.devices
        return devices.clip(
            shares[:, 0::2] * devices.curtail_max_kw,
            shares[:, 1::2] * devices.shift_max_kw,
            load_kw,
            state.owed_kw,
        )

    def day_angle(self, state: FlexibleLoadsState) -> FloatArray:
        """Time since the window began."""
        return 2.0 * np.pi * state.step / self.days.n_steps

    def terms_of(self, effect: Effect, reduction: Reduction) -> FloatArray:
        """The loss alone: what is given counts nothing."""
        del reduction
        return effect.loss_kw[:, None] / 1e3

    def compiled(self) -> CompiledPublishedDso33:
        """The task as pure JAX functions."""
        # not at the top: it imports JAX
        from tieline.envs.flexible_loads.compiled import CompiledPublishedDso33

        return CompiledPublishedDso33(self)


def _windows(config: PublishedDso33EnvConfig, model: FeederModel) -> Days:
    """The asked windows; drawn ones at their published losses."""
    starts = window_starts(config.windows)
    days = glued_days(config, starts)
    if config.series:
        return days
    return at_losses(days, published_losses().of(starts), model)
