"""The analytic policy gradient on tasks whose best decision is known by hand, and on one with a power flow."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

pytest.importorskip("jax", reason="learning needs the extra 'learn'")

import jax
import jax.numpy as jnp
from follow_tasks import FollowApart
from give_task import N_STEPS, CompiledGive, Give
from no_power import Nothing

from tieline.agents.apg import Apg, train_actors
from tieline.agents.apg_config import ApgConfig
from tieline.agents.evaluate import evaluate
from tieline.agents.training import judging_seeds, train
from tieline.envs import make_task
from tieline.errors import InputError, NotConvergedError

QUICK = ApgConfig(
    hidden=(32,), episodes=16, round_steps=N_STEPS, steps=16 * N_STEPS * 300
)


@pytest.mark.parametrize(("head", "spread"), [("clip", 0.0), ("clip", 0.3)])
def test_what_pays_at_the_end_is_learned_from_the_beginning(
    head: str, spread: float
) -> None:
    config = QUICK.model_copy(update={"head": head, "spread": spread})
    result = train(Give(), config, curve_episodes=50)
    # a sum that does not look at what is wanted misses by 0.75 on average
    assert result.final_return > -0.01
    assert result.policy.provenance["algorithm"] == "apg"
    assert list(result.curve["step"])[-1] == QUICK.steps


def test_the_gradient_is_that_of_the_mean_reward() -> None:
    """Against central differences, along a random direction."""
    with jax.enable_x64(True):
        apg = Apg(Give(), QUICK.model_copy(update={"head": "sigmoid"}))
        learner = apg.start(1)._replace(reward_spread=1.0)
        rows = apg.env.reset(np.arange(16))
        noise = jnp.zeros((N_STEPS, 16, 1))

        def loss(actor: Any) -> Any:
            return apg._loss(actor, rows, learner, noise)[0]

        random = np.random.default_rng(0)
        actor = learner.weights
        slope = jax.grad(loss)(actor)
        way = jax.tree.map(lambda x: random.normal(size=x.shape), actor)
        products = jax.tree.map(lambda a, b: float((a * b).sum()), slope, way)
        there = jax.tree.map(lambda x, d: x + 1e-2 * d, actor, way)
        back = jax.tree.map(lambda x, d: x - 1e-2 * d, actor, way)
        difference = float(loss(there) - loss(back)) / 2e-2
    assert sum(jax.tree.leaves(products)) == pytest.approx(difference, rel=2e-2)


def test_noise_falls_to_nothing() -> None:
    with jax.enable_x64(True):
        apg = Apg(Give(), QUICK.model_copy(update={"spread": 0.5}))
        learner = apg.start(0)
        n_rounds = apg.config.n_rounds
        spreads = [
            float(apg._noise(learner._replace(rounds=rounds), learner.key).std())
            for rounds in (0, n_rounds // 2, n_rounds)
        ]
    assert spreads == pytest.approx([0.5, 0.25, 0.0], abs=0.1)


def test_an_actor_follows_from_its_seed_whatever_the_company() -> None:
    config = QUICK.model_copy(update={"steps": 16 * N_STEPS * 3})
    first, other = train_actors(Give(), config, [1, 2])
    _, again = train_actors(Give(), config, [2, 1])
    assert (np.asarray(first[0][0]) == np.asarray(again[0][0])).all()
    assert (np.asarray(first[0][0]) != np.asarray(other[0][0])).any()


def test_each_agent_learns_from_what_it_alone_sees() -> None:
    config = ApgConfig(
        hidden=(32,),
        each_agent=True,
        episodes=64,
        round_steps=1,
        steps=64 * 300,
        head="clip",
    )
    result = train(FollowApart(), config, curve_episodes=50)
    # a guess of the mean misses by 0.0075 on average, each
    assert result.final_return > -0.002
    (weight, _), *_ = result.policy.layers
    halves = weight[0], weight[1]
    assert not (halves[0] * halves[1]).any(), "a neuron sees what both see"


def test_steps_without_a_solution_spoil_nothing(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(CompiledGive, "lost_above", 2.0)
    (actor,) = train_actors(Give(), QUICK, [0])
    assert all(np.isfinite(part).all() for layer in actor for part in layer)


def test_a_training_without_any_gradient_is_no_training(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(CompiledGive, "lost_above", 2.0)
    monkeypatch.setattr(CompiledGive, "has_slope_where_lost", False)
    with pytest.raises(NotConvergedError, match="No round of the training"):
        train(Give(), QUICK.model_copy(update={"steps": 16 * N_STEPS}))


def test_a_task_without_a_compiled_form_is_refused() -> None:
    with pytest.raises(InputError, match="no compiled form"):
        train(make_task("reserve"), QUICK)


def test_voltage_control_is_learned_within_seconds() -> None:
    task = make_task("voltage-control", pool_days=4, profiles={"step_minutes": 60})
    config = ApgConfig(
        hidden=(32,), episodes=16, round_steps=24, steps=24 * 16 * 60, rate=1e-2
    )
    result = train(task, config, curve_episodes=8)
    nothing = evaluate(Nothing(task), task, judging_seeds(8)).metrics["return_mean"]
    # a tenth is left with long trainings
    assert result.final_return > 0.5 * nothing
