"""Power bought at the source as a function of the solved voltages, and its derivative by everything that takes power.

At a source behind an impedance the bus receives S = v conj(i_0 - Y_s v). An ideal source delivers what its bus takes, S =
v conj(Y v) plus the devices there, less what current sources drive in.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np
from numpy.typing import ArrayLike

from tieline.linear.blocks import apply
from tieline.network.network import Network
from tieline.powerflow import Solution
from tieline.powerflow.derivatives.gradients import Gradient, adjoint
from tieline.typing import ComplexArray, FloatArray
from tieline.units import S_BASE_KVA


def bought_gradient(solution: Solution, source_pu: ArrayLike) -> Gradient:
    """Derivative of the active power bought by every input, as in `powerflow.gradients` [kW per kW or kvar].

    Args:
        solution: solved scenarios with one set of taps, lines and capacitor steps.
        source_pu: source voltage they were solved with, relative to its rated one, a number or (source node,) [pu].
    """
    network = solution.network
    through = adjoint(solution, bought_slope(solution, source_pu))
    if not network.source_is_ideal:
        return through
    n_loads = network.devices.n_loads
    direct = share_at_source(network)
    direct_node = np.zeros(network.n_nodes)
    direct_node[network.source_nodes] = 1.0
    return replace(
        through,
        load_kw=through.load_kw + direct[:n_loads],
        der_kw=through.der_kw - direct[n_loads:],
        node_kw=through.node_kw + direct_node,
    )


def share_at_source(network: Network) -> FloatArray:
    """Share of each device that stands at an ideal source's own bus, (device,): it moves no voltage and is bought one for one."""
    devices = network.devices
    if not network.source_is_ideal:
        return np.zeros(len(devices.p_kw))
    plus_at_source = np.isin(devices.plus, network.source_nodes)
    minus_at_source = np.isin(devices.minus, network.source_nodes) | (devices.minus < 0)
    share = devices.share * (plus_at_source & minus_at_source)
    direct = np.bincount(devices.device, weights=share, minlength=len(devices.p_kw))
    return np.asarray(direct, dtype=float)


def bought_slope(solution: Solution, source_pu: ArrayLike) -> ComplexArray:
    """Derivative of the power bought by the voltages, dRe + j dIm, (scenario, node) [kW per pu]."""
    network = solution.network
    v = solution.v_pu
    state = solution.state[0]
    if network.source_is_ideal:
        is_source = np.zeros(network.n_nodes)
        is_source[network.source_nodes] = 1.0
        admittance = network.nodal_admittance(state)
        # Both factors of v conj(Y v) move: the current by all voltages, and the voltage it is taken at.
        through_current = apply(admittance.conj().T, v * is_source)
        through_voltage = is_source * (apply(admittance, v) - network.driven_pu)
        return _complex((through_current + through_voltage) * S_BASE_KVA)
    admittance = network.nodal_admittance_of(state, "source")
    each_pu = np.broadcast_to(
        np.asarray(source_pu, dtype=float), len(network.source_nodes)
    )
    source = network.source_by_node @ each_pu
    quadratic = apply(admittance, v) + apply(admittance.conj().T, v)
    return _complex((source - quadratic) * S_BASE_KVA)


def _complex(values: np.ndarray) -> ComplexArray:
    return np.asarray(values, dtype=np.complex128)
