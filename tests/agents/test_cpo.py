"""Constrained policy optimisation along exact slopes, on tasks whose best decision is known by hand."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

pytest.importorskip("jax", reason="learning needs the extra 'learn'")

import jax
import jax.numpy as jnp
from follow_tasks import Follow, FollowApart
from give_task import N_STEPS, CompiledGive, Give
from no_power import Nothing

from tieline.agents.cpo import Cpo
from tieline.agents.cpo.episodes import Episodes
from tieline.agents.cpo.limited import tail_mean
from tieline.agents.cpo_config import CpoConfig
from tieline.agents.evaluate import evaluate
from tieline.agents.training import TrainResult, judging_seeds, train
from tieline.envs import Task, make_task
from tieline.errors import InputError, NotConvergedError

QUICK = CpoConfig(hidden=(32,), episodes=64, round_steps=1, steps=64 * 40, head="clip")

LIMITED = QUICK.model_copy(
    update={"limited": ("choice_of_first",), "tolerance": 1e-3, "tail_share": 1.0}
)


def choices(result: TrainResult, task: Task[Any]) -> tuple[np.ndarray, np.ndarray]:
    """What was to be followed, and what a policy chooses, on unseen episodes."""
    state = task.start(judging_seeds(50))
    observation = task.observe(state)
    return observation, result.policy.bind(task).act(observation)


def test_the_best_choice_is_learned_exactly() -> None:
    result = train(Follow(), QUICK, curve_episodes=50)
    target, choice = choices(result, Follow())
    assert choice == pytest.approx(target, abs=1e-4)
    assert result.policy.provenance["algorithm"] == "cpo"
    assert list(result.curve["step"])[-1] == QUICK.steps


@pytest.mark.parametrize("each_agent", [False, True])
def test_a_limit_stops_what_it_is_for_and_nothing_else(each_agent: bool) -> None:
    """The first would choose 0.6 to 0.9 and may choose 0.5; the second is free."""
    config = LIMITED.model_copy(update={"each_agent": each_agent})
    task = FollowApart()
    target, choice = choices(train(task, config, curve_episodes=50), task)
    # the order of choices is turned around
    assert choice[:, 0] == pytest.approx(target[:, 1], abs=2e-3)
    assert choice[:, 1] == pytest.approx(np.full(50, 0.5), abs=0.01)


def test_a_term_that_is_limited_is_no_longer_weighed() -> None:
    """Kept at 0 in the place of being weighed, it is no longer traded for the other."""
    config = QUICK.model_copy(update={"limited": ("second_miss",)})
    task = FollowApart()
    episodes = Episodes(task, config)
    assert episodes.limited.weights.tolist() == [-1.0, 0.0]
    assert episodes.limited.columns.tolist() == [1]
    assert episodes.limited.limits.tolist() == [0.0]


@pytest.mark.parametrize("graph", ["ring", "star"])
def test_agents_among_themselves_learn_what_a_centre_finds(graph: str) -> None:
    task = FollowApart()
    central = LIMITED.model_copy(update={"each_agent": True, "steps": 64 * 10})
    agreed = central.model_copy(update={"steps_by": graph})
    _, by_centre = choices(train(task, central, curve_episodes=10), task)
    _, by_graph = choices(train(task, agreed, curve_episodes=10), task)
    assert by_graph == pytest.approx(by_centre, abs=5e-3)


def test_slopes_hold_all_that_a_number_leads_to() -> None:
    """Against central differences, of a task whose last step alone pays."""
    config = CpoConfig(hidden=(16,), episodes=4, round_steps=N_STEPS, head="sigmoid")
    with jax.enable_x64(True):
        cpo = Cpo(Give(), config)
        learner = cpo.start(3)
        rows = cpo.episodes.env.reset(np.arange(4))
        shape = cpo.episodes.noise_shape
        noise = jax.random.normal(jax.random.key(1), shape)
        slopes = cpo.episodes.slopes(learner.policies, rows, noise, 2.0)
        way = np.random.default_rng(0).normal(size=shape)

        def objective(part: float) -> float:
            given = (learner.policies, rows, noise, 2.0, part * way)
            return float(cpo.episodes._play(*given).objective)

        difference = (objective(1e-4) - objective(-1e-4)) / 2e-4
    assert float((np.asarray(slopes[0]) * way).sum()) == pytest.approx(
        difference, rel=1e-6
    )


def test_later_steps_are_learned_for() -> None:
    config = CpoConfig(
        hidden=(32,), episodes=32, round_steps=N_STEPS, steps=32 * N_STEPS * 60
    )
    result = train(
        Give(), config.model_copy(update={"head": "clip"}), curve_episodes=50
    )
    # a sum that does not look at what is wanted misses by 0.75 on average
    assert result.final_return > -0.01


def test_tails_are_means_of_the_worst() -> None:
    values = jnp.array([[1.0, 0.0], [5.0, 0.0], [3.0, 8.0], [2.0, 0.0]])
    assert tail_mean(values, 0.5).tolist() == [4.0, 4.0]
    assert tail_mean(values, 0.01).tolist() == [5.0, 8.0]


def test_updates_become_shorter() -> None:
    config = CpoConfig(spread=0.1, stride=0.2, episodes=1, round_steps=1, steps=100)
    assert config.delta(0) == pytest.approx(2.0)
    assert config.delta(50) == pytest.approx(0.5)
    assert config.delta(100) == pytest.approx(2.0 * 0.05**2)


def test_steps_without_a_solution_spoil_nothing(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(CompiledGive, "lost_above", 2.0)
    config = CpoConfig(
        hidden=(16,), episodes=16, round_steps=N_STEPS, steps=16 * N_STEPS * 4
    )
    result = train(Give(), config, curve_episodes=10)
    assert np.isfinite(result.final_return)


def test_a_training_without_any_gradient_is_no_training(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(CompiledGive, "lost_above", -1.0)
    monkeypatch.setattr(CompiledGive, "has_slope_where_lost", False)
    config = CpoConfig(
        hidden=(16,), episodes=16, round_steps=N_STEPS, steps=16 * N_STEPS
    )
    with pytest.raises(NotConvergedError, match="No round of the training"):
        train(Give(), config, curve_episodes=10)


def test_unknown_limits_and_tasks_without_a_compiled_form_are_refused() -> None:
    config = QUICK.model_copy(update={"limited": ("choice_of_frist",)})
    with pytest.raises(InputError, match="choice_of_first"):
        train(FollowApart(), config)
    with pytest.raises(InputError, match="no compiled form"):
        train(make_task("reserve"), QUICK)


@pytest.mark.parametrize(
    ("values", "words"),
    [({"steps_by": "ring"}, "set each_agent"), ({"margin": 1e-3}, "cannot be reached")],
)
def test_settings_that_do_not_fit_are_refused(
    values: dict[str, Any], words: str
) -> None:
    with pytest.raises(ValueError, match=words):
        CpoConfig(**values)


def test_voltages_are_kept_by_a_limit_in_place_of_a_price() -> None:
    task = make_task("voltage-control", pool_days=4, profiles={"step_minutes": 60})
    config = CpoConfig(
        hidden=(16,),
        limited=("outside_pct",),
        episodes=8,
        round_steps=24,
        steps=24 * 8 * 25,
    )
    result = train(task, config, curve_episodes=8)
    seeds = judging_seeds(8)
    learned = evaluate(result.policy.bind(task), task, seeds, timed=0)
    nothing = evaluate(Nothing(task), task, seeds, timed=0)
    outside = "outside_pct_mean"
    assert learned.metrics[outside] < 0.5 * nothing.metrics[outside]
