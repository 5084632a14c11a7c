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
from tieline.envs.box import Box
from tieline.envs.grid_constraints import GridConstraints
from tieline.envs.safeguarded import Bounds, Kept, Limited
from tieline.network.network import Network
from tieline.powerflow import Solution, solve
from tieline.typing import BoolArray, FloatArray, IntArray

N_EDGES = 64
"""Lines around a circle: its corners stand out by 0.12 %, less than what a margin of the safety step makes up for."""

ROUNDING = 1e-9
"""P and Q that pass the apparent power by less are on the circle."""


@dataclass(frozen=True, eq=False)
class Entries:
    """Which set-points are decided, in the order of an action.

    Attributes:
        der: of which DER, (entry,).
        is_reactive: whether the entry is its Q, (entry,).
        unit: what a share of one is, (entry,) [kW or kvar].
    """

    der: IntArray
    is_reactive: BoolArray
    unit: FloatArray

    def taken(self, der_kw: FloatArray, der_kvar: FloatArray) -> FloatArray:
        """Shares of set-points, (row, der) each, as an action, (row, entry)."""
        power = np.where(self.is_reactive, der_kvar[:, self.der], der_kw[:, self.der])
        return power / self.unit

    def put(
        self, actions: FloatArray, der_kw: FloatArray, der_kvar: FloatArray
    ) -> tuple[FloatArray, FloatArray]:
        """Set-points of an action, among those of all DERs, (row, der) each, as new arrays."""
        power = actions * self.unit
        p_kw = der_kw.copy()
        q_kvar = der_kvar.copy()
        p_kw[:, self.der[self.is_active]] = power[:, self.is_active]
        q_kvar[:, self.der[self.is_reactive]] = power[:, self.is_reactive]
        return p_kw, q_kvar

    @property
    def is_active(self) -> BoolArray:
        """Whether the entry is a P, (entry,)."""
        return ~self.is_reactive


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
        return solve(
            self.network,
            load_kw=state.load_kw,
            load_kvar=state.load_kvar,
            der_kw=der_kw,
            der_kvar=der_kvar,
            # one row where all are alike: each further one costs a factorisation
            taps=_once(state.taps),
            capacitor_steps=_once(state.capacitor_steps),
            line_closed=self.line_closed,
            source_pu=np.tile(self.source_pu, (len(der_kw), 1)),
            controls="off",
        )

    def limited(self, state: StepRows, actions: FloatArray) -> Limited:
        """How far voltages, flows and apparent powers are beyond their limits, which are 0."""
        within = self.carried_out(state, actions)
        der_kw, der_kvar = self.entries.put(within, state.der_kw, state.der_kvar)
        solution = self.solved(state, der_kw, der_kvar)
        edges = self.edges
        beyond_edges = actions @ edges.T - 1 - ROUNDING
        value = np.hstack([self.grid.beyond(solution), beyond_edges])
        count = value.shape[1]

        def slopes(rows: IntArray) -> FloatArray:
            of_grid = self._grid_slopes(solution, rows)
            of_edges = np.broadcast_to(edges, (len(rows), *edges.shape))
            return np.concatenate([of_grid, of_edges], axis=1)

        return Limited(
            names=(*self.grid.names, *["apparent power"] * len(edges)),
            value=value,
            low=np.full(count, -np.inf),
            high=np.zeros(count),
            is_hard=np.arange(count) >= len(self.grid.names),
            is_convex=np.arange(count) >= 2 * len(self.grid.points.names),
            slopes=slopes,
        )

    def carried_out(self, state: StepRows, actions: FloatArray) -> FloatArray:
        """The action within bounds and apparent power; P goes before Q."""
        bounded = np.clip(actions, state.low, state.high)
        der_kw, der_kvar = self.entries.put(bounded, state.der_kw, state.der_kvar)
        room_kvar = q_room(self.kva, der_kw)
        within_kvar = np.clip(der_kvar, -room_kvar, room_kvar)
        return self.entries.taken(der_kw, within_kvar)

    def bounds(self, state: StepRows) -> Bounds:
        """Those of the rows."""
        return Bounds(state.low, state.high)

    def kept(self, state: StepRows) -> Kept:
        """Set-points owe each other nothing."""
        return Kept.nothing(len(state.low), self.action.size)

    @cached_property
    def circled(self) -> IntArray:
        """DERs whose box of P and Q has a corner outside their apparent power, (der,)."""
        size = np.maximum(np.abs(self.action.low), np.abs(self.action.high))
        largest = size * self.entries.unit
        p_kw = np.zeros(len(self.kva))
        q_kvar = np.zeros(len(self.kva))
        is_reactive = self.entries.is_reactive
        p_kw[self.entries.der[~is_reactive]] = largest[~is_reactive]
        q_kvar[self.entries.der[is_reactive]] = largest[is_reactive]
        # where P is not decided, the bounds of Q know the room beside it
        is_decided = (p_kw > 0) & (q_kvar > 0)
        is_outside = np.hypot(p_kw, q_kvar) > self.kva * (1 + ROUNDING)
        return np.flatnonzero(is_decided & is_outside)

    def _grid_slopes(self, solution: Solution, rows: IntArray) -> FloatArray:
        """Derivatives of voltages and flows by shares, (row, constraint, entry)."""
        entries = self.entries
        active = np.flatnonzero(entries.is_active)
        reactive = np.flatnonzero(entries.is_reactive)
        injections = (
            ("der_kw", entries.der[active]),
            ("der_kvar", entries.der[reactive]),
        )
        every = np.arange(len(self.grid.names))
        by_power = self.grid.slopes(solution, injections, every, rows)
        slopes = np.empty(by_power.shape)
        slopes[..., np.concatenate([active, reactive])] = by_power
        return slopes * entries.unit

    @cached_property
    def edges(self) -> FloatArray:
        """Lines around the circles of apparent power, row @ action <= 1, (circle x direction, entry)."""
        entries = self.entries
        turn = 2 * np.pi / N_EDGES
        angle = turn * np.arange(N_EDGES)[:, None]
        along = np.where(entries.is_reactive, np.sin(angle), np.cos(angle))
        all_edges = along * entries.unit / self.kva[entries.der]
        # a circle has the P and the Q of its own DER alone
        edges = [all_edges * (entries.der == der) for der in self.circled]
        return np.vstack([np.empty((0, len(entries.der))), *edges])


def _once(positions: np.ndarray) -> Any:
    """One row without an axis of rows where all are alike; None where there is nothing to hold."""
    if positions.size == 0:
        return None
    is_same = (positions == positions[:1]).all()
    return positions[0] if is_same else positions
