"""What `make_problem` is told of DERs, storages and flexible loads beside prices and limits, and how it becomes full arrays.

A number, one value per element, or (step, element) where an array has steps. What is left out comes from the feeder.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from tieline.devices import Batteries
from tieline.errors import InputError, ShapeError
from tieline.feeders.feeder import Feeder
from tieline.feeders.unread_costs import unread_der_costs
from tieline.opf.der_limits import limit_ders
from tieline.opf.problem import DerOffers, FlexibleLoads, StoredEnergy
from tieline.typing import FloatArray


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
