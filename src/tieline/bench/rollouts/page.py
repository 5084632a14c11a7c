"""What the screen and the docs page say of compiled rollouts. Every number and judgement comes from the measurement."""

from __future__ import annotations

import math

from tieline.bench.kit.left_out import left_out_notes, left_out_text
from tieline.bench.kit.markdown import Page, Section, Summary, Table, bullets
from tieline.bench.kit.numbers import rate, seconds, times_text
from tieline.bench.rollouts.measure import (
    EPISODES,
    HIDDEN,
    STEPS,
    TASK_EPISODES,
    TRAINING,
    RolloutSpeed,
    RolloutSpeeds,
    TrainingSpeed,
)

INTRO = (
    "Voltage control with its controls held: policy, power flow, reward and restarts in one compiled loop (`CompiledEnv`, in\n"
    "double precision, [`DensePowerFlow`](../power-flow.md#compiled-into-jax)) beside `BatchedEnv` with the same policy, also\n"
    "compiled. Steps of all episodes together in a second of processor time."
)


def summary(measured: RolloutSpeeds) -> Summary:
    """Ratios of rollouts and trainings."""
    return Summary(
        [
            ("Rollouts", _rollout_table(measured)),
            ("Trainings", _training_table(measured)),
        ],
        [*_verdicts(measured), *left_out_notes(measured.left_out)],
    )


def page(measured: RolloutSpeeds) -> Page:
    """The page of a measurement."""
    sections = [
        Section("Rollouts", [_rollout_table(measured), bullets(_verdicts(measured))]),
        Section("Trainings", [_training_words(), _training_table(measured)]),
        Section("Every task", [_task_words(), _task_table(measured)]),
        Section("Rules", [_rules(measured), left_out_text(measured.left_out, "")]),
    ]
    return Page(INTRO, sections)


def _rollout_table(measured: RolloutSpeeds) -> Table:
    headings = (
        "feeder",
        "nodes",
        "ports",
        "episodes side by side",
        "compiled [steps/s]",
        "stepped [steps/s]",
        "compiled is faster",
        "compiling once",
    )
    rows = [_rollout_row(speed) for speed in measured.speeds]
    return Table(headings, rows, "lrrrrrrr")


def _rollout_row(speed: RolloutSpeed) -> tuple[str, ...]:
    return (
        speed.feeder,
        f"{speed.nodes:,}",
        f"{speed.ports:,}",
        f"{speed.episodes:,}",
        rate(speed.compiled_per_s),
        rate(speed.stepped_per_s),
        _times(speed.times),
        seconds(speed.compile_s),
    )


def _verdicts(measured: RolloutSpeeds) -> list[str]:
    """For each number of episodes up to which feeder the compiled loop pays."""
    verdicts = []
    for episodes in EPISODES:
        speeds = [speed for speed in measured.speeds if speed.episodes == episodes]
        if speeds:
            verdicts.append(_verdict(episodes, speeds))
    return verdicts


def _verdict(episodes: int, speeds: list[RolloutSpeed]) -> str:
    by_ports = sorted(speeds, key=lambda speed: speed.ports)
    losing = [speed for speed in by_ports if speed.times < 1.0]
    start = f"{episodes:,} side by side: "
    if not losing:
        largest = by_ports[-1]
        return f"{start}the compiled loop is faster on all, up to {_size(largest)}."
    before = [speed for speed in by_ports if speed.ports < losing[0].ports]
    if not before:
        return (
            f"{start}`BatchedEnv` is faster from the smallest on, {_size(losing[0])}."
        )
    return (
        f"{start}the compiled loop is faster up to {_size(before[-1])}, `BatchedEnv` from "
        f"{_size(losing[0])} on."
    )


def _size(speed: RolloutSpeed) -> str:
    return f"{speed.feeder} ({speed.nodes:,} nodes, {speed.ports:,} ports)"


def _training_words() -> str:
    return (
        f"A round of PPO: {TRAINING.episodes} episodes, {TRAINING.round_steps} steps each, {TRAINING.epochs} times learned from "
        f"in batches of {TRAINING.batch}, networks of {' and '.join(map(str, HIDDEN))}. Updates take the same time either way "
        "and leave less to be won; what compiling costs at the start has to be won back."
    )


def _training_table(measured: RolloutSpeeds) -> Table:
    headings = (
        "feeder",
        "ports",
        "compiled [steps/s]",
        "stepped [steps/s]",
        "compiled is faster",
        "share of updates",
        "compiling once",
        "pays from [steps]",
    )
    rows = [_training_row(training) for training in measured.trainings]
    return Table(headings, rows, "lrrrrrrr")


def _training_row(training: TrainingSpeed) -> tuple[str, ...]:
    pays_from = "never"
    if math.isfinite(training.pays_from):
        pays_from = rate(training.pays_from)
    return (
        training.feeder,
        f"{training.ports:,}",
        rate(training.compiled_per_s),
        rate(training.stepped_per_s),
        _times(training.times),
        f"{training.learning_share:.0%}",
        seconds(training.compile_s),
        pays_from,
    )


def _task_words() -> str:
    return f"All tasks as they come, {TASK_EPISODES} episodes side by side, random actions."


def _task_table(measured: RolloutSpeeds) -> Table:
    rows = []
    for task in measured.tasks:
        form = task.why_not or "compiled"
        rows.append((task.task, task.feeder, rate(task.stepped_per_s), form))
    return Table(("task", "feeder", "stepped [steps/s]", "compiled form"), rows, "llrl")


def _rules(measured: RolloutSpeeds) -> str:
    differences = [speed.reward_difference for speed in measured.speeds]
    same = ""
    if differences:
        same = (
            f" Rewards of the two ways differ by {max(differences):.0e} at most, which is what the tolerance of the power flow "
            "leaves open."
        )
    return (
        f"The two ways take turns, {STEPS} steps of each episode a turn; medians over rounds, ratios within a round. Times are "
        f"the processor's, all threads together.{same}"
    )


def _times(ratio: float) -> str:
    return f"{times_text(ratio)} x" if ratio >= 0.95 else f"{ratio:.2f} x"
