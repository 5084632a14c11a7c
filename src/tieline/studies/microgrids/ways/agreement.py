"""One update of the policies, found by the agents among themselves: rounds, what it loses beside the central step, multipliers.

The windows are those of the day asked, in the states that the policies lead to. The update is that of the training, with the
step found over the graph asked; it is measured and not kept, as the policies that decide are those that were learned.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from tieline.agents.consensus.agent import ConsensusConfig
from tieline.agents.consensus.message import Message
from tieline.agents.consensus.opening import open_channel
from tieline.agents.consensus.settings import weights_of
from tieline.agents.consensus.step import ConsensusStep, StepRecord
from tieline.agents.consensus.watched import WatchedChannel
from tieline.agents.constrained_update.update import update_policies
from tieline.agents.window_policies.inputs import Eyes
from tieline.agents.window_policies.policies import WindowPolicies
from tieline.counted import counted
from tieline.envs.microgrids.day import Day
from tieline.envs.microgrids.pool import Pool
from tieline.envs.microgrids.windows import Windows
from tieline.studies.microgrids.training.config import LearnerConfig
from tieline.studies.microgrids.training.gaussians import draws_of, gaussians_of
from tieline.studies.microgrids.training.problem import WindowProblem
from tieline.studies.microgrids.training.school import School
from tieline.studies.microgrids.training.walk import roll_out
from tieline.studies.microgrids.ways.decide import Panel

SHOWN_ROUNDS = 200
"""Rounds in the table of multipliers, evenly spread: a curve has no more points than that."""


@dataclass(frozen=True, eq=False)
class UpdateAgreement:
    """How one update was agreed on.

    Attributes:
        metrics: `consensus_rounds`, `consensus_vs_central`, `consensus_violation`, `consensus_silent`.
        multipliers: `round`, `agent`, `constraint`, `multiplier` (in agreed units), of constraints that press at the end.
        remarks: agents that fell silent, limits that no step obeys, agents that did not come to rest.
    """

    metrics: dict[str, float]
    multipliers: pd.DataFrame
    remarks: list[str]


def agree_on_update(panel: Panel, days: Mapping[int, Day]) -> UpdateAgreement:
    """Let the agents agree on an update in all windows of the first day.

    Raises:
        InputError: if the graph does not fit the microgrids, or no Ray cluster answers.
    """
    assert panel.policies is not None  # nobody asks otherwise
    policies = panel.policies.by_seed[panel.policies.best]
    config = panel.config
    school = _school(panel, next(iter(days.values())))
    windows = _windows_of(school, policies)
    names = [microgrid.name for microgrid in panel.plant.microgrids]
    weights = weights_of(config, len(names))
    with open_channel(config) as channel:
        watched = WatchedChannel(channel)
        find_step = ConsensusStep(watched, weights, ConsensusConfig(), compares=True)
        _update(school, policies, windows, find_step, config.seed)
        rounds = watched.rounds
    (record,) = find_step.records
    constraints = _constraint_names(school)
    shared = [constraints[number] for number in record.shared]
    return UpdateAgreement(
        metrics=_metrics(record),
        multipliers=_multipliers(rounds, names, shared),
        remarks=list(_remarks(record, names)),
    )


def _school(panel: Panel, day: Day) -> School:
    pool = Pool.of(panel.plant, [day])
    eyes = Eyes(panel.plant)
    return School.of(pool, pool, eyes, LearnerConfig(), panel.config.window_steps)


def _windows_of(school: School, policies: WindowPolicies) -> Windows:
    """Every window of the day, in the state to which the policies lead."""
    days = school.lessons.days
    course = roll_out(
        days, school.steps, lambda windows: policies.wish(school.eyes, windows)
    )
    steps = np.arange(days.n_steps)
    first_day = np.zeros_like(steps)
    # of the one day, a state for each step
    state = {}
    for name in ("stored_kwh", "last_kw", "pcc_pu"):
        state[name] = np.concatenate([getattr(start, name) for start in course.starts])
    start = type(course.starts[0])(**state)
    return days.windows(first_day, steps, school.steps.n_steps, start)


def _update(
    school: School,
    policies: WindowPolicies,
    windows: Windows,
    find_step: ConsensusStep,
    seed: int,
) -> None:
    learner = LearnerConfig()
    inputs = school.eyes.see(windows)
    equal_weights = np.full(len(windows), 1.0 / len(windows))
    problem = WindowProblem(
        school.judge, windows, inputs.base, equal_weights, learner.margin
    )
    gaussians = gaussians_of(policies)
    update_policies(
        problem,
        gaussians,
        draws_of(inputs, gaussians, np.random.default_rng(seed)),
        learner.update_config(0, learner.first_curvature),
        find_step=find_step,
    )


def _constraint_names(school: School) -> list[str]:
    ders = school.eyes.plant.network.feeder.ders
    of_devices = [f"device {der.name}" for der in ders]
    return [*school.judge.groups.names, *of_devices]


def _metrics(record: StepRecord) -> dict[str, float]:
    comparison = record.comparison
    assert comparison is not None  # it was asked for
    return {
        "consensus_rounds": float(record.rounds),
        "consensus_vs_central": comparison.objective_gap,
        "consensus_violation": comparison.violation,
        "consensus_silent": float(len(record.silent)),
    }


def _multipliers(
    rounds: Sequence[Sequence[Message | None]],
    agents: Sequence[str],
    constraints: Sequence[str],
) -> pd.DataFrame:
    evenly = np.linspace(0, len(rounds) - 1, SHOWN_ROUNDS)
    numbers = np.unique(evenly.astype(int))
    rows = []
    for number in numbers:
        for agent, message in zip(agents, rounds[number], strict=True):
            if message is None:
                continue
            pairs = zip(constraints, message.multipliers[0], strict=True)
            rows += [(number + 1, agent, name, value) for name, value in pairs]
    table = pd.DataFrame(rows, columns=["round", "agent", "constraint", "multiplier"])
    highest = table.groupby("constraint")["multiplier"].transform("max")
    # limits that never press would be most of the table
    return table[highest > 0].reset_index(drop=True)


def _remarks(record: StepRecord, agents: Sequence[str]) -> Iterator[str]:
    if record.silent:
        silent = ", ".join(agents[number] for number in record.silent)
        missed = counted(sum(record.stood_in.values()), "message")
        yield (
            f"Consensus: {silent} stopped answering ({missed} missed). The others went on without; the step is not that of all "
            "microgrids."
        )
    if record.is_recovery:
        yield (
            "Consensus: no step within the trust regions obeys all limits; agents agreed on the one with the largest smallest "
            "slack."
        )
    if not record.has_settled:
        yield f"Consensus: agents had not come to rest after {record.rounds} rounds."
