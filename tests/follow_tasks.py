"""Tasks of one step for learners: choose the number that is seen, alone or as a team of two; stepped and compiled."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import Any

import jax.numpy as jnp
import numpy as np

from tieline.envs import Outcome, Task, Term
from tieline.envs.box import Box
from tieline.envs.compiled.draws import first_uniform
from tieline.envs.compiled.task import CompiledOutcome
from tieline.envs.draws import uniform
from tieline.envs.task import Agent, Constraint


@dataclass(frozen=True)
class Place:
    """Where the target is, (episode,)."""

    target: np.ndarray


class Follow(Task[Place]):
    """One step: choose the number that is seen. Reward -(action - target)^2."""

    name, feeder_name = "follow", "none"
    observation, action = Box.of(("target",), 0.0, 1.0), Box.of(("choice",), 0.0, 1.0)
    terms, constraints = (Term("miss", "", -1.0, 1.0),), ()

    def start(self, seeds: np.ndarray) -> Place:
        return Place(0.2 + 0.6 * uniform(seeds, 1)[:, 0])

    def observe(self, state: Place) -> np.ndarray:
        return state.target[:, None]

    def advance(self, state: Place, actions: np.ndarray) -> Outcome[Place]:
        everywhere = np.ones(len(actions), dtype=bool)
        miss = (actions - state.target[:, None]) ** 2
        costs = np.empty((len(miss), 0))
        return Outcome(state, miss, costs, everywhere, ~everywhere, everywhere)

    def compiled(self) -> Any:
        return CompiledFollow(self)


class CompiledFollow:
    """The same in JAX."""

    n_ports = 1

    def __init__(self, task: Follow):
        self.task = task

    def start(self, seeds: Any) -> Any:
        return 0.2 + 0.6 * first_uniform(seeds)

    def observe(self, state: Any) -> Any:
        return state[:, None]

    def advance(self, state: Any, actions: Any) -> CompiledOutcome:
        everywhere = jnp.ones(len(actions), dtype=bool)
        miss = (actions - state[:, None]) ** 2
        costs = jnp.empty((len(miss), 0))
        return CompiledOutcome(state, miss, costs, everywhere, ~everywhere, everywhere)


@dataclass(frozen=True)
class Targets:
    """Of each agent, (episode, agent)."""

    target: np.ndarray


class FollowApart(Task[Targets]):
    """One step: each agent chooses the number that it alone sees. Reward of each -(choice - target)^2.

    The entries of the second agent stand first in the action, so that a mix-up shows.
    """

    name, feeder_name = "follow-apart", "none"
    observation = Box.of(("first", "second"), 0.0, 1.0)
    action = Box.of(("choice of second", "choice of first"), 0.0, 1.0)
    terms = (Term("first_miss", "", -1.0, 1.0), Term("second_miss", "", -1.0, 1.0))
    constraints = (Constraint("choice_of_first", "", 0.5, 1.0),)

    @cached_property
    def agents(self) -> tuple[Agent, ...]:
        first = Agent("first", np.array([0]), np.array([1]), ("first_miss",))
        second = Agent("second", np.array([1]), np.array([0]), ("second_miss",))
        return first, second

    def start(self, seeds: np.ndarray) -> Targets:
        first = 0.6 + 0.3 * uniform(seeds, 1)
        return Targets(np.hstack([first, first - 0.5]))

    def observe(self, state: Targets) -> np.ndarray:
        return state.target

    def advance(self, state: Targets, actions: np.ndarray) -> Outcome[Targets]:
        everywhere = np.ones(len(actions), dtype=bool)
        choices = actions[:, ::-1]
        miss = (choices - state.target) ** 2
        return Outcome(state, miss, choices[:, :1], everywhere, ~everywhere, everywhere)

    def compiled(self) -> Any:
        return CompiledFollowApart(self)


class CompiledFollowApart:
    """The same in JAX."""

    n_ports = 1

    def __init__(self, task: FollowApart):
        self.task = task

    def start(self, seeds: Any) -> Any:
        first = 0.6 + 0.3 * first_uniform(seeds)
        return jnp.stack([first, first - 0.5], axis=1)

    def observe(self, state: Any) -> Any:
        return state

    def advance(self, state: Any, actions: Any) -> CompiledOutcome:
        everywhere = jnp.ones(len(actions), dtype=bool)
        choices = actions[:, ::-1]
        miss = (choices - state) ** 2
        return CompiledOutcome(
            state, miss, choices[:, :1], everywhere, ~everywhere, everywhere
        )
