"""Metrics of a hosting-capacity map, by names that stay the same from version to version.

buses                                places of the map
lowest_kw, lowest_at                 smallest capacity and where
median_kw                            of all places
highest_kw, highest_at               largest capacity and where
buses_full                           places where nothing fits
buses_unlimited                      places where nothing breaks up to the largest plant that was looked at
most_kw                              that plant
ends_LIMIT                           places whose capacity ends by this limit
broken_before                        places that break a limit without the plant; `study` adds it
n_power_flows, flows_per_s           of the search
cases_unjudged, unjudged_pct         places whose capacity ends where there is no power flow
"""

from __future__ import annotations

import pandas as pd

from tieline.studies.answer import Metric
from tieline.studies.siting.capacity import NO_SOLUTION, limit_names
from tieline.studies.siting.setting import Setting
from tieline.studies.unjudged import count_unjudged


def make_metrics(
    setting: Setting, buses: pd.DataFrame, n_flows: int, flows_per_s: float
) -> dict[str, Metric]:
    """All metrics by name; `buses` is the table of that name."""
    capacity_kw = buses["capacity_kw"]
    places = buses["place"]
    lowest = int(capacity_kw.argmin())
    highest = int(capacity_kw.argmax())
    n_unsolved = int((buses["limit"] == NO_SOLUTION).sum())
    return {
        "buses": len(buses),
        "lowest_kw": float(capacity_kw.iloc[lowest]),
        "lowest_at": str(places.iloc[lowest]),
        "median_kw": float(capacity_kw.median()),
        "highest_kw": float(capacity_kw.iloc[highest]),
        "highest_at": str(places.iloc[highest]),
        "buses_full": int((capacity_kw == 0).sum()),
        "buses_unlimited": int(buses["is_least"].sum()),
        "most_kw": setting.most_kw,
        **_ends(setting, buses),
        "n_power_flows": n_flows,
        "flows_per_s": flows_per_s,
        **count_unjudged(n_unsolved, len(buses)),
    }


def _ends(setting: Setting, buses: pd.DataFrame) -> dict[str, Metric]:
    # a limit that stops no plant is a finding too: its count is 0
    counts = buses["limit"].value_counts()
    return {
        f"ends_{name.replace('-', '_')}": int(counts.get(name, 0))
        for name in limit_names(setting)
    }
