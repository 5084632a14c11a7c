"""Model predictive control of batteries, each against the price and the reverse power of its own bus; all in one call.

For every battery, with h the hours of a step, E the stored energy, e the shortage and m what is missing of a reservation:

    minimise    sum over steps of h [ C_charge charge - C_discharge discharge + W shortage + 3 W missing ]
    subject to  E' = E + h (eta_c charge - discharge / eta_d),     E_min <= E <= E_max,     E at the end >= what is due
                shortage >= surplus - limit - charge,    missing >= reserved - charge,    shortage, missing >= 0
                0 <= charge <= P_max,    0 <= discharge <= min(P_max, limit - surplus)

`surplus` is PV less load at the bus, so the shortage is the reverse power that the battery cannot keep within its limit. C_charge
is what a kWh taken costs (price of the grid and of the battery's purchase), C_discharge what one given back saves. W is above all
prices: limits come first, the bill second. It is a linear program, but nothing couples batteries and a step touches one stored
energy only, so it is solved exactly by going back from the end (`cost_to_go`).

Never charge and discharge at once. A battery may not discharge in a step whose surplus is above the limit (that is reverse power
by itself), that has a reservation, or in which energy is worth nothing; there it is so by the bound. In any other step surplus -
limit and reserved are zero or below, so shortage and missing are zero whatever the battery charges. If it had charge c > 0 and
discharge d > 0, take a = min(c, d / (eta_c eta_d)) from c and eta_c eta_d a from d: E stays as it was, all bounds hold, and the
cost does not rise wherever C_charge >= eta_c eta_d C_discharge, which is required. So some optimum does not, and a step is the
change x of E alone: x / (h eta_c) charged, or -x eta_d / h discharged. Its cost is convex in x, since W > 0 makes charging cost
more the more of it there is, and the least it costs is no less than what discharging saves.

The thesis writes eta_d P_dis for the energy a discharge takes; the division above is the physical form (see `devices.battery`).
Left out: the network (the AC replay judges), reactive power, ageing.

Source: M. Al-Saffar, PhD thesis, University of Alberta, section 4.2.3.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, fields, replace
from typing import Any

import numpy as np

from tieline.devices import Batteries
from tieline.errors import InputError
from tieline.opf.cost_to_go import Steps, ascending_steps, recede
from tieline.typing import BoolArray, FloatArray

LIMITS_FIRST = 4.0
"""W over the highest price. One kWh more within the limit costs at most its purchase and a sale given up, twice the highest
price, so anything above 2 puts limits first."""

RESERVED_FIRST = 3.0
"""Weight of a missing reservation over W: one kWh reserved is worth more than the kWh of shortage it may take elsewhere."""

ROUNDING = 1e-12
"""Share of the highest stored energy below which a difference is rounding."""


@dataclass(frozen=True, eq=False)
class Outlook:
    """What batteries expect, each step.

    Attributes:
        charge_cost: of a kWh taken, (step,) [currency/kWh].
        discharge_value: of a kWh given back, (step,) [currency/kWh].
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
    def at_price(
        cls,
        price: FloatArray,
        surplus_kw: FloatArray,
        limit_kw: FloatArray | float = 0.0,
    ) -> Outlook:
        """One price for energy from the grid and for the battery's purchase and sale, nothing reserved."""
        limit = np.broadcast_to(np.asarray(limit_kw, dtype=float), surplus_kw.shape)
        return cls(
            2 * price,
            2 * price,
            surplus_kw,
            limit,
            np.zeros(surplus_kw.shape),
        )

    def replace(self, **changes: Any) -> Outlook:
        """A copy with some fields changed."""
        return replace(self, **changes)

    @property
    def first(self) -> Outlook:
        """Its first step."""
        columns = [getattr(self, field.name) for field in fields(self)]
        return Outlook(*(column[:1] for column in columns))

    @property
    def excess_kw(self) -> FloatArray:
        """Reverse power above the limit if the battery does nothing, (step, battery) [kW]."""
        return np.maximum(self.surplus_kw - self.limit_kw, 0.0)

    @property
    def may_discharge(self) -> BoolArray:
        """Where a battery may discharge at all, (step, battery)."""
        is_within_limit = self.surplus_kw <= self.limit_kw
        is_free = self.reserved_kw <= 0
        has_value = self.discharge_value > 0
        return is_within_limit & is_free & has_value[:, None]


@dataclass(frozen=True, eq=False)
class Schedule:
    """What batteries do, (step, battery).

    Attributes:
        charge_kw, discharge_kw: never both [kW].
        stored_kwh: after each step [kWh].
        shortage_kw: reverse power above the limit that is left [kW].
    """

    charge_kw: FloatArray
    discharge_kw: FloatArray
    stored_kwh: FloatArray
    shortage_kw: FloatArray

    @classmethod
    def joined(cls, parts: Sequence[Schedule]) -> Schedule:
        """Schedules of the same batteries, one after the other."""
        names = [field.name for field in fields(cls)]
        return cls(
            *(np.vstack([getattr(part, name) for part in parts]) for name in names)
        )

    @property
    def injection_kw(self) -> FloatArray:
        """Discharge less charge, (step, battery) [kW]."""
        return self.discharge_kw - self.charge_kw


def run_mpc(
    batteries: Batteries,
    stored_kwh: FloatArray,
    due_kwh: FloatArray,
    outlook: Outlook,
    hours: float,
    window: int | None = None,
) -> Schedule:
    """Recede through all steps: plan `window` steps ahead, apply the first, move on.

    Of plans that cost the same, the one that stores more at first is applied.

    Args:
        batteries: ratings.
        stored_kwh: at the start, (battery,) [kWh].
        due_kwh: at least stored at the end, (battery,) [kWh]; a window asks for what the steps after it cannot fetch.
        outlook: what comes, known ahead.
        hours: length of a step [h].
        window: steps that a decision looks ahead, itself included; all if left out, which gives the optimum of the whole.

    Raises:
        InputError: if stored energy is outside its limits, what is due cannot be reached, a round trip earns money within a step,
            or the window is empty or longer than the steps; names each.
    """
    n_steps = len(outlook.surplus_kw)
    window = n_steps if window is None else window
    _require_sound(batteries, stored_kwh, due_kwh, outlook, hours, window)
    stored = _recede(batteries, stored_kwh, due_kwh, outlook, hours, window, n_steps)
    return _schedule(batteries, stored_kwh, stored, outlook, hours)


def run_mpc_on_forecasts(
    batteries: Batteries,
    stored_kwh: FloatArray,
    due_kwh: FloatArray,
    foresee: Callable[[int], Outlook],
    hours: float,
    window: int | None = None,
    steps: int | None = None,
) -> Schedule:
    """The same where what comes is not known: each step sees its own outlook.

    Args:
        batteries, stored_kwh, due_kwh, hours, window: as for `run_mpc`.
        foresee: the outlook at a step, from that step to the end; its first step is what really happens.
        steps: how many to go through; all if left out.

    Raises:
        InputError: as `run_mpc`, for the first outlook.
    """
    first = foresee(0)
    n_steps = len(first.surplus_kw)
    window = n_steps if window is None else window
    _require_sound(batteries, stored_kwh, due_kwh, first, hours, window)
    energy_kwh = stored_kwh
    schedules = []
    for step in range(n_steps if steps is None else steps):
        outlook = foresee(step)
        # The window shrinks at the end: there is nothing to foresee behind it.
        ahead = min(window, n_steps - step)
        after = _recede(batteries, energy_kwh, due_kwh, outlook, hours, ahead, 1)
        schedules.append(_schedule(batteries, energy_kwh, after, outlook.first, hours))
        energy_kwh = after[0]
    return Schedule.joined(schedules)


def _recede(
    units: Batteries,
    stored_kwh: FloatArray,
    due_kwh: FloatArray,
    outlook: Outlook,
    hours: float,
    window: int,
    applied: int,
) -> FloatArray:
    """Stored energy after the first steps, (applied, battery) [kWh]."""
    limits = np.stack([units.stored_min_kwh, units.stored_max_kwh])
    return recede(
        _steps(units, outlook, hours), limits, stored_kwh, due_kwh, window, applied
    )


def _steps(units: Batteries, outlook: Outlook, hours: float) -> Steps:
    """What less stored energy costs or brings in each step, from the cheapest kWh to the dearest: charge that only the price asks
    for, charge for one and for both of excess and reservation, then discharge.
    """
    prices = np.abs([outlook.charge_cost, outlook.discharge_value])
    # Where energy costs nothing, limits still come first: the weight stays above zero.
    weight = LIMITS_FIRST * max(prices.max(), np.finfo(float).tiny)
    # More than the battery can charge is missed whatever it does.
    excess = np.minimum(outlook.excess_kw, units.charge_max_kw)
    reserved = np.minimum(outlook.reserved_kw, units.charge_max_kw)
    for_both = np.minimum(excess, reserved)
    for_either = np.maximum(excess, reserved)
    charged = np.stack(
        [units.charge_max_kw - for_either, for_either - for_both, for_both]
    )
    free_worth = np.zeros(excess.shape)
    either_worth = np.where(reserved > excess, RESERVED_FIRST * weight, weight)
    both_worth = np.full(excess.shape, (1 + RESERVED_FIRST) * weight)
    worth = np.stack([free_worth, either_worth, both_worth])

    room = np.clip(outlook.limit_kw - outlook.surplus_kw, 0.0, units.discharge_max_kw)
    discharged = np.where(outlook.may_discharge, room, 0.0)

    # Slopes and widths are per kWh stored, powers and prices are outside the battery: efficiencies stand between.
    charge_slope = (worth - outlook.charge_cost[:, None]) / units.efficiency_charge
    discharge_slope = -outlook.discharge_value[:, None] * units.efficiency_discharge
    charge_width = hours * units.efficiency_charge * charged
    discharge_width = hours * discharged / units.efficiency_discharge
    slope = np.concatenate([charge_slope, discharge_slope[None]])
    width = np.concatenate([charge_width, discharge_width[None]])
    gain = hours * units.efficiency_charge * units.charge_max_kw
    return ascending_steps(slope, width, gain)


def _schedule(
    units: Batteries,
    start_kwh: FloatArray,
    stored_kwh: FloatArray,
    outlook: Outlook,
    hours: float,
) -> Schedule:
    change = np.diff(stored_kwh, axis=0, prepend=start_kwh[None, :])
    change[np.abs(change) <= ROUNDING * units.stored_max_kwh] = 0.0
    gain = np.maximum(change, 0.0)
    draw = np.maximum(-change, 0.0)
    charge = gain / (hours * units.efficiency_charge)
    discharge = draw * units.efficiency_discharge / hours
    # The rating cuts what rounding adds to it.
    charge = np.minimum(charge, units.charge_max_kw)
    discharge = np.minimum(discharge, units.discharge_max_kw)
    shortage = np.maximum(outlook.excess_kw - charge, 0.0)
    return Schedule(charge, discharge, stored_kwh, shortage)


def _require_sound(
    units: Batteries,
    stored_kwh: FloatArray,
    due_kwh: FloatArray,
    outlook: Outlook,
    hours: float,
    window: int,
) -> None:
    n_steps = len(outlook.surplus_kw)
    problems = []
    if not 1 <= window <= n_steps:
        problems.append(
            f"A horizon of {window} steps does not fit data of {n_steps} steps. Take 1 to {n_steps}, or give longer data."
        )
    reach = stored_kwh + n_steps * hours * units.efficiency_charge * units.charge_max_kw
    for k, name in enumerate(units.names):
        low = units.stored_min_kwh[k]
        high = units.stored_max_kwh[k]
        start = stored_kwh[k]
        due = due_kwh[k]
        if not low <= start <= high:
            problems.append(
                f"Battery '{name}' starts with {start:g} kWh, outside its limits {low:g} to {high:g} kWh."
            )
        if due > min(high, reach[k]) + ROUNDING * high:
            problems.append(
                f"Battery '{name}' cannot hold the {due:g} kWh that are due at the end."
            )
        round_trip = units.efficiency_charge[k] * units.efficiency_discharge[k]
        is_cheaper = outlook.charge_cost < round_trip * outlook.discharge_value
        earns = (outlook.discharge_value > 0) & is_cheaper
        if earns.any():
            step = int(np.argmax(earns))
            problems.append(
                f"Battery '{name}' would earn money by charging and discharging at once in step {step}. "
                "Buying must not be cheaper than selling what the round trip leaves."
            )
    if problems:
        raise InputError("\n".join(problems))
