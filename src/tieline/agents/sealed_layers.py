"""Layers of networks among the arrays of a sealed file (`sealed_file`).

NAME.weight.K, NAME.bias.K    float32: layer K of the network of that name

Weights are trained in float32; wider ones would hold no more.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping

import numpy as np

from tieline.agents.policy import Layer
from tieline.errors import InputError
from tieline.typing import FloatArray


def layer_arrays(name: str, layers: Iterable[Layer]) -> dict[str, np.ndarray]:
    """A network as arrays of a file."""
    arrays: dict[str, np.ndarray] = {}
    for k, (weight, bias) in enumerate(layers):
        arrays[f"{name}.weight.{k}"] = np.ascontiguousarray(weight, np.float32)
        arrays[f"{name}.bias.{k}"] = np.ascontiguousarray(bias, np.float32)
    return arrays


def layers_of(arrays: Mapping[str, np.ndarray], name: str) -> tuple[Layer, ...]:
    """Layers of a network in order, as many as it has weights; raises `InputError` if there are none, or one has no bias."""
    prefix = f"{name}.weight."
    count = sum(of_array.startswith(prefix) for of_array in arrays)
    if count == 0:
        raise InputError(f"it has no network '{name}'")
    layers = []
    for k in range(count):
        weight = _array(arrays, f"{prefix}{k}")
        bias = _array(arrays, f"{name}.bias.{k}")
        layers.append((weight, bias))
    return tuple(layers)


def require_no_others(
    arrays: Mapping[str, np.ndarray], networks: Iterable[tuple[Layer, ...]]
) -> None:
    """Refuse a file with more arrays than its networks have: one that belongs to nobody is as suspect as one that is missing."""
    # a weight and a bias for each layer
    used = sum(2 * len(layers) for layers in networks)
    if used != len(arrays):
        raise InputError(
            f"it holds {len(arrays)} arrays, of which {used} belong to its networks"
        )


def _array(arrays: Mapping[str, np.ndarray], name: str) -> FloatArray:
    # weights are counted, biases are not: a file may lack one
    if name not in arrays:
        raise InputError(f"it has no array '{name}'")
    return arrays[name].astype(float)
