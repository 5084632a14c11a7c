"""`WindowProgram`: the cone program of some steps of an island, built once and solved from any state and forecast."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np

from tieline.opf.cones.blocks import Block
from tieline.opf.cones.interior_point import Accuracy, Solved
from tieline.opf.cones.refilled import RefilledCones
from tieline.opf.restoration.columns import Columns, parameter_values
from tieline.opf.restoration.droop_blocks import droop_blocks
from tieline.opf.restoration.model_network import ModelNetwork, model_network
from tieline.opf.restoration.network_blocks import network_blocks
from tieline.opf.restoration.no_plan import NoPlanError
from tieline.opf.restoration.plan import Plan, read_plan
from tieline.opf.restoration.plant import IslandPlant
from tieline.opf.restoration.state import IslandState
from tieline.opf.restoration.terms import Terms
from tieline.opf.restoration.unit_blocks import (
    KWH_PER_MWH,
    load_blocks,
    unit_blocks,
)
from tieline.typing import FloatArray
from tieline.units import S_BASE_KVA

ACCURACY = Accuracy(tolerance=1e-8, refinement=1e-10)
"""Clarabel's own tolerance; its equations two digits finer, where its default takes a fifth more time for nothing."""


class WindowProgram:
    """The program of one island and number of steps.

    Args:
        plant: the island.
        terms: the objective.
        steps: length of the window.
        has_chord: whether the droop law is closed by its chord; without it the program is the paper's.
        model: the island's tree, where several programs share it.

    Raises:
        InputError: if the island has a loop.
        FeederError: if it has phases and no balanced equivalent.
        MissingExtraError: if Clarabel is missing.
    """

    def __init__(
        self,
        plant: IslandPlant,
        terms: Terms,
        steps: int,
        has_chord: bool = True,
        model: ModelNetwork | None = None,
    ):
        self.plant = plant
        self.terms = terms
        self.model = model or model_network(plant, terms)
        self.columns = Columns(self.model, steps)
        self.cost = self._cost()
        self._cones = RefilledCones(
            list(self._blocks(has_chord)),
            self.cost,
            ACCURACY,
            "The plan of a restoration",
        )

    def solve(
        self, state: IslandState, available_kw: FloatArray, scenario: int = 0
    ) -> Plan:
        """The plan of a scenario.

        Args:
            state: before the window.
            available_kw: what sun and wind offer, the first step as measured, (step, renewable) [kW].
            scenario: which row of the state.

        Raises:
            NoPlanError: if no plan keeps all limits; it names those that stand against each other.
        """
        parameters = self.parameters(state, available_kw, scenario)
        solved = self.solve_cones(parameters)
        return read_plan(self.plant, self.model, self.columns, solved, self.terms.hours)

    def solve_cones(self, parameters: FloatArray) -> Solved:
        """The optimum by column, as `solve`."""
        solved = self._cones.solve(parameters)
        if not solved.is_optimal:
            raise NoPlanError(self.plant.feeder.name, self.columns.steps, solved)
        return solved

    @property
    def blocks(self) -> Sequence[Block]:
        """Rows over free columns and parameters."""
        return self._cones.blocks

    def parameters(
        self, state: IslandState, available_kw: FloatArray, scenario: int
    ) -> FloatArray:
        """What stands before the window and what is expected, by column."""
        # a forecast that is corrected upwards may pass what panels and wheels can deliver
        offered_kw = np.clip(available_kw, 0.0, self.plant.renewables.p_max_kw)
        return parameter_values(
            served=state.served[scenario],
            p_pu=state.last_kw[scenario] / S_BASE_KVA,
            unit_p_pu=state.unit_last_kw[scenario] / S_BASE_KVA,
            fuel_mwh=state.fuel_kwh[scenario] / KWH_PER_MWH,
            unit_fuel_mwh=state.unit_fuel_kwh[scenario] / KWH_PER_MWH,
            stored_mwh=state.stored_kwh[scenario] / KWH_PER_MWH,
            available_pu=offered_kw / S_BASE_KVA,
        )

    def _blocks(self, has_chord: bool) -> Iterator[Block]:
        plant = self.plant
        columns = self.columns
        yield from network_blocks(plant, self.model, columns, self.terms)
        yield from unit_blocks(plant, columns, self.terms.hours)
        yield from load_blocks(columns, self.terms)
        yield from droop_blocks(plant.units, self.model, columns, has_chord)

    def _cost(self) -> FloatArray:
        """Less of the objective is more of the cost, (free,) [MWh of load of weight 1]."""
        plant = self.plant
        terms = self.terms
        columns = self.columns
        cost = np.zeros(columns.n_free)
        worth = terms.hours * plant.load_weight * plant.load_kw / KWH_PER_MWH
        cost[columns.served.after] = -worth
        # an infinite one is a limit, which `load_blocks` holds
        if np.isfinite(terms.shed_factor):
            cost[columns.shed] = terms.shed_factor * worth
        generation = terms.hours * terms.generation_cost * S_BASE_KVA / KWH_PER_MWH
        cost[columns.p.after] = generation
        cost[columns.unit_p.after] = generation
        if terms.charges_all:
            cost[columns.renewable_p] = generation
            cost[columns.discharge] = generation
            cost[columns.charge] = -generation
        return cost
