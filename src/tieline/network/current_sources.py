"""What current sources drive into each node, per unit: constant, whatever its voltage; and the power that they give by it.

In a single-phase equivalent the base current is that of one phase, as the source states it.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

import numpy as np

from tieline.errors import InputError
from tieline.feeders.elements import CurrentSource
from tieline.feeders.feeder import Feeder
from tieline.feeders.findings import name_some
from tieline.typing import ComplexArray, FloatArray, IntArray
from tieline.units import S_BASE_KVA

if TYPE_CHECKING:
    from tieline.network.network import Network


def nodes_of(
    source: CurrentSource, node_index: Mapping[tuple[str, int], int]
) -> IntArray:
    """Nodes that a current source drives into, (node of the source,)."""
    places = [node_index[source.bus, node] for node in source.nodes]
    return np.array(places, dtype=np.int64)


def current_phasors_a(source: CurrentSource) -> ComplexArray:
    """Current into each of its nodes, (node of the source,) [A]."""
    angles_rad = np.radians(source.angles_deg)
    directions = np.exp(1j * angles_rad).astype(complex)
    return np.asarray(source.current_a * directions, dtype=complex)


def driven_currents_pu(
    feeder: Feeder, node_index: Mapping[tuple[str, int], int], node_base_a: FloatArray
) -> ComplexArray:
    """Current that all current sources together drive into each node, (node,) [pu]."""
    current = np.zeros(len(node_base_a), dtype=complex)
    for source in feeder.current_sources:
        nodes = nodes_of(source, node_index)
        current[nodes] += current_phasors_a(source) / node_base_a[nodes]
    return current


def current_source_kva(network: Network, v_pu: ComplexArray) -> ComplexArray:
    """Power that each current source gives, V conj(I).

    Args:
        network: feeder arrays.
        v_pu: node voltages, (scenario, node) [pu].

    Returns:
        (scenario, current source) [kVA].
    """
    sources = network.feeder.current_sources
    kva = np.zeros((len(v_pu), len(sources)), dtype=complex)
    for k, source in enumerate(sources):
        nodes = network.nodes(*[f"{source.bus}.{node}" for node in source.nodes])
        current_pu = current_phasors_a(source) / network.node_base_a[nodes]
        kva[:, k] = v_pu[:, nodes] @ np.conj(current_pu) * S_BASE_KVA
    return kva


def require_no_current_sources(feeder: Feeder, who: str) -> None:
    """Raise `InputError` where there are current sources and `who`, the beginning of a sentence, does not know them."""
    names = [source.name for source in feeder.current_sources]
    if names:
        raise InputError(
            f"{who} does not know current sources, as {name_some(names)} of feeder '{feeder.name}'. Take them out "
            "(feeder.without), or state the power that they give as a generator."
        )
