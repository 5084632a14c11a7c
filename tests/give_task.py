"""A task of four steps for learners whose last step alone pays, stepped and compiled; some of its steps may have no solution."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import jax.numpy as jnp
import numpy as np

from tieline.envs import Outcome, Task, Term
from tieline.envs.box import Box
from tieline.envs.compiled.draws import first_uniform
from tieline.envs.compiled.task import CompiledOutcome
from tieline.envs.draws import uniform

N_STEPS = 4


@dataclass(frozen=True)
class Tank:
    """What is to be given away by the end, what was given, and steps made, (episode,) each."""

    wanted: Any
    given: Any
    step: Any


class Give(Task[Tank]):
    """Four steps; only the last one pays: -(what was given in all - what is wanted)^2. A decision counts later or not at all."""

    name, feeder_name = "give", "none"
    observation = Box.of(("wanted", "given", "step"), 0.0, 4.0)
    action = Box.of(("more",), 0.0, 1.0)
    terms, constraints = (Term("miss", "", -1.0, 16.0),), ()

    def start(self, seeds: np.ndarray) -> Tank:
        nothing = np.zeros(len(seeds))
        return Tank(3.0 * uniform(seeds, 1)[:, 0], nothing, nothing)

    def observe(self, state: Tank) -> np.ndarray:
        return np.column_stack([state.wanted, state.given, state.step])

    def advance(self, state: Tank, actions: np.ndarray) -> Outcome[Tank]:
        after = Tank(state.wanted, state.given + actions[:, 0], state.step + 1)
        is_last = after.step == N_STEPS
        miss = np.where(is_last, (after.given - after.wanted) ** 2, 0.0)
        return Outcome(
            state=after,
            terms=miss[:, None],
            costs=np.empty((len(miss), 0)),
            terminated=np.zeros(len(miss), dtype=bool),
            truncated=is_last,
            solved=np.ones(len(miss), dtype=bool),
        )

    def compiled(self) -> Any:
        return CompiledGive(self)


class CompiledGive:
    """The same in JAX; who wants more than `lost_above` has no solution, and a step without one a slope of 0 or none."""

    n_ports = 1
    lost_above = np.inf
    has_slope_where_lost = True

    def __init__(self, task: Give):
        self.task = task

    def start(self, seeds: Any) -> Any:
        nothing = jnp.zeros(len(seeds))
        return 3.0 * first_uniform(seeds), nothing, nothing

    def observe(self, state: Any) -> Any:
        return jnp.stack(state, axis=1)

    def advance(self, state: Any, actions: Any) -> CompiledOutcome:
        wanted, given, step = state
        given = given + actions[:, 0]
        is_last = step + 1 == N_STEPS
        miss = jnp.where(is_last, (given - wanted) ** 2, 0.0)
        is_lost = wanted > self.lost_above
        nothing = jnp.nan if self.has_slope_where_lost else jnp.sqrt(-1.0 - given)
        return CompiledOutcome(
            state=(wanted, given, step + 1),
            terms=jnp.where(is_lost, nothing, miss)[:, None],
            costs=jnp.empty((len(miss), 0)),
            terminated=jnp.zeros(len(miss), dtype=bool),
            truncated=is_last,
            solved=~is_lost,
        )
