"""How a consensus is asked for: graphs by name, edges and weights, and what does not go together."""

from __future__ import annotations

import numpy as np
import pytest
from pydantic import ValidationError

from tieline.agents.consensus.settings import ConsensusSettings, weights_of
from tieline.errors import InputError


def test_weights_by_name_by_edges_and_as_they_are() -> None:
    ring = weights_of(ConsensusSettings(), 3)
    assert ring == pytest.approx(np.full((3, 3), 1.0 / 3.0))
    by_edges = ConsensusSettings(graph="1-2,2-3,3-1")
    assert weights_of(by_edges, 3) == pytest.approx(ring)
    rows = ConsensusSettings.model_validate({"graph_weights": "0.5,0.5;0.5,0.5"})
    assert weights_of(rows, 2).tolist() == [[0.5, 0.5], [0.5, 0.5]]


def test_what_does_not_go_together_is_refused() -> None:
    with pytest.raises(ValidationError, match="no meaning for engine local"):
        ConsensusSettings(ray_address="10.0.0.5:6379")
    lopsided = ConsensusSettings(graph_weights=((0.9, 0.1), (0.2, 0.8)))
    with pytest.raises(InputError, match="not doubly stochastic"):
        weights_of(lopsided, 2)
