"""What every task of the catalogue keeps: a new one is covered as soon as it is registered."""

from __future__ import annotations

import dataclasses
import warnings
from functools import cache
from typing import Any

import numpy as np
import pytest

from tieline.envs import TASKS, BatchedEnv, Step, Task, make_task
from tieline.errors import InputError

SEEDS = np.array([3, 14, 15, 92, 65])
N_STEPS = 4
"""Steps of a short look; an episode may end before."""

LONGEST = 1000
"""No episode has more steps."""

SAME = 1e-5
"""Of the size of a number: the power flow stops at a tolerance, and episodes solved together stop together."""

SUFFIX = {"%": "pct", "USD": "usd"}
"""Unit -> how a name says it, where that is not the unit itself in small letters."""


def first_word(name: str) -> str:
    """What a name says: "cost_usd of mg1" is a "cost_usd"."""
    return name.partition(" ")[0]


EXTREMES: dict[str, dict[str, Any]] = {
    "reserve": {"largest_capacity_kw": 2e4, "lowest_request_pct": 1.0}
}
"""Configurations in which some random actions lead where the power flow has no solution, others not."""


@cache
def task_of(name: str) -> Task:
    """The task with its default configuration."""
    return make_task(name)


@pytest.fixture(params=sorted(TASKS))
def task(request: pytest.FixtureRequest) -> Task:
    """Each task of the catalogue."""
    return task_of(request.param)


def actions_of(task: Task, seeds: np.ndarray, n_steps: int = N_STEPS) -> np.ndarray:
    """Random actions that depend on the seed of the episode alone, (step, episode, action)."""
    low, high = task.action.low, task.action.high
    draws = [
        np.random.default_rng(int(seed)).uniform(low, high, (n_steps, task.action.size))
        for seed in seeds
    ]
    return np.stack(draws, axis=1)


def play(task: Task, seeds: np.ndarray) -> tuple[np.ndarray, list[Step]]:
    """First observations and a few steps; stops where an episode ends."""
    env = BatchedEnv(task)
    first, steps = env.reset(seeds), []
    for actions in actions_of(task, seeds):
        steps.append(env.step(actions))
        if steps[-1].ended.any():
            break
    return first, steps


def assert_same(one: Step, other: Step, rows: Any, tolerance: float) -> None:
    """Rows of the first step are the second."""
    for name in ("observation", "reward", "costs", "terminated", "truncated"):
        mine, theirs = getattr(one, name)[rows], getattr(other, name)
        assert mine == pytest.approx(theirs, rel=tolerance, abs=tolerance), name


# --- the definition


def test_entries_have_names_of_their_own_and_ordered_bounds(task: Task) -> None:
    for box in (task.observation, task.action):
        assert len(set(box.names)) == box.size > 0
        assert np.isfinite([box.low, box.high]).all()
        assert (box.low < box.high).all()


def test_each_entry_of_the_action_has_one_agent(task: Task) -> None:
    assert sorted(np.concatenate([agent.sets for agent in task.agents])) == list(
        range(task.action.size)
    )
    for agent in task.agents:
        assert len(set(agent.sees.tolist())) == len(agent.sees) > 0
        assert 0 <= agent.sees.min() <= agent.sees.max() < task.observation.size


def test_docstring_names_what_is_seen_set_rewarded_and_limited(task: Task) -> None:
    text = type(task).__doc__ or ""
    parts = [*task.terms, *task.constraints]
    names = [
        *task.observation.groups,
        *task.action.groups,
        *(first_word(part.name) for part in parts),
    ]
    missing = [name for name in names if f"`{name}`" not in text]
    assert not missing, (
        f"the docstring of {type(task).__name__} does not name {', '.join(missing)}"
    )
    unitless = [part.unit for part in parts if f"[{part.unit}" not in text]
    assert not unitless, (
        f"the docstring of {type(task).__name__} does not say {', '.join(unitless)} in brackets"
    )


def test_names_of_terms_and_costs_say_their_unit(task: Task) -> None:
    for part in (*task.terms, *task.constraints):
        assert first_word(part.name).endswith(
            f"_{SUFFIX.get(part.unit, part.unit.lower())}"
        ), f"{part.name} in {part.unit}"


def test_same_configuration_same_signature(task: Task) -> None:
    assert make_task(task.name).signature == task.signature


# --- episodes


def test_shapes_types_and_bounds(task: Task) -> None:
    first, steps = play(task, SEEDS)
    n = len(SEEDS)
    for seen in (first, *(step.observation for step in steps)):
        assert seen.shape == (n, task.observation.size)
        assert seen.dtype == np.float64
        assert (seen >= task.observation.low).all()
        assert (seen <= task.observation.high).all()
    for step in steps:
        assert (step.reward.shape, step.reward.dtype) == ((n,), np.float64)
        assert (step.costs.shape, step.costs.dtype) == (
            (n, len(task.constraints)),
            np.float64,
        )
        assert step.info["terms"].shape == (n, len(task.terms))
        for flag in (step.terminated, step.truncated, step.info["solved"]):
            assert (flag.shape, flag.dtype) == ((n,), bool)
        assert {len(array) for array in step.info.values()} == {n}


def test_reward_is_the_weighted_sum_of_terms(task: Task) -> None:
    for step in play(task, SEEDS)[1]:
        by_hand = [
            sum(t.weight * value for t, value in zip(task.terms, row, strict=True))
            for row in step.info["terms"]
        ]
        assert step.reward == pytest.approx(by_hand, rel=1e-12)


def test_each_agent_is_rewarded_for_its_own_terms(task: Task) -> None:
    """Agents without terms of their own share the whole reward; a term counts with its weight or not at all."""
    weights = [term.weight for term in task.terms]
    for step in play(task, SEEDS)[1]:
        assert step.agent_reward.shape == (len(SEEDS), len(task.agents))
        for agent, reward in zip(task.agents, step.agent_reward.T, strict=True):
            counts = [agent.terms is None or t.name in agent.terms for t in task.terms]
            by_hand = step.info["terms"] @ np.multiply(weights, counts)
            assert reward == pytest.approx(by_hand, rel=1e-12)


def test_costs_are_never_negative_and_nothing_is_worse_than_the_worst(
    task: Task,
) -> None:
    for step in play(task, SEEDS)[1]:
        assert (step.costs >= 0.0).all()
        assert (
            step.costs <= [constraint.worst for constraint in task.constraints]
        ).all()
        assert (
            step.reward >= sum(term.weight * term.worst for term in task.terms)
        ).all()


def test_same_seed_same_episode_twice(task: Task) -> None:
    (first, steps), (again, others) = play(task, SEEDS), play(task, SEEDS)
    assert (first == again).all()
    for one, other in zip(steps, others, strict=True):
        assert_same(one, other, slice(None), 0.0)


@pytest.mark.parametrize(
    "order", [[2], [4, 3, 2, 1, 0], [1, 1, 4]], ids=["alone", "reversed", "twice"]
)
def test_same_seed_same_episode_in_any_batch_and_row(
    task: Task, order: list[int]
) -> None:
    (first, steps), (again, others) = play(task, SEEDS), play(task, SEEDS[order])
    assert again == pytest.approx(first[order], rel=SAME, abs=SAME)
    for one, other in zip(steps, others, strict=True):
        assert_same(one, other, order, SAME)


def test_different_seeds_differ(task: Task) -> None:
    """Most of 20: a task may draw from a pool."""
    first = BatchedEnv(task).reset(np.arange(20))
    assert len(np.unique(first, axis=0)) > 10


def test_a_row_that_starts_again_leaves_the_others_alone(task: Task) -> None:
    env = BatchedEnv(task)
    first = env.reset(SEEDS)
    seen = env.reset_rows([1, 3], SEEDS[[0, 4]])
    assert seen[[0, 2, 4]] == pytest.approx(first[[0, 2, 4]])
    assert seen[[1, 3]] == pytest.approx(first[[0, 4]], rel=SAME, abs=SAME)


def test_whole_episodes_end_and_are_finite(task: Task) -> None:
    """To the last step and into the next episode: no NaN anywhere, in the details neither."""
    env, random = BatchedEnv(task), np.random.default_rng(1)
    env.reset(SEEDS)
    for _ in range(LONGEST):
        step = env.step(
            random.uniform(
                task.action.low, task.action.high, (len(SEEDS), task.action.size)
            )
        )
        arrays = {
            "observation": step.observation,
            "reward": step.reward,
            "costs": step.costs,
            **step.info,
        }
        assert [
            name for name, array in arrays.items() if not np.isfinite(array).all()
        ] == []
        if step.ended.all():
            break
    assert step.ended.all()
    assert not (step.terminated & step.truncated).any()
    with pytest.raises(InputError, match="Episode 0 has ended"):
        env.step(np.zeros((len(SEEDS), task.action.size)))
    assert np.isfinite(env.reset_rows(step.ended, SEEDS + 1)).all()


def test_power_balances_where_it_is_solved(task: Task) -> None:
    """Source and DERs give what loads take and branches lose, and Kirchhoff's current law holds at every node."""
    actions = actions_of(task, SEEDS)[0]
    outcome = task.advance(task.start(SEEDS), actions)
    solution = outcome.solution
    assert solution is not None, (
        f"give the power flow of a step as Outcome.solution of {type(task).__name__}.advance"
    )
    assert outcome.solved.all()
    passive = [kind != "source" for kind, _ in solution.network.elements]
    given = solution.source_kva + solution.der_kva.sum(axis=1)
    taken = solution.load_kva.sum(axis=1) + solution.element_loss_kva[:, passive].sum(
        axis=1
    )
    assert np.abs(taken).min() > 1.0, "a feeder without power shows nothing"
    assert np.abs(given - taken).max() < 1e-3 * np.abs(taken).max()
    assert solution.kcl_residual_pu.max() < 1e-5


def test_power_flows_without_a_solution_end_their_own_episode(
    task: Task, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As if the power flow of rows 1 and 3 had none: NaN stops at the environment, and the others are as they were."""
    lost, advance = np.array([False, True, False, True, False]), task.advance
    first, steps = play(task, SEEDS)

    def spoiled(state: Any, actions: np.ndarray) -> Any:
        outcome = advance(state, actions)
        rows = lost[: len(actions), None]
        changed = {
            name: np.where(rows, np.nan, getattr(outcome, name))
            for name in ("terms", "costs")
        }
        return dataclasses.replace(
            outcome, solved=outcome.solved & ~rows[:, 0], **changed
        )

    monkeypatch.setattr(task, "advance", spoiled)
    step = play(task, SEEDS)[1][0]
    monkeypatch.undo()
    assert step.terminated[lost].all()
    assert not step.truncated[lost].any()
    assert step.observation[lost] == pytest.approx(first[lost])
    assert step.reward[lost] == pytest.approx(
        sum(term.weight * term.worst for term in task.terms)
    )
    assert step.costs[lost] == pytest.approx(
        np.tile([constraint.worst for constraint in task.constraints], (2, 1))
    )
    kept = Step(**{f.name: getattr(step, f.name) for f in dataclasses.fields(Step)})
    assert_same(
        steps[0],
        dataclasses.replace(kept, **{n: getattr(kept, n)[~lost] for n in ARRAYS}),
        ~lost,
        1e-12,
    )


ARRAYS = ("observation", "reward", "costs", "terminated", "truncated")


@pytest.mark.parametrize("name", sorted(EXTREMES))
def test_beyond_collapse_the_batch_lives_on(name: str) -> None:
    task = make_task(name, **EXTREMES[name])
    env, seeds = BatchedEnv(task), np.arange(200)
    env.reset(seeds)
    step = env.step(actions_of(task, seeds, 1)[0])
    solved = step.info["solved"]
    assert 10 < solved.sum() < 190, (
        "choose a configuration in which some are solved and some are not"
    )
    assert step.terminated[~solved].all()
    assert np.isfinite(step.observation).all()
    assert np.isfinite(step.reward).all()
    assert np.isfinite(env.reset_rows(step.ended, seeds[step.ended] + 1000)).all()


def test_an_action_that_is_not_finite_is_refused_by_name(task: Task) -> None:
    env = BatchedEnv(task)
    env.reset(SEEDS)
    for entry, name in enumerate(task.action.names):
        actions = np.zeros((len(SEEDS), task.action.size))
        actions[2, entry] = np.nan
        with pytest.raises(InputError) as refused:
            env.step(actions)
        assert f"'{name}' of episode 2 is nan" in str(refused.value)


def test_a_policys_free_numbers_become_actions_inside_the_bounds(task: Task) -> None:
    seen = BatchedEnv(task).reset(SEEDS)
    free = np.random.default_rng(0).normal(size=(len(SEEDS), task.action.size)) * 3.0
    actions = task.squash(seen, free)
    assert (actions >= task.action.low - 1e-9).all()
    assert (actions <= task.action.high + 1e-9).all()
    assert np.abs(task.squash(seen, -free) - actions).max() > 1e-3, (
        "they make a difference"
    )


# --- the checks of other packages


def test_gymnasiums_own_check(task: Task) -> None:
    import gymnasium
    from gymnasium.utils.env_checker import check_env

    from tieline.envs.faces import gymnasium_id

    with warnings.catch_warnings():
        warnings.simplefilter("error")
        check_env(gymnasium.make(gymnasium_id(task.name)).unwrapped)


def test_pettingzoos_own_check(task: Task) -> None:
    from pettingzoo.test import parallel_api_test, parallel_seed_test

    from tieline.envs.faces.pettingzoo_env import PettingZooEnv

    with warnings.catch_warnings():
        warnings.simplefilter("error")
        parallel_api_test(PettingZooEnv(task), num_cycles=LONGEST)
    parallel_seed_test(lambda: PettingZooEnv(task), num_cycles=N_STEPS)


def test_stable_baselines_own_check(task: Task) -> None:
    from stable_baselines3.common.env_checker import check_env

    from tieline.envs.faces import GymnasiumEnv

    check_env(GymnasiumEnv(task), warn=False)
