"""DDPG on tasks whose best decision is known by hand; no power flow."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pytest

pytest.importorskip("jax", reason="learning needs the extra 'learn'")

from tieline.agents.ddpg_config import DdpgConfig
from tieline.agents.training import train, train_seeds
from tieline.envs import Outcome, Task, Term
from tieline.envs.box import Box
from tieline.envs.draws import uniform
from tieline.errors import InputError

QUICK = DdpgConfig(
    hidden=(32, 32),
    memory=8192,
    batch=128,
    episodes=64,
    steps=9600,
    first_steps=1600,
    updates_per_round=16,
    noise=1.0,
)


@dataclass(frozen=True)
class Place:
    """Where the target is, and how many steps were made, both (episode,)."""

    target: np.ndarray
    done: np.ndarray


class Follow(Task[Place]):
    """One step: choose the number that is seen. Reward -(action - target)^2."""

    name, feeder_name = "follow", "none"
    observation, action = Box.of(("target",), 0.0, 1.0), Box.of(("choice",), 0.0, 1.0)
    terms, constraints = (Term("miss", "", -1.0, 1.0),), ()

    def start(self, seeds: np.ndarray) -> Place:
        return Place(0.2 + 0.6 * uniform(seeds, 1)[:, 0], np.zeros(len(seeds)))

    def observe(self, state: Place) -> np.ndarray:
        return state.target[:, None]

    def advance(self, state: Place, actions: np.ndarray) -> Outcome[Place]:
        everywhere = np.ones(len(actions), dtype=bool)
        miss = (actions - state.target[:, None]) ** 2
        return Outcome(
            state, miss, np.empty((len(miss), 0)), everywhere, ~everywhere, everywhere
        )


class Invest(Follow):
    """Two steps. What is put in in the first costs as much at once and pays back twice in the second: all should be put in.

    Whoever does not count the future puts in nothing.
    """

    name = "invest"
    observation = Box.of(("stock", "step"), 0.0, 1.0)
    terms = (Term("gain", "", 1.0, -1.0),)

    def start(self, seeds: np.ndarray) -> Place:
        return Place(np.zeros(len(seeds)), np.zeros(len(seeds)))

    def observe(self, state: Place) -> np.ndarray:
        return np.column_stack([state.target, state.done])

    def advance(self, state: Place, actions: np.ndarray) -> Outcome[Place]:
        is_first = state.done == 0
        gain = np.where(is_first, -actions[:, 0], 2.0 * state.target)
        following = Place(
            np.where(is_first, actions[:, 0], state.target), state.done + 1
        )
        solved = np.ones(len(gain), dtype=bool)
        return Outcome(
            following,
            gain[:, None],
            np.empty((len(gain), 0)),
            ~is_first,
            ~solved,
            solved,
        )


def test_a_number_that_is_seen_is_learned() -> None:
    """Choosing evenly misses by 1/12 + 0.6^2/12 = 0.113 in the mean square, always the middle by 0.03."""
    results = train_seeds(Follow(), QUICK, [0, 1])
    assert all(result.final_return > -5e-3 for result in results)
    task, seen = Follow(), np.array([[0.3], [0.7]])
    for result in results:
        np.testing.assert_allclose(result.policy.bind(task).act(seen), seen, atol=0.1)


def test_the_future_counts_up_to_the_discount() -> None:
    """With discount 0.9 a unit put in is worth 1.8 - 1 > 0; with discount 0.3 it is worth 0.6 - 1 < 0."""
    first = np.zeros((1, 2))
    task = Invest()
    patient = (
        train(task, QUICK.model_copy(update={"discount": 0.9}))
        .policy.bind(task)
        .act(first)
    )
    hasty = (
        train(task, QUICK.model_copy(update={"discount": 0.3}))
        .policy.bind(task)
        .act(first)
    )
    assert patient > 0.9
    assert hasty < 0.1


def test_the_same_seed_gives_the_same_policy_and_another_seed_another() -> None:
    few = QUICK.model_copy(update={"steps": 640, "first_steps": 128})
    one, again, other = (
        train(Follow(), few, 5),
        train(Follow(), few, 5),
        train(Follow(), few, 6),
    )
    for (a, b), (c, d) in zip(one.policy.layers, again.policy.layers, strict=True):
        assert (a == c).all()
        assert (b == d).all()
    assert (one.policy.layers[0][0] != other.policy.layers[0][0]).any()
    assert one.curve["return_mean"].tolist() == again.curve["return_mean"].tolist()


def test_the_curve_has_twenty_milestones_and_ends_with_the_policy() -> None:
    result = train(Follow(), QUICK.model_copy(update={"steps": 6400}), 1)
    assert len(result.curve) == 20
    assert result.curve["step"].iloc[-1] == 6400
    assert result.curve["return_mean"].iloc[-1] == result.final_return
    assert result.policy.provenance["seed"] == 1
    assert result.policy.provenance["algorithm"] == "ddpg"


@pytest.mark.parametrize("seeds", [[], [1, 1], [-1], [2**31]])
def test_seeds_that_cannot_be_are_refused(seeds: list[int]) -> None:
    with pytest.raises(InputError, match="Seeds of a training"):
        train_seeds(Follow(), QUICK, seeds)
