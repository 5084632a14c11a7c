"""`Decisions`: the variables of a problem that are no network quantities, with their bounds, coupling in time and cost.

One vector u of all steps [pu on S_BASE_KVA; shares as they are]:

    p, q        injection of every DER                      (step, der)
    charge, discharge, stored                                (step, storage)   stored [pu h] after the step
    share       served share of every flexible load          (step, flexible)
    curtail, shift     power taken off loads with a rebound  (step, device)
    change      by how much these loads take more or less    (step, device)

    p = discharge - charge,     stored' = stored + h (eta_c charge - discharge / eta_d),     charge/C + discharge/D <= 1

The last is the convex hull of "not both". Where energy has a price above zero the optimum is not both: the round trip would lose
energy. A rebound is linear over the steps,

    change_t + curtail_t + shift_t - sum of kernel_k shift_(t-k) = owed_t,      change >= -load where no more may be taken off

so only `change` moves the network. All formulations use this vector, so devices have the same limits in each.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from scipy import sparse

from tieline.devices import Reduction
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
        p, q, charge, discharge, stored, share, curtail, shift, change: positions, (step, element).
        flexible: which loads have a share, (flexible,).
        lower, upper: bounds, (variable,).
        matrix, row_lower, row_upper: row_lower <= matrix u <= row_upper.
        linear, square: cost [currency].
        owed_pu: change if nothing is curtailed or shifted, (step, device).
        circle: (p, q) positions of every apparent-power limit, (circle, 2); `circle_pu` its radius.
    """

    p: IntArray
    q: IntArray
    charge: IntArray
    discharge: IntArray
    stored: IntArray
    share: IntArray
    curtail: IntArray
    shift: IntArray
    change: IntArray
    flexible: IntArray
    lower: FloatArray
    upper: FloatArray
    matrix: sparse.csr_array
    row_lower: FloatArray
    row_upper: FloatArray
    linear: FloatArray
    square: FloatArray
    owed_pu: FloatArray
    circle: IntArray
    circle_pu: FloatArray

    @property
    def count(self) -> int:
        """Number of variables."""
        return len(self.lower)

    @property
    def network_columns(self) -> IntArray:
        """Positions of what moves the network in a step: P and Q of DERs, shares, changes of loads, (step, column)."""
        return np.hstack([self.p, self.q, self.share, self.change])

    def served(self, u: FloatArray, n_loads: int) -> FloatArray:
        """Served share of every load, (step, load); 1 for loads that are not flexible."""
        share = np.ones((len(self.share), n_loads))
        share[:, self.flexible] = u[self.share]
        return share

    def reduction(self, u: FloatArray) -> Reduction:
        """What is taken off loads with a rebound, (step, device) each [kW]."""
        # A solver leaves a cap by its tolerance; what is taken off is never below zero.
        curtailed_pu = np.maximum(u[self.curtail], 0.0)
        shifted_pu = np.maximum(u[self.shift], 0.0)
        return Reduction(curtailed_pu * S_BASE_KVA, shifted_pu * S_BASE_KVA)

    def consumption(
        self, problem: Problem, u: FloatArray
    ) -> tuple[FloatArray, FloatArray]:
        """What every load and DER takes at decisions u, P and Q, (step, device) each [kW, kvar]."""
        steps = problem.steps
        served = self.served(u, problem.n_loads)
        load_kw = steps.load_kw * served
        load_kvar = steps.load_kvar * served
        rebounds = problem.rebounds
        change_kw = u[self.change] * S_BASE_KVA
        load_kw[:, rebounds.load] += change_kw
        load_kvar[:, rebounds.load] += kvar_per_kw(problem) * change_kw
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
        p_per_kw = np.ones(self.change.shape)
        p_map = self._device_map(problem, steps.load_kw, self.p, p_per_kw)
        q_per_kw = kvar_per_kw(problem)
        q_map = self._device_map(problem, steps.load_kvar, self.q, q_per_kw)
        return *p_map, *q_map

    def _device_map(
        self,
        problem: Problem,
        demand: FloatArray,
        injected: IntArray,
        per_change: FloatArray,
    ) -> tuple[sparse.csr_array, FloatArray]:
        """P or Q of all devices by u, and what inflexible loads take whatever u; `per_change` is by the change of a load's P."""
        n_steps = problem.n_steps
        n_loads = problem.n_loads
        n_ders = problem.n_ders
        n_devices = n_loads + n_ders
        demand_pu = demand / S_BASE_KVA
        # Loads stand first among the devices of a step, DERs after them.
        first = np.arange(n_steps)[:, None] * n_devices
        der_rows = first + n_loads + np.arange(n_ders)
        shed_rows = first + self.flexible
        changed_rows = first + problem.rebounds.load
        rows = [der_rows, shed_rows, changed_rows]
        columns = [injected, self.share, self.change]
        values = [-np.ones(injected.shape), demand_pu[:, self.flexible], per_change]
        matrix = assemble(
            _strung(rows),
            _strung(columns),
            _strung(values),
            (n_steps * n_devices, self.count),
        )

        is_flexible = problem.flexible.is_flexible
        constant = np.zeros((n_steps, n_devices))
        constant[:, :n_loads] = np.where(is_flexible, 0.0, demand_pu)
        return matrix, constant.ravel()


class Places(NamedTuple):
    """Positions of the variables in u, (step, element) each, in the order in which they stand there."""

    p: IntArray
    q: IntArray
    charge: IntArray
    discharge: IntArray
    stored: IntArray
    share: IntArray
    curtail: IntArray
    shift: IntArray
    change: IntArray


def make_decisions(problem: Problem) -> Decisions:
    """Variables, bounds, coupling and cost of a problem."""
    flexible = np.flatnonzero(problem.flexible.is_flexible)
    places, count = _places(problem, len(flexible))
    p = places.p
    q = places.q
    lower, upper = _bounds(problem, places, count)
    rows = [
        *_storage_rows(problem, places),
        *_ramp_rows(problem, p),
        *_energy_rows(problem, p),
        *_pick_up_rows(problem, places.share, flexible),
        *_rebound_rows(problem, places),
    ]
    linear, square = _cost(problem, places, flexible, count)
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
        owed_pu=problem.rebounds.owed_in_steps_kw / S_BASE_KVA,
        circle=np.stack([p[:, limited].ravel(), q[:, limited].ravel()], axis=1),
        circle_pu=np.tile(radius_pu, problem.n_steps),
    )


def kvar_per_kw(problem: Problem) -> FloatArray:
    """Change of reactive power by that of active power, of loads with a rebound, (step, device)."""
    steps = problem.steps
    rebounds = problem.rebounds
    load_kw = steps.load_kw[:, rebounds.load]
    load_kvar = steps.load_kvar[:, rebounds.load]
    return rebounds.devices.kvar_per_kw(load_kw, load_kvar)


def _strung(parts: list[np.ndarray]) -> np.ndarray:
    """Entries of all parts, one after the other."""
    return np.concatenate([part.ravel() for part in parts])


def _places(problem: Problem, n_flexible: int) -> tuple[Places, int]:
    """Positions of all variables, and their number."""
    n_storage = len(problem.storage.batteries.names)
    of_ders = [problem.n_ders] * 2
    of_storages = [n_storage] * 3
    of_rebounds = [problem.rebounds.n_devices] * 3
    places = []
    count = 0
    for width in (*of_ders, *of_storages, n_flexible, *of_rebounds):
        size = problem.n_steps * width
        place = count + np.arange(size)
        places.append(place.reshape(problem.n_steps, width))
        count += size
    return Places(*places), count


def _cost(
    problem: Problem, places: Places, flexible: IntArray, count: int
) -> tuple[FloatArray, FloatArray]:
    """Linear and squared cost of each variable [currency]."""
    hours = problem.steps.hours
    ders = problem.ders
    rebounds = problem.rebounds
    value = problem.flexible.value * problem.steps.load_kw
    linear = np.zeros(count)
    square = np.zeros(count)
    linear[places.p] = hours * ders.cost * S_BASE_KVA
    square[places.p] = hours * ders.cost_square * S_BASE_KVA**2
    # What is served is worth something: a cost below zero.
    linear[places.share] = -hours * value[:, flexible]
    linear[places.curtail] = hours * rebounds.curtail_cost * S_BASE_KVA
    linear[places.shift] = hours * rebounds.shift_cost_in_all * S_BASE_KVA
    linear[places.stored[-1]] -= problem.storage.end_value * S_BASE_KVA
    return linear, square


def nearest_to_idle(decisions: Decisions) -> FloatArray:
    """Decisions with every injection as small as its bounds allow and loads served, (variable,): where a search may begin."""
    u = np.clip(0.0, decisions.lower, decisions.upper)
    u[decisions.share] = decisions.upper[decisions.share]
    u[decisions.change] = decisions.owed_pu
    return u


def _bounds(
    problem: Problem, places: Places, count: int
) -> tuple[FloatArray, FloatArray]:
    p = places.p
    q = places.q
    stored = places.stored
    storage = problem.storage
    units = storage.batteries
    lower = np.zeros(count)
    upper = np.ones(count)
    lower[p] = problem.ders.p_min_kw / S_BASE_KVA
    upper[p] = problem.ders.p_max_kw / S_BASE_KVA
    lower[q] = problem.ders.q_min_kvar / S_BASE_KVA
    upper[q] = problem.ders.q_max_kvar / S_BASE_KVA
    upper[places.charge] = units.charge_max_kw / S_BASE_KVA
    upper[places.discharge] = units.discharge_max_kw / S_BASE_KVA
    lower[stored] = units.stored_min_kwh / S_BASE_KVA
    upper[stored] = units.stored_max_kwh / S_BASE_KVA
    if stored.size:
        # Energy due binds only after the last step, and never below what a battery may hold.
        end = stored[-1]
        due = storage.stored_end_kwh / S_BASE_KVA
        lower[end] = np.maximum(lower[end], due)
    rebounds = problem.rebounds
    upper[places.curtail] = rebounds.curtail_max_kw / S_BASE_KVA
    upper[places.shift] = rebounds.shift_max_kw / S_BASE_KVA
    lower[places.change] = _lowest_change(problem) / S_BASE_KVA
    upper[places.change] = np.inf
    return lower, upper


def _lowest_change(problem: Problem) -> FloatArray:
    """The most that loads with a rebound may take less, as a change, (step, device) [kW]."""
    rebounds = problem.rebounds
    load_kw = problem.steps.load_kw[:, rebounds.load]
    if rebounds.devices.within_load:
        return -np.maximum(load_kw, 0.0)
    # Caps and the rows of the rebound bound it already.
    return np.full(load_kw.shape, -np.inf)


def _storage_rows(problem: Problem, places: Places) -> Iterator[Row]:
    storage = problem.storage
    units = storage.batteries
    stored = places.stored
    h = problem.steps.hours
    for t in range(problem.n_steps):
        for k, der in enumerate(storage.der):
            c = places.charge[t, k]
            d = places.discharge[t, k]
            e = stored[t, k]
            yield [places.p[t, der], c, d], [1.0, 1.0, -1.0], 0.0, 0.0
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


def _rebound_rows(problem: Problem, places: Places) -> Iterator[Row]:
    rebounds = problem.rebounds
    owed_pu = rebounds.owed_in_steps_kw / S_BASE_KVA
    kernel = rebounds.devices.kernel
    for k, shares in enumerate(kernel):
        lags = np.flatnonzero(shares) + 1
        shift = places.shift[:, k]
        for t in range(problem.n_steps):
            # what was shifted before the first step is in what is owed
            past = lags[lags <= t]
            columns = [places.change[t, k], places.curtail[t, k], shift[t]]
            columns += shift[t - past].tolist()
            returns = -shares[past - 1]
            owed = float(owed_pu[t, k])
            yield columns, [1.0, 1.0, 1.0, *returns.tolist()], owed, owed


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
