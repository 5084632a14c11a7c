"""`play`: an episode of many draws side by side, step by step: decide, make safe, solve exactly, bring forward."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import NamedTuple, Protocol

import numpy as np

from tieline.envs.restoration.seen import Seen
from tieline.envs.restoration.step.bill import Bill
from tieline.envs.restoration.step.island_step import IslandStep, island_step
from tieline.envs.restoration.step.set_points import SetPoints
from tieline.envs.restoration.world import RestorationWorld
from tieline.opf.restoration.state import IslandState, first_state
from tieline.typing import BoolArray, FloatArray


class IslandDecider(Protocol):
    """Whoever sets an island's loads and units; rows are draws."""

    def decide(self, state: IslandState, sight: Seen, /) -> SetPoints:
        """Set-points of this step; what units cannot do is moved to what they can."""
        ...


class Guarded(NamedTuple):
    """Set-points after the safety step, and whether it changed them, (draw,)."""

    set_points: SetPoints
    touched: BoolArray


class Guard(Protocol):
    """The safety step."""

    def __call__(self, state: IslandState, wish: SetPoints, sight: Seen, /) -> Guarded:
        """Set-points near to those wished that keep all limits."""
        ...


@dataclass(frozen=True, eq=False)
class Played:
    """What a step of an episode came to.

    Attributes:
        before: the state that it began with.
        wish: what was decided.
        touched: draws whose set-points the safety step changed, (draw,).
        step: what the island made of it.
        bill: what it is worth.
        beyond: how far each voltage and flow is beyond its limit, (draw, constraint) [pu]; NaN in a dead island.
    """

    before: IslandState
    wish: SetPoints
    touched: BoolArray
    step: IslandStep
    bill: Bill
    beyond: FloatArray


@dataclass(frozen=True, eq=False)
class Episode:
    """All steps of an episode, in order; arrays of many steps are (step, draw, ...)."""

    played: tuple[Played, ...]

    @cached_property
    def bill(self) -> Bill:
        """Parts of the objective, (step, draw) each."""
        return stacked_bill([one.bill for one in self.played])

    @property
    def objective(self) -> FloatArray:
        """Of each draw, (draw,)."""
        return self.bill.objective.sum(axis=0)

    @cached_property
    def is_dead(self) -> BoolArray:
        """Islands without voltage, (step, draw)."""
        return np.stack([one.step.state.is_dead for one in self.played])

    @cached_property
    def touched(self) -> BoolArray:
        """Where the safety step changed something, (step, draw)."""
        return np.stack([one.touched for one in self.played])

    @cached_property
    def worst_beyond_pu(self) -> FloatArray:
        """How far the worst voltage or flow is beyond its limit, at least 0, (step, draw) [pu]; 0 in a dead island."""
        worst = []
        for one in self.played:
            beyond = np.nan_to_num(one.beyond)
            worst.append(beyond.max(axis=1, initial=0.0))
        return np.stack(worst)


def play(
    world: RestorationWorld,
    decider: IslandDecider,
    actual_kw: FloatArray,
    guard: Guard | None = None,
) -> Episode:
    """Play an episode.

    Args:
        world: the island, its limits and the forecast.
        decider: sees the forecast and what was measured so far.
        actual_kw: available power of each draw, (draw, step, renewable) [kW].
        guard: the safety step; left out, set-points are only moved inside what units can do.
    """
    state = first_state(world.plant, len(actual_kw))
    steps = []
    for step in range(world.config.steps):
        # later steps are not handed over: nobody can look ahead
        measured_kw = actual_kw[:, : step + 1]
        sight = Seen(step, world.forecast_kw, measured_kw)
        wish = decider.decide(state, sight)
        one = play_step(world, state, wish, sight, guard)
        steps.append(one)
        state = one.step.state
    return Episode(tuple(steps))


def play_step(
    world: RestorationWorld,
    state: IslandState,
    wish: SetPoints,
    sight: Seen,
    guard: Guard | None = None,
) -> Played:
    """One step of an episode."""
    guarded = Guarded(wish, np.zeros(state.n_scenarios, dtype=bool))
    if guard is not None:
        guarded = guard(state, wish, sight)
    result = island_step(
        world.plant, state, guarded.set_points, sight.now_kw, world.config.step_h
    )
    return Played(
        before=state,
        wish=wish,
        touched=guarded.touched,
        step=result,
        bill=Bill.of_step(world.plant, world.config, state, result.state),
        beyond=beyond_limits(world, result),
    )


def beyond_limits(world: RestorationWorld, result: IslandStep) -> FloatArray:
    """How far voltages and flows of a step are beyond their limits, (draw, constraint) [pu]; NaN in a dead island."""
    n_draws = len(result.fits)
    n_constraints = len(world.grid.names)
    beyond = np.full((n_draws, n_constraints), np.nan)
    for group in result.solved:
        flow = group.solution.flow
        beyond[group.rows] = world.grid.beyond(flow)
    beyond[result.state.is_dead] = np.nan
    return beyond


def stacked_bill(bills: Sequence[Bill]) -> Bill:
    """Bills of steps as one, (step, draw)."""
    columns = {}
    for name in Bill.__annotations__:
        of_steps = [getattr(bill, name) for bill in bills]
        columns[name] = np.stack(of_steps)
    return Bill(**columns)
