"""Agents as Ray actors: the numbers of those in one process, and an actor that dies."""

from __future__ import annotations

import os
from collections.abc import Iterator

import numpy as np
import pytest

from tieline.agents.consensus.agent import ConsensusConfig
from tieline.agents.consensus.agreement import Question, agree, make_agents
from tieline.agents.consensus.graph import graph_weights
from tieline.agents.consensus.message import LocalChannel
from tieline.agents.consensus.ray_channel import RayChannel

ray = pytest.importorskip("ray", reason="Ray is not installed")

N_AGENTS = 3
CONFIG = ConsensusConfig(most_rounds=12)


@pytest.fixture(scope="module", autouse=True)
def cluster() -> Iterator[None]:
    """One machine, listening to nobody outside it."""
    os.environ.setdefault("RAY_ENABLE_WINDOWS_OR_OSX_CLUSTER", "0")
    ray.init(
        num_cpus=1,
        include_dashboard=False,
        log_to_driver=False,
        logging_level="error",
        object_store_memory=100_000_000,
    )
    yield
    ray.shutdown()


def small_question() -> Question:
    random = np.random.default_rng(0)
    rows = random.normal(size=(N_AGENTS, 1, 5, 8))
    matrices = list(np.einsum("npik,npjk->npij", rows, rows))
    return Question(matrices, random.uniform(0.0, 1.0, (1, 4)), 0.5)


def test_actors_give_the_numbers_of_one_process_and_a_dead_one_is_noticed() -> None:
    question = small_question()
    weights, units = graph_weights("ring", N_AGENTS), question.units()
    agents = make_agents(question, weights, units, CONFIG)
    channel = RayChannel(agents, answer_within_s=60.0)
    remote = agree(channel, weights, question, units, CONFIG)
    fresh = make_agents(question, weights, units, CONFIG)
    local = agree(LocalChannel(fresh), weights, question, units, CONFIG)
    assert remote.rounds == local.rounds == 12
    for one, other in zip(remote.coefficients, local.coefficients, strict=True):
        assert one.tolist() == other.tolist()
    ray.kill(channel.actors[1])
    channel_after = agree(channel, weights, question, units, CONFIG)
    assert channel_after.silent == (1,)
    assert not channel_after.coefficients[1].any()
    assert channel_after.stood_in[1] > 0
    channel.close()
