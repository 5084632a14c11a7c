"""`MpcDecider`: plans an island's restoration over a window, carries out the first step, and plans again.

With the forecast of sun and wind as it is, or corrected by what was measured so far; with the droop law closed by its chord, or
as the paper has it. Programs are built once for each length of window and set of droop units that run, and refilled.

Source of the window: S. Bose, Y. Zhang, "Load restoration in islanded microgrids: formulation and solution strategies", arXiv
2111.02054.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import NamedTuple

import numpy as np

from tieline.envs.restoration.config import RestorationWorldConfig
from tieline.envs.restoration.seen import Correction, Seen
from tieline.envs.restoration.step.set_points import SetPoints
from tieline.envs.restoration.world import RestorationWorld
from tieline.opf.restoration.model_network import ModelNetwork, model_network
from tieline.opf.restoration.netting import netted
from tieline.opf.restoration.no_plan import NoPlanError
from tieline.opf.restoration.plan import Plan
from tieline.opf.restoration.program import WindowProgram
from tieline.opf.restoration.state import IslandState
from tieline.opf.restoration.terms import Terms
from tieline.typing import BoolArray, FloatArray, IntArray

Plans = Sequence[Plan | None]
"""One for each draw; none where the island is dead or no plan keeps all limits."""


class Row(NamedTuple):
    """Set-points of one draw, fields as `SetPoints` has them, without the first axis."""

    served: FloatArray
    p_kw: FloatArray
    q_kvar: FloatArray
    battery_kw: FloatArray
    battery_kvar: FloatArray
    renewable_kw: FloatArray
    renewable_kvar: FloatArray


class MpcDecider:
    """A controller with a model.

    Args:
        world: the island, and what is worth what.
        window: steps that it looks ahead; None looks to the end of the horizon.
        correction: of the forecast by what was measured.
        has_chord: whether the droop law is closed by its chord.
        terms: other numbers than those of the world.
    """

    def __init__(
        self,
        world: RestorationWorld,
        window: int | None = None,
        correction: Correction = "none",
        has_chord: bool = True,
        terms: Terms | None = None,
    ):
        self.plant = world.plant
        self.terms = terms or terms_of(world.config)
        self.window = window
        self.correction: Correction = correction
        self.has_chord = has_chord
        self._programs: dict[tuple[int, bytes], WindowProgram] = {}
        self._models: dict[bytes, ModelNetwork] = {}

    def decide(self, state: IslandState, sight: Seen) -> SetPoints:
        """Set-points of a step, one row per draw."""
        return self.set_points(state, sight, self.plans(state, sight))

    def plans(self, state: IslandState, sight: Seen) -> Plans:
        """The plan of each draw, from this step on."""
        to_the_end_kw = sight.ahead_kw(self.correction)
        # near the end of the horizon fewer steps are left than the window holds
        ahead_kw = to_the_end_kw[:, : self.window]
        return [
            self._plan(state, draw, of_draw) for draw, of_draw in enumerate(ahead_kw)
        ]

    def set_points(self, state: IslandState, sight: Seen, plans: Plans) -> SetPoints:
        """The first step of plans, with what overlaps netted; a draw without a plan goes on as it is."""
        rows = []
        for draw, plan in enumerate(plans):
            if plan is None:
                rows.append(self._as_before(state, sight, draw))
            else:
                rows.append(self._first_step(state, draw, plan))
        return SetPoints(*map(np.stack, zip(*rows, strict=True)))

    def _first_step(self, state: IslandState, draw: int, plan: Plan) -> Row:
        net = netted(
            self.plant.batteries,
            state.stored_kwh[draw],
            plan.charge_kw[0],
            plan.discharge_kw[0],
            plan.renewable_kw[0],
            self.terms.hours,
        )
        return Row(
            served=plan.served[0],
            p_kw=plan.p_kw[0],
            q_kvar=plan.q_kvar[0],
            battery_kw=net.battery_kw,
            battery_kvar=plan.battery_kvar[0],
            renewable_kw=net.renewable_kw,
            renewable_kvar=plan.renewable_kvar[0],
        )

    def _as_before(self, state: IslandState, sight: Seen, draw: int) -> Row:
        """Load and turbines as they are, sun and wind as they come: the exact step drops what the droop units cannot hold."""
        measured_kw = sight.measured_kw[draw, -1]
        n_batteries = len(self.plant.batteries.names)
        return Row(
            served=state.served[draw],
            p_kw=state.last_kw[draw],
            q_kvar=np.zeros(len(self.plant.generators.names)),
            battery_kw=np.zeros(n_batteries),
            battery_kvar=np.zeros(n_batteries),
            renewable_kw=measured_kw,
            renewable_kvar=np.zeros(len(measured_kw)),
        )

    def _plan(
        self, state: IslandState, draw: int, available_kw: FloatArray
    ) -> Plan | None:
        is_running = state.unit_fuel_kwh[draw] > 0
        if state.is_dead[draw] or not is_running.any():
            return None
        program = self._program(len(available_kw), is_running)
        units = np.flatnonzero(is_running)
        # a window that has no plan must not end an episode of many draws
        try:
            return program.solve(_held_by(state, units), available_kw, draw)
        except NoPlanError:
            return None

    def _program(self, steps: int, is_running: BoolArray) -> WindowProgram:
        pattern = is_running.tobytes()
        key = steps, pattern
        if key not in self._programs:
            # units that stand still hold no voltage: to the program they are not there
            island = self.plant.held_by(is_running)
            plant = replace(self.plant, island=island)
            if pattern not in self._models:
                self._models[pattern] = model_network(plant, self.terms)
            self._programs[key] = WindowProgram(
                plant,
                self.terms,
                steps,
                self.has_chord,
                self._models[pattern],
            )
        return self._programs[key]


def terms_of(config: RestorationWorldConfig) -> Terms:
    """The objective and the limits of a world, as the programs take them."""
    limits = config.limit_numbers
    assert limits.lowest_pu is not None  # of a configuration that needs both
    assert limits.highest_pu is not None
    return Terms(
        hours=config.step_h,
        generation_cost=config.generation_cost,
        shed_factor=config.shed_factor,
        shed_free_share=config.shed_free_share,
        v_low_pu=limits.lowest_pu,
        v_high_pu=limits.highest_pu,
        line_pct=limits.line_pct,
        transformer_pct=limits.transformer_pct,
    )


def _held_by(state: IslandState, units: IntArray) -> IslandState:
    """The state without droop units that stand still."""
    return replace(
        state,
        unit_fuel_kwh=state.unit_fuel_kwh[:, units],
        unit_last_kw=state.unit_last_kw[:, units],
    )
