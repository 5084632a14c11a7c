"""`Linearised`: the feeder around one AC solution, as functions of what the DERs inject.

Voltages are affine, x = x0 + A (P - P0); the loss of lines and transformers is a quadratic form of x, convex in P; magnitudes
and flows are affine. One sparse solve gives all of them at new P, one transposed solve the slope of one of them by every DER: no
dense map of the network is made, so that thousands of DERs cost what they inject.

Left out: the second derivative of voltages by P. The replay on AC is the judge, and the next linearisation begins there.
"""

from __future__ import annotations

import numpy as np
from scipy import sparse
from scipy.sparse.linalg import splu

from tieline.linear.blocks import beside
from tieline.linear.tangent import Tangent, tangent
from tieline.opf.prices import voltage_pull_back
from tieline.opf.problem import NetworkLimits
from tieline.powerflow import Solution
from tieline.powerflow.losses import series_loss_kva, series_loss_slope
from tieline.typing import ComplexArray, FloatArray, IntArray

SCENARIO = np.zeros(1, dtype=np.int64)
"""The one scenario of the solution."""


class Linearised:
    """Voltages, flows and loss around the one scenario of a solution.

    Inputs are what DERs inject, P and, if there are twice as many as DERs, Q of each after it.

    Attributes:
        solution: the AC solution.
        inputs: what they are there, (input,) [kW, kvar].
        limits: the voltages and branches asked about.
    """

    def __init__(
        self,
        solution: Solution,
        inputs: FloatArray,
        limits: NetworkLimits,
    ):
        self.solution = solution
        self.inputs = inputs
        self.limits = limits
        around = tangent(solution)
        self._factors = splu(around.system)
        self._drive = _drive(solution, around, len(inputs))
        self._drive_rows = sparse.csr_array(self._drive.T)
        self._x = _as_real(solution.v_pu)[0]
        self._magnitude = limits.points.magnitude_pu(solution.v_pu)[0]
        self._flow = limits.flows.values(solution)[0]

    def unknowns(self, inputs: FloatArray) -> FloatArray:
        """(Re V, Im V) of all nodes at given inputs, (unknown,) [pu]."""
        change = inputs - self.inputs
        driven = self._drive @ change
        return self._x + self._factors.solve(driven)

    def loss(self, inputs: FloatArray) -> tuple[float, FloatArray]:
        """Loss at given inputs, and its derivative by each, [kW] and (input,) [kW per kW or kvar]."""
        x = self.unknowns(inputs)
        return self.loss_kw(x), self.loss_slope(x)

    def loss_kw(self, x: FloatArray) -> float:
        """Loss of lines and transformers [kW]."""
        solution = self.solution
        loss_kva = series_loss_kva(solution.network, _as_complex(x), solution.state)
        return float(loss_kva[0].real)

    def loss_slope(self, x: FloatArray) -> FloatArray:
        """Its derivative by each input, (input,) [kW per kW]."""
        solution = self.solution
        v_bar = series_loss_slope(solution.network, _as_complex(x), solution.state)
        return self.by_inputs(v_bar)[0]

    def loss_curvature(self, inputs: IntArray) -> FloatArray:
        """Second derivative of the loss by some inputs, the same everywhere, (chosen input, chosen input) [1/kW]."""
        network = self.solution.network
        # the loss is a form of the voltages: its slope at their changes is that form times them
        driven = self._drive_rows[inputs].toarray().T
        change = self._factors.solve(driven).T
        re, im = np.split(change, 2, axis=1)
        slope = series_loss_slope(network, re + 1j * im, self.solution.state)
        return change @ _as_real(slope).T

    def voltages(self, x: FloatArray) -> FloatArray:
        """Magnitudes at the limited points, (point,) [pu]."""
        change = _as_complex(x - self._x)
        points = self.limits.points
        along_change = points.magnitude_slopes(self.solution.v_pu, change[None])
        growth = along_change[0, :, 0]
        return self._magnitude + growth

    def voltage_slopes(self, points: IntArray) -> FloatArray:
        """Their derivatives, (chosen point, input) [pu per kW]."""
        weight = _choosing(points, len(self._magnitude))
        v_bar = voltage_pull_back(self.limits.points, self.solution.v_pu, weight)
        return self.by_inputs(v_bar)

    def flows(self, x: FloatArray) -> FloatArray:
        """Values of the limited branches, (row,) [A, kVA or kW]."""
        change = _as_complex(x - self._x)
        flows = self.limits.flows
        along_change = flows.slopes(self.solution, SCENARIO, change[None])
        growth = along_change[0, :, 0]
        return self._flow + growth

    def flow_slopes(self, rows: IntArray) -> FloatArray:
        """Their derivatives, (chosen row, input) [A, kVA or kW per kW]."""
        flows = self.limits.flows
        weight = _choosing(rows, len(flows))
        return self.by_inputs(flows.pull_back(self.solution, weight))

    def by_inputs(self, v_bar: ComplexArray) -> FloatArray:
        """Derivatives by inputs of numbers from those by voltages, dRe + j dIm, (number, node) -> (number, input)."""
        weight = self._factors.solve(_as_real(v_bar).T, "T")
        return (self._drive_rows @ weight).T


def _drive(solution: Solution, around: Tangent, n_inputs: int) -> sparse.csr_array:
    """Right-hand side per unit of each input, (unknown, input)."""
    devices = solution.network.devices
    # Drives are by consumption, and inputs inject.
    by_p = -around.drive.by_kw[:, devices.n_loads :]
    n_ders = len(devices.p_kw) - devices.n_loads
    if n_inputs == n_ders:
        return by_p
    by_q = -around.drive.by_kvar[:, devices.n_loads :]
    return beside(by_p, by_q)


def _choosing(places: IntArray, count: int) -> FloatArray:
    """A row of weights for each place, one there and zero elsewhere, (chosen, place)."""
    weight = np.zeros((len(places), count))
    weight[np.arange(len(places)), places] = 1.0
    return weight


def _as_real(v: ComplexArray) -> FloatArray:
    """Complex numbers of nodes, (row, node), as real and imaginary parts one after the other, (row, unknown)."""
    return np.concatenate([v.real, v.imag], axis=1)


def _as_complex(x: FloatArray) -> ComplexArray:
    """The way back, for one row: (unknown,) -> (1, node)."""
    re, im = np.split(x, 2)
    return (re + 1j * im)[None]
