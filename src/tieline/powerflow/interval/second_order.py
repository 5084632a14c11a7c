"""Second-order Taylor expansion of outputs of a power flow in uncertain powers x, at the centre.

F(v, x) = Y v - i_source + i_devices(v, x) = 0 holds at every x. Differentiated once it gives J dv/dx_a = -dF/dx_a; differentiated
twice,

    J d2v/dx_a dx_b = -(d2i[v_a, v_b] + d2i/dx_a dv [v_b] + d2i/dx_b dv [v_a]),

the same Jacobian with a known right-hand side. Of an output y(v) only w * d2v is wanted, with w its slopes; J' u = w is solved
once for u, and the second derivative is the devices' right-hand side weighted by u: one linear solve per output in place of one
per pair of variables.

Source: M. Al-Saffar, PhD thesis, University of Alberta, 2.2.3, where the same derivatives are written as an expanded system.
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import cached_property

import numpy as np

from tieline.powerflow.derivatives.device_curvature import device_curvature
from tieline.powerflow.derivatives.jacobian import solve_with_jacobian
from tieline.powerflow.devices import across_pu
from tieline.powerflow.interval.quadratic_outputs import QuadraticOutputs
from tieline.powerflow.interval.uncertain import UncertainPowers
from tieline.typing import ComplexArray, FloatArray

OUTPUTS_AT_ONCE = 256
"""Outputs worked on together: their slopes, (output, node), fill memory."""


class Expansion:
    """Derivatives of outputs by the variables of `uncertain`."""

    def __init__(self, uncertain: UncertainPowers):
        self._uncertain = uncertain
        self._v_pu = uncertain.centre.v_pu[0]

    def gradients(self, outputs: QuadraticOutputs) -> FloatArray:
        """First derivatives, (output, variable)."""
        change = self._uncertain.tangents
        parts = [np.empty((0, len(change)))]  # a feeder may have no output of a kind
        for first, last in _blocks(outputs):
            parts.append(outputs.gradients(self._v_pu, change, first, last))
        return np.concatenate(parts)

    def hessians(self, outputs: QuadraticOutputs) -> Iterator[FloatArray]:
        """Second derivatives of one output after the other, (variable, variable)."""
        change = self._uncertain.tangents
        for first, last in _blocks(outputs):
            slopes = outputs.slopes(self._v_pu, first, last)
            rows = np.zeros(len(slopes), dtype=np.int64)
            weights = solve_with_jacobian(
                self._uncertain.centre, rows, slopes, transposed=True
            )
            for k, weight in enumerate(weights):
                yield outputs.curvature(first + k, change) - self._of_devices(weight)

    def _of_devices(self, weight: ComplexArray) -> FloatArray:
        """Second derivative of the weighted device currents, (variable, variable); weights (node,)."""
        devices = self._uncertain.network.devices
        # The equation of a held node is v = v_source: device currents are not in it.
        pull = np.where(self._is_held, 0.0, weight)[None, :]
        at_branch = np.conj(across_pu(devices, pull))[0]
        curvature = self._curvature
        by_voltage = (at_branch[:, None, None] * curvature.by_voltage).real
        by_power = (at_branch[:, None] * curvature.by_power).real
        # Half of what is symmetric, all of what is not: the sum with the transpose then has each once and in both orders.
        half_by_voltage = by_voltage / 2
        # Written out: a product over two parts is no work for einsum, which took a fifth of all time.
        of_real = self._across[:, :, :1] * half_by_voltage[:, 0]
        of_imag = self._across[:, :, 1:] * half_by_voltage[:, 1]
        twice_by_voltage = of_real + of_imag
        of_power = self._relative_reach[:, :, None] * by_power[self._part]
        half = (twice_by_voltage + of_power).reshape(len(of_power), -1)
        product = half @ self._across.reshape(len(half), -1).T
        return product + product.T

    @cached_property
    def _curvature(self):
        return device_curvature(self._uncertain.centre)

    @cached_property
    def _is_held(self) -> np.ndarray:
        """Nodes whose voltage an ideal source holds, (node,)."""
        network = self._uncertain.network
        is_held = np.zeros(network.n_nodes, dtype=bool)
        is_held[network.source_nodes] = network.source_is_ideal
        return is_held

    @cached_property
    def _across(self) -> FloatArray:
        """Change of the voltage across each branch, real and imaginary part, (variable, branch, 2)."""
        change = across_pu(self._uncertain.network.devices, self._uncertain.tangents)
        return np.stack([change.real, change.imag], axis=-1)

    @cached_property
    def _part(self) -> np.ndarray:
        """Whether each variable is P (0) or Q (1), (variable,)."""
        return self._uncertain.is_reactive.astype(np.int64)

    @cached_property
    def _relative_reach(self) -> FloatArray:
        """Reach of each variable over its power where it belongs to the branch, else 0, (variable, branch)."""
        uncertain = self._uncertain
        centre = uncertain.centre
        p_kw = centre.p_kw[0][uncertain.device]
        q_kvar = centre.q_kvar[0][uncertain.device]
        power = np.where(uncertain.is_reactive, q_kvar, p_kw)
        is_at_branch = uncertain.device[:, None] == uncertain.network.devices.device
        return (uncertain.reach / power)[:, None] * is_at_branch


def _blocks(outputs: QuadraticOutputs) -> Iterator[tuple[int, int]]:
    """First output of each block, and the one after its last."""
    for first in range(0, outputs.count, OUTPUTS_AT_ONCE):
        yield first, min(first + OUTPUTS_AT_ONCE, outputs.count)
