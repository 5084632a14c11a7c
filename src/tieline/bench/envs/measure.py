"""How many steps per second the environments make, beside another package on the same problem.

A step is an action for every episode, the power flow, reward, costs and the next observation; ended episodes are started again,
which is part of the time. The peer plays the voltage-control task on the same feeder, inverters and day: the largest distance
between its voltages and tieline's says whether it is the same. Programs take turns, and ratios are taken within a round.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass, replace
from statistics import median
from typing import Any

import numpy as np

from tieline.bench.envs.anm_environment import anm_action, make_anm_environment
from tieline.envs import BatchedEnv, make_task
from tieline.envs.state_rows import take_rows
from tieline.envs.voltage_control.task import VoltageControlTask
from tieline.errors import InputError

PACKAGES = ("numpy", "numba", "gymnasium", "gym-anm")
"""Whose versions matter."""

BATCHES = (1, 64, 1024)
ROUNDS = 5
AT_LEAST_S = 0.3
"""Seconds of stepping per program and round: hundreds of switches of the operating system's scheduler."""

CHOICES = 16
"""Different random actions, drawn before the clock runs."""

COMPARED_STEPS = 8
"""Quarter-hours in which the peer's voltages are compared, around noon."""

LEFT_OUT = {
    "opfgym 1.0.1": "asks for a pandapower below 3, whose last version 2.14.7 cannot be imported beside NumPy 2.4",
    "MAPDN, PowerGym": "are code of papers without a release on the package index",
}
"""Environments with a voltage-control problem that are not measured, and why."""


@dataclass(frozen=True)
class Speed:
    """Steps per second of all episodes together.

    Attributes:
        task, feeder: what is played.
        program: who plays it.
        batch: episodes side by side.
        steps_per_s: median over rounds.
        times_of_peer: steps in the time of one of the peer, median over rounds; None without a peer on the task.
    """

    task: str
    feeder: str
    program: str
    batch: int
    steps_per_s: float
    times_of_peer: float | None = None


@dataclass(frozen=True)
class EnvironmentSpeeds:
    """One measurement. `largest_difference_pu` is that of the peer's voltages from tieline's, None if it was left out."""

    speeds: tuple[Speed, ...]
    largest_difference_pu: float | None
    left_out: dict[str, str]

    def to_json(self) -> dict[str, Any]:
        """Plain dictionaries and lists."""
        return asdict(self)


Stepper = Callable[[], int]
"""Makes a step in every episode and returns how many that were."""


def run(
    batches: Sequence[int] = BATCHES,
    rounds: int = ROUNDS,
    report: Callable[[str], None] = lambda _: None,
) -> EnvironmentSpeeds:
    """Measure `reserve` and `voltage-control` as they come, and the peer on the latter.

    Args:
        batches: numbers of episodes side by side, each at least 1.
        rounds: turns of each program, at least 1.
        report: called with what is measured next.

    Raises:
        InputError: if a number is below 1.
    """
    if min(batches, default=0) < 1 or rounds < 1:
        raise InputError(f"Batches {tuple(batches)} and rounds ({rounds}) must be at least 1.")
    report("reserve")
    reserve = make_task("reserve")
    found = _speeds(
        "reserve",
        reserve.feeder_name,
        {("tieline", n): tieline_stepper(BatchedEnv(reserve), n) for n in batches},
        rounds,
    )
    report("voltage-control")
    task = make_task("voltage-control")
    assert isinstance(task, VoltageControlTask)
    steppers = {("tieline", n): tieline_stepper(BatchedEnv(task), n) for n in batches}
    difference, left_out = None, dict(LEFT_OUT)
    try:
        peer = make_anm_environment(task, 0, first_compared(task))
    except ImportError:
        left_out["gym-anm"] = "is not installed (extra 'bench')"
    else:
        difference = largest_difference_pu(task, peer, 0)
        steppers["gym-anm", 1] = anm_stepper(task, peer)
    found += _speeds("voltage-control", task.feeder_name, steppers, rounds)
    return EnvironmentSpeeds(tuple(found), difference, left_out)


def tieline_stepper(env: BatchedEnv[Any], n_episodes: int) -> Stepper:
    """Random actions for so many episodes."""
    box = env.task.action
    actions = np.random.default_rng(0).uniform(box.low, box.high, (CHOICES, n_episodes, box.size))
    env.reset(np.arange(n_episodes))
    count = 0

    def step() -> int:
        nonlocal count
        taken = env.step(actions[count % CHOICES])
        count += 1
        if taken.ended.any():
            rows = np.flatnonzero(taken.ended)
            env.reset_rows(rows, rows + count * n_episodes)
        return n_episodes

    return step


def anm_stepper(task: VoltageControlTask, env: Any) -> Stepper:
    """Random reactive powers for one episode of the peer, started again if it ends."""
    room = task.inverters.q_limit_kvar(task.inverters.rated_kw)
    actions = [
        anm_action(task, q)
        for q in np.random.default_rng(0).uniform(-room, room, (CHOICES, len(room)))
    ]
    env.reset(seed=0)
    count = 0

    def step() -> int:
        nonlocal count
        _, _, terminated, truncated, _ = env.step(actions[count % CHOICES])
        count += 1
        if terminated or truncated:
            env.reset(seed=count)
        return 1

    return step


def largest_difference_pu(task: VoltageControlTask, env: Any, day: int) -> float:
    """Largest distance between the voltage magnitudes of a peer that starts at `first_compared` and tieline's on that day."""
    start = _episode_of(task, day)
    state = replace(start, step=start.step + first_compared(task))
    room = task.inverters.q_limit_kvar(task.inverters.rated_kw)
    random, largest = np.random.default_rng(0), 0.0
    env.reset(seed=0)
    for _ in range(COMPARED_STEPS):
        q_kvar = random.uniform(-room, room)
        outcome = task.advance(
            state, (q_kvar / task.inverters.q_limit_kvar(task.offered_kw(state)[0]))[None, :]
        )
        env.step(anm_action(task, q_kvar))
        theirs = np.array([abs(bus.v) for bus in env.simulator.buses.values()])
        largest = max(largest, float(np.abs(theirs - outcome.details["voltage_pu"][0]).max()))
        state = outcome.state
    return largest


def first_compared(task: VoltageControlTask) -> int:
    """The step from which on voltages are compared."""
    return task.days.n_steps // 2 - COMPARED_STEPS // 2


def _episode_of(task: VoltageControlTask, day: int) -> Any:
    """The first state of an episode on a day of the pool."""
    states = task.start(np.arange(100 * task.days.n_days))
    return take_rows(states, np.flatnonzero(states.day == day)[:1])


def _speeds(
    task: str, feeder: str, steppers: dict[tuple[str, int], Stepper], rounds: int
) -> list[Speed]:
    """Let the steppers, by program and batch, take turns; the first step of each is not counted, it loads what is loaded late."""
    rates: dict[tuple[str, int], list[float]] = {key: [] for key in steppers}
    for step in steppers.values():
        step()
    for _ in range(rounds):
        for key, step in steppers.items():
            rates[key].append(_steps_per_s(step))
    peer = next((values for (program, _), values in rates.items() if program != "tieline"), None)
    return [
        Speed(task, feeder, *key, median(values), _times(values, peer))
        for key, values in rates.items()
    ]


def _steps_per_s(step: Stepper) -> float:
    count, started = 0, time.perf_counter()
    while (seconds := time.perf_counter() - started) < AT_LEAST_S:
        count += step()
    return count / seconds


def _times(mine: Sequence[float], peer: Sequence[float] | None) -> float | None:
    return (
        None
        if peer is None
        else median(own / theirs for own, theirs in zip(mine, peer, strict=True))
    )
