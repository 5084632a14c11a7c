"""Steps of voltage control inside one compiled loop (`CompiledEnv`) beside `BatchedEnv` with the same policy, compiled too.

Time is the processor's, of all threads, therefore a busy machine lies less; what is compiled is compiled before. The two ways
take turns, and ratios are taken within a round. Both play the same days with the same policy: the largest difference between
their rewards is told. A training is a round of PPO, with the updates, either way.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import asdict, dataclass
from statistics import median
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np

from tieline.agents.networks import Network, forward, random_network
from tieline.agents.ppo import Ppo
from tieline.agents.ppo_config import PpoConfig
from tieline.bench.kit.left_out import LeftOut, reason_from
from tieline.bench.rollouts.options import Options
from tieline.envs import TASKS, BatchedEnv, make_task
from tieline.envs.compiled import CompiledEnv, CompiledTask
from tieline.envs.task import Task
from tieline.errors import TielineError
from tieline.feeders import load_feeder

TASK = "voltage-control"
EPISODES = (1, 16, 128, 1024)
HIDDEN = (64, 64)
STEPS = 48
"""Half a day, so that no episode ends while it is timed."""

AT_LEAST_S = 0.2
"""Of processor time for each way and round."""

POOL_DAYS = 16
TRAINING = PpoConfig(hidden=HIDDEN, episodes=128, round_steps=STEPS)
TASK_EPISODES = 64


@dataclass(frozen=True)
class RolloutSpeed:
    """Steps of one feeder at a number of episodes side by side.

    Attributes:
        feeder: its name.
        nodes: of its network.
        ports: places where current is taken.
        episodes: side by side.
        compiled_per_s, stepped_per_s: steps of all episodes in a second of processor time, median over rounds.
        times: of the compiled loop in one of the other's, median over rounds.
        reward_difference: largest between the two, any step.
        compile_s: processor time of compiling the loop once [s].
    """

    feeder: str
    nodes: int
    ports: int
    episodes: int
    compiled_per_s: float
    stepped_per_s: float
    times: float
    reward_difference: float
    compile_s: float


@dataclass(frozen=True)
class TrainingSpeed:
    """The same of a round of PPO with its updates; `learning_share` is the part of the compiled round that updates take, and
    `pays_from` the steps of a training from which compiling has paid (infinite if never).
    """

    feeder: str
    ports: int
    compiled_per_s: float
    stepped_per_s: float
    times: float
    learning_share: float
    compile_s: float
    pays_from: float


@dataclass(frozen=True)
class TaskSpeed:
    """A task as it comes, stepped by `BatchedEnv`: steps in a second of processor time, and why it is not compiled (empty if it
    is).
    """

    task: str
    feeder: str
    stepped_per_s: float
    why_not: str


@dataclass(frozen=True)
class RolloutSpeeds:
    """One run."""

    speeds: tuple[RolloutSpeed, ...]
    trainings: tuple[TrainingSpeed, ...]
    tasks: tuple[TaskSpeed, ...]
    left_out: tuple[LeftOut, ...] = ()

    def to_json(self) -> dict[str, Any]:
        """Plain dictionaries and lists."""
        return asdict(self)


def measure(
    options: Options, tell: Callable[[str], None] = lambda _: None
) -> RolloutSpeeds:
    """Measure every feeder at every number of episodes, a training on it, and every task as it comes.

    Args:
        options: feeders and rounds.
        tell: is told what is measured now.
    """
    speeds: list[RolloutSpeed] = []
    trainings = []
    left_out = []
    for feeder in options.feeders:
        # a name that is not known is told before minutes are spent on the others
        load_feeder(feeder)
    for feeder in options.feeders:
        tell(feeder)
        try:
            with jax.enable_x64(True):
                pair = _Pair.of(feeder)
                speeds += [pair.speed(count, options.rounds) for count in EPISODES]
                trainings.append(pair.training(options.rounds))
        except TielineError as error:
            left_out.append(LeftOut(TASK, reason_from(error), feeder))
    tasks = []
    for name in TASKS:
        tell(name)
        tasks.append(_task_speed(name))
    return RolloutSpeeds(tuple(speeds), tuple(trainings), tuple(tasks), tuple(left_out))


@dataclass(frozen=True, eq=False)
class _Pair:
    """A task and its compiled form."""

    task: Task[Any]
    compiled: CompiledTask

    @classmethod
    def of(cls, feeder: str) -> _Pair:
        """Voltage control on a feeder with its controls held."""
        task = make_task(TASK, feeder=feeder, controls="off", pool_days=POOL_DAYS)
        return cls(task, task.compiled())

    def speed(self, episodes: int, rounds: int) -> RolloutSpeed:
        """Steps without learning."""
        sizes = self.task.observation.size, self.task.action.size
        network = random_network(sizes[0], HIDDEN, sizes[1], jax.random.key(0))
        seeds = np.arange(episodes)
        env = CompiledEnv(self.compiled)
        rows = env.reset(seeds)
        run = _compiled_run(env)
        began = time.process_time()
        compiled_rewards = np.asarray(run(network, rows))
        compile_s = time.process_time() - began
        stepped = _SteppedRun(self.task, network, seeds)
        stepped_rewards = stepped()
        ways = [lambda: jax.block_until_ready(run(network, rows)), stepped]
        compiled_s, stepped_s = _turns(ways, rounds)
        n_steps = episodes * STEPS
        ratios = [b / a for a, b in zip(compiled_s, stepped_s, strict=True)]
        return RolloutSpeed(
            self.task.feeder_name,
            *self._sizes(),
            episodes,
            n_steps / median(compiled_s),
            n_steps / median(stepped_s),
            median(ratios),
            float(np.abs(compiled_rewards - stepped_rewards).max()),
            compile_s,
        )

    def training(self, rounds: int) -> TrainingSpeed:
        """Steps with learning."""
        ways = []
        compile_s = []
        for collect in ("compiled", "stepped"):
            config = TRAINING.model_copy(update={"collect": collect})
            way = _TrainingRounds(Ppo(self.task, config))
            began = time.process_time()
            way()
            compile_s.append(time.process_time() - began)
            ways.append(way)
        learning_s, *both_s = _turns([ways[1].learn, *ways], rounds)
        compiled_s, stepped_s = both_s
        n_steps = ways[0].ppo.steps_of_round
        ratios = [b / a for a, b in zip(compiled_s, stepped_s, strict=True)]
        saved_s = (median(stepped_s) - median(compiled_s)) / n_steps
        more_to_compile_s = max(compile_s[0] - compile_s[1], 0.0)
        pays_from = more_to_compile_s / saved_s if saved_s > 0 else float("inf")
        return TrainingSpeed(
            self.task.feeder_name,
            self.compiled.n_ports,
            n_steps / median(compiled_s),
            n_steps / median(stepped_s),
            median(ratios),
            median(learning_s) / median(compiled_s),
            compile_s[0],
            pays_from,
        )

    def _sizes(self) -> tuple[int, int]:
        """Nodes and ports."""
        network = self.task.network
        assert network is not None
        return network.n_nodes, self.compiled.n_ports


class _SteppedRun:
    """`STEPS` steps by `BatchedEnv` with a compiled policy; returns rewards, (step, episode)."""

    def __init__(self, task: Task[Any], network: Network, seeds: np.ndarray):
        self._env = BatchedEnv(task)
        self._seeds = seeds
        self._network = network
        self._decide = jax.jit(_decide(task))

    def __call__(self) -> np.ndarray:
        observation = self._env.reset(self._seeds)
        rewards = []
        for _ in range(STEPS):
            actions = self._decide(self._network, observation)
            step = self._env.step(np.asarray(actions))
            observation = step.observation
            rewards.append(step.reward)
        return np.array(rewards)


class _TrainingRounds:
    """Rounds of a training one after the other."""

    def __init__(self, ppo: Ppo):
        self.ppo = ppo
        self._round = ppo.collector(0)
        self._learner = ppo.start(0)

    def __call__(self) -> None:
        self._learner = jax.block_until_ready(self._round(self._learner))

    def learn(self) -> None:
        """Updates alone, from the steps of the last round."""
        jax.block_until_ready(self.ppo.learn(self._learner, self._round.walk))


def _compiled_run(env: CompiledEnv) -> Any:
    """A function (network, rows) -> rewards, (step, episode), compiled."""
    decide = _decide(env.task)

    def run(network: Network, rows: Any) -> Any:
        def once(rows: Any, _: None) -> tuple[Any, Any]:
            rows, step = env.step(rows, decide(network, rows.observation))
            return rows, step.reward

        _, rewards = jax.lax.scan(once, rows, None, length=STEPS)
        return rewards

    return jax.jit(run)


def _decide(task: Task[Any]) -> Callable[[Network, Any], Any]:
    """What a network does, through the task's own last layer."""

    def decide(network: Network, observation: Any) -> Any:
        return task.squash(observation, forward(network, observation), jnp)

    return decide


def _turns(ways: list[Callable[[], Any]], rounds: int) -> list[list[float]]:
    """Processor time of one call of each way in each round, (way, round) [s]."""
    times: list[list[float]] = [[] for _ in ways]
    # in turns, so that whatever else runs hits all alike
    for _ in range(rounds):
        for way, seconds in zip(ways, times, strict=True):
            seconds.append(_seconds_of(way))
    return times


def _seconds_of(way: Callable[[], Any]) -> float:
    """Processor time of one call, mean of as many as fill `AT_LEAST_S`."""
    began = time.process_time()
    count = 0
    while count == 0 or time.process_time() - began < AT_LEAST_S:
        way()
        count += 1
    return (time.process_time() - began) / count


def _task_speed(name: str) -> TaskSpeed:
    """A task of the catalogue with random actions."""
    task = make_task(name)
    why_not = ""
    try:
        task.compiled()
    except TielineError as error:
        why_not = reason_from(error)
    env = BatchedEnv(task)
    box = task.action
    random = np.random.default_rng(0)
    actions = random.uniform(box.low, box.high, (TASK_EPISODES, box.size))
    seeds = np.arange(TASK_EPISODES)
    env.reset(seeds)

    def step() -> None:
        ended = env.step(actions).ended
        if ended.any():
            env.reset_rows(ended, seeds[ended])

    step()
    return TaskSpeed(name, task.feeder_name, TASK_EPISODES / _seconds_of(step), why_not)
