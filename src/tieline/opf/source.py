"""Power bought at the source as a function of the solved voltages, and its derivative by everything that takes power.

At a source behind an impedance the bus receives S = v conj(i_0 - Y_s v). An ideal source delivers what its bus takes, S =
v conj(Y v) plus the devices there.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np
from numpy.typing import ArrayLike

from tieline.powerflow import Solution
from tieline.powerflow.derivatives.gradients import Gradient, adjoint
from tieline.typing import ComplexArray
from tieline.units import S_BASE_KVA


def bought_gradient(solution: Solution, source_pu: ArrayLike) -> Gradient:
    """Derivative of the active power bought by every input, as in `powerflow.gradients` [kW per kW or kvar].

    Args:
        solution: solved scenarios with one set of taps, lines and capacitor steps.
        source_pu: source voltage they were solved with, relative to its rated one, a number or (source node,) [pu].
    """
    network = solution.network
    through = adjoint(solution, _pull_back(solution, source_pu))
    if not network.source_is_ideal:
        return through
    # What is taken at an ideal source's own bus moves no voltage: it is bought one for one.
    devices = network.devices
    at_source = np.isin(devices.plus, network.source_nodes) & (
        (devices.minus < 0) | np.isin(devices.minus, network.source_nodes)
    )
    own = np.bincount(
        devices.device, weights=devices.share * at_source, minlength=len(devices.p_kw)
    )
    node = np.zeros(network.n_nodes)
    node[network.source_nodes] = 1.0
    return replace(
        through,
        load_kw=through.load_kw + own[: devices.n_loads],
        der_kw=through.der_kw - own[devices.n_loads :],
        node_kw=through.node_kw + node,
    )


def _pull_back(solution: Solution, source_pu: ArrayLike) -> ComplexArray:
    """Derivative of the power bought by the voltages, dRe + j dIm, (scenario, node) [kW per pu]."""
    network = solution.network
    v = solution.v_pu
    state = solution.state[0]
    at_source = np.zeros(network.n_nodes)
    at_source[network.source_nodes] = 1.0
    if network.source_is_ideal:
        admittance = network.nodal_admittance(state)
        own = np.asarray((admittance.conj().T @ (v * at_source).T).T)
        return np.asarray(
            (own + at_source * np.asarray((admittance @ v.T).T)) * S_BASE_KVA, dtype=np.complex128
        )
    admittance = network.nodal_admittance_of(state, "source")
    each_pu = np.broadcast_to(np.asarray(source_pu, dtype=float), len(network.source_nodes))
    source = network.source_by_node @ each_pu
    quadratic = np.asarray((admittance @ v.T).T) + np.asarray((admittance.conj().T @ v.T).T)
    return np.asarray((source - quadratic) * S_BASE_KVA, dtype=np.complex128)
