"""How many steps per second the environments make, beside another package on the same problem.

A step is an action for every episode, the power flow, reward, costs and the next observation; ended episodes are start_s again,
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
from tieline.bench.envs.options import Options
from tieline.bench.kit.peers import CannotRun
from tieline.envs import BatchedEnv, make_task
from tieline.envs.state_rows import take_rows
from tieline.envs.voltage_control.task import VoltageControlTask

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
class EnvironmentSpeed:
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
    """One run.

    Attributes:
        speeds: of all programs on all tasks.
        largest_difference_pu: of the peer's voltages from tieline's [pu]; None if it was left out.
        left_out: why others are not measured, by name.
    """

    speeds: tuple[EnvironmentSpeed, ...]
    largest_difference_pu: float | None
    left_out: dict[str, str]

    def to_json(self) -> dict[str, Any]:
        """Plain dictionaries and lists."""
        return asdict(self)


Stepper = Callable[[], int]
"""Makes a step in every episode and returns how many episodes that were."""


def measure(
    options: Options, tell: Callable[[str], None] = lambda _: None
) -> EnvironmentSpeeds:
    """Measure `reserve` and `voltage-control` as they come, and the peer on the latter.

    Args:
        options: none.
        tell: is told what is measured now.
    """
    tell("reserve")
    reserve = make_task("reserve")
    reserve_speeds = _speeds("reserve", reserve.feeder_name, _steppers(reserve))
    tell("voltage-control")
    task = make_task("voltage-control")
    assert isinstance(task, VoltageControlTask)
    steppers = _steppers(task)
    difference_pu = None
    left_out = dict(LEFT_OUT)
    try:
        peer = make_anm_environment(task, 0, first_compared(task))
    except CannotRun as error:
        left_out["gym-anm"] = str(error)
    else:
        difference_pu = largest_difference_pu(task, peer, 0)
        steppers["gym-anm", 1] = anm_stepper(task, peer)
    speeds = [*reserve_speeds, *_speeds("voltage-control", task.feeder_name, steppers)]
    return EnvironmentSpeeds(tuple(speeds), difference_pu, left_out)


def _steppers(task: Any) -> dict[tuple[str, int], Stepper]:
    """tieline's steppers by program and batch."""
    return {
        ("tieline", batch): tieline_stepper(BatchedEnv(task), batch)
        for batch in BATCHES
    }


def tieline_stepper(env: BatchedEnv[Any], n_episodes: int) -> Stepper:
    """Random actions for a batch of episodes."""
    box = env.task.action
    random = np.random.default_rng(0)
    actions = random.uniform(
        box.low,
        box.high,
        (CHOICES, n_episodes, box.size),
    )
    env.reset(np.arange(n_episodes))
    count = 0

    def step() -> int:
        nonlocal count
        outcome = env.step(actions[count % CHOICES])
        count += 1
        if outcome.ended.any():
            # a fresh seed for each, else the same episode is played again
            rows = np.flatnonzero(outcome.ended)
            env.reset_rows(rows, rows + count * n_episodes)
        return n_episodes

    return step


def anm_stepper(task: VoltageControlTask, env: Any) -> Stepper:
    """Random reactive powers for one episode of the peer, start_s again if it ends."""
    inverters = task.inverters
    limit_kvar = inverters.q_limit_kvar(inverters.rated_kw)
    random = np.random.default_rng(0)
    draws_kvar = random.uniform(-limit_kvar, limit_kvar, (CHOICES, len(limit_kvar)))
    actions = [anm_action(task, q_kvar) for q_kvar in draws_kvar]
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
    midnight = _first_state(task, day)
    state = replace(midnight, step=midnight.step + first_compared(task))
    inverters = task.inverters
    limit_kvar = inverters.q_limit_kvar(inverters.rated_kw)
    random = np.random.default_rng(0)
    largest = 0.0
    env.reset(seed=0)
    for _ in range(COMPARED_STEPS):
        q_kvar = random.uniform(-limit_kvar, limit_kvar)
        # tieline's action is a share of what the sun leaves of the inverter, the peer's is in kvar
        offered_kw = task.offered_kw(state)[0]
        action = q_kvar / inverters.q_limit_kvar(offered_kw)
        outcome = task.advance(state, action[None, :])
        env.step(anm_action(task, q_kvar))
        peer_pu = np.array([abs(bus.v) for bus in env.simulator.buses.values()])
        difference_pu = np.abs(peer_pu - outcome.details["voltage_pu"][0])
        largest = max(largest, float(difference_pu.max()))
        state = outcome.state
    return largest


def first_compared(task: VoltageControlTask) -> int:
    """The step from which on voltages are compared."""
    return task.days.n_steps // 2 - COMPARED_STEPS // 2


def _first_state(task: VoltageControlTask, day: int) -> Any:
    """The first state of an episode on a day of the pool."""
    # seeds draw days at random: a hundred per day leave out none
    states = task.start(np.arange(100 * task.days.n_days))
    rows = np.flatnonzero(states.day == day)
    return take_rows(states, rows[:1])


def _speeds(
    task: str, feeder: str, steppers: dict[tuple[str, int], Stepper]
) -> list[EnvironmentSpeed]:
    """Let the steppers, by program and batch, take turns; the first step of each is not counted, it loads what is loaded late."""
    rates: dict[tuple[str, int], list[float]] = {key: [] for key in steppers}
    for step in steppers.values():
        step()
    # in turns, so that a drift of the machine's speed hits all alike
    for _ in range(ROUNDS):
        for key, step in steppers.items():
            rates[key].append(_steps_per_s(step))
    peer_rates = [
        values for (program, _), values in rates.items() if program != "tieline"
    ]
    speeds = []
    for (program, batch), values in rates.items():
        times = None
        if peer_rates:
            times = _median_ratio(values, peer_rates[0])
        speeds.append(
            EnvironmentSpeed(task, feeder, program, batch, median(values), times)
        )
    return speeds


def _steps_per_s(step: Stepper) -> float:
    count = 0
    seconds = 0.0
    start_s = time.perf_counter()
    while count == 0 or seconds < AT_LEAST_S:
        count += step()
        seconds = time.perf_counter() - start_s
    return count / seconds


def _median_ratio(rates: Sequence[float], peer_rates: Sequence[float]) -> float:
    """Median over rounds of the ratio within a round."""
    return median(rate / peer for rate, peer in zip(rates, peer_rates, strict=True))
