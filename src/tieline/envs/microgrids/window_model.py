"""`WindowModel`: what set-points lead to in a batch of windows on AC: gain of each microgrid, limits of the grid, derivatives.

    gain of microgrid n = sum over steps of  -h (price x bought at its PCC + fuel)  + value of what is stored at the end

All steps of all windows are solved as one batch. A limit of the grid is how far a quantity is beyond it, negative inside:
voltages in shares of half the band, flows in shares of their limit, so that one counts about as much as another.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from tieline.devices.battery import split
from tieline.envs.grid_constraints import GridConstraints
from tieline.envs.microgrids.bill import cost_of_step, stored_value_of_step
from tieline.envs.microgrids.plant import Plant
from tieline.envs.microgrids.set_points import SetPoints
from tieline.envs.microgrids.windows import Windows
from tieline.opf import Problem
from tieline.opf.branch_limits import BranchLimit
from tieline.opf.flow_limits import FlowLimits
from tieline.powerflow import Solution
from tieline.powerflow.derivatives.gradients import adjoint
from tieline.typing import FloatArray, IntArray


@dataclass(frozen=True, eq=False)
class SetPointSlopes:
    """Derivatives by the injection of every DER: `by_kw`, `by_kvar`, (..., der)."""

    by_kw: FloatArray
    by_kvar: FloatArray


class WindowModel:
    """The grid of a plant as windows see it.

    Attributes:
        plant: the plant.
        grid: limits of voltages and flows.
        unit: what an excess of the grid is counted in, (constraint,) [pu or share].
    """

    def __init__(self, plant: Plant, problem: Problem):
        """From the plant and the problem that any of its days poses: its limits are those of all."""
        self.plant = plant
        network = plant.network
        # set-points are judged where regulators stand while they are sought
        self._solver = network.solver(controls="off")
        low_pu, high_pu = plant.band_pu
        points = problem.limits.points
        flows = problem.limits.flows
        self.grid = GridConstraints(points, low_pu, high_pu, flows)
        half_band_pu = (high_pu - low_pu) / 2
        of_voltages = np.full(2 * len(points.names), half_band_pu)
        self.unit = np.concatenate([of_voltages, np.ones(len(flows))])
        self.meters = FlowLimits.of(network, _meters(plant))

    def outcome(self, windows: Windows, set_points: SetPoints) -> WindowOutcome:
        """Solve all steps of all windows with set-points."""
        positions = {}
        for name, of_windows in windows.positions.items():
            positions[name] = np.repeat(of_windows, windows.n_steps, axis=0)
        solution = self._solver.solve(
            load_kw=_flat(windows.load_kw),
            load_kvar=_flat(windows.load_kvar),
            der_kw=_flat(set_points.der_kw),
            der_kvar=_flat(set_points.der_kvar),
            **positions,
        )
        return WindowOutcome(self, windows, set_points, solution)


@dataclass(frozen=True, eq=False)
class WindowOutcome:
    """Solved windows; scenarios of the solution are windows x steps."""

    model: WindowModel
    windows: Windows
    set_points: SetPoints
    solution: Solution

    @property
    def excess(self) -> FloatArray:
        """How far quantities of the grid are beyond their limits, (window, step, constraint); NaN without a power flow."""
        model = self.model
        beyond = model.grid.beyond(self.solution)
        return self._by_step(beyond / model.unit)

    @property
    def cost(self) -> FloatArray:
        """What each microgrid spends in each step, no-load fuel too, (window, step, microgrid) [currency]."""
        bought_kw = self.model.meters.values(self.solution)
        of_steps = cost_of_step(
            self.model.plant,
            self.windows.price.ravel(),
            bought_kw,
            _flat(self._generator_kw),
            self.windows.step_h,
        )
        return self._by_step(of_steps)

    @property
    def gain(self) -> FloatArray:
        """J_R of each microgrid, (window, microgrid) [currency]."""
        plant = self.model.plant
        before_kwh = self.windows.start.stored_kwh
        after_kwh = self.stored_kwh[:, -1]
        stored = stored_value_of_step(plant, before_kwh, after_kwh)
        spent = self.cost.sum(axis=1)
        return stored - spent

    @property
    def stored_kwh(self) -> FloatArray:
        """Stored energy after each step, (window, step, battery)."""
        gain_kwh = self.windows.step_h * self._stored_kw()
        so_far_kwh = np.cumsum(gain_kwh, axis=1)
        start_kwh = self.windows.start.stored_kwh
        return start_kwh[:, None] + so_far_kwh

    def gain_slopes(self) -> SetPointSlopes:
        """Derivative of the gain of all microgrids together by all set-points, (window, step, der)."""
        meters = self.model.meters
        per_kw = -self.windows.step_h * self.windows.price
        # the gain is of all microgrids together: a kW counts alike at every meter
        weight = np.repeat(per_kw.reshape(-1, 1), len(meters), axis=1)
        by_voltage = meters.pull_back(self.solution, weight)
        gradient = adjoint(self.solution, by_voltage)
        by_kw = self._by_step(gradient.der_kw)
        by_kvar = self._by_step(gradient.der_kvar)
        plant = self.model.plant
        # what passes the meters first; then what devices cost, and are worth, themselves
        by_kw[..., plant.generator_ders] -= self._fuel_slope()
        by_kw[..., plant.battery_ders] += self._stored_slope()
        return SetPointSlopes(by_kw, by_kvar)

    def excess_slopes(
        self, scenarios: IntArray, constraints: IntArray
    ) -> SetPointSlopes:
        """Derivative of some excesses by the set-points of their steps.

        Args:
            scenarios, constraints: window x step and constraint of each, (excess,).

        Returns:
            (excess, der).
        """
        n_ders = self.set_points.der_kw.shape[-1]
        ders = np.arange(n_ders)
        slopes = self.model.grid.slopes_of_pairs(
            self.solution,
            (("der_kw", ders), ("der_kvar", ders)),
            scenarios,
            constraints,
        )
        slopes /= self.model.unit[constraints][:, None]
        return SetPointSlopes(slopes[:, :n_ders], slopes[:, n_ders:])

    @property
    def _generator_kw(self) -> FloatArray:
        generators = self.model.plant.generator_ders
        return self.set_points.der_kw[..., generators]

    @property
    def _battery_kw(self) -> FloatArray:
        batteries = self.model.plant.battery_ders
        return self.set_points.der_kw[..., batteries]

    def _fuel_slope(self) -> FloatArray:
        """Of the cost of fuel by power, (window, step, generator) [currency/kW]."""
        sets = self.model.plant.generators
        slope = 2 * sets.cost_per_kw2h
        per_kwh = sets.cost_per_kwh + slope * self._generator_kw
        return self.windows.step_h * per_kwh

    def _stored_kw(self) -> FloatArray:
        """What arrives at the cells, (window, step, battery)."""
        units = self.model.plant.batteries
        charge_kw, discharge_kw = split(self._battery_kw)
        gained_kw = units.efficiency_charge * charge_kw
        lost_kw = discharge_kw / units.efficiency_discharge
        return gained_kw - lost_kw

    def _stored_slope(self) -> FloatArray:
        """Of the value of what is stored by injection, (window, step, battery) [currency/kW]."""
        plant = self.model.plant
        units = plant.batteries
        per_discharge = 1 / units.efficiency_discharge
        is_charging = self._battery_kw < 0
        # cells get less than what is charged, and lose more than what is delivered
        per_kw = np.where(is_charging, units.efficiency_charge, per_discharge)
        return -self.windows.step_h * plant.stored_value * per_kw

    def _by_step(self, of_scenarios: np.ndarray) -> np.ndarray:
        n_windows = len(self.windows)
        _, *axes = of_scenarios.shape
        return of_scenarios.reshape(n_windows, -1, *axes)


def _meters(plant: Plant) -> list[BranchLimit]:
    """Active power at the first end of each PCC as a row of flows."""
    network = plant.network
    meters = []
    for name in plant.pccs:
        # a row of flows of which only the reading is used, so that any limit does
        kind = "line" if ("line", name) in network.element_index else "transformer"
        meters.append(BranchLimit(kind, name, forward_kw=0.0))
    return meters


def _flat(of_windows: FloatArray) -> FloatArray:
    """(window, step, place) as (scenario, place)."""
    *_, n_places = of_windows.shape
    return of_windows.reshape(-1, n_places)
