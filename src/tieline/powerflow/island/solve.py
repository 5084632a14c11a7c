"""`solve_island`: where the droop laws of an island's units meet its power flow.

Newton's method on the voltages and angles of the units (`response`), each step a batch of power flows that starts where slopes
point. The slopes are those of the first power flow as long as they serve: in most islands they do to the end, and one power flow
more costs less than a system of equations for each unit. Regulators and capacitor controls are held. Reactances are those at the
feeder's frequency, and loads do not depend on frequency: within the few tenths of a hertz that droop allows, both change by less
than 1 %.
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
    solved,
    unit_response,
)
from tieline.powerflow.island.solution import IslandSolution
from tieline.powerflow.options import LoadModel
from tieline.powerflow.outcome import Outcome
from tieline.powerflow.solution import Solution
from tieline.powerflow.solve import solve
from tieline.typing import BoolArray, ComplexArray, FloatArray

LARGEST_STEP = 0.5
"""Share of a unit's voltage, or radians, that one step may change: far from an answer a full one may ask for no voltage at all.
"""

LEAST_GAIN = 0.1
"""A step that is not this much shorter than the last takes new slopes; with slopes of its own it would be far shorter."""

NO_MEETING = (
    "has no operating point that the droop laws and the power flow share: the droop units cannot carry this load. Reduce it, or "
    "give the units smaller slopes."
)


@dataclass(frozen=True)
class _Accuracy:
    """When a search ends, and with which load model it solves."""

    tolerance: float
    max_iterations: int
    load_model: LoadModel


@dataclass
class _Search:
    """Where a search stands.

    Attributes:
        v_unit_pu, angle_rad: voltages of the units, (scenario, unit).
        start_pu: first voltages of the next power flow, (scenario, node) [pu].
    """

    island: Island
    points: OperatingPoints
    v_unit_pu: FloatArray
    angle_rad: FloatArray
    start_pu: ComplexArray | None

    def flow(self, accuracy: _Accuracy) -> Solution:
        """The power flow at the voltages of the units."""
        voltage = self.v_unit_pu * np.exp(1j * self.angle_rad)
        return solve(
            self.island.network,
            controls="off",
            load_model=accuracy.load_model,
            tolerance=accuracy.tolerance,
            source_pu=np.repeat(voltage, len(self.island.phasors), axis=1),
            start_pu=self.start_pu,
            **self.points.network_inputs,
        )

    def response(self, delivery: Delivery) -> Response:
        """How the island moves with its units, at the present voltages."""
        phasors = self.island.phasors
        return unit_response(delivery, phasors, self.v_unit_pu, self.angle_rad)

    def step(self, delivery: Delivery, response: Response) -> FloatArray:
        """The Newton step of the unknowns, (scenario, unknown); 0 where there is no power flow."""
        settings = self.points.settings
        missed = residual(settings, self.v_unit_pu, delivery.power_kva)
        matrix = newton_matrix(settings, response)
        # what has no power flow keeps its voltages, and is told by its outcome
        return np.nan_to_num(-solved(matrix, missed))

    def move(self, step: FloatArray, v_pu: ComplexArray, response: Response) -> None:
        """Take a step, shortened where it is too long."""
        n_units = self.island.n_units
        share = step.copy()
        share[:, :n_units] /= self.v_unit_pu
        longest = np.abs(share).max(axis=1, keepdims=True)
        step = step * LARGEST_STEP / np.maximum(longest, LARGEST_STEP)
        self.v_unit_pu = self.v_unit_pu + step[:, :n_units]
        # the angle of the first unit is the reference
        self.angle_rad = self.angle_rad.copy()
        self.angle_rad[:, 1:] += step[:, n_units:]
        self.start_pu = v_pu + response.voltage_change(step)


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
        v_set_pu, q_set_kvar, v_droop_pu_per_mvar, f_set_hz, p_set_kw, f_droop_hz_per_mw: settings of the units, see
            `DroopSettings`, (unit,) or (scenario, unit).
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
    accuracy = _Accuracy(tolerance, max_iterations, load_model)
    solution = _find(_first_search(island, points), accuracy)
    flow = solution.flow
    if points.is_single and not flow.converged[0]:
        name = island.network.feeder.name
        raise NotConvergedError(f"The island '{name}' {flow.reason(0)}")
    return solution


def _first_search(island: Island, points: OperatingPoints) -> _Search:
    """Units at their set-points, with the angles that they have where nothing is loaded."""
    shape = (points.n_scenarios, island.n_units)
    return _Search(
        island=island,
        points=points,
        v_unit_pu=np.broadcast_to(points.settings.v_set_pu, shape),
        angle_rad=np.broadcast_to(island.no_load_angle_rad, shape),
        start_pu=points.start_pu,
    )


def _find(search: _Search, accuracy: _Accuracy) -> IslandSolution:
    """Steps until every scenario that has a power flow is settled."""
    island = search.island
    response: Response | None = None
    last_size = np.full(search.points.n_scenarios, np.inf)
    for iteration in range(accuracy.max_iterations):
        flow = search.flow(accuracy)
        delivery = Delivery(flow, island.n_units)
        if response is None:
            response = search.response(delivery)
        step = search.step(delivery, response)
        if _is_slow(step, last_size, accuracy):
            response = search.response(delivery)
            step = search.step(delivery, response)
        last_size = np.abs(step).max(axis=1)
        is_settled = last_size <= accuracy.tolerance
        # the last voltages stay as they are, for the flow belongs to them
        if is_settled.all() or iteration == accuracy.max_iterations - 1:
            break
        search.move(step, flow.v_pu, response)
    _mark(flow, is_settled)
    has_answer = flow.converged[:, None]
    return IslandSolution(
        island=island,
        settings=search.points.settings,
        delivery=delivery,
        v_unit_pu=np.where(has_answer, search.v_unit_pu, np.nan),
        angle_rad=np.where(has_answer, search.angle_rad, np.nan),
    )


def _is_slow(step: FloatArray, last_size: FloatArray, accuracy: _Accuracy) -> bool:
    """Whether a scenario that is not settled hardly came nearer: slopes taken where the search began no longer serve it."""
    size = np.abs(step).max(axis=1)
    is_far = size > accuracy.tolerance
    is_hardly_nearer = size > LEAST_GAIN * last_size
    is_slow = is_far & is_hardly_nearer
    return bool(is_slow.any())


def _mark(flow: Solution, is_settled: BoolArray) -> None:
    """Take the answer of scenarios whose units found no common point."""
    lost = np.flatnonzero(flow.converged & ~is_settled)
    flow.outcome[lost] = Outcome.ITERATION_LIMIT
    flow.v_pu[lost] = np.nan
    for scenario in lost.tolist():
        flow.reasons[scenario] = NO_MEETING
