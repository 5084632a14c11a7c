"""`evaluate`: what a decider achieves on given episodes, with every part of the reward and every limit named.

Episodes run side by side, each from its own seed, so that deciders are compared pair by pair on the same ones. An episode whose
power flow has no solution ends there; it stays in every mean, at the worst values that the task states.
"""

from __future__ import annotations

from dataclasses import dataclass
from time import perf_counter
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike

from tieline.agents.decider import Decider
from tieline.agents.safe_actions import SafeActions
from tieline.agents.safety import SafeDecider, require_safeguarded
from tieline.envs.batched_env import BatchedEnv, Step
from tieline.envs.draws import as_seeds
from tieline.envs.task import Task
from tieline.errors import ShapeError
from tieline.typing import BoolArray, FloatArray

TIMED = 50
"""Decisions at a batch of one whose median is the decision time."""


@dataclass(frozen=True, eq=False)
class Evaluation:
    """What a decider achieves.

    Attributes:
        episodes: a row per episode: `seed`, `steps`, `solved`, `return`; each reward term by its name, summed over the steps, in
            its unit and before its weight; for each constraint `<name>_mean`, `<name>_worst` and `<name>_steps_above` its limit;
            with the safety step `touched`, `moved_max`, `violation_before_pu`, `violation_after_pu` and `infeasible`.
        metrics: means and spreads over the episodes, see `docs/agents.md`.
    """

    episodes: pd.DataFrame
    metrics: dict[str, float]


def evaluate(
    decider: Decider,
    task: Task[Any] | BatchedEnv[Any],
    seeds: ArrayLike,
    *,
    safe: bool = False,
    timed: int = TIMED,
) -> Evaluation:
    """Run a decider over whole episodes.

    Args:
        decider: what is judged.
        task: what is decided, or an environment of it (which is left alone).
        seeds: one per episode.
        safe: pass every action through the safety step.
        timed: decisions timed at a batch of one; 0 leaves `decision_ms` out, all else depends on the seeds alone.

    Raises:
        InputError, ShapeError: if seeds or actions do not fit, or `safe` is asked of a task that does not offer it.
    """
    task = task.task if isinstance(task, BatchedEnv) else task
    episode_seeds = as_seeds(seeds)
    if len(episode_seeds) == 0:
        raise ShapeError("There is no episode to evaluate. Give at least one seed.")
    if safe:
        require_safeguarded(task)
    tally = _Tally(task, len(episode_seeds), safe)
    env = BatchedEnv(task)
    observation = env.reset(episode_seeds)
    while tally.running.any():
        actions, safety = _decide(decider, task, observation, env.state, safe)
        step = env.step(actions)
        tally.add(step, safety)
        observation = step.observation
        # an environment steps all its episodes: ended ones go on uncounted
        if step.ended.any() and tally.running.any():
            observation = env.reset_rows(step.ended, episode_seeds[step.ended])
    table = tally.table(episode_seeds)
    metrics = _metrics(task, table)
    if timed:
        metrics["decision_ms"] = decision_ms(
            decider, task, episode_seeds, safe=safe, count=timed
        )
    return Evaluation(table, metrics)


def decision_ms(
    decider: Decider,
    task: Task[Any],
    seeds: np.ndarray,
    *,
    safe: bool = False,
    count: int = TIMED,
) -> float:
    """Median wall time of a decision at a batch of one, along episodes, the safety step included if asked for [ms]."""
    env = BatchedEnv(task)
    durations = np.empty(count + 1)
    observation = env.reset(seeds[:1])
    episode = 0
    for k in range(count + 1):
        began = perf_counter()
        actions, _ = _decide(decider, task, observation, env.state, safe)
        durations[k] = perf_counter() - began
        step = env.step(actions)
        observation = step.observation
        if step.ended[0]:
            episode += 1
            observation = env.reset(seeds[[episode % len(seeds)]])
    return float(np.median(durations[1:])) * 1e3  # the first may compile


def _decide(
    decider: Decider, task: Task[Any], observation: FloatArray, state: Any, safe: bool
) -> tuple[FloatArray, SafeActions | None]:
    """Actions and, with the safety step, what it did."""
    if not safe:
        return decider.act(observation, state), None
    safety = SafeDecider(decider, task).decide(observation, state)
    return safety.actions, safety


class _Tally:
    """Sums over the steps of episodes that are still running."""

    def __init__(self, task: Task[Any], count: int, safe: bool):
        self._task = task
        self._safe = safe
        self._limits = np.array([constraint.limit for constraint in task.constraints])
        self.running = np.ones(count, dtype=bool)
        self._steps = np.zeros(count, dtype=np.int64)
        self._return = np.zeros(count)
        self._solved = np.ones(count, dtype=bool)
        self._terms = np.zeros((count, len(task.terms)))
        by_constraint = count, len(task.constraints)
        self._costs = np.zeros(by_constraint)
        self._worst = np.full(by_constraint, -np.inf)
        self._above = np.zeros(by_constraint, dtype=np.int64)
        self._touched = np.zeros(count, dtype=np.int64)
        self._infeasible = np.zeros(count, dtype=np.int64)
        self._moved = np.zeros(count)
        self._violation_before = np.zeros(count)
        self._violation_after = np.zeros(count)

    def add(self, step: Step, safety: SafeActions | None) -> None:
        """A step of all; those that ended earlier do not count."""
        # an episode that ends in this step still counts in it
        on = self.running.copy()
        costs = step.costs[on]
        self._steps[on] += 1
        self._return[on] += step.reward[on]
        self._solved[on] &= step.info["solved"][on]
        self._terms[on] += step.info["terms"][on]
        self._costs[on] += costs
        self._worst[on] = np.maximum(self._worst[on], costs)
        self._above[on] += costs > self._limits
        if safety is not None:
            self._add_safety(on, safety)
        self.running &= ~step.ended

    def _add_safety(self, on: BoolArray, safety: SafeActions) -> None:
        # counts add up over the steps, distances are kept at their worst
        self._touched[on] += safety.touched[on]
        self._infeasible[on] += safety.is_infeasible[on]
        _raise_to(self._moved, safety.moved, on)
        _raise_to(self._violation_before, safety.violation_before, on)
        _raise_to(self._violation_after, safety.violation_after, on)

    def table(self, seeds: np.ndarray) -> pd.DataFrame:
        """A row per episode."""
        columns: dict[str, np.ndarray] = {
            "seed": seeds.astype(np.int64),
            "steps": self._steps,
            "solved": self._solved,
            "return": self._return,
        }
        for k, term in enumerate(self._task.terms):
            columns[term.name] = self._terms[:, k]
        for k, constraint in enumerate(self._task.constraints):
            columns[f"{constraint.name}_mean"] = self._costs[:, k] / self._steps
            columns[f"{constraint.name}_worst"] = self._worst[:, k]
            columns[f"{constraint.name}_steps_above"] = self._above[:, k]
        if self._safe:
            columns["touched"] = self._touched
            columns["moved_max"] = self._moved
            columns["infeasible"] = self._infeasible
            columns["violation_before_pu"] = self._violation_before
            columns["violation_after_pu"] = self._violation_after
        return pd.DataFrame(columns)


def _raise_to(highest: FloatArray, values: FloatArray, on: BoolArray) -> None:
    """Keep the highest so far of the episodes that are on."""
    highest[on] = np.maximum(highest[on], values[on])


def _metrics(task: Task[Any], table: pd.DataFrame) -> dict[str, float]:
    """Means and spreads over the episodes; shares of steps over all steps."""
    n_steps = float(table["steps"].sum())
    solved = table["solved"]
    metrics = {
        "episodes": float(len(table)),
        "steps": n_steps,
        "solved_share": float(solved.mean()),
        "unsolved_episodes": float((~solved).sum()),
    }
    for name in ("return", *(term.name for term in task.terms)):
        metrics[f"{name}_mean"] = float(table[name].mean())
        metrics[f"{name}_std"] = float(table[name].std(ddof=0))
    metrics["return_worst"] = float(table["return"].min())
    for constraint in task.constraints:
        name = constraint.name
        # episodes have different lengths, and every step weighs the same
        cost_of_episode = table[f"{name}_mean"] * table["steps"]
        steps_above = table[f"{name}_steps_above"].sum()
        metrics[f"{name}_mean"] = float(cost_of_episode.sum()) / n_steps
        metrics[f"{name}_worst"] = float(table[f"{name}_worst"].max())
        metrics[f"{name}_share_above"] = float(steps_above) / n_steps
    if "touched" in table:
        metrics["touched_share"] = float(table["touched"].sum()) / n_steps
        metrics["infeasible_share"] = float(table["infeasible"].sum()) / n_steps
        metrics["moved_max"] = float(table["moved_max"].max())
        for side in ("before", "after"):
            metrics[f"violation_max_{side}_pu"] = float(
                table[f"violation_{side}_pu"].max()
            )
    return metrics
