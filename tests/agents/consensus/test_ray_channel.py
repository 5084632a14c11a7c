"""Agents as Ray actors: the numbers of those in one process, from one update to the next, and an actor that dies."""

from __future__ import annotations

from collections.abc import Iterator

import jax
import numpy as np
import pytest
from quadratic_returns import Quadratic, starting
from step_questions import random_question

from tieline.agents.consensus.agent import ConsensusConfig
from tieline.agents.consensus.graph import graph_weights
from tieline.agents.consensus.message import Channel, LocalChannel
from tieline.agents.consensus.ray_channel import RayChannel
from tieline.agents.consensus.step import ConsensusStep
from tieline.agents.constrained_update.config import UpdateConfig
from tieline.agents.constrained_update.update import Policies, update_policies
from tieline.ray_cluster import ray_cluster

ray = pytest.importorskip("ray", reason="Ray is not installed")

N_AGENTS = 3
CONFIG = ConsensusConfig(most_rounds=12)


@pytest.fixture(scope="module", autouse=True)
def cluster() -> Iterator[None]:
    """One machine, listening to nobody outside it."""
    with ray_cluster(None):
        yield


def test_actors_give_the_numbers_of_one_process_and_a_dead_one_is_noticed() -> None:
    question = random_question(0, n_agents=N_AGENTS)
    weights = graph_weights("ring", N_AGENTS)
    channel = RayChannel(answer_within_s=60.0)
    by_actors = ConsensusStep(channel, weights, CONFIG)
    in_process = ConsensusStep(LocalChannel(), weights, CONFIG)
    for _ in range(2):
        of_actors, of_process = by_actors(question), in_process(question)
        for x, y in zip(of_actors.coefficients, of_process.coefficients, strict=True):
            assert x.tolist() == y.tolist()
    ray.kill(channel.actors[1])
    step = by_actors(question)
    record = by_actors.records[-1]
    assert record.silent == (1,)
    assert record.stood_in[1] > 0
    assert not step.coefficients[1].any()
    assert np.abs(step.coefficients[0]).max() > 0
    channel.close()


def test_policies_learn_the_same_from_actors_as_in_one_process() -> None:
    """Two agents whose limit binds in the second update."""
    channel = RayChannel(answer_within_s=60.0)
    of_actors, of_process = learned(channel), learned(LocalChannel())
    channel.close()
    leaves = zip(jax.tree.leaves(of_actors), jax.tree.leaves(of_process), strict=True)
    for one, other in leaves:
        assert one.tolist() == other.tolist()


def learned(channel: Channel) -> Policies:
    """Policies after two updates by agreement."""
    find_step = ConsensusStep(channel, graph_weights("complete", 2), CONFIG)
    policies, draws = starting(2)
    config = UpdateConfig(delta=0.1)
    for _ in range(2):
        update = update_policies(
            Quadratic(0.5, np.array([0.1])),
            policies,
            draws,
            config,
            find_step=find_step,
        )
        policies = list(update.policies)
    assert find_step.records[-1].rounds > 0
    return tuple(policies)
