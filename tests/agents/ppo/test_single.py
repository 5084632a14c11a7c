"""PPO on tasks whose best decision is known by hand, stepped and compiled."""

from __future__ import annotations

import numpy as np
import pytest

pytest.importorskip("jax", reason="learning needs the extra 'learn'")

import jax
from follow_tasks import Follow

from tieline.agents.ppo import Ppo, train_actors
from tieline.agents.ppo_config import PpoConfig
from tieline.agents.training import train
from tieline.envs import make_task
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
