"""`Task`: what is to be decided, without any running episode: pure functions of states and actions.

    state = start(seeds)                    one episode per seed
    observation = observe(state)            what a decider sees
    outcome = advance(state, actions)       next state, reward terms, costs, whether it is over

All arrays have the episode axis first. A state is a frozen dataclass of such arrays, so that rows can be taken and put
(`state_rows`). A task never raises for the content of a state: an episode whose power flow has no solution is marked and ends.
"""

from __future__ import annotations

import hashlib
import json
from abc import ABC, abstractmethod
from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING, Any, Generic, TypeVar

import numpy as np

from tieline.envs.box import Box
from tieline.errors import InputError, unknown_name_message
from tieline.network import Network
from tieline.powerflow import Solution
from tieline.typing import BoolArray, ComplexArray, FloatArray, IntArray

if TYPE_CHECKING:
    from tieline.envs.compiled.task import CompiledTask

State = TypeVar("State")


@dataclass(frozen=True)
class Term:
    """One part of the reward: its value times `weight` is added.

    `worst` is the value that stands in where the power flow has no solution: what it would be were all supply lost.
    """

    name: str
    unit: str
    weight: float
    worst: float


@dataclass(frozen=True)
class Constraint:
    """A number that should stay at or below `limit` in every step: a cost in safe learning's words. `worst` as in `Term`."""

    name: str
    unit: str
    limit: float
    worst: float


@dataclass(frozen=True, eq=False)
class Agent:
    """One of several deciders: which entries of the observation it sees and of the action it sets, and what it is rewarded for.

    Attributes:
        name: of the agent.
        sees, sets: entries of the observation and of the action.
        terms: names of the reward terms that are its reward; all of them unless said, which makes the agents a team. A term may
            count for several agents.
    """

    name: str
    sees: IntArray
    sets: IntArray
    terms: tuple[str, ...] | None = None


@dataclass(frozen=True, eq=False)
class Outcome(Generic[State]):
    """What a step leads to. Rows are episodes.

    Attributes:
        state: the state after the step.
        terms: value of each reward term, (episode, term), in its unit.
        costs: value of each constraint, (episode, constraint), in its unit.
        terminated: the decision problem is over, (episode,).
        truncated: the series of data is over, the world is not, (episode,).
        solved: the power flow has a solution, (episode,); elsewhere terms, costs and state are of no use.
        details: further arrays worth a look, (episode, ...).
        solution: the power flow that judged the step, one scenario per episode; None where one does not hold them all.
        v_pu: node voltages of all episodes where no one solution has them, (episode, node) [pu]; NaN where there is none.
    """

    state: State
    terms: FloatArray
    costs: FloatArray
    terminated: BoolArray
    truncated: BoolArray
    solved: BoolArray
    details: dict[str, np.ndarray] = field(default_factory=dict)
    solution: Solution | None = None
    v_pu: ComplexArray | None = None

    @property
    def node_voltages_pu(self) -> ComplexArray | None:
        """Of all episodes, (episode, node) [pu]; None where the task does not tell them."""
        if self.solution is not None:
            return self.solution.v_pu
        return self.v_pu


class Task(ABC, Generic[State]):
    """A decision problem. Subclasses say in their docstring what is seen, decided, rewarded and limited, with units.

    The docstring names every group of entries, terms and constraints (first word of a name). What `observe` returns lies inside
    the bounds of `observation`.

    Attributes:
        name: as in the catalogue of tasks.
        feeder_name: the feeder it plays on.
        observation, action: the entries and their bounds.
        terms: parts of the reward, which is the sum of weight times value.
        constraints: limits beside the reward.
        agents: who sets which part of the action; one agent sets all unless a task says otherwise.
        agent_weights: what each term counts in the reward of each agent, (term, agent).
        network: the nodes of `Outcome.solution`, for pictures; None where there is no grid.
        band_pu: lowest and highest voltage that pictures show as allowed.
    """

    name: str
    feeder_name: str
    observation: Box
    action: Box
    terms: tuple[Term, ...]
    constraints: tuple[Constraint, ...]
    network: Network | None = None
    band_pu: tuple[float, float] | None = None

    @cached_property
    def agents(self) -> tuple[Agent, ...]:
        """One agent that sees and sets everything."""
        all_seen = np.arange(self.observation.size)
        all_set = np.arange(self.action.size)
        return (Agent("operator", all_seen, all_set),)

    @cached_property
    def agent_weights(self) -> FloatArray:
        """Weight of each term where it counts for an agent, 0 elsewhere; raises `InputError` for a name that is no term's."""
        columns = [_term_weights(agent, self.terms) for agent in self.agents]
        return np.stack(columns, axis=1)

    @abstractmethod
    def start(self, seeds: IntArray) -> State:
        """First states, one per seed, (episode,)."""

    @abstractmethod
    def observe(self, state: State) -> FloatArray:
        """What a decider sees, (episode, observation)."""

    @abstractmethod
    def advance(self, state: State, actions: FloatArray) -> Outcome[State]:
        """Carry out actions inside the bounds, (episode, action)."""

    def squash(self, observation: Any, free: Any, xp: Any = np) -> Any:
        """Unbounded numbers of a policy's last layer turned into an action that can be carried out.

        Args:
            observation: (..., observation).
            free: (..., action).
            xp: the array package, `numpy` or `jax.numpy`; differentiable in the latter.

        Returns:
            The action, (..., action): by default a sigmoid over the bounds.
        """
        del observation
        width = self.action.high - self.action.low
        divisor = 1.0 + xp.exp(-free)
        return self.action.low + width / divisor

    def compiled(self) -> CompiledTask:
        """The task as pure JAX functions.

        Raises:
            InputError: if it has none; the message says why.
            MissingExtraError: if JAX is not installed.
        """
        raise InputError(
            f"Task '{self.name}' has no compiled form. Step it by BatchedEnv."
        )

    @property
    def setting(self) -> dict[str, Any]:
        """What a policy must agree on beside names and bounds, as plain values: feeder, devices, scales."""
        return {}

    @cached_property
    def signature(self) -> str:
        """A fingerprint: policies trained for one signature fit no other."""
        content = {
            "task": self.name,
            "feeder": self.feeder_name,
            "observation": _plain_box(self.observation),
            "action": _plain_box(self.action),
            **self.setting,
        }
        text = json.dumps(content, sort_keys=True)
        return hashlib.sha256(text.encode()).hexdigest()[:16]


def _term_weights(agent: Agent, terms: tuple[Term, ...]) -> FloatArray:
    """What each term counts for an agent, (term,)."""
    names = [term.name for term in terms]
    counted = names if agent.terms is None else agent.terms
    for name in counted:
        if name not in names:
            raise InputError(
                f"Agent '{agent.name}': {unknown_name_message('reward term', name, names)}"
            )
    return np.array([term.weight * (term.name in counted) for term in terms])


def _plain_box(box: Box) -> dict[str, Any]:
    return {"names": box.names, "low": box.low.tolist(), "high": box.high.tolist()}
