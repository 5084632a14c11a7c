"""The first-order model of AC around a solved scenario: exact there, for any feeder, meshed or radial.

The equations are those of `tangent`; beside them stand, to first order around the solution v0, flows, the loss as the quadratic
form it is, and voltages,

    |V| = Re(conj(V0) V) / |V0|

Left out: everything of second order. A successive linear program renews the model at each solution.
"""

from __future__ import annotations

import numpy as np

from tieline.linear.affine import Affine
from tieline.linear.blocks import beside, times_rows
from tieline.linear.expansion import expanded_flows, node_drive, series_loss
from tieline.linear.model import LinearModel
from tieline.linear.setting import Setting
from tieline.linear.tangent import state_of, tangent
from tieline.linear.voltage_model import VoltageModel
from tieline.network.voltage_points import VoltagePoints, voltage_points
from tieline.powerflow.solution import Solution
from tieline.typing import ComplexArray


def tangent_model(
    solution: Solution, scenario: int = 0, points: VoltagePoints | None = None
) -> LinearModel:
    """AC to first order around one solved scenario.

    Args:
        solution: solved scenarios.
        scenario: which; the model holds its taps, lines, capacitors and source voltage.
        points: the voltages on the point axis; all of the network if left out.

    Raises:
        NotConvergedError: if the scenario has no answer.
    """
    network = solution.network
    points = points or voltage_points(network)
    voltages = tangent_voltages(solution, scenario, points)
    v = solution.v_pu[scenario]
    state = state_of(solution, scenario)
    flow_kw, flow_kvar = expanded_flows(network, state, v)
    return LinearModel(
        **vars(voltages),
        name="tangent",
        # The solution does not tell what its source was held at, and the model has no use for it.
        setting=Setting(state, np.full(len(network.source_nodes), np.nan)),
        nodes=node_drive(network, v),
        p_kw=flow_kw,
        q_kvar=flow_kvar,
        loss=series_loss(network, state),
    )


def tangent_voltages(
    solution: Solution, scenario: int, points: VoltagePoints
) -> VoltageModel:
    """The equations and voltages of `tangent_model` alone.

    Raises:
        NotConvergedError: if the scenario has no answer.
    """
    around = tangent(solution, scenario)
    v = solution.v_pu[scenario]
    drive = around.drive
    # What drives the solution itself: the source and the turn of the currents need no terms of their own.
    fixed = (
        around.system @ np.concatenate([v.real, v.imag])
        - drive.by_kw @ around.p_kw
        - drive.by_kvar @ around.q_kvar
    )
    return VoltageModel(
        network=solution.network,
        points=points,
        voltage_power=1,
        system=around.system,
        fixed=fixed,
        devices=drive,
        voltage=_magnitudes(points, v),
    )


def _magnitudes(points: VoltagePoints, v: ComplexArray) -> Affine:
    """|V| at the points to first order around v, where Re(conj(V0) V) / |V0| has no constant; 0 where there is no voltage."""
    form = points.across(len(v))
    across = np.asarray(form @ v, dtype=np.complex128)
    size = np.abs(across)
    is_live = size > 0
    direction = np.zeros(len(across), dtype=np.complex128)
    direction[is_live] = across[is_live] / size[is_live]
    by_re = times_rows(direction.real, form)
    by_im = times_rows(direction.imag, form)
    return Affine(beside(by_re, by_im), np.zeros(len(across)))
