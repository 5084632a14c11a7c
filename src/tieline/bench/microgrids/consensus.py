"""Consensus on random programs beside the central solution, on each graph: rounds, loss of the objective, limits missed.

Instances have five agents and twelve common limits, about a third of them broken at the start, as the first paper's network has
microgrids and limits that bind.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import get_args

import numpy as np

from tieline.agents.consensus.agent import ConsensusConfig
from tieline.agents.consensus.graph import GraphName, graph_weights
from tieline.agents.consensus.message import LocalChannel
from tieline.agents.consensus.step import ConsensusStep
from tieline.agents.constrained_update.gram import Gram
from tieline.agents.constrained_update.trust_region import (
    JointStep,
    StepQuestion,
    central_step,
)
from tieline.typing import FloatArray

N_AGENTS = 5
N_LIMITS = 12
N_PARAMETERS = 30
DELTA = 0.5
SEED = 0


@dataclass(frozen=True)
class GraphRounds:
    """Consensus on one graph.

    Attributes:
        graph: its name.
        instances: programs that agents solved.
        settled: of them those that ended by agreement.
        rounds_least, rounds_median, rounds_most: until agents agreed.
        objective_loss: largest loss of the objective, of the central one.
        limit_miss: largest miss of a limit, of what agents can change it by.
        ms: of an instance, median [ms].
    """

    graph: str
    instances: int
    settled: int
    rounds_least: int
    rounds_median: float
    rounds_most: int
    objective_loss: float
    limit_miss: float
    ms: float


@dataclass(frozen=True, eq=False)
class _Program:
    """One instance: what is asked, and what agents can change each limit by."""

    question: StepQuestion
    reach: FloatArray


def measure_graphs(instances: int, tell: Callable[[str], None]) -> list[GraphRounds]:
    """Agreement on every graph by name."""
    if not instances:
        return []
    programs = _draw(instances)
    steps = [central_step(one.question) for one in programs]
    rows = []
    for graph in get_args(GraphName):
        tell(f"consensus on graph '{graph}'")
        rows.append(_measure(graph, programs, steps))
    return rows


def _draw(instances: int) -> list[_Program]:
    random = np.random.default_rng(SEED)
    programs = []
    for _ in range(instances):
        rows = random.normal(size=(N_AGENTS, N_LIMITS + 1, N_PARAMETERS))
        matrices = np.einsum("nik,njk->nij", rows, rows)
        diagonals = np.diagonal(matrices, axis1=1, axis2=2)
        reach = np.sqrt(2 * DELTA) * np.sqrt(diagonals[:, 1:]).sum(axis=0)
        # a third of the limits is broken at the start
        slack = random.uniform(-0.1, 0.2, N_LIMITS) * reach
        grams = [Gram(m) for m in matrices]
        question = StepQuestion(grams, slack, DELTA, np.arange(N_LIMITS))
        programs.append(_Program(question, reach))
    return programs


def _measure(
    graph: GraphName, programs: Sequence[_Program], steps: Sequence[JointStep]
) -> GraphRounds:
    weights = graph_weights(graph, N_AGENTS)
    config = ConsensusConfig()
    rounds = []
    times_ms = []
    losses = []
    misses = []
    settled = 0
    for program, step in zip(programs, steps, strict=True):
        began = time.perf_counter()
        find_step = ConsensusStep(LocalChannel(), weights, config)
        joint = find_step(program.question)
        times_ms.append(1000 * (time.perf_counter() - began))
        (record,) = find_step.records
        rounds.append(record.rounds)
        settled += record.has_settled
        losses.append(abs(joint.objective - step.objective) / abs(step.objective))
        excess = (joint.constraints - program.question.slack) / program.reach
        misses.append(max(0.0, float(excess.max())))
    return GraphRounds(
        graph=graph,
        instances=len(programs),
        settled=settled,
        rounds_least=min(rounds),
        rounds_median=float(np.median(rounds)),
        rounds_most=max(rounds),
        objective_loss=max(losses),
        limit_miss=max(misses),
        ms=float(np.median(times_ms)),
    )
