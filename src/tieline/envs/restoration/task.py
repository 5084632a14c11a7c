"""`RestorationTask`: an island without a grid takes up its loads again, step by step, with what energy it has."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from tieline.envs.box import Box
from tieline.envs.restoration.bill import Bill
from tieline.envs.restoration.config import RestorationEnvConfig
from tieline.envs.restoration.episode import beyond_limits
from tieline.envs.restoration.guarded import GuardedIsland, IslandRows
from tieline.envs.restoration.observe import RestorationObserver
from tieline.envs.restoration.step import IslandStep, island_step
from tieline.envs.restoration.world import RestorationWorld, make_world
from tieline.envs.safeguarded import Bounds, Kept, Limited
from tieline.envs.task import Constraint, Outcome, Task, Term
from tieline.feeders.islands import read_island
from tieline.opf.restoration.state import IslandState, first_state
from tieline.powerflow import Solution
from tieline.typing import FloatArray, IntArray

WORST_OVERLOAD_PU = 10.0
"""A flow of eleven times its limit; more counts as this."""


@dataclass(frozen=True, eq=False)
class RestorationEnvState:
    """Where an episode stands: its island, the `step` that it decides, (episode,), and what sun and wind offer in all steps,
    (episode, step, renewable) [kW], of which later ones are not seen.
    """

    island: IslandState
    step: IntArray
    actual_kw: FloatArray


class RestorationTask(Task[RestorationEnvState]):
    """Restore the loads of an island that droop units hold: energy is short, so that what is taken up now may be missed later.

    Episode: 24 quarter-hours without the grid, then terminated, since it is back. No load is on at first. The seed draws what
    sun and wind make of the forecast (`scenario`). Terminated too where the island goes dark: no droop unit can hold its balance,
    and all load is lost for the rest.

    Step: sun and wind are measured, set-points are decided and moved inside what units can do, the island is solved, load is
    dropped by weight where a droop unit would leave its range, and fuel, stored energy and last powers are brought forward.

    Observation: `fuel_share` of droop units and microturbines over that at the start, `last_share` of their ratings,
    `stored_share` of batteries between their limits, `served_share` of each load, `time_share` of the horizon, all [0, 1];
    `available_share` of sun and wind now, and `forecast_share` in each step of the window, of their ratings, [0, 1];
    `measured_ratio`, energy measured over energy forecast so far, [0, 5]; `frequency_deviation` of the step before [Hz], [-5, 5].

    Action: `pickup_share` of each load, [0, 1]: at 0 it falls by what may go off free of charge, at 1 all of it is on. Shares of
    ratings: `p_share` of microturbines and of what is taken of sun and wind, [0, 1], of batteries, [-1, 1], above 0 they
    discharge; `q_share`, [-1, 1], above 0 it injects; `set_share`, the set-point P* of each droop unit where several share the
    load, [0, 1].

    Reward: + `restored_kwh` [kWh], energy served by weight, - cost x `generated_kwh` [kWh], of droop units and microturbines,
    - 2 x `shed_kwh` [kWh], what went off beyond the free share, by weight.

    Costs, all with limit 0: `undervoltage_pu` and `overvoltage_pu`, how far the worst voltage is outside the band [pu],
    `overload_pu`, how far the worst flow is above its limit [pu of it], `reactive_pu`, how far the worst droop unit is above its
    reactive rating [pu of it], and `dropped_kwh`, what was dropped because a droop unit would have left its range [kWh].

    Info: `served` (episode, load), `unit_kw` (episode, unit), `frequency_hz` (episode,), the last one in a dark island,
    `stored_kwh` (episode, battery), `restored_kwh` (episode,) without weights.

    Own islands: `feeder` names a file, see docs/islands.md.
    """

    name = "restoration"
    controls_act = False

    def __init__(
        self, config: RestorationEnvConfig, world: RestorationWorld | None = None
    ):
        self.config = config
        self.world = world or make_world(config, read_island(config.feeder))
        plant = self.world.plant
        self.feeder_name = plant.feeder.name
        self.guarded = GuardedIsland(self.world)
        self.observer = RestorationObserver(self.world, config.window_steps)
        self.observation = self.observer.box
        self.action = self._action()
        self._served = self.guarded.layout.entries("served")
        self.terms = _terms(self.world)
        most_kwh = config.step_h * float(plant.load_kw.sum())
        self.constraints = (
            Constraint("undervoltage_pu", "pu", 0.0, 1.0),
            Constraint("overvoltage_pu", "pu", 0.0, 1.0),
            Constraint("overload_pu", "pu", 0.0, WORST_OVERLOAD_PU),
            Constraint("reactive_pu", "pu", 0.0, WORST_OVERLOAD_PU),
            Constraint("dropped_kwh", "kWh", 0.0, most_kwh),
        )

    def start(self, seeds: IntArray) -> RestorationEnvState:
        """An island without load, and a draw of sun and wind, per seed."""
        count = len(seeds)
        return RestorationEnvState(
            island=first_state(self.world.plant, count),
            step=np.zeros(count, dtype=np.int64),
            actual_kw=self.world.actual_kw(self.config.scenario, seeds),
        )

    def observe(self, state: RestorationEnvState) -> FloatArray:
        """What is seen, (episode, observation)."""
        return self.observer.observe(state.island, state.step, state.actual_kw)

    def advance(
        self, state: RestorationEnvState, actions: FloatArray
    ) -> Outcome[RestorationEnvState]:
        """Carry out set-points for one step, as far as units can."""
        shares = self._shares(state, actions)
        result = island_step(
            self.world.plant,
            state.island,
            self.guarded.layout.set_points(shares),
            _now_kw(state),
            self.config.step_h,
        )
        bill = Bill.of_step(self.world.plant, self.config, state.island, result.state)
        after = replace(state, island=result.state, step=state.step + 1)
        terms = (bill.restored_worth, bill.generated_kwh, bill.shed_worth)
        is_over = after.step >= self.config.steps
        return Outcome(
            state=after,
            terms=np.column_stack(terms),
            costs=self._costs(result),
            terminated=is_over | result.state.is_dead,
            truncated=np.zeros(len(actions), dtype=bool),
            # an island without a solution is a dark one, which the rules of a step tell
            solved=np.ones(len(actions), dtype=bool),
            details={
                "served": result.state.served,
                "unit_kw": result.unit_kw,
                "frequency_hz": result.state.frequency_hz,
                "stored_kwh": result.state.stored_kwh,
                "restored_kwh": bill.restored_kwh,
            },
            solution=_solution(result),
        )

    def limited(self, state: RestorationEnvState, actions: FloatArray) -> Limited:
        """What the safety step keeps, see `GuardedIsland`."""
        scale = self._scale(state)
        rows = self._rows(state)
        shares = self._shares(state, actions)
        limited = self.guarded.limited(rows, shares)

        def slopes(episodes: IntArray) -> FloatArray:
            by_share = limited.slopes(episodes)
            return by_share * scale[episodes, None]

        return replace(limited, slopes=slopes)

    def carried_out(
        self, state: RestorationEnvState, actions: FloatArray
    ) -> FloatArray:
        """The nearest action that units can carry out."""
        shares = self._shares(state, actions)
        rows = self._rows(state)
        feasible = self.guarded.carried_out(rows, shares)
        return self._actions(state, feasible)

    def bounds(self, state: RestorationEnvState) -> Bounds:
        """What every unit can do now."""
        rows = self._rows(state)
        low = self._actions(state, rows.low)
        high = self._actions(state, rows.high)
        return Bounds(low, high)

    def kept(self, state: RestorationEnvState) -> Kept:
        """Set-points owe each other nothing."""
        return Kept.nothing(len(state.step), self.action.size)

    def _action(self) -> Box:
        """Shares as in the layout, but for loads, of which what is picked up is decided."""
        box = self.guarded.layout.box
        names = [name.replace("served_share", "pickup_share") for name in box.names]
        return replace(box, names=tuple(names))

    def _lowest(self, state: RestorationEnvState) -> FloatArray:
        """Share of each load that stays on where nothing is picked up, (episode, load)."""
        return np.maximum(state.island.served - self.config.shed_free_share, 0.0)

    def _scale(self, state: RestorationEnvState) -> FloatArray:
        """What a change of the action changes of the shares, (episode, entry); 0 for a load that is on whatever is decided."""
        n_episodes = len(state.step)
        scale = np.ones((n_episodes, self.action.size))
        scale[:, self._served] = 1 - self._lowest(state)
        return scale

    def _shares(self, state: RestorationEnvState, actions: FloatArray) -> FloatArray:
        """Actions as shares of the layout."""
        shares = actions * self._scale(state)
        shares[:, self._served] += self._lowest(state)
        return shares

    def _actions(self, state: RestorationEnvState, shares: FloatArray) -> FloatArray:
        """Shares of the layout as actions."""
        actions = shares.copy()
        actions[:, self._served] -= self._lowest(state)
        scale = self._scale(state)
        return actions / np.where(scale > 0, scale, 1.0)

    def _rows(self, state: RestorationEnvState) -> IslandRows:
        """Islands whose loads fall by no more than the free share."""
        rows = self.guarded.rows(state.island, _now_kw(state))
        low = rows.low.copy()
        low[:, self._served] = self._lowest(state)
        return replace(rows, low=low)

    def _costs(self, result: IslandStep) -> FloatArray:
        """How far beyond limits, (episode, constraint); nothing in a dark island, whose loss the reward tells."""
        grid = self.world.grid
        beyond = np.maximum(np.nan_to_num(beyond_limits(self.world, result)), 0.0)
        n_points = len(grid.points.names)
        plant = self.world.plant
        load_kwh = self.config.step_h * plant.load_kw
        q_max_kvar = plant.units.q_max_kvar
        q_beyond = np.abs(result.unit_kvar) - q_max_kvar
        q_unit_kvar = np.where(q_max_kvar > 0, q_max_kvar, 1.0)
        costs = np.column_stack(
            [
                beyond[:, n_points : 2 * n_points].max(axis=1, initial=0.0),
                beyond[:, :n_points].max(axis=1, initial=0.0),
                beyond[:, 2 * n_points :].max(axis=1, initial=0.0),
                (q_beyond / q_unit_kvar).max(axis=1, initial=0.0),
                result.dropped @ load_kwh,
            ]
        )
        return np.minimum(costs, [constraint.worst for constraint in self.constraints])


def _now_kw(state: RestorationEnvState) -> FloatArray:
    """What sun and wind offer in the step that is decided, (episode, renewable) [kW]."""
    return state.actual_kw[np.arange(len(state.step)), state.step]


def _terms(world: RestorationWorld) -> tuple[Term, ...]:
    """The parts of the objective; at worst nothing is served, all units run, and all load goes off."""
    config = world.config
    plant = world.plant
    hours = config.step_h
    capacity_kw = (
        plant.units.generators.p_max_kw.sum() + plant.generators.p_max_kw.sum()
    )
    load_kwh = hours * float(plant.load_kw @ plant.load_weight)
    return (
        Term("restored_kwh", "kWh", 1.0, 0.0),
        Term("generated_kwh", "kWh", -config.generation_cost, hours * capacity_kw),
        Term("shed_kwh", "kWh", -config.shed_factor, load_kwh),
    )


def _solution(result: IslandStep) -> Solution | None:
    """The power flow of all episodes; None where different droop units hold them, or some went dark before."""
    if len(result.solved) != 1:
        return None
    (group,) = result.solved
    are_all = len(group.rows) == len(result.fits)
    return group.solution.flow if are_all else None
