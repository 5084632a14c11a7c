"""Imitation: a network repeats what a program decides, in states that the program, and then the network itself, comes into.

    pairs     a teacher plays lesson draws; each decision is a pair of inputs and numbers
    learn     least squares over all pairs (Adam)
    again     the network plays, the teacher says what it would have decided there, and all pairs are learned anew

Without the last line small errors lead where no pair was. Means only; the spread stays what it was.

Source: S. Bose, Y. Zhang, arXiv 2111.02054, section on imitation (pairs of the MPC); the last line: S. Ross, G. Gordon, D.
Bagnell, "A reduction of imitation learning and structured prediction to no-regret online learning", AISTATS 2011 (DAgger).
"""

from __future__ import annotations

from functools import partial
from typing import Any, NamedTuple

import jax
import jax.numpy as jnp
import numpy as np
import optax
import pandas as pd
from jax import Array

from tieline.agents.constrained_update.gaussian import GaussianPolicy
from tieline.agents.networks import Network, forward
from tieline.agents.restoration_policies.departure import Base, base_of, numbers_of
from tieline.agents.restoration_policies.inputs import observe
from tieline.agents.restoration_policies.policies import NetworkDecider
from tieline.envs.restoration.episode import IslandDecider, play
from tieline.envs.restoration.plan.figures import IslandFigures
from tieline.envs.restoration.plan.view import view_of
from tieline.envs.restoration.seen import Seen
from tieline.envs.restoration.step.set_points import SetPoints
from tieline.opf.restoration.state import IslandState
from tieline.studies.restoration.training.classroom import Classroom, plain_layers
from tieline.studies.restoration.training.learner import Learned
from tieline.studies.restoration.training.lessons import check_draws, lesson_draws
from tieline.typing import FloatArray, Progress

LEARNING_RATE = 1e-3
"""Adam's usual one."""


class Pairs(NamedTuple):
    """What was seen, (pair, input), and what the teacher decided there, (pair, number)."""

    inputs: FloatArray
    numbers: FloatArray


class _Watched:
    """Plays as a player does, and keeps what the teacher would have decided."""

    def __init__(
        self,
        figures: IslandFigures,
        base: Base,
        teacher: IslandDecider,
        player: IslandDecider | None,
    ):
        self._figures = figures
        self._base: Base = base
        self._teacher = teacher
        self._player = player
        self._inputs: list[FloatArray] = []
        self._numbers: list[FloatArray] = []

    def decide(self, state: IslandState, sight: Seen) -> SetPoints:
        """Set-points of this step, of the player, or of the teacher where there is none."""
        figures = self._figures
        view = view_of(figures, sight)
        base = base_of(self._base, figures, state, view)
        taught = self._teacher.decide(state, sight)
        self._inputs.append(observe(figures, state, view, base))
        self._numbers.append(numbers_of(figures, base, taught))
        if self._player is None:
            return taught
        return self._player.decide(state, sight)

    @property
    def pairs(self) -> Pairs:
        """All so far."""
        return Pairs(np.concatenate(self._inputs), np.concatenate(self._numbers))


def imitate(
    classroom: Classroom,
    start: GaussianPolicy,
    teacher: IslandDecider,
    seed: int,
    progress: Progress,
) -> Learned:
    """Repeat a teacher: the network of the round that does best on draws of checks; the same seed gives the same policy."""
    config = classroom.config
    pairs: list[Pairs] = []
    policy = start
    best = start
    best_score = -np.inf
    rows: list[dict[str, Any]] = []
    checks = check_draws(classroom.world, config)
    for number in range(config.imitation_rounds):
        progress(number, config.imitation_rounds, f"seed {seed}")
        # an untrained network would lead into states that nobody comes into later
        player = None if number == 0 else _player(classroom, policy)
        pairs.append(_watch(classroom, teacher, player, seed, number))
        mean, losses = _fitted(policy.mean, pairs, config.imitation_steps)
        policy = policy._replace(mean=mean)
        score = float(classroom.play_mean(policy, checks).objective.mean())
        # a round adds pairs that are harder to fit: with few of them the network may repeat the easy ones worse than before
        if score > best_score:
            best_score = score
            best = policy
        n_pairs = sum(len(part.inputs) for part in pairs)
        rows.append(
            {
                "seed": seed,
                "update": number + 1,
                "step": n_pairs,
                "loss": losses,
                "return_mean": score,
            }
        )
    return Learned(best, pd.DataFrame(rows))


def _player(classroom: Classroom, policy: GaussianPolicy) -> NetworkDecider:
    return classroom.decider(plain_layers(policy.mean))


def _watch(
    classroom: Classroom,
    teacher: IslandDecider,
    player: IslandDecider | None,
    seed: int,
    number: int,
) -> Pairs:
    """Pairs of one round."""
    config = classroom.config
    lessons = lesson_draws(classroom.world, config, seed, number)
    # evenly, so that every kind of draw is among them
    places = np.linspace(0, len(lessons) - 1, config.imitation_draws)
    rows = places.round().astype(int)
    watch = _Watched(classroom.figures, config.base, teacher, player)
    play(classroom.world, watch, lessons[rows])
    return watch.pairs


def _fitted(mean: Network, parts: list[Pairs], n_steps: int) -> tuple[Network, float]:
    """The network after least squares over all pairs, and the mean square that is left."""
    inputs = np.concatenate([part.inputs for part in parts])
    numbers = np.concatenate([part.numbers for part in parts])
    network, loss = _least_squares(
        mean, jnp.asarray(inputs), jnp.asarray(numbers), n_steps=n_steps
    )
    # NumPy again: policies are kept and compared without JAX
    plain = jax.tree.map(np.asarray, network)
    return plain, float(loss)


@partial(jax.jit, static_argnames="n_steps")
def _least_squares(
    mean: Network, inputs: Array, numbers: Array, *, n_steps: int
) -> tuple[Network, Array]:
    schedule = optax.cosine_decay_schedule(LEARNING_RATE, n_steps)
    optimiser = optax.adam(schedule)

    def loss_of(network: Network) -> Array:
        miss = forward(network, inputs) - numbers
        return jnp.mean(miss**2)

    slope_of = jax.value_and_grad(loss_of)

    def once(state: tuple[Any, Any], _: None) -> tuple[tuple[Any, Any], Array]:
        network, memory = state
        loss, slope = slope_of(network)
        change, memory = optimiser.update(slope, memory)
        network = optax.apply_updates(network, change)
        return (network, memory), loss

    start = (mean, optimiser.init(mean))
    (network, _), losses = jax.lax.scan(once, start, None, length=n_steps)
    return network, losses[-1]
