"""`CompiledTask`: a task as pure JAX functions of states and actions, beside the `Task` whose numbers it gives.

    state = start(seeds)                    one episode per seed
    observation = observe(state)            what a decider sees
    outcome = advance(state, actions)       next state, reward terms, costs, whether it is over

All arrays are JAX's, in double precision, with the episode axis first. A state is a tree of such arrays, the same shapes and
types before and after a step, so that `jax.lax.scan` can carry it.
"""

from __future__ import annotations

from typing import Any, NamedTuple, Protocol

from tieline.envs.task import Task


class CompiledOutcome(NamedTuple):
    """What a step leads to, as in `Outcome`: `terms` (episode, term), `costs` (episode, constraint), and whether the episode is
    over, its data are over, and its power flow has a solution, (episode,) each. Without one, terms and costs are of no use.
    """

    state: Any
    terms: Any
    costs: Any
    terminated: Any
    truncated: Any
    solved: Any


class CompiledTask(Protocol):
    """A task in JAX; all methods are pure and can be compiled. `task` is the one whose numbers these are."""

    @property
    def task(self) -> Task[Any]:
        """Bounds, terms, constraints, last layer and name."""
        ...

    @property
    def n_ports(self) -> int:
        """Places where current is taken (`DensePowerFlow.ports`): what the cost of a step grows with."""
        ...

    def start(self, seeds: Any) -> Any:
        """First states, one per seed, (episode,); cheap, since every step of a loop makes them for whoever ends."""
        ...

    def observe(self, state: Any) -> Any:
        """What a decider sees, (episode, observation)."""
        ...

    def advance(self, state: Any, actions: Any) -> CompiledOutcome:
        """Carry out actions inside the bounds, (episode, action)."""
        ...
