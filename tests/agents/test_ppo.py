"""PPO on tasks whose best decision is known by hand, stepped and compiled."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import pytest

pytest.importorskip("jax", reason="learning needs the extra 'learn'")

import jax
import jax.numpy as jnp

from tieline.agents.ppo import Ppo, train_actors
from tieline.agents.ppo_config import PpoConfig
from tieline.agents.training import train
from tieline.envs import Outcome, Task, Term, make_task
from tieline.envs.box import Box
from tieline.envs.compiled.draws import first_uniform
from tieline.envs.compiled.task import CompiledOutcome
from tieline.envs.draws import uniform
from tieline.errors import InputError

QUICK = PpoConfig(
    hidden=(32,),
    rate=3e-3,
    discount=0.0,
    episodes=64,
    round_steps=8,
    batch=128,
    steps=512 * 20,
)


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


@pytest.mark.parametrize("collect", ["compiled", "stepped"])
def test_it_learns_to_follow(collect: str) -> None:
    config = QUICK.model_copy(update={"collect": collect})
    result = train(Follow(), config, curve_episodes=50)
    # a guess of one half misses by 0.03 on average
    assert result.final_return > -0.001
    assert list(result.curve["step"])[-1] == 512 * 20
    assert result.policy.provenance["algorithm"] == "ppo"


def test_a_round_is_the_same_compiled_and_stepped() -> None:
    weights = []
    for collect in ("compiled", "stepped"):
        values = {"collect": collect, "steps": 512}
        config = QUICK.model_copy(update=values)
        (actor,) = train_actors(Follow(), config, [3])
        weights.append(np.concatenate([np.ravel(x) for x in jax.tree.leaves(actor)]))
    assert weights[0] == pytest.approx(weights[1], abs=1e-5)


def test_an_actor_follows_from_its_seed_whatever_the_company() -> None:
    config = QUICK.model_copy(update={"steps": 512})
    first, other = train_actors(Follow(), config, [1, 2])
    _, again = train_actors(Follow(), config, [2, 1])
    assert (np.asarray(first[0][0]) == np.asarray(again[0][0])).all()
    assert (np.asarray(first[0][0]) != np.asarray(other[0][0])).any()


def test_advantage_by_hand() -> None:
    """Two steps and the end: A_1 = r_1 - V_1, A_0 = r_0 + g V_1 - V_0 + g l A_1; nothing comes back over an end."""
    config = PpoConfig(discount=0.5, trace=0.5, episodes=1, round_steps=3)
    ppo = Ppo(Follow(), config)
    reward = jnp.array([[1.0], [2.0], [4.0]])
    value = jnp.array([[10.0], [20.0], [40.0]])
    future = jnp.array([[20.0], [0.0], [8.0]])
    ended = jnp.array([[False], [True], [False]])
    advantage = np.asarray(ppo._advantage(reward, value, future, ended))[:, 0]
    last = 4.0 + 0.5 * 8.0 - 40.0
    middle = 2.0 - 20.0
    assert advantage == pytest.approx([1.0 + 10.0 - 10.0 + 0.25 * middle, middle, last])


def test_compiled_where_it_can_and_pays() -> None:
    assert Ppo(Follow(), QUICK).is_compiled
    crowd = QUICK.model_copy(update={"episodes": 10**6})
    assert not Ppo(Follow(), crowd).is_compiled
    reserve = make_task("reserve")
    assert not Ppo(reserve, QUICK).is_compiled
    with pytest.raises(InputError, match="no compiled form"):
        Ppo(reserve, QUICK.model_copy(update={"collect": "compiled"}))


def test_voltage_control_in_one_program_learns() -> None:
    task = make_task("voltage-control", pool_days=4, profiles={"step_minutes": 60})
    config = PpoConfig(
        hidden=(32,),
        rate=3e-3,
        discount=0.0,
        trace=0.0,
        episodes=16,
        round_steps=24,
        batch=96,
        steps=24 * 16 * 30,
        collect="compiled",
    )
    curve = train(task, config, curve_episodes=8).curve["return_mean"]
    assert curve.iloc[-1] > 0.7 * curve.iloc[0]
