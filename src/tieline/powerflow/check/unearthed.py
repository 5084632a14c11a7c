"""Why a scenario has no answer, where the load is not to blame: a part of the feeder that nothing but its loads earths.

Loads to ground behind a delta winding, or on a wye whose neutral nothing ties down, have no circuit to return through but the
charging of lines and the antifloat shunts of windings. If they ask for more than these carry at rated voltage, they, not the
network, decide where the voltages lie, and for constant power usually nowhere. Where a winding or the source is earthed, loads
that are too large are that and no more.
"""

from __future__ import annotations

import numpy as np

from tieline.network.devices import GROUND
from tieline.network.network import Network
from tieline.network.scatter import sum_columns
from tieline.network.sections import sections_of
from tieline.powerflow.outcome import Outcome
from tieline.powerflow.solution import Solution
from tieline.typing import FloatArray, IntArray
from tieline.units import S_BASE_KVA

UNANSWERED = (Outcome.ITERATION_LIMIT, Outcome.DIVERGED, Outcome.UNBALANCED)
"""Outcomes that this may be the reason of."""


def name_unearthed(solution: Solution) -> None:
    """Give scenarios without an answer their reason if it is a part without earth, in place."""
    if not solution.outcome.any():
        return
    failed = np.flatnonzero(np.isin(solution.outcome, UNANSWERED))
    if len(failed) == 0:
        return
    sections = _overasked_sections(solution, failed)
    for scenario, section in zip(failed.tolist(), sections.tolist(), strict=True):
        if section >= 0:
            solution.reasons[scenario] = _reason(solution.network, section)


def _overasked_sections(solution: Solution, scenarios: IntArray) -> IntArray:
    """For each scenario the section whose loads to ground or to another section ask for most beyond what its earth carries, -1 if
    none, (scenario,).
    """
    devices = solution.network.devices
    sections = sections_of(solution.network)
    at_plus = sections.of_node[devices.plus]
    at_minus = np.where(
        devices.minus == GROUND, GROUND, sections.of_node[devices.minus]
    )
    # A load within a section returns its current there, and asks nothing of the earth.
    leaves = np.flatnonzero(at_plus != at_minus)
    kva = np.hypot(
        _rows_of(solution.p_kw, scenarios), _rows_of(solution.q_kvar, scenarios)
    )
    power_pu = kva[:, devices.device[leaves]] * devices.share[leaves] / S_BASE_KVA
    count = len(sections.to_ground_pu)
    out_of = at_plus[leaves]
    into = at_minus[leaves]
    between = np.flatnonzero(into != GROUND)
    leaving = sum_columns(power_pu, out_of, count)
    entering = sum_columns(power_pu[:, between], into[between], count)
    excess = leaving - sections.to_ground_pu + entering
    excess[:, sections.is_earthed] = 0.0
    most = excess.argmax(axis=1)
    is_over = excess[np.arange(len(most)), most] > 0
    return np.where(is_over, most, -1)


def _rows_of(array: FloatArray, scenarios: IntArray) -> FloatArray:
    """Rows of some scenarios in an array that may have one row for all."""
    return array[np.minimum(scenarios, len(array) - 1)]


def _reason(network: Network, section: int) -> str:
    """In words."""
    node = int(np.argmax(sections_of(network).of_node == section))
    bus = network.feeder.buses[network.node_bus[node]].name
    return (
        f"has no answer: nothing but loads and DERs earths the part of the feeder at bus '{bus}', so its voltages to ground "
        "are not determined. Earth it (a wye winding with grounded neutral, an earthing reactor), or connect its loads between "
        "phases."
    )
