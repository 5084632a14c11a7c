"""`Dso33Task`: the task on 33 buses, corrected: loads give what they have, are paid for it, and catch up within the day."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from tieline.devices.rebound_load import Reduction
from tieline.envs.flexible_loads.base import FlexibleLoadsState, FlexibleLoadsTask
from tieline.envs.flexible_loads.config import Dso33EnvConfig
from tieline.envs.flexible_loads.days import Days, split_days
from tieline.envs.flexible_loads.definition import Definition, dso33
from tieline.envs.flexible_loads.model import Effect, FeederModel
from tieline.envs.flexible_loads.published import at_losses, published_losses
from tieline.envs.substation_days.series import STEP_H
from tieline.envs.task import Constraint, Term
from tieline.envs.voltage_band import outside_pu
from tieline.typing import FloatArray

if TYPE_CHECKING:
    from tieline.envs.flexible_loads.compiled import CompiledDso33


class Dso33Task(FlexibleLoadsTask):
    """Keep voltages and lose little on 33 buses by curtailing and shifting six flexible loads, at the least cost.

    Feeder, devices and what is seen are those of `dso33-as-published`; its flaws are mended. Curtailing and shifting are paid
    for; no more is taken off a load than it has; what is shifted comes back within the day: nothing can be shifted in the last
    four half hours; a day runs from midnight to midnight in Sydney; the days that judge are not among those that train.

    Episode: a day in half hours (48 steps), then truncated. The seed picks a day of the split.

    Loads: those of `dso33.toml` times the shape of their zone, P and Q alike, at constant power. Drawn days are scaled to lose
    what is published around that date where nothing is done (`published`); those of a file are taken as they are.

    Observation, of the step before (in the first step, of that step without control): `voltage` of every bus as (V - 1 pu) /
    0.1 pu, [-10, 10]; `line_p_share` and `line_q_share`, flow into the first end of every line in service over 3.715 MW and 2.3
    Mvar, [-10, 10]; of this step: `load_p_share` and `load_q_share` of every bus over the same, [-10, 10]; `day_sine`,
    `day_cosine` of the local time; of each device `curtailed_share`, `shifted_share` and `returned_share` in the step before over
    its cap, `owed_steps_share`, steps until its last return over those of the rebound, and `owed_share`, power still to return
    over as many caps, all [0, 1].

    Action, two numbers in [0, 1] for each device: `curtail_share` and `shift_share` of its cap. Where both together are more than
    the load and what comes back, both shrink by the same share. What is shifted comes back in four equal parts in the next four
    steps.

    Reward: -(loss_per_mwh / 1000 x `loss_kwh` + curtail_per_mwh / 1000 x `curtailed_kwh` + shift_per_mwh / 1000 x `shifted_kwh`
    [kWh] + outside_weight x `outside_pu`, sum over buses of the distance from 0.94 to 1.06 pu [pu]).

    Costs: `outside_buses`, voltages outside these limits [buses], limit 0.

    Info: `loss_kw` (episode,), `curtailed_kw`, `shifted_kw`, `returned_kw` (episode, device), `voltage_pu` (episode, bus).
    """

    name = "dso33"
    closes_within_episode = True

    def __init__(self, config: Dso33EnvConfig, days: Days | None = None):
        self.config = config
        definition = self.definition()
        model = FeederModel.of(definition)
        devices = definition.make_devices(within_load=True)
        super().__init__(
            definition,
            model,
            devices,
            days or self.make_days(config, model),
            lowest_action=0.0,
        )
        total_kwh = float(model.nominal_kw.sum()) * STEP_H
        n_points = float(len(model.points.names))
        curtail_kwh = float(devices.curtail_max_kw.sum()) * STEP_H
        shift_kwh = float(devices.shift_max_kw.sum()) * STEP_H
        self.terms = (
            Term("loss_kwh", "kWh", -config.loss_per_mwh / 1e3, total_kwh),
            Term("curtailed_kwh", "kWh", -config.curtail_per_mwh / 1e3, curtail_kwh),
            Term("shifted_kwh", "kWh", -config.shift_per_mwh / 1e3, shift_kwh),
            Term("outside_pu", "pu", -config.outside_weight, n_points),
        )
        self.constraints = (Constraint("outside_buses", "buses", 0.0, n_points),)

    @classmethod
    def definition(cls) -> Definition:
        """What the task plays on."""
        return dso33()

    @classmethod
    def make_days(cls, config: Dso33EnvConfig, model: FeederModel) -> Days:
        """The days of the split; drawn ones at the losses that are published around them."""
        days = split_days(config)
        if config.series:
            return days
        return at_losses(days, published_losses().on(days.names), model)

    def give_way(
        self, state: FlexibleLoadsState, actions: FloatArray, load_kw: FloatArray
    ) -> Reduction:
        """Shares of the caps, as far as the load has it and a shift comes back before midnight."""
        devices = self.devices
        return devices.clip(
            actions[:, 0::2] * devices.curtail_max_kw,
            actions[:, 1::2] * devices.shift_max_kw,
            load_kw,
            state.owed_kw,
            steps_after=self.days.n_steps - 1 - state.step,
        )

    def day_angle(self, state: FlexibleLoadsState) -> FloatArray:
        """Local time."""
        return self.days.hour[state.day, state.step] * (2.0 * np.pi / 24.0)

    def terms_of(self, effect: Effect, reduction: Reduction) -> FloatArray:
        """Energies of the half hour and distance from the limits, in the order of `terms`."""
        columns = [
            effect.loss_kw * STEP_H,
            reduction.curtailed_kw.sum(axis=1) * STEP_H,
            reduction.shifted_kw.sum(axis=1) * STEP_H,
            outside_pu(effect.v_pu, self.limits_pu).sum(axis=1),
        ]
        return np.column_stack(columns)

    def compiled(self) -> CompiledDso33:
        """The task as pure JAX functions."""
        # not at the top: it imports JAX
        from tieline.envs.flexible_loads.compiled import CompiledDso33

        return CompiledDso33(self)

    @property
    def setting(self) -> dict[str, Any]:
        """Limits and what is weighed."""
        names = ("loss_per_mwh", "curtail_per_mwh", "shift_per_mwh", "outside_weight")
        return {
            "limits_pu": self.limits_pu,
            **{name: getattr(self.config, name) for name in names},
        }
