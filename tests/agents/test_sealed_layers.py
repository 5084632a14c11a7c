"""Layers come back as they were stored; a file that lacks some is refused by their name."""

from __future__ import annotations

import numpy as np
import pytest

from tieline.agents.sealed_layers import layer_arrays, layers_of
from tieline.errors import InputError

LAYERS = (
    (np.array([[0.5, -2.0]]), np.array([1.0, 0.25])),
    (np.array([[3.0], [-0.125]]), np.array([8.0])),
)


def test_layers_come_back_beside_those_of_other_networks() -> None:
    arrays = layer_arrays("agent.1", LAYERS) | layer_arrays("agent.10", LAYERS[:1])
    assert arrays["agent.1.bias.1"].dtype == np.float32
    restored = layers_of(arrays, "agent.1")
    assert len(restored) == len(LAYERS)
    for layer, expected in zip(restored, LAYERS, strict=True):
        np.testing.assert_array_equal(layer[0], expected[0])
        np.testing.assert_array_equal(layer[1], expected[1])


def test_what_is_missing_is_named() -> None:
    arrays = layer_arrays("agent.1", LAYERS)
    with pytest.raises(InputError, match=r"no network 'agent\.2'"):
        layers_of(arrays, "agent.2")
    del arrays["agent.1.bias.0"]
    with pytest.raises(InputError, match=r"no array 'agent\.1\.bias\.0'"):
        layers_of(arrays, "agent.1")
