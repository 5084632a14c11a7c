"""Cure by less power: all the time, or only in the situations in which a limit would break."""

from __future__ import annotations

from dataclasses import replace

import pandas as pd

from tieline.studies.connect.ways.case import Case, make_case
from tieline.studies.connect.ways.cure import Cure
from tieline.studies.siting.capacity import find_capacity


def by_curtailment(case: Case, capacity: pd.Series) -> Cure:
    """The plant cut to what fits; `setting` says to how many kW in which situation."""
    kw = float(capacity["capacity_kw"])
    curtailed = make_case(case.setting, case.way, kw)
    return Cure("curtailment", _by_situation(case), curtailed, capacity)


def _by_situation(case: Case) -> str:
    """For example "to 212 kW at light load"; situations in which the whole plant fits are left out."""
    parts = []
    for base in case.setting.bases:
        # each situation by itself: who is too large at light load need not be cut at peak load
        alone = replace(case.setting, bases=(base,))
        fits_kw = float(find_capacity(alone, case.way, case.kw)["capacity_kw"].iloc[0])
        if fits_kw < case.kw:
            parts.append(f"to {fits_kw:.4g} kW at {base.situation.name}")
    return " and ".join(parts)
