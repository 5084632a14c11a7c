"""`MicrogridsTask`: privately owned microgrids set their devices a quarter of an hour at a time, behind limits that all share."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any

import numpy as np

from tieline.devices.battery import split
from tieline.envs.draws import pick
from tieline.envs.guarded_problem import DevicesNow, guard_problem, rows_now
from tieline.envs.guarded_steps import StepRows
from tieline.envs.microgrids.before import state_before
from tieline.envs.microgrids.bill import cost_of_step, stored_value_of_step
from tieline.envs.microgrids.bill_terms import bill_terms
from tieline.envs.microgrids.config import MicrogridsEnvConfig
from tieline.envs.microgrids.observe import Observer
from tieline.envs.microgrids.plant import Plant, make_plant
from tieline.envs.microgrids.pool import Pool, draw_pool
from tieline.envs.microgrids.sight import Sight
from tieline.envs.microgrids.windows import Windows, WindowStart
from tieline.envs.safeguarded import Bounds, Kept, Limited
from tieline.envs.task import Agent, Constraint, Outcome, Task
from tieline.feeders.asked import asked_feeder
from tieline.opf.meters import Meters
from tieline.powerflow import Solution, with_fixed_q
from tieline.typing import FloatArray, IntArray

WORST_OVERLOAD_PU = 10.0
"""A flow of eleven times its limit; more counts as this."""

ROUNDING = 1e-9
"""A set-point that is moved by less, as a share of its rating, was within its limits."""


@dataclass(frozen=True, eq=False)
class MicrogridsState:
    """Where an episode stands: its `day` in the pool and `step`, both (episode,); what the step before left behind: stored
    energy, (episode, battery) [kWh], power of generators, (episode, generator) [kW], and voltage at the meters, (episode,
    microgrid) [pu].
    """

    day: IntArray
    step: IntArray
    stored_kwh: FloatArray
    last_kw: FloatArray
    pcc_pu: FloatArray


class MicrogridsTask(Task[MicrogridsState]):
    """Dispatch the devices of n private microgrids on one feeder, each at its own least cost, within limits that all share.

    Episode: a day in quarter-hours (96 steps), then truncated, since the world goes on. The seed picks the day from a pool that
    the configuration draws once; batteries start half full. Terminated only where the power flow has no solution.

    Step: load, sun and price of the step and of those after it are known, voltages are those of the step before. PV gives what
    the sun gives; regulators and capacitors are held where they rest at the mean load of the day.

    Observation: `load_ahead` and `sun_ahead` of a microgrid in each step of the window over nominal and rated power, [0, 5] and
    [0, 1]; `price_ahead` over the highest of the tariff, [-1, 1]; `stored_share` of each battery between its limits and
    `last_share` of each generator's highest power, [0, 1]; `day_sine` and `day_cosine` of the time of day; `pcc_voltage` at each
    meter, -1 and 1 at the edges of the band, [-20, 20].

    Action, shares of ratings: `p_share` of each generator, [0, 1], and battery, [-1, 1], above 0 it discharges; `q_share` of
    each generator, battery and PV system, above 0 it injects. What is carried out is the nearest that each device can do: within
    ramp, stored energy and apparent power, P before Q.

    Agents: one per microgrid. It sees its own window, its own devices, the voltage at its meter, price and time.

    Reward of an agent: -`cost_usd` [USD], what it pays at its meter and for fuel, no-load fuel too, + `stored_usd` [USD], the
    value of what it stored more. Another `currency` changes the names. The reward of all together is their sum.

    Costs: `undervoltage_pu` and `overvoltage_pu`, how far the worst voltage is outside the band [pu], `overload_pu`, how far the
    worst flow is above its limit [pu of it], and `excess_pu`, how far the worst set-point is from what was carried out [pu of
    its rating], all with limit 0.

    Info: `der_kw`, `der_kvar` (episode, der), `bought_kw` (episode, microgrid), `stored_kwh` (episode, battery).

    Own days: give a `pool` made of them.
    """

    name = "microgrids"
    controls_act = False

    def __init__(
        self,
        config: MicrogridsEnvConfig,
        plant: Plant | None = None,
        pool: Pool | None = None,
    ):
        self.config = config
        self.plant = plant or _plant_of(config)
        self.feeder_name = self.plant.network.feeder.name
        self.network = self.plant.network
        self.band_pu = config.limit_numbers.band_pu
        self.pool = pool or draw_pool(self.plant, config)
        self.days = self.pool.days
        self.observer = Observer.of(self.plant)
        # the same at every start of a day
        self._before = state_before(self.observer, self.days)
        self.sight = Sight.of(self.observer, config.window_steps)
        self.observation = self.sight.box
        # the set-points of a microgrid stand side by side
        owned_ders = [microgrid.ders for microgrid in self.plant.microgrids]
        self.guarded = guard_problem(self.pool.problem, np.concatenate(owned_ders))
        self.action = self.guarded.action
        self._meters = Meters.at(self.plant.network, self.plant.pccs)
        self.terms = bill_terms(self.plant, config.currency, self.days.step_h)
        self.constraints = (
            Constraint("undervoltage_pu", "pu", 0.0, 1.0),
            Constraint("overvoltage_pu", "pu", 0.0, 1.0),
            Constraint("overload_pu", "pu", 0.0, WORST_OVERLOAD_PU),
            Constraint("excess_pu", "pu", 0.0, 2.0),
        )

    @cached_property
    def agents(self) -> tuple[Agent, ...]:
        """One per microgrid that has something to set."""
        agents = []
        for k, microgrid in enumerate(self.plant.microgrids):
            is_set = np.isin(self.guarded.entries.der, microgrid.ders)
            sets = np.flatnonzero(is_set)
            # its cost, then what it stored
            terms = self.terms[2 * k : 2 * k + 2]
            names = tuple(term.name for term in terms)
            if len(sets) > 0:
                agents.append(Agent(microgrid.name, self.sight.sees[k], sets, names))
        return tuple(agents)

    def start(self, seeds: IntArray) -> MicrogridsState:
        """The first step of a day per seed."""
        day = pick(seeds, len(self.days))
        before = self._before
        return MicrogridsState(
            day=day,
            step=np.zeros(len(seeds), dtype=np.int64),
            stored_kwh=before.stored_kwh[day],
            last_kw=before.last_kw[day],
            pcc_pu=before.pcc_pu[day],
        )

    def windows(self, state: MicrogridsState, n_steps: int) -> Windows:
        """The windows that begin now."""
        start = WindowStart(state.stored_kwh, state.last_kw, state.pcc_pu)
        return self.days.windows(state.day, state.step, n_steps, start)

    def observe(self, state: MicrogridsState) -> FloatArray:
        """What all agents see, (episode, observation)."""
        windows = self.windows(state, self.config.window_steps)
        return self.sight.see(windows)

    def advance(
        self, state: MicrogridsState, actions: FloatArray
    ) -> Outcome[MicrogridsState]:
        """Carry out set-points for one step, as far as devices can."""
        rows = self.rows(state)
        carried = self.guarded.carried_out(rows, actions)
        der_kw, der_kvar = self.guarded.entries.put(carried, rows.der_kw, rows.der_kvar)
        solution = self.guarded.solved(rows, der_kw, der_kvar)
        solved = solution.converged
        bought_kw = self._meters.bought_kw(solution)
        after = self._after(state, der_kw, solution)
        return Outcome(
            state=after,
            terms=self._values(state, after, bought_kw, der_kw),
            costs=self._costs(solution, actions - carried),
            terminated=np.zeros(len(actions), dtype=bool),
            truncated=after.step == self.days.n_steps,
            solved=solved,
            details={
                "der_kw": der_kw,
                "der_kvar": der_kvar,
                "bought_kw": np.where(solved[:, None], bought_kw, 0.0),
                "stored_kwh": after.stored_kwh,
            },
            solution=solution,
        )

    def limited(self, state: MicrogridsState, actions: FloatArray) -> Limited:
        """Voltages, flows and apparent powers; see `Safeguarded`."""
        return self.guarded.limited(self.rows(state), actions)

    def carried_out(self, state: MicrogridsState, actions: FloatArray) -> FloatArray:
        """What devices can do of it; see `Safeguarded`."""
        return self.guarded.carried_out(self.rows(state), actions)

    def bounds(self, state: MicrogridsState) -> Bounds:
        """Ramps and stored energy; see `Safeguarded`."""
        return self.guarded.bounds(self.rows(state))

    def kept(self, state: MicrogridsState) -> Kept:
        """Devices owe each other nothing; see `Safeguarded`."""
        return Kept.nothing(len(state.day), self.action.size)

    def rows(self, state: MicrogridsState) -> StepRows:
        """The present steps, and what devices may do in them."""
        step = self.windows(state, 1)
        rows = rows_now(
            self.guarded,
            self.pool.problem,
            step.load_kw[:, 0],
            step.load_kvar[:, 0],
            self._devices_now(state, step.sun[:, 0]),
        )
        return replace(rows, **step.positions)

    def _devices_now(self, state: MicrogridsState, sun: FloatArray) -> DevicesNow:
        """Boxes of this step: those of any step, but for the sun."""
        ders = self.pool.problem.ders
        plant = self.plant
        each = (len(sun), 1)
        p_min_kw = np.tile(ders.p_min_kw[0], each)
        p_max_kw = np.tile(ders.p_max_kw[0], each)
        pv_kw = plant.pv.available_kw(sun)
        # PV is not curtailed: least and most are what the sun gives
        p_min_kw[:, plant.pv_ders] = pv_kw
        p_max_kw[:, plant.pv_ders] = pv_kw
        last_kw = np.full(p_min_kw.shape, np.nan)
        last_kw[:, plant.generator_ders] = state.last_kw
        return DevicesNow(p_min_kw, p_max_kw, state.stored_kwh, last_kw)

    def _after(
        self, state: MicrogridsState, der_kw: FloatArray, solution: Solution
    ) -> MicrogridsState:
        """Where a step leaves an episode; without a solution it keeps the voltages it had seen before."""
        plant = self.plant
        solved = solution.converged[:, None]
        pcc_pu = self.observer.pcc_pu(solution)
        return MicrogridsState(
            day=state.day,
            step=state.step + 1,
            stored_kwh=self._stored_after(state, der_kw[:, plant.battery_ders]),
            last_kw=der_kw[:, plant.generator_ders],
            pcc_pu=np.where(solved, pcc_pu, state.pcc_pu),
        )

    def _stored_after(
        self, state: MicrogridsState, battery_kw: FloatArray
    ) -> FloatArray:
        """Stored energy after a step, (episode, battery) [kWh]."""
        units = self.plant.batteries
        charge_kw, discharge_kw = split(battery_kw)
        stored_kwh = units.next_stored_kwh(
            state.stored_kwh, charge_kw, discharge_kw, self.days.step_h
        )
        # the last digit only: the next step would begin beyond a limit
        return np.clip(stored_kwh, units.stored_min_kwh, units.stored_max_kwh)

    def _values(
        self,
        state: MicrogridsState,
        after: MicrogridsState,
        bought_kw: FloatArray,
        der_kw: FloatArray,
    ) -> FloatArray:
        """Cost and stored value of each microgrid side by side, (episode, term)."""
        plant = self.plant
        cost = cost_of_step(
            plant,
            price=self.days.price[state.day, state.step],
            bought_kw=bought_kw,
            generator_kw=der_kw[:, plant.generator_ders],
            step_h=self.days.step_h,
        )
        stored = stored_value_of_step(plant, state.stored_kwh, after.stored_kwh)
        by_microgrid = np.stack([cost, stored], axis=2)
        return by_microgrid.reshape(len(cost), -1)

    def _costs(self, solution: Solution, wish_beyond: FloatArray) -> FloatArray:
        """In the order of `constraints`, (episode, constraint)."""
        grid = self.guarded.grid
        beyond = grid.beyond(solution)
        n_points = len(grid.points.names)
        above, below, over = np.split(beyond, [n_points, 2 * n_points], axis=1)
        overload = over.max(axis=1, initial=0.0)
        excess = np.abs(wish_beyond).max(axis=1, initial=0.0)
        worst = np.column_stack(
            [
                below.max(axis=1),
                above.max(axis=1),
                np.minimum(overload, WORST_OVERLOAD_PU),
                # what rounding moves was not beyond its limit
                np.where(excess > ROUNDING, excess, 0.0),
            ]
        )
        return np.maximum(worst, 0.0)

    @property
    def setting(self) -> dict[str, Any]:
        """Everything that is configured but where days come from."""
        return self.config.model_dump(
            mode="json", exclude={"feeder", "pool_days", "pool_seed"}
        )


def _plant_of(config: MicrogridsEnvConfig) -> Plant:
    feeder = with_fixed_q(asked_feeder(config.feeder, config.load_model))
    return make_plant(feeder, config)
