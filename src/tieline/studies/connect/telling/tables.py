"""The tables of a connection study."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd

from tieline.studies.connect.ways.case import Case, Flow
from tieline.studies.connect.ways.cure import Cure
from tieline.studies.gauges import LOADING_OF
from tieline.studies.siting.capacity import kw_column


def make_tables(
    case: Case, capacity: pd.Series, cures: Sequence[Cure]
) -> dict[str, pd.DataFrame]:
    """All tables.

    Args:
        case: the plant as it was asked for.
        capacity: what fits of it, a row of `siting.capacity.find_capacity`.
        cures: what was tried.

    Returns:
        `limits`, a row per limit and situation, at the place that is worst with the plant; `cures`; `voltages`, a row per
        situation and voltage point; `loading`, a row per situation and rated element.
    """
    return {
        "limits": _limits(case, capacity),
        "cures": cure_table(cures),
        "voltages": _voltages(case),
        "loading": _loading(case),
    }


def _limits(case: Case, capacity: pd.Series) -> pd.DataFrame:
    """`before` and `with_plant` are readings at `place`, `number` is the limit, `allowed` what the place must keep
    (`siting.base`), `fits_kw` what fits by this limit alone in any situation (NaN: it holds as far as was looked).
    """
    rows = []
    for k, gauge in enumerate(case.setting.gauges):
        for flow in case.flows:
            worst = int(np.nan_to_num(case.excess(flow, k), nan=-np.inf).argmax())
            rows.append(
                {
                    "limit": gauge.kind.name,
                    "situation": flow.base.situation.name,
                    "place": gauge.names[worst],
                    "unit": gauge.kind.unit,
                    "before": flow.base.readings[k][worst],
                    "with_plant": flow.readings[k][worst],
                    "number": flow.base.limits[k][worst],
                    "allowed": flow.base.bounds[k][worst],
                    "breaks": bool(case.breaks(flow, k)[worst]),
                    "fits_kw": capacity[kw_column(gauge.kind.name)],
                }
            )
    return pd.DataFrame(rows)


def cure_table(cures: Sequence[Cure]) -> pd.DataFrame:
    """One row per cure: `cure`, `setting`, `suffices`, `fits_kw` with it (`is_least`: at least), and what then ends it."""
    rows = [
        {
            "cure": cure.name,
            "setting": cure.setting,
            "suffices": cure.suffices,
            "fits_kw": cure.capacity["capacity_kw"],
            "is_least": bool(cure.capacity["is_least"]),
            "limit": cure.capacity["limit"],
            "at": cure.capacity["at"],
            "situation": cure.capacity["situation"],
        }
        for cure in cures
    ]
    columns = "cure setting suffices fits_kw is_least limit at situation"
    return pd.DataFrame(rows, columns=columns.split())


def _voltages(case: Case) -> pd.DataFrame:
    points = case.setting.points
    buses = case.setting.network.feeder.buses
    names = [buses[k].name for k in points.bus]
    parts = []
    for flow in case.flows:
        with_plant_pu = points.magnitude_pu(flow.solution.v_pu)[0]
        columns = {
            "situation": flow.base.situation.name,
            "point": points.names,
            "bus": names,
            "before_pu": flow.base.point_pu,
            "with_plant_pu": with_plant_pu,
        }
        parts.append(pd.DataFrame(columns))
    return pd.concat(parts, ignore_index=True)


def _loading(case: Case) -> pd.DataFrame:
    parts = [
        pd.DataFrame(columns=["situation", "place", "before_pct", "with_plant_pct"])
    ]
    for k, gauge in enumerate(case.setting.gauges):
        if gauge.kind.name in LOADING_OF:
            parts += [_loading_of(flow, gauge.names, k) for flow in case.flows]
    return pd.concat(parts[1:] or parts, ignore_index=True)


def _loading_of(flow: Flow, names: tuple[str, ...], k: int) -> pd.DataFrame:
    columns = {
        "situation": flow.base.situation.name,
        "place": names,
        "before_pct": flow.base.readings[k],
        "with_plant_pct": flow.readings[k],
    }
    return pd.DataFrame(columns)
