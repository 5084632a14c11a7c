"""`Ders141Task`: the task on 141 buses, corrected: the case as MATPOWER has it, all that devices give has its price."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from tieline.envs.ders.action_box import action_box
from tieline.envs.ders.base import FLEXIBLE_ENTRIES, DersTask
from tieline.envs.ders.config import Ders141EnvConfig
from tieline.envs.ders.days import Days, at_losses, split_days
from tieline.envs.ders.definition import Definition, ders141
from tieline.envs.ders.model import DerModel, Effect
from tieline.envs.ders.observe import Entry, LocalView, entries_of, unused
from tieline.envs.ders.shifts import shift_of
from tieline.envs.ders.state import DersState, SetPoints
from tieline.envs.substation_days.published_losses import PublishedLosses
from tieline.envs.substation_days.series import STEP_H
from tieline.envs.task import Constraint, Term
from tieline.envs.voltage_band import count_outside, outside_pu
from tieline.typing import FloatArray

if TYPE_CHECKING:
    from tieline.envs.ders.compiled import CompiledDers

SHARED_ENTRIES = (
    Entry("day_sine", -1.0),
    Entry("day_cosine", -1.0),
    Entry("load_share"),
    Entry("sun_share"),
)
OF_KIND = {
    "battery": (
        Entry("stored_share"),
        Entry("last_p_share", -1.0),
        Entry("last_q_share", -1.0),
        unused(4),
        unused(5),
    ),
    "pv": (
        Entry("last_p_share"),
        Entry("last_q_share", -1.0),
        Entry("last_spilled_share"),
        unused(4),
        unused(5),
    ),
    "flexible": FLEXIBLE_ENTRIES,
}

HIGHEST_LOAD_SEEN = 2.0
"""A load of twice its peak on the training days is seen as 1."""


class Ders141Task(DersTask):
    """Keep voltages and lose little on 141 buses by four batteries, four PV inverters and four flexible loads, at the least cost.

    Feeder, devices and agents are those of `ders141-as-published`; its flaws are mended. Loads are the kW and kvar of MATPOWER's
    case; what is curtailed, shifted, spilled or lost in batteries is paid for, and so is what batteries lack at the end of what
    they had at the start; no more is taken off a load than it has; what is shifted comes back within the day: nothing can be
    shifted in the last four half hours; the sun is that over the loads; a day runs from midnight to midnight in Sydney; the days
    that judge are not among those that train; agents see load and sun of the step at hand and what their device did.

    Episode: a day in half hours (48 steps), then truncated. The seed picks a day of the split.

    Loads: those of the case times one shape, at constant power. Drawn days are scaled to lose what is published around that date
    where nothing is done, on the feeder as it is read here; those of a file are taken as they are, over their training peak.

    Agents: one per device, all with the same reward. Each sees, of the step before (in the first, of that step with all devices
    idle), `voltage` of its bus and `near_voltage` of the four nearest, `lowest_voltage`, `highest_voltage`, `mean_voltage` of the
    feeder, all as (V - 1 pu) / 0.1 pu, [-10, 10]; `day_sine`, `day_cosine` of the local time; of this step `load_share`, load of
    the feeder over twice its nominal load, and `sun_share`, output of panels over their rating; and five entries of its device. A
    battery: `stored_share` of its energy now, `last_p_share`, `last_q_share` of its power and MVA in the step before. PV:
    `last_p_share`, `last_q_share`, `last_spilled_share`. A flexible load: `curtailed_share`, `shifted_share`, `returned_share` of
    its cap, `owed_steps_share`, steps until its last return over those of the rebound, `owed_share`, power still to return over
    as many caps. `unused` entries are 0.

    Action, two numbers for each: a battery's `p_share` of 0.1 MW, above 0 discharging, within what is stored, and `q_share` of
    0.15 MVA, within the circle, P first, [-1, 1]; PV's `spill_share` of what the sun offers, [0, 1], and `q_share` of its MVA,
    [-1, 1]; a flexible load's `curtail_share` and `shift_share` of its cap, [0, 1].

    Reward: -(energy_per_mwh / 1000 x (`loss_kwh` + `battery_loss_kwh` + `spilled_kwh` + `missing_kwh`, what batteries lack of
    their first energy after the last step) + curtail_per_mwh / 1000 x `curtailed_kwh` + shift_per_mwh / 1000 x `shifted_kwh`
    [kWh] + outside_weight x `outside_pu`, sum over buses of the distance from the limits [pu]).

    Costs: `outside_buses`, voltages outside the limits [buses], limit 0.

    Info: `loss_kw` (episode,); `battery_kw`, `battery_kvar`, `stored_kwh`, `pv_kw`, `pv_kvar`, `curtailed_kw`, `shifted_kw`,
    `returned_kw` (episode, device); `voltage_pu` (episode, bus).
    """

    name = "ders141"
    closes_within_episode = True

    def __init__(self, config: Ders141EnvConfig, days: Days | None = None):
        self.config = config
        definition = self.definition()
        shift = shift_of(config.split, definition)
        # inverters grow with their panels
        factor = shift.pv_factor
        model = DerModel.of(definition, pv_factor=factor, kva_factor=factor)
        super().__init__(
            model,
            definition.make_flexible_loads(within_load=True),
            days or self.make_days(config),
            shift.band_pu,
            LocalView(model, SHARED_ENTRIES, OF_KIND),
            action_box(model, "spill_share", 0.0, 0.0),
        )
        self.terms = self._terms()
        n_points = float(len(model.points.names))
        self.constraints = (Constraint("outside_buses", "buses", 0.0, n_points),)

    @classmethod
    def definition(cls) -> Definition:
        """What the task plays on."""
        return ders141()

    @classmethod
    def make_days(cls, config: Ders141EnvConfig) -> Days:
        """The days of the split; drawn ones at the losses that are published around them, then the load of the split."""
        days = split_days(config)
        definition = cls.definition()
        if not config.series:
            path = Path(__file__).with_name("published_losses.csv")
            losses = PublishedLosses.read(path)
            # whatever the split: it shifts what the devices meet, not the days
            model = DerModel.of(definition)
            days = at_losses(days, losses.on(days.names), model)
        return days.with_load(shift_of(config.split, definition).load_factor)

    def _terms(self) -> tuple[Term, ...]:
        """Prices of what is lost and given; at worst all load is lost and devices give all they have."""
        config = self.config
        energy = -config.energy_per_mwh / 1e3
        model = self.model
        devices = self.flexible_loads
        batteries = model.batteries
        charge_kw = batteries.charge_max_kw.sum()
        discharged_kw = batteries.discharge_max_kw / batteries.efficiency_discharge
        worst_kw = {
            "loss": model.nominal_kw.sum(),
            "battery_loss": max(charge_kw, discharged_kw.sum()),
            "spilled": model.inverters.rated_kw.sum(),
            "curtailed": devices.curtail_max_kw.sum(),
            "shifted": devices.shift_max_kw.sum(),
        }
        worst = {name: float(kw) * STEP_H for name, kw in worst_kw.items()}
        n_points = float(len(model.points.names))
        return (
            Term("loss_kwh", "kWh", energy, worst["loss"]),
            Term("battery_loss_kwh", "kWh", energy, worst["battery_loss"]),
            Term("spilled_kwh", "kWh", energy, worst["spilled"]),
            Term("missing_kwh", "kWh", energy, float(self.first_kwh.sum())),
            Term(
                "curtailed_kwh",
                "kWh",
                -config.curtail_per_mwh / 1e3,
                worst["curtailed"],
            ),
            Term("shifted_kwh", "kWh", -config.shift_per_mwh / 1e3, worst["shifted"]),
            Term("outside_pu", "pu", -config.outside_weight, n_points),
        )

    def compiled(self) -> CompiledDers:
        """The task as pure JAX functions."""
        # not at the top: it imports JAX
        from tieline.envs.ders.compiled import CompiledDers

        return CompiledDers(self)

    def idle_action(self, count: int) -> FloatArray:
        """All zeros."""
        return np.zeros((count, self.action.size))

    def spill_entry(self, spilled_share: FloatArray) -> FloatArray:
        """The share itself."""
        return spilled_share

    def spilled_share(self, entry: FloatArray) -> FloatArray:
        """The entry itself."""
        return entry

    def sun_kw(self, sun: FloatArray, xp: Any = np) -> FloatArray:
        """The sun's share of the panels, at most the rating of the inverter."""
        return self.model.inverters.available_kw(sun[..., None], xp)

    def shared_seen(self, state: DersState, xp: Any = np) -> FloatArray:
        """Local time, load and sun of the step at hand."""
        days = self.days
        present = (state.day, state.step)
        hour = xp.asarray(days.hour)[present]
        load = xp.asarray(days.load)[present]
        sun = xp.asarray(days.sun)[present]
        angle = hour * (2.0 * np.pi / 24.0)
        columns = [xp.sin(angle), xp.cos(angle), load / HIGHEST_LOAD_SEEN, sun]
        return xp.stack(columns, axis=1)

    def battery_seen(self, state: DersState, xp: Any = np) -> FloatArray:
        """What is stored, P and Q of the step before."""
        batteries = self.model.batteries
        columns = [
            state.stored_kwh / self.energy_kwh,
            state.battery_kw / batteries.discharge_max_kw,
            state.battery_kvar / batteries.kva,
        ]
        return entries_of(columns, len(OF_KIND["battery"]), xp)

    def pv_seen(self, state: DersState, xp: Any = np) -> FloatArray:
        """P and Q of the step before, and what was spilled."""
        inverters = self.model.inverters
        columns = [
            state.pv_kw / inverters.kva,
            state.pv_kvar / inverters.kva,
            state.spilled_share,
        ]
        return entries_of(columns, len(OF_KIND["pv"]), xp)

    def terms_of(
        self,
        state: DersState,
        after: DersState,
        points: SetPoints,
        effect: Effect,
        xp: Any = np,
    ) -> FloatArray:
        """Energies of the half hour and distance from the limits, in the order of `terms`."""
        offered_kw = self.offered_kw(state, xp)
        spilled_kw = offered_kw - points.pv_kw
        reduction = points.reduction
        missing_kwh = xp.maximum(self.first_kwh - after.stored_kwh, 0.0)
        is_last = after.step == self.days.n_steps
        columns = [
            effect.loss_kw * STEP_H,
            self._battery_loss_kwh(state, after, points, xp),
            spilled_kw.sum(axis=1) * STEP_H,
            missing_kwh.sum(axis=1) * is_last,
            reduction.curtailed_kw.sum(axis=1) * STEP_H,
            reduction.shifted_kw.sum(axis=1) * STEP_H,
            outside_pu(effect.v_pu, self.limits_pu, xp).sum(axis=1),
        ]
        return xp.stack(columns, axis=1)

    def _battery_loss_kwh(
        self, state: DersState, after: DersState, points: SetPoints, xp: Any
    ) -> FloatArray:
        """What batteries take and neither keep nor give back, (episode,)."""
        kept_kwh = after.stored_kwh - state.stored_kwh
        taken_kwh = -points.battery_kw * STEP_H
        # what is left over of nothing at all is rounding
        return xp.maximum((taken_kwh - kept_kwh).sum(axis=1), 0.0)

    def costs_of(self, points: SetPoints, effect: Effect, xp: Any = np) -> FloatArray:
        """Buses outside the limits."""
        del points
        return count_outside(effect.v_pu, self.limits_pu, xp)[:, None]

    @property
    def setting(self) -> dict[str, Any]:
        """What is weighed; limits and PV of a shifted split leave it as it is, so that a policy can be tried there."""
        names = ("energy_per_mwh", "curtail_per_mwh", "shift_per_mwh", "outside_weight")
        return {name: getattr(self.config, name) for name in names}
