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
from tieline.agents.consensus.step import ConsensusStep, StepRecord
from tieline.agents.constrained_update.gram import Gram
from tieline.agents.constrained_update.trust_region import StepQuestion

N_AGENTS = 5
N_LIMITS = 12
N_PARAMETERS = 30
DELTA = 0.01
SEED = 0


@dataclass(frozen=True)
class GraphRounds:
    """Consensus on one graph.

    Attributes:
        graph: its name.
        instances: programs that agents solved.
        settled: of them those that ended by agreement.
        rounds_least, rounds_median, rounds_most: until agents agreed, those to see whether any step obeys all limits too.
        objective_loss: largest loss of the objective, of the central one.
        limit_miss: largest miss of a limit, of what agents can change it by.
        ms: of an instance, the central solution beside it too, median [ms].
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


def measure_graphs(instances: int, tell: Callable[[str], None]) -> list[GraphRounds]:
    """Agreement on every graph by name."""
    if not instances:
        return []
    random = np.random.default_rng(SEED)
    questions = [_draw(random) for _ in range(instances)]
    rows = []
    for graph in get_args(GraphName):
        tell(f"consensus on graph '{graph}'")
        rows.append(_measure(graph, questions))
    return rows


def _draw(random: np.random.Generator) -> StepQuestion:
    # one row more: the objective stands before the limits
    shape = (N_AGENTS, N_LIMITS + 1, N_PARAMETERS)
    rows = random.normal(size=shape)
    grams = [Gram.of(slopes, slopes) for slopes in rows]
    reaches = np.sum([gram.reach for gram in grams], axis=0)
    reach = np.sqrt(2 * DELTA) * reaches[1:]
    # a third of the limits is broken at the start
    share = random.uniform(-0.1, 0.2, N_LIMITS)
    numbers = np.arange(N_LIMITS)
    return StepQuestion(grams, share * reach, DELTA, numbers)


def _measure(graph: GraphName, questions: Sequence[StepQuestion]) -> GraphRounds:
    records: list[StepRecord] = []
    times_ms = []
    for question in questions:
        began = time.perf_counter()
        records.append(_agree(graph, question))
        times_ms.append(1000 * (time.perf_counter() - began))
    rounds = [record.rounds for record in records]
    comparisons = [record.comparison for record in records if record.comparison]
    return GraphRounds(
        graph=graph,
        instances=len(records),
        settled=sum(record.has_settled for record in records),
        rounds_least=min(rounds),
        rounds_median=float(np.median(rounds)),
        rounds_most=max(rounds),
        objective_loss=max(abs(one.objective_gap) for one in comparisons),
        limit_miss=max(one.violation for one in comparisons),
        ms=float(np.median(times_ms)),
    )


def _agree(graph: GraphName, question: StepQuestion) -> StepRecord:
    """The first step of agents who know nothing of an earlier one."""
    weights = graph_weights(graph, N_AGENTS)
    # agents keep multipliers from one question to the next: a fresh step has none
    step = ConsensusStep(LocalChannel(), weights, ConsensusConfig(), compares=True)
    step(question)
    return step.records[-1]
