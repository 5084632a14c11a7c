"""`train`: a policy from a task, settings and a seed, with its learning curve; pure: the same arguments give the same policy.

Several seeds train side by side in one call. The learning curve is what the policy of the moment, without exploration, achieves
on episodes that no training sees.
"""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from importlib import import_module
from typing import Any

import numpy as np
import pandas as pd

from tieline.agents.apg_config import ApgConfig
from tieline.agents.cpo_config import CpoConfig
from tieline.agents.ddpg_config import DdpgConfig
from tieline.agents.evaluate import evaluate
from tieline.agents.ippo_config import IppoConfig
from tieline.agents.policy import Plain, Policy
from tieline.agents.ppo_config import PpoConfig
from tieline.envs.draws import spread
from tieline.envs.task import Task
from tieline.errors import InputError, MissingExtraError
from tieline.typing import IntArray, Progress

Config = DdpgConfig | PpoConfig | ApgConfig | CpoConfig
"""Settings of an algorithm, and with them which one."""

JUDGED = 200
"""Episodes that each point of a learning curve is the mean of, unless said otherwise."""

JUDGE_SEED = 2**31
"""What the seeds of those episodes are spread from; trainings begin with smaller seeds."""


def judging_seeds(count: int) -> IntArray:
    """Seeds of the episodes that each point of a learning curve is the mean of, (episode,)."""
    return spread(JUDGE_SEED, count)


@dataclass(frozen=True, eq=False)
class TrainResult:
    """A trained policy.

    Attributes:
        policy: ready to `bind` or to save; its provenance names algorithm, seed and settings.
        curve: a row per milestone: `seed`, `step` (steps in the environment), `wall_s` since the start, `return_mean` and the
            mean of each reward term.
        final_return: mean return at the end.
        judge_s: processor time that the curve took, no part of learning [s].
    """

    policy: Policy
    curve: pd.DataFrame
    final_return: float
    judge_s: float


def train(
    task: Task[Any], config: Config, seed: int = 0, **options: Any
) -> TrainResult:
    """Train one policy; see `train_seeds` for the arguments, errors and what comes back."""
    return train_seeds(task, config, [seed], **options)[0]


def train_seeds(
    task: Task[Any],
    config: Config,
    seeds: Sequence[int],
    *,
    provenance: Mapping[str, Plain] | None = None,
    progress: Progress | None = None,
    curve_episodes: int = JUDGED,
) -> list[TrainResult]:
    """Train one policy per seed, all in one call, with the algorithm whose settings are given.

    Args:
        task: what to decide.
        config: settings of DDPG, of PPO or, an actor for each agent of the task, of IPPO; of the analytic policy gradient; of
            constrained policy optimisation.
        seeds: whole numbers from 0 to 2**31 - 1, each once.
        provenance: goes into every policy beside algorithm, seed and settings.
        progress: called with (done, all, text).
        curve_episodes: episodes that each point of a learning curve is the mean of; long ones take more time than the training.

    Returns:
        The results, in the order of the seeds.

    Raises:
        InputError: if a seed is out of range or stands twice, or the algorithm needs a compiled form that the task has not.
        MissingExtraError: if the packages of the extra `learn` are missing.
    """
    check_seeds(seeds)
    train_actors = _trainer(config)
    began = time.perf_counter()
    rows = []
    latest = {}
    judge_s = dict.fromkeys(seeds, 0.0)

    def watch(step: int, actors: Sequence[Any]) -> None:
        for seed, actor in zip(seeds, actors, strict=True):
            # judged as it would be used: a policy, without exploration
            policy = _policy(task, config, seed, actor, provenance)
            latest[seed] = policy
            row = {"seed": seed, "step": step, "wall_s": time.perf_counter() - began}
            judging_began = time.process_time()
            means = _judged(policy, task, curve_episodes)
            judge_s[seed] += time.process_time() - judging_began
            rows.append({**row, **means})

    train_actors(task, config, seeds, watch, progress)
    curves = pd.DataFrame(rows)
    return [
        _result(latest[seed], curves[curves["seed"] == seed], judge_s[seed])
        for seed in seeds
    ]


def check_seeds(seeds: Sequence[int]) -> None:
    """Raise `InputError` unless seeds are different whole numbers from 0 to 2**31 - 1, at least one."""
    bad = [seed for seed in seeds if not 0 <= seed < JUDGE_SEED]
    if bad or not seeds or len(set(seeds)) < len(seeds):
        raise InputError(
            f"Seeds of a training must be different whole numbers from 0 to {JUDGE_SEED - 1}; got {list(seeds)}."
        )


def _trainer(config: Config) -> Any:
    """The `train_actors` of an algorithm."""
    name = _algorithm(config)
    # that of many agents is that of one, with other settings
    module = "ppo" if name == "ippo" else name
    try:
        return import_module(f"tieline.agents.{module}").train_actors
    except ImportError as error:
        raise MissingExtraError(str(error.name), "learn", "Training") from None


def _algorithm(config: Config) -> str:
    """Its name."""
    if isinstance(config, ApgConfig):
        return "apg"
    if isinstance(config, CpoConfig):
        return "cpo"
    if isinstance(config, IppoConfig):
        return "ippo"
    return "ppo" if isinstance(config, PpoConfig) else "ddpg"


def _policy(
    task: Task[Any],
    config: Config,
    seed: int,
    actor: Any,
    provenance: Mapping[str, Plain] | None,
) -> Policy:
    settings = config.model_dump(mode="json")
    for name, value in settings.items():
        if isinstance(value, list):
            settings[name] = str(value)  # provenance holds plain values only
    # the caller's words come last and win: it knows the study that the training was part of
    algorithm = {"algorithm": _algorithm(config), "seed": seed}
    about = {**algorithm, **settings, **(provenance or {})}
    layers = [(np.asarray(weight), np.asarray(bias)) for weight, bias in actor]
    return Policy.of(task, layers, head=config.head, provenance=about)


def _judged(policy: Policy, task: Task[Any], count: int) -> dict[str, float]:
    # the same episodes for all policies and moments: a curve then shows learning, not the luck of the draw
    seeds = judging_seeds(count)
    evaluation = evaluate(policy.bind(task), task, seeds, timed=0)
    names = ["return_mean"]
    names += [f"{term.name}_mean" for term in task.terms]
    return {name: evaluation.metrics[name] for name in names}


def _result(policy: Policy, curve: pd.DataFrame, judge_s: float) -> TrainResult:
    last_return = float(curve["return_mean"].iloc[-1])
    return TrainResult(policy, curve.reset_index(drop=True), last_return, judge_s)
