"""What moves the hosting capacity: the thesis' four sensitivities on the same draws, with and without regulators."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from tieline.studies.hosting_capacity.config import HostingCapacityConfig
from tieline.studies.hosting_capacity.telling.sections import more_load_lowers
from tieline.studies.shell import run_study

CASES: Mapping[str, Mapping[str, Any]] = {
    # without regulators, at the thesis' load under the sun
    "ieee33": {"light_load_pct": 5.0, "light_load_kvar_pct": 0.0},
    "ieee123": {},
}


@dataclass(frozen=True)
class WhatIf:
    """One thing changed: hosting capacity and its gain with a 95 % interval [% of peak load], and the highest voltage without
    PV; `is_least`: at least that capacity.
    """

    text: str
    capacity_pct: float
    is_least: bool
    gain_pct: float
    gain_low_pct: float
    gain_high_pct: float
    before_pv_pu: float


@dataclass(frozen=True)
class WhatIfs:
    """The what-ifs of a feeder, and why more load lowers the capacity, where it does."""

    feeder: str
    rows: tuple[WhatIf, ...]
    remarks: tuple[str, ...]


def answer_what_ifs(tell: Callable[[str], None]) -> tuple[WhatIfs, ...]:
    """Ask every feeder, a hundred deployments each."""
    answers = []
    for feeder, values in CASES.items():
        tell(f"what-ifs on {feeder}")
        result = run_study("hosting-capacity", feeder=feeder, **values)
        config = result.config
        assert isinstance(config, HostingCapacityConfig)
        table = result.tables["what_if"]
        rows = tuple(_row(row) for row in table.itertuples())
        remarks = tuple(more_load_lowers(result, config))
        answers.append(WhatIfs(feeder, rows, remarks))
    return tuple(answers)


def _row(row: Any) -> WhatIf:
    return WhatIf(
        text=str(row.text),
        capacity_pct=float(row.hosting_capacity_pct),
        is_least=bool(row.is_least),
        gain_pct=float(row.gain_pct),
        gain_low_pct=float(row.gain_low_pct),
        gain_high_pct=float(row.gain_high_pct),
        before_pv_pu=float(row.v_max_before_pv_pu),
    )
