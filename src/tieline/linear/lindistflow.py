"""LinDistFlow, for radial feeders of any phases, transformers and connections.

Every conductor carries the power taken below it, without losses, and the squared voltage falls by

    |V_i|^2 - |V_j|^2 = 2 (r P + x Q)                                    one conductor (Baran and Wu)
    |V_i|^2 - |V_j|^2 = 2 Re(G * Z conj(S))  with  G_ab = conj(V_a / V_b)      several (Gan and Low): Z rotated

where V_a / V_b are fixed. Gan and Low fix them at 1, a, a^2 of a balanced feeder; here they are those of the feeder without
loads, with taps, phase shifts, capacitors and charging as they are. Fixed ratios mean that power S at a node is the current
conj(S / V0), V0 (and I0) being voltage and current at no load. So the recursion down the tree is one linear system, with the
nodal admittance matrix:

    Y V = i_source - conj(S / V0)
    |V|^2 = |V0|^2 + 2 Re(conj(V0) (V - V0)),      P + jQ = V0 conj(I) + (V - V0) conj(I0)

which takes transformers of any connection, regulators at given taps, delta loads and ungrounded sections as they come. It is
the first-order expansion of AC in the loads. Capacitors and shunts stay constant admittances inside Y. A ZIP load takes what its
model asks at the no-load voltage. Left out: losses in voltages and flows, the change of load with the voltage drop, and what
the drop adds to the current of a load.

The system would stand on a meshed feeder too (Bolognani and Zampieri); the name and the recursion would not, so a loop is
refused.

Sources: M. E. Baran, F. F. Wu, "Optimal capacitor placement on radial distribution systems", IEEE Trans. Power Delivery 4(1),
1989; L. Gan, S. H. Low, "Convex relaxations and linear approximation for optimal power flow in multiphase radial networks",
PSCC 2014; S. Bolognani, S. Zampieri, "On the existence and linear approximation of the power flow solution in power
distribution networks", IEEE Trans. Power Systems 31(1), 2016.
"""

from __future__ import annotations

from typing import Unpack

import numpy as np
from scipy import sparse
from scipy.sparse.linalg import splu

from tieline.linear.affine import Affine
from tieline.linear.blocks import beside, times_rows
from tieline.linear.expansion import (
    as_real,
    device_drive,
    expanded_flows,
    node_drive,
    series_loss,
    with_source_rows,
)
from tieline.linear.model import Drive, LinearModel
from tieline.linear.setting import feeder_as_set, make_setting
from tieline.network.network import Network
from tieline.network.topology import tree_from_source
from tieline.network.voltage_points import VoltagePoints, voltage_points
from tieline.powerflow.devices import across_pu
from tieline.powerflow.scenario_inputs import Positions
from tieline.typing import ComplexArray


def lindistflow(network: Network, **positions: Unpack[Positions]) -> LinearModel:
    """The LinDistFlow of a radial feeder.

    Args:
        network: feeder arrays.
        positions: what the model holds, see `Positions`: taps, line_closed, capacitor_steps, source_pu.

    Raises:
        InputError: if the feeder is meshed (the message names the loops), has no branch or nodes without a path to the source.
        ShapeError: if an input does not fit the network.
    """
    setting = make_setting(network, **positions)
    tree_from_source(feeder_as_set(network, setting), must_be_radial=True)
    admittance = with_source_rows(network, network.nodal_admittance(setting.state))
    source = setting.source_current(network)
    no_load = np.asarray(splu(admittance.tocsc()).solve(source))
    points = voltage_points(network)
    p_kw, q_kvar = expanded_flows(network, setting.state, no_load)
    return LinearModel(
        name="lindistflow",
        network=network,
        setting=setting,
        points=points,
        voltage_power=2,
        system=sparse.csc_array(as_real(admittance)),
        fixed=np.concatenate([source.real, source.imag]),
        devices=_device_drive(network, no_load),
        nodes=node_drive(network, no_load),
        voltage=_squared_voltages(points, no_load),
        p_kw=p_kw,
        q_kvar=q_kvar,
        loss=series_loss(network, setting.state),
    )


def _device_drive(network: Network, no_load: ComplexArray) -> Drive:
    """Currents of the devices' branches at the no-load voltage across each, where a ZIP load takes what its model asks."""
    devices = network.devices
    across = across_pu(devices, no_load[None, :])[0]
    rated = np.abs(across) * devices.per_rated
    # In the order of the shares: constant impedance, constant current, constant power.
    powers = np.stack([rated**2, rated, np.ones_like(rated)], axis=1)
    p_factor = (devices.zip_p * powers).sum(axis=1)
    q_factor = (devices.zip_q * powers).sum(axis=1)
    return device_drive(network, across, p_factor, q_factor)


def _squared_voltages(points: VoltagePoints, no_load: ComplexArray) -> Affine:
    """|V|^2 at the points to first order around no load: 2 Re(conj(V0) V) - |V0|^2."""
    form = points.across(len(no_load))
    across = np.asarray(form @ no_load, dtype=np.complex128)
    by_re = times_rows(2 * across.real, form)
    by_im = times_rows(2 * across.imag, form)
    square = np.abs(across) ** 2
    return Affine(beside(by_re, by_im), -square)
