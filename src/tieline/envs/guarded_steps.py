"""Set-points of DERs in steps side by side, so that the safety step can correct them.

    action     P and Q of the DERs that are decided, in shares of their ratings
    bounds     what each may be in its step: rating, sun, ramp, stored energy; whoever makes the rows works them out
    limited    voltages [pu], flows [parts of their limit], and sqrt(P^2 + Q^2) <= S where P and Q of a DER share it, by lines
               around the circle; what a corner of these lets pass is taken off Q

Steps are rows of `StepRows`, of one day or of many. Taps and capacitor steps are held. Only the step itself is looked at: what it
leaves to later ones, stored energy and last power, is the decider's business.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np

from tieline.devices.apparent_power import q_room
from tieline.envs.apparent_power_edges import ROUNDING, edges
from tieline.envs.box import Box
from tieline.envs.grid_constraints import GridConstraints
from tieline.envs.safeguarded import Bounds, Kept, Limited
from tieline.envs.set_point_entries import Entries
from tieline.network.network import Network
from tieline.powerflow import Solution, Solver
from tieline.typing import FloatArray, IntArray


@dataclass(frozen=True, eq=False)
class StepRows:
    """Steps side by side.

    Attributes:
        load_kw, load_kvar: (row, load).
        der_kw, der_kvar: set-points that are not decided, (row, der); the others are not looked at.
        low, high: what each decided set-point may be, (row, entry) [share].
        taps, capacitor_steps: held, (row, regulator) and (row, capacitor).
    """

    load_kw: FloatArray
    load_kvar: FloatArray
    der_kw: FloatArray
    der_kvar: FloatArray
    low: FloatArray
    high: FloatArray
    taps: IntArray
    capacitor_steps: FloatArray


@dataclass(frozen=True, eq=False)
class GuardedSteps:
    """What the safety step needs of set-points; states are `StepRows`, see `Safeguarded`.

    Attributes:
        network: feeder arrays.
        grid: limits of voltages and flows.
        entries: what is decided.
        kva: apparent power of every DER, (der,); infinite without a limit.
        line_closed, source_pu: positions of lines and voltage of the source, (line,) and (source node,) [pu].
        action: bounds of the entries in any step [share].
    """

    network: Network
    grid: GridConstraints
    entries: Entries
    kva: FloatArray
    line_closed: FloatArray
    source_pu: FloatArray
    action: Box
    controls_act = False

    def solved(
        self, state: StepRows, der_kw: FloatArray, der_kvar: FloatArray
    ) -> Solution:
        """The power flow of set-points, (row, der) each."""
        return self.solver.solve(
            load_kw=state.load_kw,
            load_kvar=state.load_kvar,
            der_kw=der_kw,
            der_kvar=der_kvar,
            # one row where all are alike: each further one costs a factorisation
            taps=_once(state.taps),
            capacitor_steps=_once(state.capacitor_steps),
            line_closed=self.line_closed,
            source_pu=np.tile(self.source_pu, (len(der_kw), 1)),
        )

    @cached_property
    def solver(self) -> Solver:
        """The power flow with regulators and capacitors held."""
        return self.network.solver(controls="off")

    def limited(self, state: StepRows, actions: FloatArray) -> Limited:
        """How far voltages, flows and apparent powers are beyond their limits, which are 0."""
        within = self.carried_out(state, actions)
        der_kw, der_kvar = self.entries.put(within, state.der_kw, state.der_kvar)
        solution = self.solved(state, der_kw, der_kvar)
        beyond_grid = self.grid.beyond(solution)
        beyond_edges = actions @ self.edges.T - 1 - ROUNDING
        value = np.hstack([beyond_grid, beyond_edges])

        def slopes(rows: IntArray) -> FloatArray:
            of_grid = self._grid_slopes(solution, rows)
            of_edges = np.tile(self.edges, (len(rows), 1, 1))
            return np.concatenate([of_grid, of_edges], axis=1)

        quantity = np.arange(value.shape[1])
        n_voltages = 2 * len(self.grid.points.names)
        n_of_grid = len(self.grid.names)
        edge_names = ["apparent power"] * len(self.edges)
        return Limited(
            names=(*self.grid.names, *edge_names),
            value=value,
            low=np.full(len(quantity), -np.inf),
            high=np.zeros(len(quantity)),
            is_hard=quantity >= n_of_grid,
            is_convex=quantity >= n_voltages,
            slopes=slopes,
        )

    def carried_out(self, state: StepRows, actions: FloatArray) -> FloatArray:
        """The action within bounds and apparent power, (episode, action); P goes before Q."""
        entries = self.entries
        bounded = np.clip(actions, state.low, state.high)
        p_kw, wish_kvar = entries.put(bounded, state.der_kw, state.der_kvar)
        room_kvar = q_room(self.kva, p_kw)
        # Q gives way, as an inverter's does
        q_kvar = np.clip(wish_kvar, -room_kvar, room_kvar)
        return entries.taken(p_kw, q_kvar)

    def bounds(self, state: StepRows) -> Bounds:
        """Those of the rows."""
        return Bounds(state.low, state.high)

    def kept(self, state: StepRows) -> Kept:
        """Set-points owe each other nothing."""
        return Kept.nothing(len(state.low), self.action.size)

    @cached_property
    def edges(self) -> FloatArray:
        """Lines around circles of apparent power, row @ action <= 1, (edge, entry)."""
        return edges(self.entries, self.action, self.kva)

    def _grid_slopes(self, solution: Solution, rows: IntArray) -> FloatArray:
        """Derivatives of voltages and flows by shares, (row, constraint, entry)."""
        entries = self.entries
        active = entries.active
        reactive = entries.reactive
        by_p = ("der_kw", entries.der[active])
        by_q = ("der_kvar", entries.der[reactive])
        every = np.arange(len(self.grid.names))
        by_power = self.grid.slopes(solution, (by_p, by_q), every, rows)
        # the grid lists every P before every Q
        place = np.concatenate([active, reactive])
        slopes = np.empty(by_power.shape)
        slopes[..., place] = by_power
        return slopes * entries.unit


def _once(positions: np.ndarray) -> Any:
    """One row without an axis of rows where all are alike; None where there is nothing to hold."""
    if positions.size == 0:
        return None
    first = positions[0]
    are_alike = (positions == first).all()
    return first if are_alike else positions
