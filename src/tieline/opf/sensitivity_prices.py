"""Prices from sensitivities: the papers' form of the nodal price, corrected; its printed form is an argument.

Corrected, for one kW more injected at node i (l0 reference price, LF_i = dLoss/dP_i, mu and nu duals of limits that bind):

    energy_i      l0
    loss_i        l0 LF_i
    congestion_i  - sum mu_l dF_l/dP_i        over rows of branch limits
    voltage_i     - sum nu_j d|V_j|/dP_i      over voltages

The loss part has the opposite sign of a nodal price, as the papers print it: it is negative where an injection relieves the
feeder, where that injection is worth most. The two others have the sign of a nodal price. Nobody should be paid by the sum of the
four; `prices.from_duals` and `balancing.prices` are for that.

Printed, their eq. 32 weighs every sensitivity with l0, whether or not a limit binds, and adds voltages [pu per kW] to flows [kW
per kW]. A kilowatt injected takes one off every line on the way to the source, hence a bus behind k lines of an uncongested
radial feeder has about (1 - k) l0: 0.10 to -2.58 per kWh on the 69-bus feeder with l0 = 0.10. It is kept to be compared with.

Source: the papers on distributed optimal power flow markets whose linear power flow is in `linear.lpf`, their eq. 32.
"""

from __future__ import annotations

from typing import Literal

import numpy as np

from tieline.opf.prices import Prices, voltage_pull_back
from tieline.opf.problem import NetworkLimits
from tieline.opf.terminal_flows import pull_back_terminals
from tieline.powerflow import Solution
from tieline.powerflow.derivatives.gradients import adjoint, loss_gradient
from tieline.typing import ComplexArray, FloatArray
from tieline.units import S_BASE_KVA

Form = Literal["corrected", "printed"]


def from_sensitivities(
    solution: Solution,
    price: FloatArray | float,
    limits: NetworkLimits,
    *,
    voltage_dual: FloatArray,
    flow_dual: FloatArray,
    form: Form = "corrected",
) -> Prices:
    """Price of one kW more injected at each node, in parts, (scenario, node) [currency/kWh].

    Args:
        solution: solved scenarios.
        price: reference price, a number or (scenario,) [currency/kWh].
        limits: what the duals are of.
        voltage_dual: per pu at each point, above zero where the upper limit binds, (scenario, point) or (point,) [currency/h].
        flow_dual: per A, kVA or kW of each row of branch limits, (scenario, row) or (row,) [currency/h].
        form: "printed" leaves duals and limits aside and weighs all sensitivities with the reference price.
    """
    shape = solution.v_pu.shape
    reference = np.asarray(price, dtype=float).reshape(-1, 1)
    reference = np.broadcast_to(reference, shape).copy()
    loss = -reference * loss_gradient(solution).node_kw
    if form == "printed":
        voltage, congestion = _printed(solution, reference)
        return Prices(reference, loss, voltage, congestion)
    n_scenarios = solution.n_scenarios
    of_points = np.broadcast_to(voltage_dual, (n_scenarios, len(limits.points.names)))
    of_rows = np.broadcast_to(flow_dual, (n_scenarios, len(limits.flows)))
    by_voltage = voltage_pull_back(limits.points, solution.v_pu, of_points)
    by_flow = limits.flows.pull_back(solution, of_rows)
    # By what is consumed: minus the derivative by an injection.
    return Prices(
        energy=reference,
        loss=loss,
        voltage=adjoint(solution, by_voltage).node_kw,
        congestion=adjoint(solution, by_flow).node_kw,
    )


def _printed(
    solution: Solution, reference: FloatArray
) -> tuple[FloatArray, FloatArray]:
    """Voltage and congestion part with the reference price for every dual, (scenario, node) each."""
    v = solution.v_pu
    size = np.where(v == 0, 1.0, np.abs(v))
    by_voltage = adjoint(solution, v / size).node_kw
    by_flow = adjoint(solution, _all_flows(solution)).node_kw
    return -reference * by_voltage, -reference * by_flow


def _all_flows(solution: Solution) -> ComplexArray:
    """Derivative of the sum of the power into the first ends of all lines by the voltages, (scenario, node) [kW per pu]."""
    network = solution.network
    is_start = network.is_kind("line") & (network.terminals.side == 1)
    weight = is_start * complex(S_BASE_KVA)
    by_power = np.broadcast_to(weight, (solution.n_scenarios, len(weight)))
    no_current = np.zeros_like(by_power)
    return pull_back_terminals(solution, no_current, by_power)
