"""Prices of energy at every node (DLMP), in parts, from the duals of an optimum and from sensitivities.

From duals: with voltages eliminated, one kW more at node i changes the optimal cost by

    price_i = price (1 + dLoss/dP_i)  +  sum mu_v d|V|/dP_i  +  sum mu_f dF/dP_i
              energy   loss              voltage                 congestion

mu being the duals of voltage and branch limits. All derivatives are exact, at the AC replay, per phase; so this holds for the
answer of any formulation, and for one that solves AC (NLP, tight SOCP) the parts add up to the nodal dual of its solver. Where
loads depend on voltage, the change of what they take is in the loss part, as it is bought with it.

The papers' own form, from sensitivities, is in `sensitivity_prices`.

Source: L. Bai, J. Wang, C. Wang, C. Chen, F. Li, "Distribution locational marginal pricing (DLMP) for congestion
management and voltage support", IEEE Trans. Power Systems 33(4), 2018.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from tieline.network.voltage_points import VoltagePoints
from tieline.opf.answer import Answer
from tieline.opf.meters import require_bought_at_source
from tieline.opf.source import bought_gradient
from tieline.powerflow.derivatives.gradients import adjoint
from tieline.typing import ComplexArray, FloatArray


@dataclass(frozen=True)
class Prices:
    """Parts of the price of active power at every node, (step, node) [currency/kWh]."""

    energy: FloatArray
    loss: FloatArray
    voltage: FloatArray
    congestion: FloatArray

    @property
    def total(self) -> FloatArray:
        """The price, (step, node) [currency/kWh]."""
        return self.energy + self.loss + self.voltage + self.congestion


def from_duals(answer: Answer) -> Prices:
    """Price of one kWh more consumed at each node, from the duals of an optimum at its AC replay.

    Raises:
        InputError: if energy is bought at meters and not at the source.
    """
    problem = answer.problem
    require_bought_at_source(problem.meters, "A nodal price")
    solution = answer.replay.solution
    steps = problem.steps
    price = steps.price[:, None]
    bought = bought_gradient(solution, problem.setting.source_pu).node_kw
    duals = answer.duals
    by_voltage = voltage_pull_back(problem.limits.points, solution.v_pu, duals.voltage)
    by_flow = problem.limits.flows.pull_back(solution, duals.flow)
    return Prices(
        energy=np.broadcast_to(price, bought.shape).copy(),
        loss=price * (bought - 1),
        voltage=adjoint(solution, by_voltage).node_kw / steps.hours,
        congestion=adjoint(solution, by_flow).node_kw / steps.hours,
    )


def voltage_pull_back(
    points: VoltagePoints, v_pu: ComplexArray, weight: FloatArray
) -> ComplexArray:
    """Derivative of sum(weight x |V|) by the voltages, (scenario, node); `weight` is (scenario, point)."""
    form = points.across(v_pu.shape[1])
    across = v_pu @ form.T
    size = np.abs(across)
    # |V| moves along the phasor's own direction, and has none where there is no voltage.
    direction = np.divide(
        across,
        size,
        out=np.zeros_like(across),
        where=size > 0,
    )
    return np.asarray((weight * direction) @ form, dtype=np.complex128)
