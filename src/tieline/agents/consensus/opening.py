"""From settings to agents that are ready to find steps: graph, channel, and the Ray cluster behind it."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from tieline.agents.consensus.agent import ConsensusConfig
from tieline.agents.consensus.message import Channel, LocalChannel
from tieline.agents.consensus.ray_channel import RayChannel
from tieline.agents.consensus.settings import ConsensusSettings, weights_of
from tieline.agents.consensus.step import ConsensusStep
from tieline.ray_cluster import ray_cluster


@contextmanager
def open_consensus(
    settings: ConsensusSettings,
    n_agents: int,
    config: ConsensusConfig | None = None,
    *,
    compares: bool = False,
) -> Iterator[ConsensusStep]:
    """A `ConsensusStep` for as long as the context lasts.

    Args:
        settings: graph and engine.
        n_agents: agents there are.
        config: settings of the agents; the defaults if left out.
        compares: solve every question centrally too, for the record.

    Raises:
        InputError: if the graph does not connect all agents, weights are not doubly stochastic, or no Ray cluster answers.
        MissingExtraError: if Ray is asked for and not installed.
    """
    weights = weights_of(settings, n_agents)
    config = config or ConsensusConfig()
    with open_channel(settings) as channel:
        yield ConsensusStep(channel, weights, config, compares=compares)


@contextmanager
def open_channel(settings: ConsensusSettings) -> Iterator[Channel]:
    """A channel on the engine asked for, for as long as the context lasts."""
    if settings.engine == "local":
        yield LocalChannel()
        return
    with ray_cluster(settings.ray_address):
        channel = RayChannel()
        try:
            yield channel
        finally:
            channel.close()
