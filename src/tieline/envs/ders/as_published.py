"""`PublishedDers141Task`: the task on 141 buses as it was published, flaws kept, so that its figures can be compared."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from tieline.envs.ders.action_box import action_box
from tieline.envs.ders.base import FLEXIBLE_ENTRIES, DersTask
from tieline.envs.ders.config import PublishedDers141EnvConfig, PublishedSplit
from tieline.envs.ders.days import Days, at_losses, glued_days
from tieline.envs.ders.definition import ders141
from tieline.envs.ders.model import DerModel, Effect
from tieline.envs.ders.observe import Entry, LocalView, entries_of, unused
from tieline.envs.ders.shifts import shift_of
from tieline.envs.ders.state import DersState, SetPoints
from tieline.envs.substation_days.published_losses import PublishedLosses
from tieline.envs.task import Constraint, Term
from tieline.envs.voltage_band import count_outside, outside_pu
from tieline.typing import FloatArray

if TYPE_CHECKING:
    from tieline.envs.ders.compiled import CompiledDers

LOSS_WEIGHT = -0.1
"""Of a MW lost, in each step."""

TRAINING_STARTS = (0, 1093, 2186, 3279, 4372, 5465, 6558, 7652)
"""First half hours of the published training windows, among the days that train."""

BATTERY_ENTRIES = (
    Entry("stored_share"),
    Entry("last_p_share", -1.0),
    Entry("last_q_share", -1.0),
    unused(4),
    unused(5),
)
PV_ENTRIES = (
    Entry("last_sun_share"),
    Entry("last_p_share", -1.0),
    Entry("last_q_share", -1.0),
    Entry("last_spilled_share"),
    unused(5),
)

SHARED_ENTRIES = (Entry("day_sine", -1.0), Entry("day_cosine", -1.0))
OF_KIND = {
    "battery": BATTERY_ENTRIES,
    "pv": PV_ENTRIES,
    "flexible": FLEXIBLE_ENTRIES,
}


class PublishedDers141Task(DersTask):
    """Lose less on 141 buses by four batteries, four PV inverters and four flexible loads, as published (PowerZooJax, "DERs").

    Episode: 48 half hours, then truncated. The seed picks one of the windows of `split`.

    Flaws, kept: kVA of the case are read as kW and there is no reactive load; energy in the batteries at the start is free, as
    nothing asks for it at the end; curtailing is free and not bounded by the load at the bus; what would come back after the last
    step is lost; load of Sydney is paired with sun of Great Britain, half hour by half hour of UTC, each over its peak in the
    split; windows begin at any half hour of days glued together and the time shown is that since they began; an action of 0
    spills half of the sun; agents do not see the power of their battery, nor any load or sun to come; twice the PV feeds 0.4 MW
    through an inverter of 0.22 MVA.

    Loads: those of the case times one shape, at constant power. Drawn windows are scaled to lose what is published of them where
    nothing is done; those of a file are taken as they are.

    Agents: one per device, all with the same reward. Each sees, of the step before (in the first, of that step with all devices
    idle), `voltage` of its bus and `near_voltage` of the four nearest, `lowest_voltage`, `highest_voltage`, `mean_voltage` of the
    feeder, all as (V - 1 pu) / 0.1 pu, [-10, 10]; `day_sine`, `day_cosine` of the time since the window began; and five entries
    of its device. A battery: `stored_share` of its energy now; `last_p_share`, `last_q_share`, always 0. PV: `last_sun_share`,
    `last_p_share` of its rating, `last_q_share` of its MVA, `last_spilled_share`. A flexible load: `curtailed_share`,
    `shifted_share`, `returned_share` of its cap, `owed_steps_share`, steps until its last return over those of the rebound,
    `owed_share`, power still to return over as many caps. `unused` entries are 0.

    Action, two numbers in [-1, 1] for each: a battery's `p_share` of 0.1 MW, above 0 discharging, within what is stored, and
    `q_share` of 0.15 MVA, within the circle, P first; PV's `used_share`, where 1 uses all sun and -1 none, and `q_share` of 0.22
    MVA; a flexible load's `curtail_share` and `shift_share` of its cap, below 0 counting as 0.

    Reward: -0.1 x `loss_mw` [MW] - outside_weight x `outside_pu`, sum over buses of the distance from the limits [pu].

    Costs: `outside_buses`, voltages outside the limits [buses]; `overloaded_lines`, always 0, as no line has a rating [lines];
    `clipped_points`, set-points that a limit of their device moved [points]; limit 0.

    Info: `loss_kw` (episode,); `battery_kw`, `battery_kvar`, `stored_kwh`, `pv_kw`, `pv_kvar`, `curtailed_kw`, `shifted_kw`,
    `returned_kw` (episode, device); `voltage_pu` (episode, bus).

    Not as published: losses are those of the AC power flow, not of a sweep that takes branch losses from the flow without losses.
    """

    name = "ders141-as-published"
    closes_within_episode = False

    def __init__(self, config: PublishedDers141EnvConfig, days: Days | None = None):
        self.config = config
        definition = ders141()
        model = DerModel.of(definition, kva_as_kw=True)
        shift = shift_of(config.split, definition)
        self._pv_factor = shift.pv_factor
        super().__init__(
            model,
            definition.make_flexible_loads(within_load=False),
            days or _windows(config, model),
            shift.band_pu,
            LocalView(model, SHARED_ENTRIES, OF_KIND),
            action_box(model, "used_share", -1.0, -1.0),
        )
        total_mw = model.nominal_kw.sum() / 1e3
        n_points = float(len(model.points.names))
        self.terms = (
            Term("loss_mw", "MW", LOSS_WEIGHT, total_mw),
            Term("outside_pu", "pu", -config.outside_weight, n_points),
        )
        n_lines = float(len(model.network.feeder.lines))
        self.constraints = (
            Constraint("outside_buses", "buses", 0.0, n_points),
            Constraint("overloaded_lines", "lines", 0.0, n_lines),
            Constraint("clipped_points", "points", 0.0, float(self.action.size)),
        )

    def compiled(self) -> CompiledDers:
        """The task as pure JAX functions."""
        # not at the top: it imports JAX
        from tieline.envs.ders.compiled import CompiledDers

        return CompiledDers(self)

    def idle_action(self, count: int) -> FloatArray:
        """PV uses all sun, which takes a 1; all else is 0."""
        is_used = [name.startswith("used_share") for name in self.action.names]
        return np.repeat(np.array([is_used], dtype=float), count, axis=0)

    def spill_entry(self, spilled_share: FloatArray) -> FloatArray:
        """1 for none, -1 for all."""
        return 1.0 - 2.0 * spilled_share

    def spilled_share(self, entry: FloatArray) -> FloatArray:
        """None at 1, all at -1."""
        return (1.0 - entry) / 2.0

    def sun_kw(self, sun: FloatArray, xp: Any = np) -> FloatArray:
        """The sun's share of the panels, whatever the inverter can take."""
        del xp
        return sun[..., None] * self._pv_factor * self.model.inverters.rated_kw

    def shared_seen(self, state: DersState, xp: Any = np) -> FloatArray:
        """Time since the window began."""
        angle = 2.0 * np.pi * state.step / self.days.n_steps
        return xp.stack([xp.sin(angle), xp.cos(angle)], axis=1)

    def battery_seen(self, state: DersState, xp: Any = np) -> FloatArray:
        """What is stored; its power is always 0."""
        stored_share = state.stored_kwh / self.energy_kwh
        return entries_of([stored_share], len(BATTERY_ENTRIES), xp)

    def pv_seen(self, state: DersState, xp: Any = np) -> FloatArray:
        """The sun of the step before and what was made of it."""
        inverters = self.model.inverters
        columns = [
            state.sun[:, None] + xp.zeros_like(state.pv_kw),
            state.pv_kw / inverters.rated_kw,
            state.pv_kvar / inverters.kva,
            state.spilled_share,
        ]
        return entries_of(columns, len(PV_ENTRIES), xp)

    def terms_of(
        self,
        state: DersState,
        after: DersState,
        points: SetPoints,
        effect: Effect,
        xp: Any = np,
    ) -> FloatArray:
        """Loss and distance from the limits; what devices do counts nothing."""
        del state, after, points
        distance_pu = outside_pu(effect.v_pu, self.limits_pu, xp)
        return xp.stack([effect.loss_kw / 1e3, distance_pu.sum(axis=1)], axis=1)

    def costs_of(self, points: SetPoints, effect: Effect, xp: Any = np) -> FloatArray:
        """Buses outside, lines overloaded, set-points moved."""
        n_outside = count_outside(effect.v_pu, self.limits_pu, xp)
        columns = [n_outside, xp.zeros_like(n_outside), points.n_clipped]
        return xp.stack(columns, axis=1)


def published_losses(split: PublishedSplit) -> PublishedLosses:
    """Of the episodes in the days that train, or in those that judge [MW]."""
    name = "published_training_losses" if split == "train" else "published_losses"
    return PublishedLosses.read(Path(__file__).with_name(f"{name}.csv"))


def _windows(config: PublishedDers141EnvConfig, model: DerModel) -> Days:
    """The asked windows; drawn ones at their published losses, then the load of the split."""
    losses = published_losses(config.split)
    starts = losses.starts
    if config.split == "train":
        starts = np.array(TRAINING_STARTS)
    days = glued_days(config, starts)
    if not config.series:
        days = at_losses(days, losses.of(starts), model)
    return days.with_load(shift_of(config.split, ders141()).load_factor)
