"""`Ders123Task`: the corrected task on the 123-node feeder, with phases, and with regulators that act."""

from __future__ import annotations

from dataclasses import dataclass
from typing import NoReturn

from tieline.envs.ders.config import Ders141EnvConfig
from tieline.envs.ders.days import Days, split_days
from tieline.envs.ders.definition import Definition, ders123
from tieline.envs.ders.model import Effect
from tieline.envs.ders.shifts import shift_of
from tieline.envs.ders.state import DersState, SetPoints
from tieline.envs.ders.task import Ders141Task
from tieline.errors import InputError
from tieline.typing import FloatArray, IntArray


@dataclass(frozen=True, eq=False)
class RegulatedState(DersState):
    """As without regulators, with `tap`, where these stand, (episode, regulator)."""

    tap: IntArray


class Ders123Task(Ders141Task):
    """Keep voltages and lose little on 123 nodes by batteries, PV inverters and flexible loads, four each, while regulators act.

    What is decided, paid for and counted is as in `ders141`; the feeder has phases, loads that depend on voltage, and four banks
    of regulators, which start each step from where the last one left them. Batteries and PV have all three phases.

    Episode: a day in half hours (48 steps), then truncated. The seed picks a day of the split.

    Loads: those of the feeder times one shape over its peak on the training days. Nothing is published of it.

    Agents: one per device, all with the same reward. Each sees, of the step before (in the first, of that step with all devices
    idle), `voltage` of the first phase of its bus and `near_voltage` of the first phases of the four nearest, `lowest_voltage`,
    `highest_voltage`, `mean_voltage` of all nodes, all as (V - 1 pu) / 0.1 pu, [-10, 10]; `day_sine`, `day_cosine` of the local
    time; of this step `load_share`, load of the feeder over twice its nominal load, and `sun_share`, output of panels over their
    rating; and five entries of its device. A battery: `stored_share` of its energy now, `last_p_share`, `last_q_share` of its
    power and MVA in the step before. PV: `last_p_share`, `last_q_share`, `last_spilled_share`. A flexible load:
    `curtailed_share`, `shifted_share`, `returned_share` of its cap, `owed_steps_share`, steps until its last return over those of
    the rebound, `owed_share`, power still to return over as many caps. `unused` entries are 0.

    Action, two numbers for each: a battery's `p_share` of 0.1 MW, above 0 discharging, within what is stored, and `q_share` of
    0.15 MVA, within the circle, P first, [-1, 1]; PV's `spill_share` of what the sun offers, [0, 1], and `q_share` of its MVA,
    [-1, 1]; a flexible load's `curtail_share` and `shift_share` of its cap, [0, 1].

    Reward: -(energy_per_mwh / 1000 x (`loss_kwh` + `battery_loss_kwh` + `spilled_kwh` + `missing_kwh`, what batteries lack of
    their first energy after the last step) + curtail_per_mwh / 1000 x `curtailed_kwh` + shift_per_mwh / 1000 x `shifted_kwh`
    [kWh] + outside_weight x `outside_pu`, sum over nodes of the distance from 0.95 to 1.05 pu [pu]).

    Costs: `outside_buses`, voltages outside these limits [buses], limit 0.

    Info: `loss_kw` (episode,); `battery_kw`, `battery_kvar`, `stored_kwh`, `pv_kw`, `pv_kvar`, `curtailed_kw`, `shifted_kw`,
    `returned_kw` (episode, device); `voltage_pu` (episode, node).
    """

    name = "ders123"

    @classmethod
    def definition(cls) -> Definition:
        """What the task plays on."""
        return ders123()

    @classmethod
    def make_days(cls, config: Ders141EnvConfig) -> Days:
        """The days of the split, over their peak on the training days."""
        shift = shift_of(config.split, cls.definition())
        return split_days(config).with_load(shift.load_factor)

    def unseen_start(self, day: IntArray) -> RegulatedState:
        """As without regulators; these start from where they rest at the feeder's full load."""
        before = super().unseen_start(day)
        tap = self.model.tap.repeat(len(day), axis=0)
        return RegulatedState(**vars(before), tap=tap)

    def tap_of(self, state: DersState) -> IntArray:
        """Where the step before left them."""
        assert isinstance(state, RegulatedState)  # as `unseen_start` makes it
        return state.tap

    def after(
        self,
        state: DersState,
        points: SetPoints,
        returned_kw: FloatArray,
        effect: Effect,
    ) -> RegulatedState:
        """As without regulators, with where these come to rest."""
        after = super().after(state, points, returned_kw, effect)
        return RegulatedState(**vars(after), tap=effect.solution.taps)

    def compiled(self) -> NoReturn:
        """Refused: regulators act."""
        raise InputError(
            f"Task '{self.name}' has no compiled form, as its regulators act. Step it by BatchedEnv."
        )
