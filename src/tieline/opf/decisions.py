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

from tieline.linear.blocks import assemble
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

    def consumption(
        self, problem: Problem, u: FloatArray
    ) -> tuple[FloatArray, FloatArray]:
        """What every load and DER takes at decisions u, P and Q, (step, device) each [kW, kvar]."""
        steps = problem.steps
        served = self.served(u, problem.n_loads)
        load_kw = steps.load_kw * served
        load_kvar = steps.load_kvar * served
        der_kw = u[self.p] * S_BASE_KVA
        der_kvar = u[self.q] * S_BASE_KVA
        p_kw = np.hstack([load_kw, -der_kw])
        q_kvar = np.hstack([load_kvar, -der_kvar])
        return p_kw, q_kvar

    def device_maps(
        self, problem: Problem
    ) -> tuple[sparse.csr_array, FloatArray, sparse.csr_array, FloatArray]:
        """Consumption of all devices, matrix u + constant, for P and Q; rows are step by step, (step x device) [pu]."""
        steps = problem.steps
        p_map = self._device_map(problem, steps.load_kw, self.p)
        q_map = self._device_map(problem, steps.load_kvar, self.q)
        return *p_map, *q_map

    def _device_map(
        self, problem: Problem, demand: FloatArray, injected: IntArray
    ) -> tuple[sparse.csr_array, FloatArray]:
        """P or Q of all devices by u, and what inflexible loads take whatever u."""
        n_steps = problem.n_steps
        n_loads = problem.n_loads
        n_ders = problem.n_ders
        n_devices = n_loads + n_ders
        demand_pu = demand / S_BASE_KVA
        # Loads stand first among the devices of a step, DERs after them.
        first = np.arange(n_steps)[:, None] * n_devices
        der_rows = first + n_loads + np.arange(n_ders)
        load_rows = first + self.flexible
        rows = np.concatenate([der_rows.ravel(), load_rows.ravel()])
        columns = np.concatenate([injected.ravel(), self.share.ravel()])
        flexible_demand = demand_pu[:, self.flexible]
        values = np.concatenate([-np.ones(injected.size), flexible_demand.ravel()])
        matrix = assemble(rows, columns, values, (n_steps * n_devices, self.count))

        is_flexible = problem.flexible.is_flexible
        constant = np.zeros((n_steps, n_devices))
        constant[:, :n_loads] = np.where(is_flexible, 0.0, demand_pu)
        return matrix, constant.ravel()


def make_decisions(problem: Problem) -> Decisions:
    """Variables, bounds, coupling and cost of a problem."""
    flexible = np.flatnonzero(problem.flexible.is_flexible)
    places, count = _places(problem, len(flexible))
    p, q, charge, discharge, stored, share = places
    lower, upper = _bounds(problem, places, count)
    rows = [
        *_storage_rows(problem, p, charge, discharge, stored),
        *_ramp_rows(problem, p),
        *_energy_rows(problem, p),
        *_pick_up_rows(problem, share, flexible),
    ]
    linear, square = _cost(problem, p, share, flexible, count)
    linear[stored[-1]] -= problem.storage.end_value * S_BASE_KVA
    # A DER without an apparent-power limit has no circle.
    limited = np.flatnonzero(np.isfinite(problem.ders.kva))
    radius_pu = problem.ders.kva[limited] / S_BASE_KVA
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
        circle=np.stack([p[:, limited].ravel(), q[:, limited].ravel()], axis=1),
        circle_pu=np.tile(radius_pu, problem.n_steps),
    )


def _places(problem: Problem, n_flexible: int) -> tuple[list[IntArray], int]:
    """Positions of p, q, charge, discharge, stored and share, (step, element) each, and their number."""
    n_storage = len(problem.storage.batteries.names)
    places = []
    count = 0
    for width in (
        problem.n_ders,
        problem.n_ders,
        n_storage,
        n_storage,
        n_storage,
        n_flexible,
    ):
        size = problem.n_steps * width
        place = count + np.arange(size)
        places.append(place.reshape(problem.n_steps, width))
        count += size
    return places, count


def _cost(
    problem: Problem, p: IntArray, share: IntArray, flexible: IntArray, count: int
) -> tuple[FloatArray, FloatArray]:
    """Linear and squared cost of each variable [currency]."""
    hours = problem.steps.hours
    ders = problem.ders
    value = problem.flexible.value * problem.steps.load_kw
    linear = np.zeros(count)
    square = np.zeros(count)
    linear[p] = hours * ders.cost * S_BASE_KVA
    square[p] = hours * ders.cost_square * S_BASE_KVA**2
    # What is served is worth something: a cost below zero.
    linear[share] = -hours * value[:, flexible]
    return linear, square


def nearest_to_idle(decisions: Decisions) -> FloatArray:
    """Decisions with every injection as small as its bounds allow and loads served, (variable,): where a search may begin."""
    u = np.clip(0.0, decisions.lower, decisions.upper)
    u[decisions.share] = decisions.upper[decisions.share]
    return u


def _bounds(
    problem: Problem, places: list[IntArray], count: int
) -> tuple[FloatArray, FloatArray]:
    p, q, charge, discharge, stored, _ = places
    storage = problem.storage
    units = storage.batteries
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
        # Energy due binds only after the last step, and never below what a battery may hold.
        end = stored[-1]
        due = storage.stored_end_kwh / S_BASE_KVA
        lower[end] = np.maximum(lower[end], due)
    return lower, upper


def _storage_rows(
    problem: Problem,
    p: IntArray,
    charge: IntArray,
    discharge: IntArray,
    stored: IntArray,
) -> Iterator[Row]:
    storage = problem.storage
    units = storage.batteries
    h = problem.steps.hours
    for t in range(problem.n_steps):
        for k, der in enumerate(storage.der):
            c = charge[t, k]
            d = discharge[t, k]
            e = stored[t, k]
            yield [p[t, der], c, d], [1.0, 1.0, -1.0], 0.0, 0.0
            per_charge = h * units.efficiency_charge[k]
            per_discharge = h / units.efficiency_discharge[k]
            change = [1.0, -per_charge, per_discharge]
            if t == 0:
                start = storage.stored_kwh[k] / S_BASE_KVA
                yield [e, c, d], change, start, start
            else:
                yield [e, c, d, stored[t - 1, k]], [*change, -1.0], 0.0, 0.0
            charge_max = units.charge_max_kw[k]
            discharge_max = units.discharge_max_kw[k]
            # A battery that goes one way only has nothing to keep apart.
            if charge_max > 0 and discharge_max > 0:
                shares = [S_BASE_KVA / charge_max, S_BASE_KVA / discharge_max]
                yield [c, d], shares, -np.inf, 1.0


def _ramp_rows(problem: Problem, p: IntArray) -> Iterator[Row]:
    for k in np.flatnonzero(np.isfinite(problem.ders.ramp_kw)):
        ramp = problem.ders.ramp_kw[k] / S_BASE_KVA
        last = problem.ders.last_kw[k] / S_BASE_KVA
        low = -np.inf
        high = np.inf
        # Without a last power the row stays, open: problems of a receding horizon keep their structure.
        if np.isfinite(last):
            low = last - ramp
            high = last + ramp
        yield [p[0, k]], [1.0], low, high
        for t in range(1, problem.n_steps):
            pair = [p[t, k], p[t - 1, k]]
            yield pair, [1.0, -1.0], -ramp, ramp


def _energy_rows(problem: Problem, p: IntArray) -> Iterator[Row]:
    ders = problem.ders
    low = ders.energy_min_kwh / S_BASE_KVA
    high = ders.energy_max_kwh / S_BASE_KVA
    is_limited = np.isfinite(low) | np.isfinite(high)
    hours = [problem.steps.hours] * problem.n_steps
    for k in np.flatnonzero(is_limited):
        columns = p[:, k].tolist()
        yield columns, hours, float(low[k]), float(high[k])


def _pick_up_rows(
    problem: Problem, share: IntArray, flexible: IntArray
) -> Iterator[Row]:
    max_drop = problem.flexible.max_drop
    if max_drop >= 1:
        return
    served_before = problem.flexible.served_before[flexible]
    for k, before in enumerate(served_before.tolist()):
        yield [share[0, k]], [1.0], before - max_drop, np.inf
        for t in range(1, problem.n_steps):
            pair = [share[t, k], share[t - 1, k]]
            yield pair, [1.0, -1.0], -max_drop, np.inf


def _matrix(rows: list[Row], count: int) -> sparse.csr_array:
    row_of_entry = []
    columns = []
    values = []
    for row, (row_columns, coefficients, _, _) in enumerate(rows):
        row_of_entry += [row] * len(row_columns)
        columns += row_columns
        values += coefficients
    return assemble(
        np.array(row_of_entry, dtype=np.int64),
        np.array(columns, dtype=np.int64),
        np.array(values, dtype=float),
        (len(rows), count),
    )
