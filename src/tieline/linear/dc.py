"""DC: active power only, for single-phase equivalents, radial or meshed.

    P_l = (d_i - d_j) / x_l,      PTDF = B_d A B^-1,      P = P_0 + PTDF p,      LF_n = 2 sum over l of r_l P_l PTDF_l,n

with A the branch-node incidence, B_d = diag(1 / x), B = A' B_d A without the slack, p the injections and P_0 the flows without
them. A phase shift is subtracted from the angle.

Left out: resistance in the flows, reactive power, and every voltage, which is one per unit. On a radial feeder the flows are
the lossless ones whatever the impedances; on a meshed one with r near x their split over the loop is poor. Shunts and the
voltage dependence of loads count with their P at one per unit.

Source: B. Stott, J. Jardim, O. Alsac, "DC power flow revisited", IEEE Trans. Power Systems 24(3), 2009.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike
from scipy import sparse

from tieline.errors import InputError
from tieline.linear.affine import Affine
from tieline.linear.blocks import times_rows
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
from tieline.linear.model import Drive, LinearModel
from tieline.linear.setting import make_setting
from tieline.network.network import Network
from tieline.network.voltage_points import voltage_points
from tieline.typing import FloatArray
from tieline.units import S_BASE_KVA


def dc(network: Network, *, line_closed: ArrayLike | None = None) -> LinearModel:
    """The DC model of a single-phase equivalent.

    Args:
        network: feeder arrays.
        line_closed: line positions that the model holds, (line,); None is as in the feeder.

    Raises:
        InputError: if the feeder has phases, no branch, nodes without a path to the source, a transformer of three windings,
            or a closed branch without reactance.
        ShapeError: if `line_closed` does not fit the network.
    """
    setting = make_setting(network, line_closed=line_closed)
    e = make_equivalent(network, setting, "dc")
    susceptance = _susceptance(e)
    flow = times_rows(susceptance, incidence(e, 1.0, 1.0))
    constant = -susceptance * e.shift_rad
    system, fixed = _balance(e, flow, constant)
    p_kw = listed(e, flow, constant)
    one = Affine.fixed(np.ones(e.n_listed), e.n_nodes)
    no_kvar = Affine.fixed(np.zeros(e.n_listed), e.n_nodes)
    return LinearModel(
        name="dc",
        network=network,
        setting=setting,
        points=voltage_points(network),
        voltage_power=1,
        system=system,
        fixed=fixed,
        devices=_drive(e, node_of_devices(network, e.n_nodes)),
        nodes=_drive(e, node_of_network(network, e.n_nodes)),
        voltage=Affine.fixed(np.ones(network.n_nodes), e.n_nodes),
        p_kw=p_kw,
        q_kvar=no_kvar,
        loss=FlowLoss(e.z_pu.real[: e.n_listed], p_kw, no_kvar, one, one),
    )


def ptdf(model: LinearModel) -> FloatArray:
    """Power transfer distribution factors: change of every flow per injection at every node, taken out at the slack.

    Args:
        model: a DC model (of another one: the change of its active flows per active injection).

    Returns:
        (branch, node) [kW per kW].
    """
    return -model.sensitivity("p_kw", "node_kw")


def _susceptance(e: Equivalent) -> FloatArray:
    """1 / x of every closed branch [pu]."""
    x = e.z_pu.imag
    no_reactance = np.flatnonzero((e.closed != 0) & (x == 0))
    if len(no_reactance):
        name = e.names[no_reactance[0]]
        raise InputError(
            f"The dc model needs a reactance in every branch; {name} has none. Give it one, or use lpf."
        )
    # An open line may have x = 0: it carries nothing whatever its reactance.
    return np.divide(
        e.closed,
        x,
        out=np.zeros_like(x),
        where=x != 0,
    )


def _balance(
    e: Equivalent, flow: sparse.csr_array, constant: FloatArray
) -> tuple[sparse.csc_array, FloatArray]:
    """Flows leaving every node and its shunt add up to zero without devices; the slack's angle is given."""
    leaves = incidence(e, 1.0, 1.0).T
    fixed = -e.shunt_pu.real - leaves @ constant
    is_slack = np.zeros(e.n_nodes)
    is_slack[e.slack] = 1.0
    fixed[e.slack] = e.slack_rad
    balances = without_slack(e, 1, leaves @ flow)
    return sparse.csc_array(balances + sparse.diags_array(is_slack)), fixed


def _drive(e: Equivalent, at_nodes: sparse.csr_array) -> Drive:
    """Active consumption as right-hand sides; reactive power drives nothing."""
    consumed = at_nodes * (-1 / S_BASE_KVA)
    return Drive(without_slack(e, 1, consumed), at_nodes * 0.0)
