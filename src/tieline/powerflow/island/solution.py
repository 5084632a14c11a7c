"""`IslandSolution`: the operating points of an island in many scenarios."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np

from tieline.devices import DroopSettings
from tieline.powerflow.island.delivered import Delivery
from tieline.powerflow.island.island import Island
from tieline.powerflow.island.response import Response, unit_response
from tieline.powerflow.solution import Solution
from tieline.typing import BoolArray, FloatArray, IntArray


@dataclass(frozen=True, eq=False)
class IslandSolution:
    """Solved scenarios of an island; scenarios without an answer hold NaN.

    Attributes:
        island: what was solved.
        settings: droop laws in force, (scenario or 1, unit).
        delivery: the power flow at the units' voltages, and what the units deliver there.
        v_unit_pu: voltage that each unit holds, (scenario, unit) [pu].
        angle_rad: its angle against the first unit, (scenario, unit) [rad].
    """

    island: Island
    settings: DroopSettings
    delivery: Delivery
    v_unit_pu: FloatArray
    angle_rad: FloatArray

    def __repr__(self) -> str:
        """How the scenarios ended, as the power flow tells it."""
        return f"Island held by {', '.join(self.island.units.names)}\n  {self.flow!r}"

    @property
    def converged(self) -> BoolArray:
        """True for scenarios with an answer, (scenario,)."""
        return self.flow.converged

    @property
    def flow(self) -> Solution:
        """Voltages, loading, loss, and how each scenario ended."""
        return self.delivery.flow

    @cached_property
    def response(self) -> Response:
        """How voltages and power move with the voltages of the units; worked out when first asked for."""
        phasors = self.island.phasors
        return unit_response(self.delivery, phasors, self.v_unit_pu, self.angle_rad)

    @cached_property
    def p_kw(self) -> FloatArray:
        """Active power of each droop unit, (scenario, unit) [kW]."""
        return self._where_converged(self.delivery.power_kva.real)

    @cached_property
    def q_kvar(self) -> FloatArray:
        """Reactive power of each droop unit, (scenario, unit) [kvar]."""
        return self._where_converged(self.delivery.power_kva.imag)

    @cached_property
    def frequency_hz(self) -> FloatArray:
        """The island's frequency, (scenario,) [Hz]."""
        return self.settings.frequency_hz(self.p_kw)[:, 0]

    def of_scenarios(self, rows: IntArray) -> IslandSolution:
        """Some scenarios of this solution, by number; one that is named twice stands there twice."""
        settings = self.settings
        if len(settings.v_set_pu) > 1:
            settings = DroopSettings(*(column[rows] for column in settings))
        part = replace(
            self,
            settings=settings,
            delivery=Delivery(self.flow.of_scenarios(rows), self.island.n_units),
            v_unit_pu=self.v_unit_pu[rows],
            angle_rad=self.angle_rad[rows],
        )
        if "response" in vars(self):
            # what is known of a scenario holds for each of its rows
            response = self.response
            vars(part)["response"] = Response(
                response.voltage[rows], response.power[rows]
            )
        return part

    def _where_converged(self, power: FloatArray) -> FloatArray:
        return np.where(self.converged[:, None], power, np.nan)
