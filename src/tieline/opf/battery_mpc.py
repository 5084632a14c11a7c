"""Model predictive control of batteries, each against the price and the reverse power of its own bus; all in one linear program.

For every battery, with h the hours of a step, E the stored energy, e the shortage and m what is missing of a reservation:

    minimise    sum over steps of h [ C_charge charge - C_discharge discharge + W shortage + 3 W missing ]
    subject to  E' = E + h (eta_c charge - discharge / eta_d),     E_min <= E <= E_max,     E at the end >= what is due
                shortage >= surplus - limit - charge,    missing >= reserved - charge,    shortage, missing >= 0
                0 <= charge <= P_max,    0 <= discharge <= min(P_max, limit - surplus)

`surplus` is PV less load at the bus, so the shortage is the reverse power that the battery cannot keep within its limit. C_charge
is what a kWh taken costs (price of the grid and of the battery's purchase), C_discharge what one given back saves. W is above all
prices: limits come first, the bill second. Nothing couples batteries, so one program serves all of them; it is built once, and
while it recedes past powers are held, and prices, surplus and the end of the window are changed.

Never charge and discharge at once. A battery may not discharge in a step whose surplus is above the limit (that is reverse power
by itself), that has a reservation, or in which energy is worth nothing; there it is so by the bound. In any other step surplus -
limit and reserved are zero or below, so shortage and missing are zero whatever the battery charges. If it had charge c > 0 and
discharge d > 0, take a = min(c, d / (eta_c eta_d)) from c and eta_c eta_d a from d: E stays as it was, all bounds hold, and the
cost falls by h a (C_charge - eta_c eta_d C_discharge), which is above zero wherever C_charge >= C_discharge > 0 and the round
trip loses energy. So the optimum does not. A lossless battery may tie; ties are settled by that same exchange.

The thesis writes eta_d P_dis for the energy a discharge takes; the division above is the physical form (see `devices.battery`).
Left out: the network (the AC replay judges), reactive power, ageing.

Source: M. Al-Saffar, PhD thesis, University of Alberta, section 4.2.3.
"""

from __future__ import annotations

import time
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from scipy import sparse

from tieline.devices import Batteries
from tieline.errors import InputError, MissingExtraError, NoAnswerError
from tieline.typing import BoolArray, FloatArray

LIMITS_FIRST = 4.0
"""W over the highest price. One kWh more within the limit costs at most its purchase and a sale given up, twice the highest
price, so anything above 2 puts limits first."""

RESERVED_FIRST = 3.0
"""Weight of a missing reservation over W: one kWh reserved is worth more than the kWh of shortage it may take elsewhere."""


@dataclass(frozen=True, eq=False)
class Outlook:
    """What batteries expect, each step.

    Attributes:
        charge_cost: of a kWh taken, (step,) [money/kWh].
        discharge_value: of a kWh given back, (step,) [money/kWh].
        surplus_kw: PV less load at the bus, the battery's part of it, (step, battery) [kW]; below 0 the bus takes power.
        limit_kw: highest reverse power, the battery's part, (step, battery) [kW].
        reserved_kw: charge promised to others, (step, battery) [kW].
    """

    charge_cost: FloatArray
    discharge_value: FloatArray
    surplus_kw: FloatArray
    limit_kw: FloatArray
    reserved_kw: FloatArray

    @classmethod
    def at_price(cls, price: FloatArray, surplus_kw: FloatArray, limit_kw: FloatArray | float = 0.0) -> Outlook:
        """One price for energy from the grid and for the battery's purchase and sale, nothing reserved."""
        limit = np.broadcast_to(np.asarray(limit_kw, dtype=float), surplus_kw.shape)
        return cls(2 * price, 2 * price, surplus_kw, limit, np.zeros(surplus_kw.shape))

    def replace(self, **changes: Any) -> Outlook:
        """A copy with some fields changed."""
        return replace(self, **changes)

    @property
    def excess_kw(self) -> FloatArray:
        """Reverse power above the limit if the battery does nothing, (step, battery) [kW]."""
        return np.maximum(self.surplus_kw - self.limit_kw, 0.0)

    @property
    def may_discharge(self) -> BoolArray:
        """Where a battery may discharge at all, (step, battery)."""
        return (self.surplus_kw <= self.limit_kw) & (self.reserved_kw <= 0) & (self.discharge_value > 0)[:, None]


@dataclass(frozen=True, eq=False)
class Schedule:
    """What batteries do, (step, battery).

    Attributes:
        charge_kw, discharge_kw: never both [kW].
        stored_kwh: after each step [kWh].
        shortage_kw: reverse power above the limit that is left [kW].
        solve_s: time in the solver, (window,) [s].
    """

    charge_kw: FloatArray
    discharge_kw: FloatArray
    stored_kwh: FloatArray
    shortage_kw: FloatArray
    solve_s: FloatArray

    @property
    def injection_kw(self) -> FloatArray:
        """Discharge less charge, (step, battery) [kW]."""
        return self.discharge_kw - self.charge_kw


class BatteryMpc:
    """The program of some batteries over a span of steps, built once.

    Args:
        batteries: ratings.
        stored_kwh: at the start, (battery,) [kWh].
        due_kwh: at least stored at the end of the span, (battery,) [kWh].
        outlook: the first one; its length is the span.
        hours: length of a step [h].

    Raises:
        InputError: if stored energy is outside its limits, what is due cannot be reached, or a round trip earns money within a
            step; names each.
    """

    def __init__(self, batteries: Batteries, stored_kwh: FloatArray, due_kwh: FloatArray, outlook: Outlook, hours: float):
        self.batteries, self.hours = batteries, hours
        self.stored_kwh, self.due_kwh = stored_kwh, due_kwh
        self.n_steps, self.n = outlook.surplus_kw.shape
        _require_sound(self, outlook)
        grid = np.arange(5 * self.n_steps * self.n).reshape(5, self.n_steps, self.n)
        self.charge, self.discharge, self.stored, self.shortage, self.missing = grid
        self.first = 0
        self.held = np.zeros((2, self.n_steps, self.n))
        self.columns = [np.full(grid.size, np.nan)] * 3
        self.demands = [np.full(2 * self.charge.size, np.nan)]
        self.solver = self._build()

    def plan(self, outlook: Outlook, stop: int | None = None) -> Schedule:
        """The optimum from the present step up to `stop` (the end of the span if not given); steps before are as applied.

        Raises:
            NoAnswerError: if HiGHS gave up.
        """
        end = self.n_steps if stop is None else min(stop, self.n_steps)
        self._set_columns(outlook, end)
        self._set_demands(outlook, end)
        began = time.perf_counter()
        self.solver.run()
        seconds = time.perf_counter() - began
        self._require_optimum()
        x = np.asarray(self.solver.getSolution().col_value)
        return self._schedule(x, outlook, seconds)

    def apply(self, plan: Schedule) -> None:
        """Hold the present step of a plan and move on by one."""
        self.held[:, self.first] = plan.charge_kw[self.first], plan.discharge_kw[self.first]
        self.first += 1

    def _build(self) -> Any:
        """Columns without bounds yet, and the rows of stored energy, shortage and missing."""
        highs = _highs()
        solver = highs.Highs()
        solver.setOptionValue("output_flag", False)
        solver.setOptionValue("threads", 1)
        count, many = 5 * self.charge.size, highs.kHighsInf
        solver.addVars(count, np.zeros(count), np.full(count, many))
        matrix = self._rows()
        size = self.charge.size
        right = np.zeros(size)
        right[: self.n] = self.stored_kwh
        lower = np.concatenate([right, np.full(2 * size, -many)])
        upper = np.concatenate([right, np.full(2 * size, many)])
        start, column = matrix.indptr[:-1].astype(np.int32), matrix.indices.astype(np.int32)
        solver.addRows(3 * size, lower, upper, matrix.nnz, start, column, matrix.data)
        return solver

    def _rows(self) -> sparse.csr_array:
        """Stored energy, charge + shortage, charge + missing; step by step, (row, column)."""
        size, units = self.charge.size, self.batteries
        gain = np.tile(self.hours * units.efficiency_charge, self.n_steps)
        spend = np.tile(self.hours / units.efficiency_discharge, self.n_steps)
        row, one = np.arange(size), np.ones(size)
        later = row[self.n :]
        terms = [
            (row, self.stored, one),
            (later, self.stored[:-1], -one[self.n :]),
            (row, self.charge, -gain),
            (row, self.discharge, spend),
            (size + row, self.charge, one),
            (size + row, self.shortage, one),
            (2 * size + row, self.charge, one),
            (2 * size + row, self.missing, one),
        ]
        rows, columns, values = (np.concatenate([np.ravel(term[k]) for term in terms]) for k in range(3))
        return sparse.coo_array((values, (rows, columns)), shape=(3 * size, 5 * size)).tocsr()

    def _open(self, stop: int) -> BoolArray:
        """Steps that are to be decided, (step, 1)."""
        step = np.arange(self.n_steps)
        return ((step >= self.first) & (step < stop))[:, None]

    def _set_columns(self, outlook: Outlook, stop: int) -> None:
        """Bounds and costs: open steps are free, earlier ones as applied, later ones without power."""
        is_open, units = self._open(stop), self.batteries
        low, high = np.zeros((5, self.n_steps, self.n)), np.full((5, self.n_steps, self.n), np.inf)
        room = np.clip(outlook.limit_kw - outlook.surplus_kw, 0.0, units.discharge_max_kw)
        low[:2] = np.where(is_open, 0.0, self.held)
        high[0] = np.where(is_open, units.charge_max_kw, self.held[0])
        high[1] = np.where(is_open, np.where(outlook.may_discharge, room, 0.0), self.held[1])
        low[2], high[2] = units.stored_min_kwh, units.stored_max_kwh
        low[2, -1] = np.maximum(units.stored_min_kwh, self.due_kwh - self._chargeable_kwh(stop))
        cost = np.zeros(low.shape)
        prices = np.stack([outlook.charge_cost, -outlook.discharge_value])
        cost[:2] = self.hours * np.where(is_open, prices[:, :, None], 0.0)
        weight = self.hours * LIMITS_FIRST * max(float(np.abs(prices).max()), np.finfo(float).tiny)
        cost[3], cost[4] = weight, RESERVED_FIRST * weight
        self._change(self.columns, (low, high, cost))

    def _set_demands(self, outlook: Outlook, stop: int) -> None:
        """What charge and shortage, charge and missing have to add up to; nothing outside the window."""
        is_open = self._open(stop)
        demand = np.stack([np.where(is_open, part, 0.0) for part in (outlook.excess_kw, outlook.reserved_kw)])
        self._change(self.demands, (demand,))

    def _chargeable_kwh(self, stop: int) -> FloatArray:
        """What could still be stored after a step, (battery,) [kWh]."""
        units = self.batteries
        return (self.n_steps - stop) * self.hours * units.efficiency_charge * units.charge_max_kw

    def _change(self, known: list[FloatArray], wanted: tuple[FloatArray, ...]) -> None:
        """Tell the solver what differs from what it knows."""
        flat = [part.ravel() for part in wanted]
        at = np.flatnonzero(np.any([old != new for old, new in zip(known, flat, strict=True)], axis=0))
        index = at.astype(np.int32)
        if known is self.columns:
            low, high, cost = (part[at] for part in flat)
            self.solver.changeColsBounds(len(at), index, low, high)
            self.solver.changeColsCost(len(at), index, cost)
        else:
            first = self.charge.size
            self.solver.changeRowsBounds(len(at), index + np.int32(first), flat[0][at], np.full(len(at), np.inf))
        known[:] = flat

    def _require_optimum(self) -> None:
        status = str(self.solver.getModelStatus()).rpartition(".")[2]
        if status != "kOptimal":
            raise NoAnswerError(
                f"The battery schedule found no optimum (HiGHS: {status}). Scale prices to ordinary numbers, or shorten the "
                "horizon."
            )

    def _schedule(self, x: FloatArray, outlook: Outlook, seconds: float) -> Schedule:
        units = self.batteries
        round_trip = units.efficiency_charge * units.efficiency_discharge
        charge, discharge = np.maximum(x[self.charge], 0.0), np.maximum(x[self.discharge], 0.0)
        both = np.minimum(charge, discharge / round_trip)
        charge, discharge = charge - both, discharge - round_trip * both
        shortage = np.maximum(outlook.excess_kw - charge, 0.0)
        return Schedule(charge, discharge, x[self.stored], shortage, np.array([seconds]))


def run_mpc(mpc: BatteryMpc, outlook: Outlook, window: int) -> Schedule:
    """Recede through the span: plan `window` steps ahead, apply the first, move on.

    Args:
        mpc: a program at its first step.
        outlook: what comes, known ahead.
        window: steps that a decision looks ahead, itself included.

    Raises:
        InputError: if the window is empty or longer than the span.
    """
    if not 1 <= window <= mpc.n_steps:
        raise InputError(
            f"A horizon of {window} steps does not fit data of {mpc.n_steps} steps. Take 1 to {mpc.n_steps}, or give longer data."
        )
    seconds = np.zeros(mpc.n_steps)
    plan = mpc.plan(outlook, window)
    for step in range(mpc.n_steps):
        if step:
            plan = mpc.plan(outlook, step + window)
        seconds[step] = plan.solve_s[0]
        mpc.apply(plan)
    return Schedule(plan.charge_kw, plan.discharge_kw, plan.stored_kwh, plan.shortage_kw, seconds)


def _require_sound(mpc: BatteryMpc, outlook: Outlook) -> None:
    units, problems = mpc.batteries, []
    reach = mpc.stored_kwh + mpc.n_steps * mpc.hours * units.efficiency_charge * units.charge_max_kw
    for k, name in enumerate(units.names):
        low, high, now, due = units.stored_min_kwh[k], units.stored_max_kwh[k], mpc.stored_kwh[k], mpc.due_kwh[k]
        if not low <= now <= high:
            problems.append(f"Battery '{name}' starts with {now:g} kWh, outside its limits {low:g} to {high:g} kWh.")
        if due > min(high, reach[k]):
            problems.append(f"Battery '{name}' cannot hold the {due:g} kWh that are due at the end.")
        kept = units.efficiency_charge[k] * units.efficiency_discharge[k]
        earns = (outlook.discharge_value > 0) & (outlook.charge_cost < kept * outlook.discharge_value)
        if earns.any():
            problems.append(
                f"Battery '{name}' would earn money by charging and discharging at once in step {int(np.argmax(earns))}. "
                "Buying must not be cheaper than selling what the round trip leaves."
            )
    if problems:
        raise InputError("\n".join(problems))


def _highs() -> Any:
    try:
        import highspy
    except ImportError:
        raise MissingExtraError("highspy", "opf", "The battery schedule") from None
    return highspy
