"""`Dso123Task`: the corrected task on the 123-node feeder, with phases, and with regulators that act."""

from __future__ import annotations

from dataclasses import dataclass
from typing import NoReturn

import numpy as np

from tieline.devices.rebound_load import Reduction
from tieline.envs.flexible_loads.base import FlexibleLoadsState
from tieline.envs.flexible_loads.config import Dso33EnvConfig
from tieline.envs.flexible_loads.days import Days, split_days
from tieline.envs.flexible_loads.definition import Definition, dso123
from tieline.envs.flexible_loads.model import Effect, FeederModel
from tieline.envs.flexible_loads.task import Dso33Task
from tieline.errors import InputError
from tieline.typing import FloatArray, IntArray


@dataclass(frozen=True, eq=False)
class RegulatedState(FlexibleLoadsState):
    """As without regulators, with `tap`, where these stand, (episode, regulator)."""

    tap: IntArray


class Dso123Task(Dso33Task):
    """Keep voltages and lose little on 123 nodes by curtailing and shifting six flexible loads, while regulators act.

    What is decided, paid for and counted is as in `dso33`; the feeder has phases, loads that depend on voltage, and four banks of
    regulators, which start each step from where the last one left them.

    Episode: a day in half hours (48 steps), then truncated. The seed picks a day of the split.

    Loads: those of the feeder times one shape, the first zone's, over its peak on the training days. Nothing is published of it.

    Observation, of the step before (in the first step, of that step without control): `voltage` of every node as (V - 1 pu) /
    0.1 pu, [-10, 10]; `line_p_share` and `line_q_share`, flow of all phases into the first end of every line in service over the
    load of the feeder, P and Q, [-10, 10]; of this step: `load_p_share` and `load_q_share` of every bus over the same, [-10, 10];
    `day_sine`, `day_cosine` of the local time; of each device `curtailed_share`, `shifted_share` and `returned_share` in the step
    before over its cap, `owed_steps_share`, steps until its last return over those of the rebound, and `owed_share`, power still
    to return over as many caps, all [0, 1].

    Action, two numbers in [0, 1] for each device: `curtail_share` and `shift_share` of its cap, as in `dso33`.

    Reward: -(loss_per_mwh / 1000 x `loss_kwh` + curtail_per_mwh / 1000 x `curtailed_kwh` + shift_per_mwh / 1000 x `shifted_kwh`
    [kWh] + outside_weight x `outside_pu`, sum over nodes of the distance from 0.95 to 1.05 pu [pu]).

    Costs: `outside_buses`, voltages outside these limits [buses], limit 0.

    Info: `loss_kw` (episode,), `curtailed_kw`, `shifted_kw`, `returned_kw` (episode, device), `voltage_pu` (episode, node).
    """

    name = "dso123"

    @classmethod
    def definition(cls) -> Definition:
        """What the task plays on."""
        return dso123()

    @classmethod
    def make_days(cls, config: Dso33EnvConfig, model: FeederModel) -> Days:
        """The days of the split, over their peak on the training days."""
        del model
        days = split_days(config)
        training = split_days(config.model_copy(update={"split": "train"}))
        return Days(days.shape / training.shape.max(), days.hour, days.names)

    def start(self, seeds: IntArray) -> RegulatedState:
        """As without regulators; these start from where they rest at the feeder's full load."""
        before = super().start(seeds)
        tap = np.repeat(self.model.tap, len(seeds), axis=0)
        return RegulatedState(**vars(before), tap=tap)

    def effect_of(
        self, state: FlexibleLoadsState, load_kw: FloatArray, load_kvar: FloatArray
    ) -> Effect:
        """What loads of this step lead to, with regulators from where the step before left them."""
        assert isinstance(state, RegulatedState)  # as `start` makes it
        return self.model.effect(load_kw, load_kvar, state.tap)

    def after(
        self,
        state: FlexibleLoadsState,
        effect: Effect,
        reduction: Reduction,
        returned_kw: FloatArray,
    ) -> RegulatedState:
        """As without regulators, with where these come to rest."""
        after = super().after(state, effect, reduction, returned_kw)
        return RegulatedState(**vars(after), tap=effect.solution.taps)

    def compiled(self) -> NoReturn:
        """Refused: regulators act."""
        raise InputError(
            f"Task '{self.name}' has no compiled form, as its regulators act. Step it by BatchedEnv."
        )
