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

import numpy as np
from numpy.typing import ArrayLike
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
    without_slack,
)
from tieline.linear.losses import FlowLoss
from tieline.linear.model import Drive, LinearModel, LinearSolution
from tieline.linear.setting import make_setting
from tieline.network.network import Network
from tieline.network.voltage_points import voltage_points
from tieline.typing import FloatArray
from tieline.units import S_BASE_KVA


def lpf(
    network: Network,
    *,
    taps: ArrayLike | None = None,
    line_closed: ArrayLike | None = None,
    capacitor_steps: ArrayLike | None = None,
    source_pu: ArrayLike | None = None,
) -> LinearModel:
    """The LPF of a single-phase equivalent.

    Args:
        network: feeder arrays.
        taps, line_closed, capacitor_steps: positions that the model holds, (regulator,), (line,), (capacitor,); None is as
            in the feeder.
        source_pu: source voltage, as in `powerflow.solve` [pu].

    Raises:
        InputError: if the feeder has phases, no branch, nodes without a path to the source, or a transformer of three windings.
        ShapeError: if an input does not fit the network.
    """
    setting = make_setting(network, taps, line_closed, capacitor_steps, source_pu)
    e = make_equivalent(network, setting, "lpf")
    p_flow, q_flow, p_constant, q_constant = _flows(e)
    magnitude = _magnitudes(e)
    p_kw, q_kvar = listed(e, p_flow, p_constant), listed(e, q_flow, q_constant)
    own = slice(e.n_listed)
    system, fixed = _balance(e, p_flow, q_flow, p_constant, q_constant)
    devices = node_of_devices(network, e.n_nodes)
    nodes = selection(np.arange(network.n_nodes), e.n_nodes).T.tocsr()
    return LinearModel(
        name="lpf",
        network=network,
        setting=setting,
        points=voltage_points(network),
        voltage_power=1,
        branch_terminal=network.first_ends,
        system=system,
        fixed=fixed,
        devices=_drive(e, devices),
        nodes=_drive(e, nodes),
        voltage=Affine(magnitude[: network.n_nodes], np.zeros(network.n_nodes)),
        p_kw=p_kw,
        q_kvar=q_kvar,
        loss=FlowLoss(e.z_pu.real[own], p_kw, q_kvar, *_driving_voltages(e, magnitude)),
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
    loss = solution.model.loss
    if not isinstance(loss, FlowLoss):
        raise InputError(
            f"Loss factors by branch flows need lpf or dc, not {solution.model.name}. Use its loss_gradient."
        )
    x = solution.x
    per_flow = 2 * loss.r_pu * solution.p_kw / (loss.v_from(x) * loss.v_to(x)) / S_BASE_KVA
    return -per_flow @ solution.model.sensitivity("p_kw", "node_kw")


def _flows(e: Equivalent) -> tuple[sparse.csr_array, sparse.csr_array, FloatArray, FloatArray]:
    """P and Q of every branch over the unknowns (d, V), and their constants [pu]."""
    k1_by_x = e.y_pu.real
    k2_by_x = -e.y_pu.imag
    angle = incidence(e, 1.0, 1.0)
    voltage = incidence(e, 1 / e.ratio_start, 1 / e.ratio_end)
    p_flow = beside(times_rows(k2_by_x, angle), times_rows(k1_by_x, voltage))
    q_flow = beside(times_rows(-k1_by_x, angle), times_rows(k2_by_x, voltage))
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
    p_shunt, q_shunt = e.shunt_pu.real, -e.shunt_pu.imag
    p_taken, q_taken = (times_rows(2 * part, _magnitudes(e)) for part in (p_shunt, q_shunt))
    system = above(leaves @ p_flow + p_taken, leaves @ q_flow + q_taken)
    fixed = np.concatenate([p_shunt - leaves @ p_constant, q_shunt - leaves @ q_constant])
    held = np.zeros(2 * e.n_nodes)
    held[[e.slack, e.slack + e.n_nodes]] = 1.0
    fixed[[e.slack, e.slack + e.n_nodes]] = e.slack_rad, e.slack_pu
    return sparse.csc_array(without_slack(e, 2, system) + sparse.diags_array(held)), fixed


def _drive(e: Equivalent, at_nodes: sparse.csr_array) -> Drive:
    """Consumption as right-hand sides: P in the first block of equations, Q in the second."""
    taken = at_nodes * (-1 / S_BASE_KVA)
    zero = at_nodes * 0.0
    return Drive(without_slack(e, 2, above(taken, zero)), without_slack(e, 2, above(zero, taken)))


def _magnitudes(e: Equivalent) -> sparse.csr_array:
    """V of every node over the unknowns (d, V)."""
    return selection(e.n_nodes + np.arange(e.n_nodes), 2 * e.n_nodes)


def _driving_voltages(e: Equivalent, magnitude: sparse.csr_array) -> tuple[Affine, Affine]:
    """V / ratio at both ends of the feeder's own branches."""
    own = slice(e.n_listed)
    zero = np.zeros(e.n_listed)
    start = times_rows(1 / e.ratio_start[own], magnitude[e.start[own]])
    end = times_rows(1 / e.ratio_end[own], magnitude[e.end[own]])
    return Affine(start, zero), Affine(end, zero)
