"""Set-points of DERs in steps side by side, so that the safety step can correct them.

    action     P and Q of the DERs that are decided, in shares of their ratings
    bounds     what each may be in its step: rating, sun, ramp, stored energy; whoever makes the rows works them out
    limited    voltages [pu], flows [parts of their limit], and sqrt(P^2 + Q^2) <= S where P and Q of a DER share it

Steps are rows of `StepRows`, of one day or of many. Taps and capacitor steps are held. Only the step itself is looked at: what it
leaves to later ones, stored energy and last power, is the decider's business.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from tieline.devices.apparent_power import q_room
from tieline.envs.box import Box
from tieline.envs.grid_constraints import GridConstraints
from tieline.envs.safeguarded import Bounds, Kept, Limited
from tieline.network.network import Network
from tieline.powerflow import Solution, solve
from tieline.typing import BoolArray, FloatArray, IntArray

INSIDE = 1e-9
"""A corner of P and Q that passes the apparent power by less lies on the circle: rounding."""


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
        action: bounds of the entries in any step [share].
    """

    network: Network
    grid: GridConstraints
    entries: Entries
    kva: FloatArray
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
            controls="off",
        )

    def limited(self, state: StepRows, actions: FloatArray) -> Limited:
        """How far voltages, flows and apparent powers are beyond their limits, which are 0."""
        der_kw, der_kvar = self.entries.put(actions, state.der_kw, state.der_kvar)
        solution = self.solved(state, der_kw, der_kvar)
        circled = self.circled
        kva = np.hypot(der_kw[:, circled], der_kvar[:, circled])
        value = np.hstack([self.grid.beyond(solution), kva / self.kva[circled] - 1])

        def slopes(rows: IntArray) -> FloatArray:
            of_grid = self._grid_slopes(solution, rows)
            of_circles = self._circle_slopes(der_kw[rows], der_kvar[rows])
            return np.concatenate([of_grid, of_circles], axis=1)

        names = [f"apparent power of DER {k}" for k in circled]
        count = value.shape[1]
        return Limited(
            names=(*self.grid.names, *names),
            value=value,
            low=np.full(count, -np.inf),
            high=np.zeros(count),
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

    @property
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
        is_outside = np.hypot(p_kw, q_kvar) > self.kva * (1 + INSIDE)
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

    def _circle_slopes(self, der_kw: FloatArray, der_kvar: FloatArray) -> FloatArray:
        """Derivatives of apparent powers by shares, (row, circle, entry)."""
        entries = self.entries
        power = np.where(
            entries.is_reactive, der_kvar[:, entries.der], der_kw[:, entries.der]
        )
        kva = np.hypot(der_kw, der_kvar)[:, entries.der]
        # at rest a circle has no slope, and is far away
        direction = power / np.where(kva > 0, kva, 1.0)
        per_share = direction * entries.unit / self.kva[entries.der]
        is_of_circle = np.equal.outer(self.circled, entries.der)
        return per_share[:, None, :] * is_of_circle


def _once(positions: np.ndarray) -> Any:
    """One row where all rows are alike; None where there is nothing to hold."""
    if positions.size == 0:
        return None
    is_same = (positions == positions[:1]).all()
    return positions[:1] if is_same else positions
