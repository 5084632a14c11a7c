"""`Tally`: what is kept of the power flows of some deployments, so that memory does not grow with the number of time steps.

Who is to blame: a point (a place at a time step) that breaks a limit without PV says nothing about PV. It is counted in the base
case, and must not get worse at that step (`settings.broken_before`); PV is blamed for every other point that breaks. So the base
case itself never violates. Where the power flow without PV has no solution nobody can be blamed either: all levels of that
deployment are unjudged, as is any case without a solution at some step. They are neither safe nor violating.

A tally is filled block by block (`add`), in any order of blocks, and ends as tables (`tables`).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from tieline.powerflow.outcome import Outcome
from tieline.settings.broken_before import bounds, is_broken
from tieline.settings.limits import KINDS
from tieline.studies.gauges import Gauge
from tieline.studies.hosting_capacity.world.setting import Setting
from tieline.typing import BoolArray, FloatArray, IntArray

Tables = dict[str, pd.DataFrame]


@dataclass(frozen=True)
class Block:
    """Solved power flows of some deployments at all levels over some steps.

    `first_step`: number of the first step; `v_pu`: voltages (deployment, level, step, point); `readings`: of each gauge,
    (deployment, level, step, place); `loss_kw` and `outcome`, a code of `Outcome` (where there is no solution without PV, the one
    of that power flow): (deployment, level, step).
    """

    first_step: int
    v_pu: FloatArray
    readings: tuple[FloatArray, ...]
    loss_kw: FloatArray
    outcome: IntArray

    @property
    def converged(self) -> BoolArray:
        """Where there is a solution, (deployment, level, step)."""
        return self.outcome == Outcome.CONVERGED


class _Worst:
    """Judged readings of one gauge: the worst of each case, where and when, and how many points break; and the base case."""

    def __init__(self, gauge: Gauge, shape: tuple[int, ...]):
        self.gauge = gauge
        self.excess = np.full(shape, -np.inf)
        self.place = np.full(shape, -1)
        self.step = np.full(shape, -1)
        self.points = np.zeros(shape, dtype=np.int64)
        self.base_hits = np.zeros(len(gauge.names), dtype=np.int64)
        self.base_excess = np.full(len(gauge.names), -np.inf)

    def add(self, reading: FloatArray, first_step: int) -> BoolArray:
        """Take a block's reading, (deployment, level, step, place); returns where it breaks."""
        before = reading[:, :1]
        self._count_before(before)
        side = self.gauge.kind.side
        bound = bounds(before, np.asarray(self.gauge.limit), side)
        excess = np.nan_to_num(side * (reading - bound), nan=-np.inf)
        # without a power flow before there is nothing that PV could be held against
        blamed = np.where(np.isfinite(before), excess, -np.inf)
        breaks = blamed > self.gauge.slack
        self.points += breaks.sum(axis=(2, 3))
        if reading.shape[-1]:  # of no place there is no largest
            self._keep_worst(blamed, first_step)
        return breaks

    def _count_before(self, before: FloatArray) -> None:
        """Keep which places break without PV, (deployment, 1, step, place)."""
        limit = np.asarray(self.gauge.limit)
        side = self.gauge.kind.side
        excess = np.nan_to_num(side * (before - limit), nan=-np.inf)
        worst = excess.max(axis=(0, 1, 2), initial=-np.inf)
        self.base_hits += is_broken(before, limit, side).sum(axis=(0, 1, 2))
        self.base_excess = np.maximum(self.base_excess, worst)

    def _keep_worst(self, excess: FloatArray, first_step: int) -> None:
        """Replace what is kept of each case by a larger excess of this block."""
        n_deployments, n_levels, _, n_places = excess.shape
        flat = excess.reshape(n_deployments, n_levels, -1)
        index = flat.argmax(axis=2)
        worst = flat.max(axis=2)
        is_worse = (worst > self.excess) & np.isfinite(worst)
        # steps follow each other in `flat`, each with all its places
        place = index % n_places
        step = index // n_places + first_step
        self.excess[is_worse] = worst[is_worse]
        self.place[is_worse] = place[is_worse]
        self.step[is_worse] = step[is_worse]

    def columns(self, labels: IntArray) -> dict[str, object]:
        """Columns of the case table, (case,); a case without a judged reading has NaN.

        The reading of a place that is outside before is told as one that is as far from the limit as it is from what it must
        keep: so the readings of all levels grow towards one number.
        """
        kind = self.gauge.kind
        # a case without a judged reading has place and step -1: the empty text at the end
        names = np.array([*self.gauge.names, ""], dtype=object)
        excess = np.where(
            np.isfinite(self.excess),
            self.excess,
            np.nan,
        )
        return {
            kind.column: self.gauge.limit + kind.side * excess.ravel(),
            f"{kind.column}_at": names[self.place.ravel()],
            f"{kind.column}_when": labels[self.step.ravel()],
            f"{kind.column}_points": self.points.ravel(),
        }

    def base_rows(self) -> pd.DataFrame:
        """Places that break without PV: in how many points, and how far."""
        hit = np.flatnonzero(self.base_hits)
        kind = self.gauge.kind
        worst = self.gauge.limit + kind.side * self.base_excess[hit]
        return pd.DataFrame(
            {
                "limit": kind.name,
                "place": np.array([self.gauge.names[k] for k in hit], dtype=object),
                "points": self.base_hits[hit],
                "excess": self.base_excess[hit],
                "worst": worst,
            }
        )


class Tally:
    """Accumulates blocks of some deployments at some levels; `keep_buses` also keeps the voltages of every bus."""

    def __init__(self, setting: Setting, shape: tuple[int, ...], keep_buses: bool):
        """`shape`: number of deployments and of levels."""
        self._setting = setting
        self._keep_buses = keep_buses
        self._worst = [_Worst(gauge, shape) for gauge in setting.gauges]
        points = setting.points
        # points in the order of their buses: the points of one bus stand side by side for `reduceat`
        self._order = np.argsort(points.bus, kind="stable")
        self._buses, self._first = np.unique(points.bus[self._order], return_index=True)
        by_bus = (*shape, len(self._buses))
        self._high = np.full(by_bus, -np.inf, np.float32)
        self._low = np.full(by_bus, np.inf, np.float32)
        self._critical = np.zeros(by_bus, dtype=bool)
        self._loss_kw = np.zeros(shape)
        self._answered = np.zeros(shape, np.int64)
        self._breaking = np.zeros(shape, np.int64)
        self._unsolved_step = np.full(shape, -1)
        self._unsolved_why = np.zeros(shape, np.int64)

    def add(self, block: Block) -> None:
        """Take a block of all the deployments."""
        breaking = np.zeros(block.converged.shape, dtype=bool)
        for worst, reading in zip(self._worst, block.readings, strict=True):
            breaks = worst.add(reading, block.first_step)
            breaking |= breaks.any(axis=3)
            if worst.gauge.kind.is_voltage:
                breaks_at_point = np.asarray(breaks.any(axis=2))
                self._critical |= self._by_bus(np.logical_or, breaks_at_point)
        # fmax and fmin pass over the NaN of steps without a solution; `tables` marks the cases that have any
        high = np.fmax.reduce(block.v_pu, axis=2)
        low = np.fmin.reduce(block.v_pu, axis=2)
        self._high = np.fmax(self._high, self._by_bus(np.fmax, high))
        self._low = np.fmin(self._low, self._by_bus(np.fmin, low))
        self._loss_kw += np.nansum(block.loss_kw, axis=2)
        self._answered += block.converged.sum(axis=2)
        self._breaking += breaking.sum(axis=2)
        self._note_unsolved(block)

    def _by_bus(self, reduction: np.ufunc, at_points: np.ndarray) -> np.ndarray:
        """Values of the points of each bus as one, (deployment, level, point) -> (deployment, level, bus)."""
        return reduction.reduceat(at_points[..., self._order], self._first, axis=2)

    def _note_unsolved(self, block: Block) -> None:
        """Keep step and outcome of the first power flow of each case that has no solution."""
        index = block.converged.argmin(axis=2)
        outcome = np.take_along_axis(block.outcome, index[..., None], axis=2)
        why = outcome[..., 0]
        step = index + block.first_step
        # blocks may come in any order: an earlier step replaces a later one
        is_new = self._unsolved_step < 0
        is_earlier = step < self._unsolved_step
        has_gap = ~block.converged.all(axis=2)
        is_first = has_gap & (is_new | is_earlier)
        self._unsolved_step[is_first] = step[is_first]
        self._unsolved_why[is_first] = why[is_first]

    def tables(
        self,
        variant: str,
        deployments: IntArray,
        levels_pct: FloatArray,
        pv_kw: FloatArray,
    ) -> Tables:
        """Tables `cases` and, with buses, `buses` and `base`.

        Args:
            variant: its key.
            deployments: their numbers, (deployment,).
            levels_pct: level of each case, (deployment, level) [% of peak load].
            pv_kw: PV of each case, (deployment, level) [kW].
        """
        setting = self._setting
        timeline = setting.timeline
        n_steps = timeline.n_steps
        levels = levels_pct.ravel()
        numbers = np.repeat(deployments, levels_pct.shape[1])
        answered = self._answered.ravel()
        is_whole = answered == n_steps
        labels = np.array(
            [*(timeline.label(k) for k in range(n_steps)), ""], dtype=object
        )
        columns: dict[str, object] = {
            "variant": variant,
            "level_pct": levels,
            "deployment": numbers,
            "pv_kw": pv_kw.ravel(),
            "converged": is_whole,
            "steps_without_answer": n_steps - answered,
            "unsolved_when": labels[self._unsolved_step.ravel()],
            "unsolved_why": self._unsolved_why.ravel(),
            "v_max_pu": np.where(is_whole, self._high.max(axis=2).ravel(), np.nan),
            "v_min_pu": np.where(is_whole, self._low.min(axis=2).ravel(), np.nan),
            "loss_kw": np.where(
                is_whole, self._loss_kw.ravel() / np.maximum(answered, 1), np.nan
            ),
            "violating_steps": self._breaking.ravel(),
        }
        for worst in self._worst:
            columns |= worst.columns(labels)
        tables = {"cases": pd.DataFrame(columns)}
        if self._keep_buses:
            tables["buses"] = self._bus_rows(levels, numbers, is_whole)
            tables["base"] = pd.concat(
                [worst.base_rows() for worst in self._worst], ignore_index=True
            )
        return tables

    def _bus_rows(
        self, levels: FloatArray, numbers: IntArray, is_whole: BoolArray
    ) -> pd.DataFrame:
        """One row per case with an answer and bus; `bus` indexes the feeder's buses."""
        count = len(self._buses)
        rows = pd.DataFrame(
            {
                "level_pct": np.repeat(levels, count),
                "deployment": np.repeat(numbers, count).astype(np.int32),
                "bus": np.tile(self._buses, len(levels)).astype(np.int32),
                "v_high_pu": self._high.ravel(),
                "v_low_pu": self._low.ravel(),
                "critical": self._critical.ravel(),
            }
        )
        return rows[np.repeat(is_whole, count)].reset_index(drop=True)


CASE_KEYS = ("variant", "level_pct", "deployment")
"""What identifies a case."""
POINT_COLUMNS = tuple(f"{kind.column}_points" for kind in KINDS)
"""Columns of the case table that count breaking points; those of limits that are off are absent."""
