"""Voltage unbalance of buses with three phases.

Source: IEC 61000-4-30:2015, 5.7.
"""

from __future__ import annotations

import numpy as np

from tieline.network.network import Network
from tieline.typing import ComplexArray, FloatArray


def unbalance_pct(network: Network, v_pu: ComplexArray) -> FloatArray:
    """Voltage unbalance factor |V2| / |V1| of each bus.

    Args:
        network: the network.
        v_pu: node voltages, (scenario, node) [pu].

    Returns:
        (scenario, bus) [%]; NaN for buses without three phases.
    """
    full, nodes = network.three_phase_nodes
    factor = np.full((len(v_pu), len(network.feeder.buses)), np.nan)
    factor[:, full] = _unbalance_factor(*(v_pu[:, node] for node in nodes))
    return factor * 100


def _unbalance_factor(
    va: ComplexArray, vb: ComplexArray, vc: ComplexArray
) -> FloatArray:
    """|V2| / |V1| of three phase voltages; NaN where V1 is 0."""
    # Symmetrical components; their common factor of a third drops out of the quotient.
    a = np.exp(2j * np.pi / 3)
    a_squared = a**2
    v1 = np.abs(va + a * vb + a_squared * vc)
    v2 = np.abs(va + a_squared * vb + a * vc)
    unknown = np.full_like(v1, np.nan)
    return np.divide(v2, v1, out=unknown, where=v1 > 0)
