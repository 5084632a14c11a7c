"""What `make_problem` is told of DERs, storages and loads that give way beside prices and limits, and how it becomes full arrays.

A number, one value per element, or (step, element) where an array has steps. What is left out comes from the feeder.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal, get_args

import numpy as np
from numpy.typing import ArrayLike

from tieline.devices import Batteries, ReboundLoads
from tieline.errors import InputError, ShapeError, unknown_name_message
from tieline.feeders.feeder import Feeder
from tieline.feeders.unread_costs import unread_der_costs
from tieline.opf.der_limits import limit_ders
from tieline.opf.problem import DerOffers, FlexibleLoads, StoredEnergy
from tieline.opf.rebounds import Rebounds
from tieline.typing import FloatArray, IntArray


@dataclass(frozen=True, eq=False)
class DerInputs:
    """Boxes, ramps and energy of DERs.

    Attributes:
        p_min_kw, p_max_kw, q_min_kvar, q_max_kvar: box of the injection, (step, der); left out, as `limit_ders` reads it.
        cost_square: d of c P + d P^2, (step, der) [currency/(kW^2 h)]; left out, that of the feeder or 0.
        ramp_kw: largest change from step to step, (der,).
        last_kw: injection before the first step, (der,); NaN leaves the first step free.
        energy_min_kwh, energy_max_kwh: injection over all steps, (der,).
    """

    p_min_kw: ArrayLike | None = None
    p_max_kw: ArrayLike | None = None
    q_min_kvar: ArrayLike | None = None
    q_max_kvar: ArrayLike | None = None
    cost_square: ArrayLike | None = None
    ramp_kw: ArrayLike = np.inf
    last_kw: ArrayLike = np.nan
    energy_min_kwh: ArrayLike = -np.inf
    energy_max_kwh: ArrayLike = np.inf

    def fill(
        self, feeder: Feeder, batteries: Batteries, cost: ArrayLike | None, n_steps: int
    ) -> DerOffers:
        """The full arrays.

        Raises:
            InputError: if the feeder states a cost that was left out and `cost` is not given.
            ShapeError: if an array does not fit.
        """
        rated = limit_ders(feeder, batteries)
        squares = [der.cost_per_kw2h or 0.0 for der in feeder.ders]
        each = (len(feeder.ders),)
        by_step = (n_steps, *each)
        return DerOffers(
            p_min_kw=fit("p_min_kw", self.p_min_kw, by_step, rated.p_min_kw),
            p_max_kw=fit("p_max_kw", self.p_max_kw, by_step, rated.p_max_kw),
            q_min_kvar=fit("q_min_kvar", self.q_min_kvar, by_step, rated.q_min_kvar),
            q_max_kvar=fit("q_max_kvar", self.q_max_kvar, by_step, rated.q_max_kvar),
            kva=rated.kva,
            cost=fit("cost", stated_costs(feeder) if cost is None else cost, by_step),
            cost_square=fit("cost_square", self.cost_square, by_step, squares),
            ramp_kw=fit("ramp_kw", self.ramp_kw, each),
            last_kw=fit("last_kw", self.last_kw, each),
            energy_min_kwh=fit("energy_min_kwh", self.energy_min_kwh, each),
            energy_max_kwh=fit("energy_max_kwh", self.energy_max_kwh, each),
        )


@dataclass(frozen=True, eq=False)
class StorageInputs:
    """Ratings and stored energy of storages.

    Attributes:
        batteries: ratings in place of the feeder's.
        stored_kwh: at the start, (storage,); left out, that of the feeder.
        stored_end_kwh: at least at the end, (storage,).
        end_value: of what is stored at the end, (storage,) [currency/kWh].
    """

    batteries: Batteries | None = None
    stored_kwh: ArrayLike | None = None
    stored_end_kwh: ArrayLike | None = None
    end_value: ArrayLike = 0.0

    def fill(self, feeder: Feeder) -> StoredEnergy:
        """The full arrays; raises `ShapeError` if one does not fit."""
        batteries = self.batteries or Batteries.of(feeder.storages)
        each = (len(batteries.names),)
        snapshot = [storage.stored_kwh for storage in feeder.storages]
        return StoredEnergy(
            batteries=batteries,
            der=len(feeder.pvs) + np.arange(len(batteries.names)),
            stored_kwh=fit("stored_kwh", self.stored_kwh, each, snapshot),
            stored_end_kwh=fit("stored_end_kwh", self.stored_end_kwh, each, 0.0),
            end_value=fit("end_value", self.end_value, each),
        )


@dataclass(frozen=True, eq=False)
class FlexibleInputs:
    """Loads that need not be served in full.

    Attributes:
        is_flexible: which, (load,).
        value: of serving them, (step, load) [currency/kWh].
        served_before: share served before the first step, (load,).
        max_drop: largest fall of a share from step to step.
    """

    is_flexible: ArrayLike = False
    value: ArrayLike = 0.0
    served_before: ArrayLike = 0.0
    max_drop: float = 1.0

    def fill(self, n_loads: int, n_steps: int) -> FlexibleLoads:
        """The full arrays; raises `ShapeError` if one does not fit."""
        return FlexibleLoads(
            is_flexible=fit("is_flexible", self.is_flexible, (n_loads,)).astype(bool),
            value=fit("value", self.value, (n_steps, n_loads)),
            served_before=fit("served_before", self.served_before, (n_loads,)),
            max_drop=self.max_drop,
        )


AtEnd = Literal["lost", "closed", "owed"]
"""What becomes of energy that would return after the last step."""


@dataclass(frozen=True, eq=False)
class ReboundInputs:
    """Loads that may be curtailed, or shifted with a rebound.

    Attributes:
        devices: kernels, caps and options.
        loads: name of the load of each device; left out, a device has the name of its load.
        curtail_max_kw, shift_max_kw: caps in place of the devices', (step, device) [kW].
        curtail_cost, shift_cost: of what is taken off, (step, device) [currency/kWh].
        owed_kw: what returns in each step from the first on of what was shifted before it, (device, lag) [kW].
        at_end: what becomes of energy that would return after the last step. "owed": it costs `after_cost`. "closed": nothing is
            shifted that would return then. "lost": it never returns, and costs nothing.
        after_cost: of what is owed then, (device,) or (device, lag) [currency/kWh]; left out, the price of the last step.
    """

    devices: ReboundLoads
    loads: Sequence[str] | None = None
    curtail_max_kw: ArrayLike | None = None
    shift_max_kw: ArrayLike | None = None
    curtail_cost: ArrayLike = 0.0
    shift_cost: ArrayLike = 0.0
    owed_kw: ArrayLike = 0.0
    at_end: AtEnd = "owed"
    after_cost: ArrayLike | None = None

    @classmethod
    def none(cls) -> ReboundInputs:
        """No load has a rebound."""
        return cls(ReboundLoads.make((), 0.0, 0.0, np.zeros((0, 0))))

    def fill(self, feeder: Feeder, price: FloatArray) -> Rebounds:
        """The full arrays, for as many steps as there are prices.

        Raises:
            InputError: if a load is unknown or named twice, or `at_end` is none of its values; every bad name is told.
            ShapeError: if an array does not fit.
        """
        devices = self.devices
        each = (len(devices.names),)
        by_step = (len(price), *each)
        shift_kw = devices.shift_max_kw
        shift_max_kw = fit("shift_max_kw", self.shift_max_kw, by_step, shift_kw)
        if self.at_end == "closed":
            _close(devices, shift_max_kw)
        curtail_kw = devices.curtail_max_kw
        return Rebounds(
            devices=devices,
            load=_load_numbers(feeder, self._load_names()),
            curtail_max_kw=fit(
                "curtail_max_kw", self.curtail_max_kw, by_step, curtail_kw
            ),
            shift_max_kw=shift_max_kw,
            curtail_cost=fit("curtail_cost", self.curtail_cost, by_step),
            shift_cost=fit("shift_cost", self.shift_cost, by_step),
            owed_kw=fit("owed_kw", self.owed_kw, devices.kernel.shape),
            after_cost=self._after_cost(price),
        )

    def _load_names(self) -> Sequence[str]:
        names = self.devices.names
        if self.loads is None:
            return names
        if len(self.loads) != len(names):
            raise ShapeError(
                f"There are {len(names)} flexible loads with a rebound, but {len(self.loads)} names in `loads`. Name the load "
                "of each."
            )
        return self.loads

    def _after_cost(self, price: FloatArray) -> FloatArray:
        if self.at_end not in get_args(AtEnd):
            choices = ", ".join(f"'{choice}'" for choice in get_args(AtEnd))
            raise InputError(f"at_end must be one of {choices}; got '{self.at_end}'.")
        shape = self.devices.kernel.shape
        if self.at_end == "owed":
            cost = price[-1:] if self.after_cost is None else self.after_cost
            by_device = np.asarray(cost, dtype=float)
            if by_device.ndim == 1:
                by_device = by_device[:, None]
            return fit("after_cost", by_device, shape)
        if self.after_cost is not None:
            raise InputError(
                f"after_cost is for energy that is owed; with at_end='{self.at_end}' there is none. Leave one of them out."
            )
        return np.zeros(shape)


def _close(devices: ReboundLoads, shift_max_kw: FloatArray) -> None:
    """Shift nothing that would return after the last step: caps (step, device) change in place."""
    n_steps = len(shift_max_kw)
    for step in range(n_steps):
        closes = devices.closes_within(n_steps - 1 - step)
        shift_max_kw[step, ~closes] = 0.0


def _load_numbers(feeder: Feeder, names: Sequence[str]) -> IntArray:
    """Where named loads stand in the feeder, (device,)."""
    number_of = {load.name: k for k, load in enumerate(feeder.loads)}
    where = f"of feeder '{feeder.name}'"
    messages = [
        unknown_name_message("load", name, number_of, where)
        for name in names
        if name not in number_of
    ]
    if messages:
        hint = "A bus without a load needs one of 0 kW for a rebound to stand at."
        raise InputError(" ".join([*messages, hint]))
    repeated = sorted({name for name in names if list(names).count(name) > 1})
    if repeated:
        listed = ", ".join(f"'{name}'" for name in repeated)
        raise InputError(
            f"Several flexible loads with a rebound stand at load {listed}; one load takes one. Give one of them both caps, or "
            "split the load."
        )
    return np.array([number_of[name] for name in names], dtype=np.int64)


def stated_costs(feeder: Feeder) -> list[float]:
    """Cost of each DER by the feeder, 0 where it states none [currency/kWh].

    Raises:
        InputError: if the file states a cost that was left out; names each.
    """
    unread = unread_der_costs(feeder).values()
    if unread:
        head = f"Feeder '{feeder.name}' states costs that were left out; no optimum without them. Give `cost`:"
        raise InputError("\n".join([head, *(f"  {note}" for note in unread)]))
    return [der.cost_per_kwh or 0.0 for der in feeder.ders]


def fit(
    name: str,
    value: ArrayLike | None,
    shape: tuple[int, ...],
    default: ArrayLike = np.nan,
) -> FloatArray:
    """A copy of an array at full shape, of the default where it was left out; raises `ShapeError` if it does not fit."""
    array = np.asarray(default if value is None else value, dtype=float)
    try:
        return np.broadcast_to(array, shape).copy()
    except ValueError:
        raise ShapeError(
            f"{name} has shape {array.shape}; expected a number, ({shape[-1]},) or {shape}."
        ) from None
