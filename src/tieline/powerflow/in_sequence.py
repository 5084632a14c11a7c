"""Power flows one after the other in time: each step begins with the taps and capacitor steps at which the one before ended.

The answer of a step depends on where it begins, so steps cannot be solved side by side as they stand. They are all the same, in
passes: each pass solves together the steps whose beginning has changed, and hands their ends to the steps behind them,

    begin(t) = end(t - 1),     end(t) = rest(begin(t), inputs(t))

until no beginning changes. A pass settles at least one more step for good, so the passes end, and what they end at is what one
step after the other gives. It takes few of them: where a load rises or falls by more than the band of a regulator, the end no
longer depends on the beginning, and a day has such hours. (The same idea for differential equations is the parareal method of
J.-L. Lions, Y. Maday, G. Turinici, C. R. Acad. Sci. Paris 332, 2001.)

In OpenDSS this is `mode=yearly` (or daily, duty) with `controlmode=static`: controls act in each step until they rest, in the
order of their delays. Left out: what else a control could remember across steps, that a bank was opened lately (its dead time)
and that power flowed backwards through a regulator; each step asks that anew.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from tieline.errors import InputError
from tieline.network.network import Network
from tieline.powerflow.outcome import Outcome
from tieline.powerflow.solution import Solution
from tieline.powerflow.solve import solve
from tieline.typing import BoolArray, FloatArray, IntArray

CARRIED = ("taps", "capacitor_steps")
"""Inputs of `solve` that one step hands to the next."""


@dataclass(frozen=True, eq=False)
class Positions:
    """Where regulators and banks stand at some steps: `taps` (step, regulator), `steps_in` (step, capacitor)."""

    taps: IntArray
    steps_in: FloatArray

    def at(self, rows: IntArray | slice) -> Positions:
        """Those of some steps."""
        return Positions(self.taps[rows], self.steps_in[rows])

    def write(self, rows: IntArray, positions: Positions) -> None:
        """Take over positions for some steps."""
        self.taps[rows] = positions.taps
        self.steps_in[rows] = positions.steps_in

    def differing(self, positions: Positions) -> BoolArray:
        """Steps at which something stands elsewhere, (step,)."""
        taps_differ = (self.taps != positions.taps).any(axis=1)
        return taps_differ | (self.steps_in != positions.steps_in).any(axis=1)

    @property
    def inputs(self) -> dict[str, Any]:
        """As inputs of `solve`, a row for each step."""
        return {"taps": self.taps, "capacitor_steps": self.steps_in}

    @property
    def held_inputs(self) -> dict[str, Any]:
        """The first row as inputs of `solve`, the same in all steps."""
        return {"taps": self.taps[0], "capacitor_steps": self.steps_in[0]}


def first_positions(network: Network) -> Positions:
    """Where the feeder states them, one row."""
    steps_in = [bank.steps_on for bank in network.feeder.capacitors]
    taps = network.regulators.initial_tap[None].copy()
    return Positions(taps, np.array(steps_in, dtype=float)[None])


def last_positions(solution: Solution) -> Positions:
    """Where the last step of a sequence ended, one row: what the next sequence begins with."""
    return _positions(solution).at(slice(-1, None))


def solve_in_sequence(
    network: Network,
    n_steps: int,
    begin: Positions | None = None,
    scheduled_steps: FloatArray | None = None,
    **inputs: Any,
) -> Solution:
    """Solve scenarios that follow each other, the feeder's controls acting in each until they rest.

    Args:
        network: feeder arrays.
        n_steps: how many there are.
        begin: positions before the first step, one row; those of the feeder if not given.
        scheduled_steps: steps in at which banks begin each step whatever they were, (step, capacitor); NaN for those that go on
            from the step before.
        inputs: as for `solve`, as arrays: one row for each step, or one for all. What controls move cannot be given.

    Returns:
        The solution, (step, ...). A step without an answer is marked, and the next one begins where it began.

    Raises:
        InputError: if positions are among the inputs; else as `solve`.
    """
    positions = [name for name in CARRIED if name in inputs]
    if positions:
        raise InputError(
            f"{', '.join(positions)} follow from one step to the next here. Give where the first one begins as begin=."
        )
    if not network.feeder.has_controls and scheduled_steps is None:
        return solve(network, **inputs)
    inputs = {name: _one_row_each(array, n_steps) for name, array in inputs.items()}
    first = begin or first_positions(network)
    if scheduled_steps is None:
        scheduled_steps = np.full((n_steps, first.steps_in.shape[1]), np.nan)
    ends, outcome = _settle(network, first, inputs, scheduled_steps)
    # once more where they stand, so that one solution holds all steps
    solution = solve(network, controls="off", **inputs, **ends.inputs)
    failed = outcome != Outcome.CONVERGED
    solution.outcome[failed] = outcome[failed]
    solution.v_pu[failed] = np.nan
    return solution


def _one_row_each(array: Any, n_steps: int) -> Any:
    """An input with a row for each step; one without a scenario axis is the same in all."""
    if not isinstance(array, np.ndarray) or array.ndim == 0:
        return array
    return np.broadcast_to(array, (n_steps, array.shape[-1]))


def _settle(
    network: Network,
    begin: Positions,
    inputs: dict[str, Any],
    scheduled_steps: FloatArray,
) -> tuple[Positions, IntArray]:
    """Where each step ends, and its `Outcome`, (step,)."""
    n_steps = len(scheduled_steps)
    # all begin alike at first; each pass corrects those that do not
    alike = begin.at(np.zeros(n_steps, dtype=np.int64))
    begins = _by_schedule(alike, scheduled_steps)
    ends = Positions(begins.taps.copy(), begins.steps_in.copy())
    outcome = np.zeros(n_steps, dtype=np.int64)
    changed = np.arange(n_steps)
    while len(changed) > 0:
        starts = begins.at(changed)
        solution = solve(network, **_rows(inputs, changed), **starts.inputs)
        outcome[changed] = solution.outcome
        # a step without an answer leaves everything where it was
        is_solved = solution.converged
        ends.write(changed, starts)
        ends.write(
            changed[is_solved], _positions(solution).at(np.flatnonzero(is_solved))
        )
        handed_on = Positions(
            np.vstack([begin.taps, ends.taps[:-1]]),
            np.vstack([begin.steps_in, ends.steps_in[:-1]]),
        )
        next_begins = _by_schedule(handed_on, scheduled_steps)
        changed = np.flatnonzero(begins.differing(next_begins))
        begins = next_begins
    return ends, outcome


def _by_schedule(positions: Positions, scheduled_steps: FloatArray) -> Positions:
    """Positions with those banks where their schedule has them that have one."""
    is_free = np.isnan(scheduled_steps)
    steps_in = np.where(is_free, positions.steps_in, scheduled_steps)
    return Positions(positions.taps, steps_in)


def _rows(inputs: dict[str, Any], steps: IntArray) -> dict[str, Any]:
    return {
        name: array[steps] if isinstance(array, np.ndarray) and array.ndim else array
        for name, array in inputs.items()
    }


def _positions(solution: Solution) -> Positions:
    taps = np.array(solution.taps)
    steps_in = np.broadcast_to(
        np.round(solution.capacitor_steps),
        (solution.n_scenarios, len(solution.network.feeder.capacitors)),
    )
    return Positions(taps, np.array(steps_in))
