"""`Moment`: one minute of the day on the plant, in the arrays that choices and programs take."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from tieline.studies.market.world.days import MarketDay
from tieline.studies.market.world.plant import Plant
from tieline.typing import FloatArray


@dataclass(frozen=True, eq=False)
class Loads:
    """What loads take in a minute and what was scheduled for them, (load,) each [kW, kvar]; 0 is scheduled for extra loads."""

    p_kw: FloatArray
    q_kvar: FloatArray
    schedule_kw: FloatArray


@dataclass(frozen=True, eq=False)
class Moment:
    """What is known when a minute begins.

    Attributes:
        time: its start.
        load_kw, load_kvar: consumption, (load,).
        schedule_kw: what was scheduled, (load,); 0 for extra loads.
        demand_kw: D, load less schedule of each region, (region,).
        reference_price: l0 [currency/kWh].
        offer, p_max_kw: what each DER asks and can give, (der,) [currency/kWh, kW].
    """

    time: pd.Timestamp
    load_kw: FloatArray
    load_kvar: FloatArray
    schedule_kw: FloatArray
    demand_kw: FloatArray
    reference_price: float
    offer: FloatArray
    p_max_kw: FloatArray

    @property
    def label(self) -> str:
        """The minute, for messages."""
        return f"Minute {self.time:%Y-%m-%d %H:%M}"


def make_moment(
    plant: Plant,
    time: pd.Timestamp,
    loads: Loads,
    reference_price: float,
    offer: FloatArray,
    p_max_kw: FloatArray,
) -> Moment:
    """A minute of loads and offers that are known.

    Args:
        plant: feeder and regions.
        time: its start.
        loads: of the minute.
        reference_price: l0 [currency/kWh].
        offer, p_max_kw: of each seller, (seller,) [currency/kWh, kW].
    """
    departure_kw = loads.p_kw - loads.schedule_kw
    return Moment(
        time=time,
        load_kw=loads.p_kw,
        load_kvar=loads.q_kvar,
        schedule_kw=loads.schedule_kw,
        demand_kw=_by_region(plant, departure_kw),
        reference_price=reference_price,
        offer=plant.of_all_ders(offer),
        p_max_kw=plant.of_all_ders(p_max_kw),
    )


def moment_at(plant: Plant, day: MarketDay, minute: int) -> Moment:
    """The minute of that number of a drawn day."""
    load_pu = _row(day.load_pu, minute)
    schedule_pu = _row(day.schedule_pu, minute)
    extra_kw = day.extra.p_kw[minute]
    zeros = np.zeros(len(extra_kw))
    loads = Loads(
        p_kw=np.r_[load_pu * plant.scheduled_kw, extra_kw],
        # extra loads take active power only, as in the published cases
        q_kvar=np.r_[load_pu * plant.scheduled_kvar, zeros],
        schedule_kw=np.r_[schedule_pu * plant.scheduled_kw, zeros],
    )
    sun_pu = float(day.sun_pu[minute])
    return make_moment(
        plant,
        day.times[minute],
        loads,
        float(day.reference_price[minute]),
        plant.sellers.offer(day.hour(minute)),
        plant.sellers.p_max_kw(sun_pu),
    )


def _row(values: FloatArray, minute: int) -> FloatArray:
    """Values of a minute; a single row stands for all."""
    return values[0] if len(values) == 1 else values[minute]


def _by_region(plant: Plant, of_load: FloatArray) -> FloatArray:
    """Sums over the loads of each region, (region,); what lies in no region keeps its schedule with the main feeder."""
    region = plant.region_of_load
    inside = region >= 0
    total = np.zeros(plant.microgrids.n_regions)
    np.add.at(total, region[inside], of_load[inside])
    return total


def watched_kw(plant: Plant, day: MarketDay, bus: str) -> FloatArray:
    """What the loads at a bus take over the day, (minute,) [kW]."""
    loads = plant.feeder.loads
    total = np.zeros(len(day.times))
    for k, load in enumerate(loads):
        if load.bus != bus:
            continue
        if k >= plant.n_scheduled:
            total += day.extra.p_kw[:, k - plant.n_scheduled]
        else:
            share = day.load_pu[:, k]
            total += load.p_kw * share
    return total
