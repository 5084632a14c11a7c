"""`Decisions`: the variables of a problem that are no network quantities, with their bounds, coupling in time and cost.

One vector u of all steps [pu on S_BASE_KVA; shares as they are]:

    p, q        injection of every DER                      (step, der)
    charge, discharge, stored                                (step, storage)   stored [pu h] after the step
    share       served share of every flexible load          (step, flexible)

    p = discharge - charge,     stored' = stored + h (eta_c charge - discharge / eta_d),     charge/C + discharge/D <= 1

The last is the convex hull of "not both". Where energy has a price above zero the optimum is not both: the round trip would lose
energy. All formulations use this vector, so devices have the same limits in each.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from scipy import sparse

from tieline.opf.problem import Problem
from tieline.typing import FloatArray, IntArray
from tieline.units import S_BASE_KVA

Row = tuple[list[int], list[float], float, float]
"""Columns, coefficients, lowest and highest value of one linear constraint."""


@dataclass(frozen=True, eq=False)
class Decisions:
    """Positions of the variables in u, their bounds, linear constraints and cost = constant + linear u + square u^2.

    Attributes:
        p, q, charge, discharge, stored, share: positions, (step, element).
        flexible: which loads have a share, (flexible,).
        lower, upper: bounds, (variable,).
        matrix, row_lower, row_upper: row_lower <= matrix u <= row_upper.
        linear, square: cost [currency].
        circle: (p, q) positions of every apparent-power limit, (circle, 2); `circle_pu` its radius.
    """

    p: IntArray
    q: IntArray
    charge: IntArray
    discharge: IntArray
    stored: IntArray
    share: IntArray
    flexible: IntArray
    lower: FloatArray
    upper: FloatArray
    matrix: sparse.csr_array
    row_lower: FloatArray
    row_upper: FloatArray
    linear: FloatArray
    square: FloatArray
    circle: IntArray
    circle_pu: FloatArray

    @property
    def count(self) -> int:
        """Number of variables."""
        return len(self.lower)

    @property
    def network_columns(self) -> IntArray:
        """Positions of what moves the network in a step: injections P and Q, served shares, (step, column)."""
        return np.hstack([self.p, self.q, self.share])

    def served(self, u: FloatArray, n_loads: int) -> FloatArray:
        """Served share of every load, (step, load); 1 for loads that are not flexible."""
        share = np.ones((len(self.share), n_loads))
        share[:, self.flexible] = u[self.share]
        return share

    def consumption(self, problem: Problem, u: FloatArray) -> tuple[FloatArray, FloatArray]:
        """What every load and DER takes at decisions u, P and Q, (step, device) each [kW, kvar]."""
        served = self.served(u, problem.n_loads)
        steps = problem.steps
        p_kw = np.hstack([steps.load_kw * served, -u[self.p] * S_BASE_KVA])
        q_kvar = np.hstack([steps.load_kvar * served, -u[self.q] * S_BASE_KVA])
        return p_kw, q_kvar

    def device_maps(
        self, problem: Problem
    ) -> tuple[sparse.csr_array, FloatArray, sparse.csr_array, FloatArray]:
        """Consumption of all devices, matrix u + constant, for P and Q; rows are step by step, (step x device) [pu]."""
        n_loads = len(problem.flexible.is_flexible)
        n_ders = problem.n_ders
        width = n_loads + n_ders
        row = np.arange(problem.n_steps)[:, None] * width
        parts = []
        for demand, injected in (
            (problem.steps.load_kw, self.p),
            (problem.steps.load_kvar, self.q),
        ):
            asked = demand / S_BASE_KVA
            rows = np.concatenate(
                [(row + n_loads + np.arange(n_ders)).ravel(), (row + self.flexible).ravel()]
            )
            columns = np.concatenate([injected.ravel(), self.share.ravel()])
            values = np.concatenate([-np.ones(injected.size), asked[:, self.flexible].ravel()])
            shape = (problem.n_steps * width, self.count)
            constant = np.zeros((problem.n_steps, width))
            constant[:, :n_loads] = np.where(problem.flexible.is_flexible, 0.0, asked)
            parts += [
                sparse.coo_array((values, (rows, columns)), shape=shape).tocsr(),
                constant.ravel(),
            ]
        return parts[0], parts[1], parts[2], parts[3]


def make_decisions(problem: Problem) -> Decisions:
    """Variables, bounds, coupling and cost of a problem."""
    steps = problem.n_steps
    n_storage = len(problem.storage.batteries.names)
    flexible = np.flatnonzero(problem.flexible.is_flexible)
    sizes = [problem.n_ders] * 2 + [n_storage] * 3 + [len(flexible)]
    starts = np.cumsum([0, *(steps * size for size in sizes)])
    places = [
        start + np.arange(steps * size).reshape(steps, size)
        for start, size in zip(starts[:-1], sizes, strict=True)
    ]
    p, q, charge, discharge, stored, share = places
    count = int(starts[-1])
    lower, upper = _bounds(problem, places, count)
    rows = [
        *_storage_rows(problem, p, charge, discharge, stored),
        *_ramp_rows(problem, p),
        *_energy_rows(problem, p),
        *_pick_up_rows(problem, share, flexible),
    ]
    finite = np.isfinite(problem.ders.kva)
    linear = np.zeros(count)
    square = np.zeros(count)
    linear[p] = problem.steps.hours * problem.ders.cost * S_BASE_KVA
    square[p] = problem.steps.hours * problem.ders.cost_square * S_BASE_KVA**2
    linear[share] = (
        -problem.steps.hours * (problem.flexible.value * problem.steps.load_kw)[:, flexible]
    )
    return Decisions(
        *places,
        flexible=flexible,
        lower=lower,
        upper=upper,
        matrix=_matrix(rows, count),
        row_lower=np.array([row[2] for row in rows]),
        row_upper=np.array([row[3] for row in rows]),
        linear=linear,
        square=square,
        circle=np.stack([p[:, finite].ravel(), q[:, finite].ravel()], axis=1),
        circle_pu=np.tile(problem.ders.kva[finite], steps) / S_BASE_KVA,
    )


def nearest_to_idle(decisions: Decisions) -> FloatArray:
    """Decisions with every injection as small as its bounds allow and loads served, (variable,): where a search may begin."""
    u = np.clip(0.0, decisions.lower, decisions.upper)
    u[decisions.share] = decisions.upper[decisions.share]
    return u


def _bounds(problem: Problem, places: list[IntArray], count: int) -> tuple[FloatArray, FloatArray]:
    p, q, charge, discharge, stored, _ = places
    units = problem.storage.batteries
    lower = np.zeros(count)
    upper = np.ones(count)
    lower[p] = problem.ders.p_min_kw / S_BASE_KVA
    upper[p] = problem.ders.p_max_kw / S_BASE_KVA
    lower[q] = problem.ders.q_min_kvar / S_BASE_KVA
    upper[q] = problem.ders.q_max_kvar / S_BASE_KVA
    upper[charge] = units.charge_max_kw / S_BASE_KVA
    upper[discharge] = units.discharge_max_kw / S_BASE_KVA
    lower[stored] = units.stored_min_kwh / S_BASE_KVA
    upper[stored] = units.stored_max_kwh / S_BASE_KVA
    if stored.size:
        lower[stored[-1]] = np.maximum(
            lower[stored[-1]], problem.storage.stored_end_kwh / S_BASE_KVA
        )
    return lower, upper


def _storage_rows(
    problem: Problem, p: IntArray, charge: IntArray, discharge: IntArray, stored: IntArray
) -> Iterator[Row]:
    units = problem.storage.batteries
    h = problem.steps.hours
    for t in range(problem.n_steps):
        for k, der in enumerate(problem.storage.der):
            c = charge[t, k]
            d = discharge[t, k]
            e = stored[t, k]
            yield [p[t, der], c, d], [1.0, 1.0, -1.0], 0.0, 0.0
            change = [1.0, -h * units.efficiency_charge[k], h / units.efficiency_discharge[k]]
            if t == 0:
                before = problem.storage.stored_kwh[k] / S_BASE_KVA
                yield [e, c, d], change, before, before
            else:
                yield [e, c, d, stored[t - 1, k]], [*change, -1.0], 0.0, 0.0
            if units.charge_max_kw[k] > 0 and units.discharge_max_kw[k] > 0:
                most = S_BASE_KVA / units.charge_max_kw[k], S_BASE_KVA / units.discharge_max_kw[k]
                yield [c, d], [*most], -np.inf, 1.0


def _ramp_rows(problem: Problem, p: IntArray) -> Iterator[Row]:
    for k in np.flatnonzero(np.isfinite(problem.ders.ramp_kw)):
        most = problem.ders.ramp_kw[k] / S_BASE_KVA
        last = problem.ders.last_kw[k] / S_BASE_KVA
        known = np.isfinite(
            last
        )  # the row stays without one: problems of a receding horizon keep their structure
        yield [p[0, k]], [1.0], last - most if known else -np.inf, last + most if known else np.inf
        for t in range(1, problem.n_steps):
            yield [p[t, k], p[t - 1, k]], [1.0, -1.0], -most, most


def _energy_rows(problem: Problem, p: IntArray) -> Iterator[Row]:
    low, high = problem.ders.energy_min_kwh / S_BASE_KVA, problem.ders.energy_max_kwh / S_BASE_KVA
    for k in np.flatnonzero(np.isfinite(low) | np.isfinite(high)):
        yield list(p[:, k]), [problem.steps.hours] * problem.n_steps, float(low[k]), float(high[k])


def _pick_up_rows(problem: Problem, share: IntArray, flexible: IntArray) -> Iterator[Row]:
    if problem.flexible.max_drop >= 1:
        return
    for k, load in enumerate(flexible):
        yield (
            [share[0, k]],
            [1.0],
            float(problem.flexible.served_before[load]) - problem.flexible.max_drop,
            np.inf,
        )
        for t in range(1, problem.n_steps):
            yield [share[t, k], share[t - 1, k]], [1.0, -1.0], -problem.flexible.max_drop, np.inf


def _matrix(rows: list[Row], count: int) -> sparse.csr_array:
    columns = np.concatenate(
        [np.empty(0, dtype=np.int64), *(np.array(row[0], dtype=np.int64) for row in rows)]
    )
    values = np.concatenate([np.empty(0), *(np.array(row[1]) for row in rows)])
    bounds = np.concatenate([[0], np.cumsum([len(row[0]) for row in rows])]).astype(np.int64)
    return sparse.csr_array((values, columns, bounds), shape=(len(rows), count))
