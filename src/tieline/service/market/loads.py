"""Loads of an interval from what was measured: what a bus takes, beside its schedule.

A bus that was not measured is taken to keep its schedule. At a metered bus what departs from it is the load of the meter itself,
elsewhere it is split over the loads of the bus by their size.
"""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np

from tieline.service.market.measured import Measured
from tieline.service.market.shares import shares_of
from tieline.service.market.stage import Stage
from tieline.studies.market.world.moments import Loads
from tieline.typing import FloatArray, IntArray


def loads_of(stage: Stage, measured: Iterable[Measured], hour: float) -> Loads:
    """Loads of the plant in an interval.

    Args:
        stage: the market.
        measured: what `measured.check_measured` found nothing wrong with.
        hour: of the local day [h].
    """
    schedule_kw = stage.hourly_kw[int(hour)]
    schedule_kvar = stage.hourly_kvar[int(hour)]
    p_kw = schedule_kw.copy()
    q_kvar = schedule_kvar.copy()
    for row in measured:
        bus = row.bus.lower()
        loads = stage.loads_at.get(bus, np.empty(0, dtype=np.int64))
        if bus in stage.meter_at:
            _of_meter(row, stage.meter_at[bus], loads, p_kw, q_kvar)
        else:
            _of_loads(row, loads, p_kw, q_kvar)
    return Loads(p_kw, q_kvar, schedule_kw)


def _of_meter(
    row: Measured, meter: int, loads: IntArray, p_kw: FloatArray, q_kvar: FloatArray
) -> None:
    """The loads of the bus keep their schedule; the meter takes what is beyond it."""
    scheduled_kw = p_kw[loads].sum()
    p_kw[meter] = row.p_kw - scheduled_kw
    if row.q_kvar is not None:
        scheduled_kvar = q_kvar[loads].sum()
        q_kvar[meter] = row.q_kvar - scheduled_kvar


def _of_loads(
    row: Measured, loads: IntArray, p_kw: FloatArray, q_kvar: FloatArray
) -> None:
    scheduled_kw = p_kw[loads]
    shares = shares_of(scheduled_kw)
    p_kw[loads] = row.p_kw * shares
    if row.q_kvar is not None:
        q_kvar[loads] = row.q_kvar * shares
        return
    total_kw = scheduled_kw.sum()
    # the power factor of the schedule
    if total_kw > 0:
        q_kvar[loads] *= row.p_kw / total_kw
