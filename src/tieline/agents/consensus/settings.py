"""How a configuration asks for a consensus: over which graph, and where the agents run."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Annotated, Any, Self

from pydantic import BeforeValidator, Field, model_validator

from tieline.agents.consensus.graph import checked_weights, graph_weights
from tieline.settings import Settings
from tieline.settings.engine import ENGINE, RAY_ADDRESS, Engine, engine_problems
from tieline.typing import FloatArray


def _split_rows(value: Any) -> Any:
    """Rows of numbers from one text, as on a command line: "0.5,0.5;0.5,0.5"."""
    if not isinstance(value, str):
        return value
    rows = [row for row in value.split(";") if row.strip()]
    return tuple(tuple(number.strip() for number in row.split(",")) for row in rows)


Matrix = Annotated[tuple[tuple[float, ...], ...], BeforeValidator(_split_rows)]


class ConsensusSettings(Settings):
    """Graph and engine."""

    graph: str = Field(
        default="ring",
        description="Which agents hear of each other: ring, star (around the first), complete, or edges such as 1-2,2-3,3-1.",
    )
    graph_weights: Matrix | None = Field(
        default=None,
        description="Doubly stochastic weights in place of those of the graph, a row per agent: 0.5,0.5;0.5,0.5.",
    )
    engine: Engine = ENGINE
    ray_address: str | None = RAY_ADDRESS

    @model_validator(mode="after")
    def _fit(self) -> Self:
        problems = list(self._consensus_problems())
        if problems:
            raise ValueError(" ".join(problems))
        return self

    def _consensus_problems(self) -> Iterator[str]:
        yield from engine_problems(self.engine, self.ray_address)


def weights_of(settings: ConsensusSettings, n_agents: int) -> FloatArray:
    """W, (agent, agent), known to lead to agreement; raises `InputError` as `graph_weights` and `checked_weights`."""
    if settings.graph_weights is not None:
        return checked_weights(settings.graph_weights, n_agents)
    return graph_weights(settings.graph, n_agents)
