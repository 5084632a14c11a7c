"""`GridConstraints`: voltages and flows of a feeder as constraints of a policy, with their derivatives by what devices inject.

A constraint is how far a quantity is beyond its limit, negative inside: voltages in per unit, flows in parts of their limit. Each
place has one for every limit: a voltage two, a conductor or transformer end one. Scenarios are whatever the caller solved side by
side, draws x steps of a window for example; means over draws are the caller's.

    slope of constraint m by input i  =  (dc_m/dv) (dv/du_i)

dv/du_i comes from one linear solve for each scenario and input, with the factors of the power flow. That serves dozens of
constraints at once; for the derivative of one number by many inputs `gradients.adjoint` is the shorter way.

Source: the article on networked microgrids (see `powerflow/derivatives/gradients.py`), eqs. 41 to 46, here for any phases,
loads and taps.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from tieline.network.voltage_points import VoltagePoints
from tieline.opf.flow_limits import FlowLimits
from tieline.powerflow import Solution
from tieline.powerflow.derivatives.gradients import Input, chosen_tangents
from tieline.typing import ComplexArray, FloatArray, IntArray

Injections = Sequence[tuple[Input, IntArray]]
"""Kinds of input, and which of each, for example (("der_kw", [0, 2]), ("der_kvar", [0, 2])); each once."""


@dataclass(frozen=True, eq=False)
class GridConstraints:
    """Constraints in the order: voltages above, voltages below, flows.

    Attributes:
        points: where voltages are limited.
        low_pu, high_pu: the band, a number or (point,).
        flows: limits of branches.
    """

    points: VoltagePoints
    low_pu: float | FloatArray
    high_pu: float | FloatArray
    flows: FlowLimits

    @property
    def names(self) -> tuple[str, ...]:
        """What is limited and which way, (constraint,)."""
        points = self.points.names
        above = [f"voltage {name} high" for name in points]
        below = [f"voltage {name} low" for name in points]
        return (*above, *below, *self.flows.names)

    def beyond(self, solution: Solution) -> FloatArray:
        """How far each quantity is beyond its limit, (scenario, constraint); negative inside, NaN without a solution."""
        v_pu = self.points.magnitude_pu(solution.v_pu)
        above = v_pu - self.high_pu
        below = self.low_pu - v_pu
        flow = self.flows.values(solution)
        return np.hstack([above, below, self.flows.over(flow)])

    def slopes(
        self,
        solution: Solution,
        injections: Injections,
        constraints: IntArray,
        scenarios: IntArray | None = None,
    ) -> FloatArray:
        """Derivative of some constraints by some injections.

        Args:
            solution: solved scenarios.
            injections: by what; inputs stand in the order given.
            constraints: which, (chosen constraint,).
            scenarios: which, all if left out.

        Returns:
            (scenario, chosen constraint, input) [per kW or kvar]; NaN without a solution.
        """
        rows = np.arange(solution.n_scenarios)
        if scenarios is not None:
            rows = scenarios
        dv_pu = np.concatenate(
            [chosen_tangents(solution, by, rows, inputs) for by, inputs in injections],
            axis=1,
        )
        return self.slopes_along(solution, dv_pu, constraints, rows)

    def slopes_along(
        self,
        solution: Solution,
        dv_pu: ComplexArray,
        constraints: IntArray,
        scenarios: IntArray | None = None,
    ) -> FloatArray:
        """Derivative of some constraints where it is known how the voltages move, as in an island.

        Args:
            solution: solved scenarios.
            dv_pu: change of all voltages along each input, (scenario, input, node) [pu].
            constraints: which, (chosen constraint,).
            scenarios: which `dv_pu` is of, all if left out.

        Returns:
            (scenario, chosen constraint, input).
        """
        rows = np.arange(solution.n_scenarios) if scenarios is None else scenarios
        n_points = len(self.points.names)
        is_flow = constraints >= 2 * n_points
        slopes = np.empty((len(rows), len(constraints), dv_pu.shape[1]))
        by_voltage = self._voltage_slopes(solution, rows, dv_pu, constraints[~is_flow])
        slopes[:, ~is_flow] = by_voltage
        if is_flow.any():
            of_flows = self.flows.slopes(solution, rows, dv_pu)
            of_flows = of_flows / self.flows.scale[:, None]
            slopes[:, is_flow] = of_flows[:, constraints[is_flow] - 2 * n_points]
        return slopes

    def slopes_of_pairs(
        self,
        solution: Solution,
        injections: Injections,
        scenarios: IntArray,
        constraints: IntArray,
    ) -> FloatArray:
        """Derivative of one constraint of a scenario each: for a few of many, as the worst of each scenario.

        Args:
            solution: solved scenarios.
            injections: by what; inputs stand in the order given.
            scenarios, constraints: of each pair, (pair,).

        Returns:
            (pair, input) [per kW or kvar]; NaN without a solution.
        """
        rows, place = np.unique(scenarios, return_inverse=True)
        dv_pu = np.concatenate(
            [chosen_tangents(solution, by, rows, inputs) for by, inputs in injections],
            axis=1,
        )
        n_points = len(self.points.names)
        is_flow = constraints >= 2 * n_points
        slopes = np.empty((len(scenarios), dv_pu.shape[1]))
        of_points = constraints[~is_flow]
        point = of_points % max(n_points, 1)
        magnitude = self.points.magnitude_slopes_at(
            solution.v_pu[scenarios[~is_flow]], dv_pu, place[~is_flow], point
        )
        slopes[~is_flow] = _sign(of_points, n_points)[:, None] * magnitude
        if is_flow.any():
            of_flows = self.flows.slopes(solution, rows, dv_pu)
            of_flows = of_flows / self.flows.scale[:, None]
            row = constraints[is_flow] - 2 * n_points
            slopes[is_flow] = of_flows[place[is_flow], row]
        return slopes

    def _voltage_slopes(
        self,
        solution: Solution,
        rows: IntArray,
        dv_pu: ComplexArray,
        constraints: IntArray,
    ) -> FloatArray:
        n_points = len(self.points.names)
        magnitude = self.points.magnitude_slopes(solution.v_pu[rows], dv_pu)
        sign = _sign(constraints, n_points)
        return sign[:, None] * magnitude[:, constraints % max(n_points, 1)]


def _sign(constraints: IntArray, n_points: int) -> FloatArray:
    """A voltage that rises brings its upper limit nearer, one that falls its lower one."""
    return np.where(constraints < n_points, 1.0, -1.0)
