"""`RestorationTask`: an island without a grid takes up its loads again, step by step, with what energy it has."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from tieline.envs.restoration.config import RestorationEnvConfig
from tieline.envs.restoration.observe import RestorationObserver
from tieline.envs.restoration.pickup import Pickup
from tieline.envs.restoration.safety.guarded import GuardedIsland, IslandRows
from tieline.envs.restoration.step.bill import Bill
from tieline.envs.restoration.step.island_step import IslandStep, island_step
from tieline.envs.restoration.task_costs import task_constraints, task_costs
from tieline.envs.restoration.world import RestorationWorld, make_world
from tieline.envs.safeguarded import Bounds, Kept, Limited
from tieline.envs.task import Outcome, Task, Term
from tieline.feeders.islands import read_island
from tieline.opf.restoration.state import IslandState, first_state
from tieline.powerflow import Solution
from tieline.typing import FloatArray, IntArray


@dataclass(frozen=True, eq=False)
class RestorationEnvState:
    """Where an episode stands: its island, the `step` that it decides, (episode,), and what sun and wind offer in all steps,
    (episode, step, renewable) [kW], of which later ones are not seen.
    """

    island: IslandState
    step: IntArray
    actual_kw: FloatArray

    @property
    def now_kw(self) -> FloatArray:
        """What sun and wind offer in the step that is decided, (episode, renewable) [kW]."""
        episodes = np.arange(len(self.step))
        return self.actual_kw[episodes, self.step]


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
        if world is None:
            island = read_island(config.feeder)
            world = make_world(config, island)
        self.config = config
        self.world = world
        self.feeder_name = world.plant.feeder.name
        self.network = world.plant.island.network
        self.band_pu = config.limit_numbers.band_pu
        self.guarded = GuardedIsland(world)
        self.observer = RestorationObserver(world, config.window_steps)
        self.observation = self.observer.box
        layout = self.guarded.layout
        self.pickup = Pickup(layout, config.shed_free_share)
        self.action = self.pickup.box
        self.terms = _terms(world)
        self.constraints = task_constraints(world)

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
        plant = self.world.plant
        shares = self.pickup.shares(state.island, actions)
        set_points = self.guarded.layout.set_points(shares)
        result = island_step(
            plant, state.island, set_points, state.now_kw, self.config.step_h
        )
        bill = Bill.of_step(plant, self.config, state.island, result.state)
        after = replace(state, island=result.state, step=state.step + 1)
        terms = (bill.restored_worth, bill.generated_kwh, bill.shed_worth)
        is_over = after.step >= self.config.steps
        return Outcome(
            state=after,
            terms=np.column_stack(terms),
            costs=task_costs(self.world, result),
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
            v_pu=result.v_pu,
        )

    def limited(self, state: RestorationEnvState, actions: FloatArray) -> Limited:
        """What the safety step keeps, see `GuardedIsland`."""
        scale = self.pickup.scale(state.island)
        rows = self._rows(state)
        shares = self.pickup.shares(state.island, actions)
        limited = self.guarded.limited(rows, shares)

        def slopes(episodes: IntArray) -> FloatArray:
            by_share = limited.slopes(episodes)
            return by_share * scale[episodes, None]

        return replace(limited, slopes=slopes)

    def carried_out(
        self, state: RestorationEnvState, actions: FloatArray
    ) -> FloatArray:
        """The nearest action that units can carry out."""
        island = state.island
        shares = self.pickup.shares(island, actions)
        rows = self._rows(state)
        feasible = self.guarded.carried_out(rows, shares)
        return self.pickup.actions(island, feasible)

    def bounds(self, state: RestorationEnvState) -> Bounds:
        """What every unit can do now."""
        rows = self._rows(state)
        island = state.island
        low = self.pickup.actions(island, rows.low)
        high = self.pickup.actions(island, rows.high)
        return Bounds(low, high)

    def kept(self, state: RestorationEnvState) -> Kept:
        """Set-points owe each other nothing."""
        return Kept.nothing(len(state.step), self.action.size)

    def _rows(self, state: RestorationEnvState) -> IslandRows:
        """Islands whose loads fall by no more than the free share."""
        island = state.island
        rows = self.guarded.rows(island, state.now_kw)
        loads = self.pickup.loads
        low = rows.low.copy()
        low[:, loads] = self.pickup.lowest(island)
        return replace(rows, low=low)


def _terms(world: RestorationWorld) -> tuple[Term, ...]:
    """The parts of the objective; at worst nothing is served, all units run, and all load goes off."""
    config = world.config
    plant = world.plant
    capacity_kw = plant.units.generators.p_max_kw.sum()
    capacity_kw += plant.generators.p_max_kw.sum()
    most_kwh = config.step_h * float(capacity_kw)
    load_worth = config.step_h * float(plant.load_kw @ plant.load_weight)
    return (
        Term("restored_kwh", "kWh", 1.0, 0.0),
        Term("generated_kwh", "kWh", -config.generation_cost, most_kwh),
        Term("shed_kwh", "kWh", -config.shed_factor, load_worth),
    )


def _solution(result: IslandStep) -> Solution | None:
    """The power flow of all episodes; None where different droop units hold them, or some went dark before."""
    if len(result.solved) != 1:
        return None
    (group,) = result.solved
    are_all = len(group.rows) == len(result.fits)
    return group.solution.flow if are_all else None
