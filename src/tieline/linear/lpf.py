"""LPF: the linearised power flow of the market papers, for single-phase equivalents, radial or meshed.

    P_ij =  k2/x (d_i - d_j) + k1/x (V_i - V_j)          k1 = r x / (r^2 + x^2)
    Q_ij = -k1/x (d_i - d_j) + k2/x (V_i - V_j)          k2 = x^2 / (r^2 + x^2)

with d the angles [rad] and V the magnitudes [pu]; the slack's are given, the flows of all branches and shunts balance what is
consumed at every other node: 2 (n - 1) equations. k1/x and k2/x are conductance and (negative) susceptance of the branch, and
the flows are those of AC to first order around V = 1, d = 0.

An ideal ratio divides the voltage of its end, a phase shift is subtracted from the angle. A shunt y takes conj(y) (2 V - 1),
first order of conj(y) V^2. Left out: losses in the balance, voltage dependence of loads (they take their rated power), and what
goes with a product of deviations. A source away from one per unit makes an error of first order.

Source: J. Yang, N. Zhang, C. Kang, Q. Xia, "A state-independent linear power flow model with accurate estimation of voltage
magnitude", IEEE Trans. Power Systems 32(5), 2017; losses and loss factors as in H. Yuan, F. Li, Y. Wei, J. Zhu, "Novel
linearized power flow and linearized OPF models for active distribution networks with application in distribution LMP", IEEE
Trans. Smart Grid 9(1), 2018.
"""

from __future__ import annotations

from typing import Unpack

import numpy as np
from scipy import sparse

from tieline.errors import InputError
from tieline.linear.affine import Affine
from tieline.linear.blocks import above, beside, selection, times_rows
from tieline.linear.equivalent import (
    Equivalent,
    incidence,
    listed,
    make_equivalent,
    node_of_devices,
    node_of_network,
    without_slack,
)
from tieline.linear.losses import FlowLoss
from tieline.linear.model import Drive, LinearModel, LinearSolution
from tieline.linear.setting import make_setting
from tieline.network.network import Network
from tieline.network.voltage_points import voltage_points
from tieline.powerflow.scenario_inputs import Positions
from tieline.typing import FloatArray
from tieline.units import S_BASE_KVA


def lpf(network: Network, **positions: Unpack[Positions]) -> LinearModel:
    """The LPF of a single-phase equivalent.

    Args:
        network: feeder arrays.
        positions: what the model holds, see `Positions`: taps, line_closed, capacitor_steps, source_pu.

    Raises:
        InputError: if the feeder has phases, no branch, nodes without a path to the source, or a transformer of three windings.
        ShapeError: if an input does not fit the network.
    """
    setting = make_setting(network, **positions)
    e = make_equivalent(network, setting, "lpf")
    p_flow, q_flow, p_constant, q_constant = _flows(e)
    magnitude = _magnitudes(e)
    p_kw = listed(e, p_flow, p_constant)
    q_kvar = listed(e, q_flow, q_constant)
    v_from, v_to = _driving_voltages(e, magnitude)
    system, fixed = _balance(e, p_flow, q_flow, p_constant, q_constant)
    return LinearModel(
        name="lpf",
        network=network,
        setting=setting,
        points=voltage_points(network),
        voltage_power=1,
        system=system,
        fixed=fixed,
        devices=_drive(e, node_of_devices(network, e.n_nodes)),
        nodes=_drive(e, node_of_network(network, e.n_nodes)),
        voltage=Affine(magnitude[: network.n_nodes], np.zeros(network.n_nodes)),
        p_kw=p_kw,
        q_kvar=q_kvar,
        loss=FlowLoss(e.z_pu.real[: e.n_listed], p_kw, q_kvar, v_from, v_to),
    )


def active_loss_factors(solution: LinearSolution) -> FloatArray:
    """Loss factors of the papers: change of the loss per kW injected at each node.

        LF_n = sum over branches of 2 P_l (dP_l / dP_n) r_l / V_l^2

    The papers hold reactive flows and voltages, as if active injections left both alone; `LinearModel.loss_gradient` does not.

    Args:
        solution: of `lpf` or `dc`.

    Returns:
        (scenario, node) [kW per kW].

    Raises:
        InputError: if the model's losses are not made of branch flows (LinDistFlow).
    """
    model = solution.model
    loss = model.loss
    if not isinstance(loss, FlowLoss):
        raise InputError(
            f"Loss factors by branch flows need lpf or dc, not {model.name}. Use its loss_gradient."
        )
    per_flow = loss.by_flow(solution.x) * solution.p_kw
    # The map is per kW consumed, the factors are per kW injected.
    return -per_flow @ model.sensitivity("p_kw", "node_kw")


def _flows(
    e: Equivalent,
) -> tuple[sparse.csr_array, sparse.csr_array, FloatArray, FloatArray]:
    """P and Q of every branch over the unknowns (d, V), and their constants [pu]."""
    k1_by_x = e.y_pu.real
    k2_by_x = -e.y_pu.imag
    angle = incidence(e, 1.0, 1.0)
    voltage = incidence(e, 1 / e.ratio_start, 1 / e.ratio_end)
    p_by_angle = times_rows(k2_by_x, angle)
    p_by_voltage = times_rows(k1_by_x, voltage)
    q_by_angle = times_rows(-k1_by_x, angle)
    q_by_voltage = times_rows(k2_by_x, voltage)
    p_flow = beside(p_by_angle, p_by_voltage)
    q_flow = beside(q_by_angle, q_by_voltage)
    return p_flow, q_flow, -k2_by_x * e.shift_rad, k1_by_x * e.shift_rad


def _balance(
    e: Equivalent,
    p_flow: sparse.csr_array,
    q_flow: sparse.csr_array,
    p_constant: FloatArray,
    q_constant: FloatArray,
) -> tuple[sparse.csc_array, FloatArray]:
    """Flows and shunts at every node add up to zero without devices; the slack's angle and voltage are given."""
    leaves = incidence(e, 1.0, 1.0).T
    shunt_pu = e.shunt_pu
    # Of conj(y) (2 V - 1), 2 V goes to the unknowns and -1 to the right-hand side.
    p_shunt = shunt_pu.real
    q_shunt = -shunt_pu.imag
    magnitude = _magnitudes(e)
    p_rows = leaves @ p_flow + times_rows(2 * p_shunt, magnitude)
    q_rows = leaves @ q_flow + times_rows(2 * q_shunt, magnitude)
    p_fixed = p_shunt - leaves @ p_constant
    q_fixed = q_shunt - leaves @ q_constant
    fixed = np.concatenate([p_fixed, q_fixed])
    slack_unknowns = [e.slack, e.slack + e.n_nodes]
    is_slack = np.zeros(2 * e.n_nodes)
    is_slack[slack_unknowns] = 1.0
    fixed[slack_unknowns] = [e.slack_rad, e.slack_pu]
    balances = without_slack(e, 2, above(p_rows, q_rows))
    return sparse.csc_array(balances + sparse.diags_array(is_slack)), fixed


def _drive(e: Equivalent, at_nodes: sparse.csr_array) -> Drive:
    """Consumption as right-hand sides: P in the first block of equations, Q in the second."""
    # What is consumed does not leave by the branches, and the slack has no balance to put it in.
    consumed = without_slack(e, 1, at_nodes * (-1 / S_BASE_KVA))
    zero = at_nodes * 0.0
    return Drive(above(consumed, zero), above(zero, consumed))


def _magnitudes(e: Equivalent) -> sparse.csr_array:
    """V of every node over the unknowns (d, V)."""
    return selection(
        e.n_nodes + np.arange(e.n_nodes),
        2 * e.n_nodes,
    )


def _driving_voltages(
    e: Equivalent, magnitude: sparse.csr_array
) -> tuple[Affine, Affine]:
    """V / ratio at both ends of the feeder's own branches."""
    listed_branches = slice(e.n_listed)
    start = times_rows(1 / e.ratio_start, magnitude[e.start])
    end = times_rows(1 / e.ratio_end, magnitude[e.end])
    zero = np.zeros(e.n_listed)
    v_start = Affine(start[listed_branches], zero)
    v_end = Affine(end[listed_branches], zero)
    return v_start, v_end
