"""`Linearised`: the feeder around one AC solution, as functions of what the DERs inject.

Voltages are affine, x = x0 + A (P - P0); the loss of lines and transformers is a quadratic form of x, convex in P; flows are
affine. One sparse solve gives all of them at new P, one transposed solve the slope of one of them by every DER: no dense map of
the network is made, so that thousands of DERs cost what they inject.

Left out: the second derivative of voltages by P. The replay on AC is the judge, and the next linearisation begins there.
"""

from __future__ import annotations

from functools import cached_property

import numpy as np
from scipy import sparse

from tieline.linear import tangent_model
from tieline.linear.blocks import beside
from tieline.opf.balancing.flow_rows import flow_slopes
from tieline.opf.problem import NetworkLimits
from tieline.powerflow import Solution
from tieline.typing import FloatArray, IntArray

NO_NODES = np.empty(0, dtype=np.int64)


class Linearised:
    """Voltages, flows and loss around the one scenario of a solution.

    Inputs are what DERs inject, P and, if the first ones are twice as many as there are DERs, Q of each after it; then what is
    injected at some nodes beside them.

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
        nodes: IntArray = NO_NODES,
    ):
        self.solution = solution
        self.inputs = np.concatenate([inputs, np.zeros(len(nodes))])
        self.limits = limits
        self._model = tangent_model(solution, 0, limits.points)
        self._x = np.concatenate([solution.v_pu[0].real, solution.v_pu[0].imag])
        n_loads = solution.network.devices.n_loads
        devices = self._model.devices
        # Drives are by consumption, and inputs inject.
        drive = -devices.by_kw[:, n_loads:]
        n_ders = drive.shape[1]
        if len(inputs) > n_ders:
            drive = beside(drive, -devices.by_kvar[:, n_loads:])
        if len(nodes):
            drive = beside(drive, -self._model.nodes.by_kw[:, nodes])
        self._drive = sparse.csr_array(drive)
        self._drive_rows = sparse.csr_array(drive.T)
        self._flow = limits.flows.values(solution)[0]

    def unknowns(self, inputs: FloatArray) -> FloatArray:
        """x at given inputs, (unknown,)."""
        change = inputs - self.inputs
        driven = self._drive @ change
        return self._x + self._model.factors.solve(driven)

    def loss(self, inputs: FloatArray) -> tuple[float, FloatArray]:
        """Loss at given inputs, and its derivative by each, [kW] and (input,) [kW per kW or kvar]."""
        x = self.unknowns(inputs)
        return self.loss_kw(x), self.loss_slope(x)

    def loss_kw(self, x: FloatArray) -> float:
        """Loss of lines and transformers [kW]."""
        return float(self._model.loss.kw(x[None, :])[0])

    def loss_slope(self, x: FloatArray) -> FloatArray:
        """Its derivative by each input, (input,) [kW per kW]."""
        gradient = self._model.loss.gradient(x[None, :])
        by_input = self.by_inputs(gradient.T)
        return by_input[0]

    def voltages(self, x: FloatArray) -> FloatArray:
        """Magnitudes at the limited points, (point,) [pu]."""
        return self._model.voltage(x[None, :])[0]

    def voltage_slopes(self, points: IntArray) -> FloatArray:
        """Their derivatives, (chosen point, input) [pu per kW]."""
        by_unknowns = self._model.voltage.matrix[points]
        return self.by_inputs(by_unknowns.T)

    def flows(self, x: FloatArray) -> FloatArray:
        """Values of the limited branches, (row,) [A, kVA or kW]."""
        change = x - self._x
        return self._flow + self._flow_matrix @ change

    def flow_slopes(self, rows: IntArray) -> FloatArray:
        """Their derivatives, (chosen row, input) [A, kVA or kW per kW]."""
        by_unknowns = self._flow_matrix[rows]
        return self.by_inputs(by_unknowns.T)

    @cached_property
    def _flow_matrix(self) -> sparse.csr_array:
        return flow_slopes(self.limits.flows, self.solution)

    def by_inputs(self, by_unknowns: FloatArray | sparse.csc_array) -> FloatArray:
        """Derivatives by inputs of numbers with these derivatives by x, (unknown, number) -> (number, input)."""
        right = by_unknowns
        if isinstance(right, sparse.csc_array):
            right = right.toarray()
        weight = self._model.factors.solve(right, "T")
        return (self._drive_rows @ weight).T
