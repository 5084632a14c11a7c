"""`solve_island`: where the droop laws of an island's units meet its power flow.

Newton's method on the voltages and angles of the units (`response`), each step a batch of power flows that starts where the
slopes of the last one point. Regulators and capacitor controls are held. Reactances are those at the feeder's frequency, and
loads do not depend on frequency: within the few tenths of a hertz that droop allows, both change by less than 1 %.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Unpack

import numpy as np

from tieline.errors import NotConvergedError
from tieline.powerflow.island.delivered import Delivery
from tieline.powerflow.island.island import Island
from tieline.powerflow.island.operating_point import (
    IslandInputs,
    OperatingPoints,
    operating_points,
)
from tieline.powerflow.island.response import (
    Response,
    newton_matrix,
    residual,
    unit_response,
)
from tieline.powerflow.island.solution import IslandSolution
from tieline.powerflow.outcome import Outcome
from tieline.powerflow.solution import Solution
from tieline.powerflow.solve import LoadModel, solve
from tieline.typing import BoolArray, ComplexArray, FloatArray

LARGEST_STEP = 0.5
"""Share of a unit's voltage, or radians, that one step may change: far from an answer a full step may ask for no voltage at all.
"""

NO_MEETING = (
    "has no operating point that the droop laws and the power flow share: the droop units cannot carry this load. Reduce it, or "
    "give the units smaller slopes."
)


@dataclass
class _Search:
    """Voltages of the units, (scenario, unit), and first voltages of the next power flow, (scenario, node)."""

    v_unit_pu: FloatArray
    angle_rad: FloatArray
    start_pu: ComplexArray | None = None

    def held_pu(self, island: Island) -> ComplexArray:
        """Voltage of each held node against its phase at rest, (scenario, held)."""
        unit = self.v_unit_pu * np.exp(1j * self.angle_rad)
        return np.repeat(unit, len(island.phasors), axis=1)

    def move(self, step: FloatArray, voltage: ComplexArray, response: Response) -> None:
        """Take a step of the unknowns, (scenario, unknown), shortened where it is too long."""
        n_units = self.v_unit_pu.shape[1]
        share = step.copy()
        share[:, :n_units] /= self.v_unit_pu
        longest = np.abs(share).max(axis=1, keepdims=True)
        factor = np.minimum(1.0, LARGEST_STEP / np.maximum(longest, LARGEST_STEP))
        step = step * factor
        self.v_unit_pu = self.v_unit_pu + step[:, :n_units]
        self.angle_rad = self.angle_rad.copy()
        self.angle_rad[:, 1:] += step[:, n_units:]
        self.start_pu = voltage + np.einsum("sx,sxn->sn", step, response.voltage)


def solve_island(
    island: Island,
    *,
    load_model: LoadModel = "feeder",
    tolerance: float = 1e-9,
    max_iterations: int = 30,
    **inputs: Unpack[IslandInputs],
) -> IslandSolution:
    """Solve one or many scenarios of an island.

    Every input may be left out (as the feeder and the units state), have one row (all scenarios), or one row per scenario.

    Args:
        island: network and droop units.
        v_set_pu, q_set_kvar, v_droop_pu_per_mvar, f_set_hz, p_set_kw, f_droop_hz_per_mw: settings of the units (`DroopSettings`),
        (unit,)
            or (scenario, unit).
        load_kw, load_kvar, load_scale, der_kw, der_kvar, taps, line_closed, capacitor_steps, start_pu: as in `powerflow.solve`.
        load_model: as in `powerflow.solve`.
        tolerance: estimated error of all voltages at which a scenario counts as converged [pu, rad].
        max_iterations: Newton steps after which a scenario is given up.

    Returns:
        The solution; scenarios without an answer are marked in `flow.outcome` and hold NaN.

    Raises:
        NotConvergedError: if no input had a scenario axis and the one scenario has no answer.
        ShapeError, InputError: if an input or a setting does not fit.
        TypeError: for an input by another name.
    """
    points = operating_points(island, inputs)
    search = _start(island, points)
    asked = {"controls": "off", "load_model": load_model, "tolerance": tolerance}
    solution = _found(island, points, search, asked, max_iterations)
    flow = solution.flow
    if points.is_single and not flow.converged[0]:
        name = island.network.feeder.name
        raise NotConvergedError(f"The island '{name}' {flow.reason(0)}")
    lost = ~flow.converged
    solution.v_unit_pu[lost] = np.nan
    solution.angle_rad[lost] = np.nan
    return solution


def _start(island: Island, points: OperatingPoints) -> _Search:
    shape = (points.n_scenarios, island.n_units)
    v_unit_pu = np.broadcast_to(points.settings.v_set_pu, shape).copy()
    angle_rad = np.broadcast_to(island.no_load_angle_rad, shape).copy()
    return _Search(v_unit_pu, angle_rad, points.network_inputs.pop("start_pu", None))


def _found(
    island: Island,
    points: OperatingPoints,
    search: _Search,
    asked: dict[str, object],
    max_iterations: int,
) -> IslandSolution:
    """Newton steps until every scenario that has a power flow is settled."""
    tolerance = asked["tolerance"]
    for iteration in range(max_iterations):
        flow = solve(
            island.network,
            source_pu=search.held_pu(island),
            start_pu=search.start_pu,
            **asked,  # type: ignore[arg-type]
            **points.network_inputs,
        )
        delivery = Delivery(flow, island.n_units)
        missed = residual(points.settings, search.v_unit_pu, delivery.power_kva)
        response = unit_response(
            delivery, island.phasors, search.v_unit_pu, search.angle_rad
        )
        matrix = newton_matrix(points.settings, response)
        is_hopeless = ~np.isfinite(matrix).all(axis=(1, 2))
        # what has no power flow keeps its voltages, and is told by its outcome
        matrix[is_hopeless] = np.eye(matrix.shape[1])
        missed[is_hopeless] = 0.0
        step = -np.linalg.solve(matrix, missed[..., None])[..., 0]
        is_settled = np.abs(step).max(axis=1) <= tolerance  # type: ignore[operator]
        # the last voltages stay as they are, for the flow belongs to them
        if is_settled.all() or iteration == max_iterations - 1:
            break
        search.move(step, flow.v_pu, response)
    _mark(flow, is_settled)
    return IslandSolution(
        island,
        points.settings,
        delivery,
        response,
        search.v_unit_pu,
        search.angle_rad,
    )


def _mark(flow: Solution, is_settled: BoolArray) -> None:
    """Take the answer of scenarios whose units found no common point."""
    lost = np.flatnonzero(flow.converged & ~is_settled)
    flow.outcome[lost] = Outcome.ITERATION_LIMIT
    flow.v_pu[lost] = np.nan
    for scenario in lost:
        flow.reasons[int(scenario)] = NO_MEETING
