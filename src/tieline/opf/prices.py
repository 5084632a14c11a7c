"""Prices of energy at every node (DLMP), in parts, from the duals of an optimum and from sensitivities.

From duals: with voltages eliminated, one kW more at node i changes the optimal cost by

    price_i = price (1 + dLoss/dP_i)  +  sum mu_v d|V|/dP_i  +  sum mu_f dF/dP_i
              energy   loss              voltage                 congestion

mu being the duals of voltage and branch limits. All derivatives are exact, at the AC replay, per phase; so this holds for the
answer of any formulation, and for one that solves AC (NLP, tight SOCP) the parts add up to the nodal dual of its solver. Where
loads depend on voltage, the change of what they take is in the loss part, as it is bought with it.

From sensitivities: the papers' form, with the reference price for every dual,

    price_i = l0 + l0 sum dF/dP_i + l0 sum dLoss/dP_i + l0 sum dV/dP_i

over flows of lines [kW per kW], losses of lines and transformers, and voltages of nodes [pu per kW]; P_i is a DER's injection
there, so a negative loss part says that a DER relieves the feeder.

Sources: duals: L. Bai, J. Wang, C. Wang, C. Chen, F. Li, "Distribution locational marginal pricing (DLMP) for congestion
management and voltage support", IEEE Trans. Power Systems 33(4), 2018. Sensitivities: the papers on distributed optimal power
flow markets whose linear power flow is in `linear.lpf`, their eq. 32.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from tieline.opf.answer import Answer
from tieline.opf.flow_limits import pull_back_terminals
from tieline.opf.source import bought_gradient
from tieline.powerflow import Solution
from tieline.powerflow.derivatives.gradients import adjoint, loss_gradient
from tieline.typing import ComplexArray, FloatArray
from tieline.units import S_BASE_KVA


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
    """Price of one kWh more consumed at each node, from the duals of an optimum at its AC replay."""
    problem = answer.problem
    solution = answer.replay.solution
    price = problem.steps.price[:, None]
    bought = bought_gradient(solution, problem.setting.source_pu).node_kw
    by_voltage = _voltage_pull_back(answer)
    by_flow = problem.limits.flows.pull_back(solution, answer.duals.flow)
    return Prices(
        energy=np.broadcast_to(price, bought.shape).copy(),
        loss=price * (bought - 1),
        voltage=adjoint(solution, by_voltage).node_kw / problem.steps.hours,
        congestion=adjoint(solution, by_flow).node_kw / problem.steps.hours,
    )


def from_sensitivities(solution: Solution, price: FloatArray | float) -> Prices:
    """The papers' price of injection at each node; one kW more injected, (scenario, node) [currency/kWh].

    Args:
        solution: solved scenarios.
        price: reference price, a number or (scenario,) [currency/kWh].
    """
    v = solution.v_pu
    reference = np.broadcast_to(
        np.asarray(price, dtype=float).reshape(-1, 1), v.shape
    ).copy()
    size = np.where(v == 0, 1.0, np.abs(v))
    return Prices(
        energy=reference,
        loss=-reference * loss_gradient(solution).node_kw,
        voltage=-reference * adjoint(solution, v / size).node_kw,
        congestion=-reference * adjoint(solution, _flow_pull_back(solution)).node_kw,
    )


def _voltage_pull_back(answer: Answer) -> ComplexArray:
    """Derivative of sum(mu |V|) by the voltages, (step, node)."""
    v = answer.replay.solution.v_pu
    form = answer.problem.limits.points.across(v.shape[1])
    across = v @ form.T
    # |V| moves along the phasor's own direction.
    direction = across / np.abs(across)
    weight = answer.duals.voltage * direction
    return np.asarray(weight @ form, dtype=np.complex128)


def _flow_pull_back(solution: Solution) -> ComplexArray:
    """Derivative of the sum of the power into the first ends of all lines by the voltages, (scenario, node) [kW per pu]."""
    network = solution.network
    is_start = network.is_kind("line") & (network.terminals.side == 1)
    weight = is_start * complex(S_BASE_KVA)
    by_power = np.broadcast_to(weight, (solution.n_scenarios, len(weight)))
    no_current = np.zeros_like(by_power)
    return pull_back_terminals(solution, no_current, by_power)
