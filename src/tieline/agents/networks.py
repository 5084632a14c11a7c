"""Small neural networks as plain trees of arrays: ReLU between layers, the last one linear.

A network is a tuple of layers, a layer a pair of weight (in, out) and bias (out,).
Plain arrays go through `jax.vmap` (many seeds), optimisers and files without any wrapping.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise
from typing import TypeAlias

import jax
from jax import Array

Network: TypeAlias = tuple[tuple[Array, Array], ...]


def random_network(n_in: int, hidden: Sequence[int], n_out: int, key: Array) -> Network:
    """Weights and biases drawn evenly from +-1/sqrt(inputs of the layer), as Lillicrap et al. do in hidden layers."""
    sizes = [n_in, *hidden, n_out]
    keys = jax.random.split(key, len(sizes) - 1)
    layers = []
    for layer_key, (fan_in, fan_out) in zip(keys, pairwise(sizes), strict=True):
        # sums of many inputs then start as large as those of few
        bound = fan_in**-0.5
        weight_key, bias_key = jax.random.split(layer_key)
        weight = jax.random.uniform(
            weight_key, (fan_in, fan_out), minval=-bound, maxval=bound
        )
        bias = jax.random.uniform(bias_key, (fan_out,), minval=-bound, maxval=bound)
        layers.append((weight, bias))
    return tuple(layers)


def with_small_last_layer(network: Network) -> Network:
    """The same network with outputs near 0: an actor then begins in the middle, whatever it sees."""
    *layers, (weight, bias) = network
    return (*layers, (0.01 * weight, 0.0 * bias))


def forward(network: Network, inputs: Array) -> Array:
    """Outputs of a network, (..., input) -> (..., output)."""
    *hidden_layers, (last_weight, last_bias) = network
    activity = inputs
    for weight, bias in hidden_layers:
        activity = jax.nn.relu(activity @ weight + bias)
    return activity @ last_weight + last_bias
