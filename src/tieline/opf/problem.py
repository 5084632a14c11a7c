"""`Problem`: what is asked of an optimiser, for one or many time steps; no word on how it is solved.

    minimise   sum over steps of h (price P_source + sum over DERs (c P + d P^2) - sum over flexible loads (value served))
    subject to power flow, limits of devices, voltages and branches

All arrays have the step first and follow the feeder: `der` its `ders`, `load` its loads, `storage` its storages. Prices are money
per kWh in any currency. Regulators, capacitors and switches are held.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any, Literal

import numpy as np
from numpy.typing import ArrayLike

from tieline.devices import Batteries, Generators, PvInverters
from tieline.errors import InputError, ShapeError
from tieline.feeders.feeder import Feeder
from tieline.linear.setting import Setting, make_setting
from tieline.network.network import Network
from tieline.network.voltage_points import VoltagePoints, voltage_points
from tieline.opf.flow_limits import BranchLimit, FlowLimits, rated_limits
from tieline.typing import BoolArray, FloatArray, IntArray

ANSI_RANGE_A = (0.95, 1.05)
"""Service voltage [pu]. Source: ANSI C84.1, range A."""


ROUNDING = 1e-12
"""Relative slack of checks: the last digits of a conversion."""


@dataclass(frozen=True, eq=False)
class Problem:
    """One question. Made by `make_problem`, which checks it; `replace` changes numbers of a checked one.

    Attributes:
        network, setting: feeder arrays and the positions held.
        hours: length of a step [h].
        price: of energy at the source, (step,) [money/kWh].
        load_kw, load_kvar: demand at rated voltage, (step, load).
        p_min_kw .. q_max_kvar: box of each DER's injection, (step, der).
        der_kva: apparent power, (der,); infinite without a limit.
        cost, cost_square: c and d of each DER, (step, der) [money/kWh, money/(kW^2 h)].
        batteries: ratings of the storages.
        stored_kwh, stored_end_kwh: stored at the start, and at least at the end, (storage,).
        ramp_kw: largest change of a DER from step to step, (der,); infinite without a limit.
        last_kw: injection before the first step, (der,); NaN where the first step is free.
        energy_min_kwh, energy_max_kwh: of a DER over all steps, (der,): an EV's energy due (negative), a tank.
        points: voltages with limits.
        v_min_pu, v_max_pu: their limits, (point,).
        flows: branch limits.
        is_flexible: loads that need not be served in full, (load,).
        value: of serving them, (step, load) [money/kWh].
        served_before: share served before the first step, (load,); `max_drop` as in `devices.PickUp`.
    """

    network: Network
    setting: Setting
    hours: float
    price: FloatArray
    load_kw: FloatArray
    load_kvar: FloatArray
    p_min_kw: FloatArray
    p_max_kw: FloatArray
    q_min_kvar: FloatArray
    q_max_kvar: FloatArray
    der_kva: FloatArray
    cost: FloatArray
    cost_square: FloatArray
    batteries: Batteries
    stored_kwh: FloatArray
    stored_end_kwh: FloatArray
    ramp_kw: FloatArray
    last_kw: FloatArray
    energy_min_kwh: FloatArray
    energy_max_kwh: FloatArray
    points: VoltagePoints
    v_min_pu: FloatArray
    v_max_pu: FloatArray
    flows: FlowLimits
    is_flexible: BoolArray
    value: FloatArray
    served_before: FloatArray
    max_drop: float

    @property
    def n_steps(self) -> int:
        """Number of time steps."""
        return len(self.price)

    @property
    def n_ders(self) -> int:
        """Number of DERs."""
        return len(self.der_kva)

    @property
    def storage(self) -> IntArray:
        """Which DERs are storages, (storage,)."""
        first = len(self.network.feeder.pvs)
        return np.arange(first, first + len(self.batteries.names))

    @property
    def taps(self) -> IntArray:
        """Tap positions held, (regulator,)."""
        ratio = self.setting.state[self.network.states.regulated_windings]
        table = self.network.regulators
        return np.round((1 / ratio - table.neutral_ratio) / table.ratio_per_step).astype(np.int64)

    def window(self, first: int, stop: int) -> Problem:
        """The steps from `first` up to `stop`, not included; the state before them is the caller's to set."""
        by_step = (
            "price",
            "load_kw",
            "load_kvar",
            "p_min_kw",
            "p_max_kw",
            "q_min_kvar",
            "q_max_kvar",
            "cost",
            "cost_square",
            "value",
        )
        return replace(self, **{name: getattr(self, name)[first:stop] for name in by_step})

    def replace(self, **changes: Any) -> Problem:
        """A copy with some fields changed, for a solve that follows."""
        return replace(self, **changes)


def make_problem(
    network: Network,
    *,
    price: ArrayLike,
    hours: float = 1.0,
    load_kw: ArrayLike | None = None,
    load_kvar: ArrayLike | None = None,
    p_min_kw: ArrayLike | None = None,
    p_max_kw: ArrayLike | None = None,
    q_min_kvar: ArrayLike | None = None,
    q_max_kvar: ArrayLike | None = None,
    cost: ArrayLike = 0.0,
    cost_square: ArrayLike = 0.0,
    batteries: Batteries | None = None,
    stored_kwh: ArrayLike | None = None,
    stored_end_kwh: ArrayLike | None = None,
    ramp_kw: ArrayLike = np.inf,
    last_kw: ArrayLike = np.nan,
    energy_min_kwh: ArrayLike = -np.inf,
    energy_max_kwh: ArrayLike = np.inf,
    v_min_pu: ArrayLike = ANSI_RANGE_A[0],
    v_max_pu: ArrayLike = ANSI_RANGE_A[1],
    branch_limits: Sequence[BranchLimit] | Literal["rated"] = "rated",
    flexible: ArrayLike = False,
    value: ArrayLike = 0.0,
    served_before: ArrayLike = 0.0,
    max_drop: float = 1.0,
    taps: ArrayLike | None = None,
    line_closed: ArrayLike | None = None,
    capacitor_steps: ArrayLike | None = None,
    source_pu: float | None = None,
) -> Problem:
    """Check a question and bring its arrays to full shape; the number of steps is that of `price`.

    An array may be a number, one value per element, or (step, element). What is left out comes from the feeder: demand, limits of
    the DERs by their ratings (a PV system injects up to its panels, a storage its power each way, a generator its kVA), stored
    energy. Arguments as in `Problem` and `powerflow.solve`.

    Raises:
        InputError: if there is nothing to decide, or limits contradict each other; every contradiction is named.
        ShapeError: if an array does not fit.
    """
    feeder = network.feeder
    prices = np.atleast_1d(np.asarray(price, dtype=float))
    steps, devices = len(prices), network.devices
    n_loads, n_ders = devices.n_loads, len(feeder.ders)
    units = batteries or Batteries.of(feeder.storages)
    p_low, p_high, kva = _rated_boxes(feeder, units)
    stored = [storage.stored_kwh for storage in feeder.storages] if stored_kwh is None else stored_kwh
    points = _controllable_points(network)

    def grid(name: str, given: ArrayLike | None, default: ArrayLike, width: int) -> FloatArray:
        return _broadcast(name, default if given is None else given, (steps, width))

    def row(name: str, given: ArrayLike, width: int) -> FloatArray:
        return _broadcast(name, given, (width,))

    problem = Problem(
        network=network,
        setting=make_setting(network, taps, line_closed, capacitor_steps, source_pu),
        hours=hours,
        price=prices,
        load_kw=grid("load_kw", load_kw, devices.p_kw[:n_loads], n_loads),
        load_kvar=grid("load_kvar", load_kvar, devices.q_kvar[:n_loads], n_loads),
        p_min_kw=grid("p_min_kw", p_min_kw, p_low, n_ders),
        p_max_kw=grid("p_max_kw", p_max_kw, p_high, n_ders),
        q_min_kvar=grid("q_min_kvar", q_min_kvar, -kva, n_ders),
        q_max_kvar=grid("q_max_kvar", q_max_kvar, kva, n_ders),
        der_kva=kva,
        cost=grid("cost", cost, 0.0, n_ders),
        cost_square=grid("cost_square", cost_square, 0.0, n_ders),
        batteries=units,
        stored_kwh=row("stored_kwh", stored, len(units.names)),
        stored_end_kwh=row("stored_end_kwh", 0.0 if stored_end_kwh is None else stored_end_kwh, len(units.names)),
        ramp_kw=row("ramp_kw", ramp_kw, n_ders),
        last_kw=row("last_kw", last_kw, n_ders),
        energy_min_kwh=row("energy_min_kwh", energy_min_kwh, n_ders),
        energy_max_kwh=row("energy_max_kwh", energy_max_kwh, n_ders),
        points=points,
        v_min_pu=row("v_min_pu", v_min_pu, len(points.names)),
        v_max_pu=row("v_max_pu", v_max_pu, len(points.names)),
        flows=FlowLimits.of(network, rated_limits(feeder) if isinstance(branch_limits, str) else branch_limits),
        is_flexible=np.broadcast_to(np.asarray(flexible, dtype=bool), (n_loads,)).copy(),
        value=grid("value", value, 0.0, n_loads),
        served_before=row("served_before", served_before, n_loads),
        max_drop=max_drop,
    )
    _require_answerable(problem)
    return problem


def _rated_boxes(feeder: Feeder, units: Batteries) -> tuple[FloatArray, FloatArray, FloatArray]:
    """Lowest and highest injection by the ratings [kW] and apparent power [kVA], each (der,)."""
    inverters, sets = PvInverters.of(feeder.pvs), Generators.of(feeder.generators)
    low = np.concatenate([np.zeros(len(inverters.kva)), -units.charge_max_kw, np.zeros(len(sets.kva))])
    high = np.concatenate([inverters.available_kw(1.0), units.discharge_max_kw, sets.p_max_kw])
    return low, high, np.concatenate([inverters.kva, units.kva, sets.kva])


def _controllable_points(network: Network) -> VoltagePoints:
    """The voltage points, without those that an ideal source holds: no decision moves them."""
    points = voltage_points(network)
    held = network.held_nodes
    return points.select(~(np.isin(points.plus, held) & ((points.minus < 0) | np.isin(points.minus, held))))


def _broadcast(name: str, value: ArrayLike, shape: tuple[int, ...]) -> FloatArray:
    array = np.asarray(value, dtype=float)
    try:
        return np.broadcast_to(array, shape).copy()
    except ValueError:
        raise ShapeError(f"{name} has shape {array.shape}; expected a number, ({shape[-1]},) or {shape}.") from None


def _require_answerable(problem: Problem) -> None:
    name = problem.network.feeder.name
    if not problem.n_ders and not problem.is_flexible.any():
        raise InputError(f"Feeder '{name}' has no DER and no flexible load: there is nothing to decide. Add one.")
    if not problem.hours > 0:
        raise InputError(f"hours must be above 0; got {problem.hours}.")
    contradictions = [*_der_contradictions(problem), *_storage_contradictions(problem), *_voltage_contradictions(problem)]
    if contradictions:
        raise InputError("\n".join([f"Limits contradict each other on feeder '{name}'; correct them:", *contradictions]))


def _der_contradictions(problem: Problem) -> list[str]:
    found = []
    for k, der in enumerate(problem.network.feeder.ders):
        p, q = (problem.p_min_kw[:, k], problem.p_max_kw[:, k]), (problem.q_min_kvar[:, k], problem.q_max_kvar[:, k])
        nearest = np.hypot(np.clip(0.0, *p), np.clip(0.0, *q))
        rules = (
            (~(p[0] <= p[1]), "p_min_kw is above p_max_kw"),
            (~(q[0] <= q[1]), "q_min_kvar is above q_max_kvar"),
            (nearest > problem.der_kva[k] * (1 + ROUNDING), f"no P and Q of its box lie within {problem.der_kva[k]:g} kVA"),
        )
        found += [f"  DER '{der.name}', step {np.argmax(broken)}: {what}" for broken, what in rules if broken.any()]
        if problem.energy_min_kwh[k] > problem.energy_max_kwh[k]:
            found.append(f"  DER '{der.name}': energy_min_kwh is above energy_max_kwh")
    return found


def _storage_contradictions(problem: Problem) -> list[str]:
    units, found = problem.batteries, []
    for k, name in enumerate(units.names):
        low, high = units.stored_min_kwh[k], units.stored_max_kwh[k]
        for text, energy in (("stored_kwh", problem.stored_kwh[k]), ("stored_end_kwh", problem.stored_end_kwh[k])):
            if energy > high or (text == "stored_kwh" and energy < low):
                found.append(f"  storage '{name}': {text} {energy:g} is outside its limits {low:g} to {high:g} kWh")
    return found


def _voltage_contradictions(problem: Problem) -> list[str]:
    crossed = np.flatnonzero(~(problem.v_min_pu <= problem.v_max_pu))[:3]
    return [
        f"  voltage at '{problem.points.names[k]}': lowest {problem.v_min_pu[k]:g} pu is above highest {problem.v_max_pu[k]:g} pu"
        for k in crossed
    ]
