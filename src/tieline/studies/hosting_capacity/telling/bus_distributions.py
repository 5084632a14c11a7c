"""The distribution of the voltage of single buses over the deployments, with its mean and standard deviation."""

from __future__ import annotations

from collections.abc import Mapping

import pandas as pd

from tieline.reports import distributions
from tieline.reports.html import Figure
from tieline.reports.numbers import format_number
from tieline.studies.result import Result


def bus_distributions(
    result: Result, level_pct: float, limits: Mapping[str, float]
) -> list[Figure]:
    """A figure for each bus that is shown: share of the deployments by voltage, and the cumulative share.

    Args:
        result: of the study.
        level_pct: the level that is drawn [%].
        limits: voltages that are drawn as lines [pu].
    """
    voltages = result.tables["voltages"]
    draws = voltages[voltages["level_pct"] == level_pct]
    return [
        _figure(str(bus), rows, level_pct, limits)
        for bus, rows in draws.groupby("bus", sort=False)
    ]


def _figure(
    bus: str, rows: pd.DataFrame, level_pct: float, limits: Mapping[str, float]
) -> Figure:
    v_pu = rows["v_high_pu"].astype(float)
    figure = distributions.histogram_and_cdf(
        v_pu, x_title=f"highest voltage of bus {bus} [pu]", limits=limits
    )
    return Figure(
        figure,
        f"Voltage of bus {bus} at {format_number(level_pct)} % PV over the deployments: mean {v_pu.mean():.4f} pu, standard "
        f"deviation {v_pu.std():.4f} pu.",
    )
