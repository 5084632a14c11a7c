"""Metrics of a transfer, by names that stay the same from version to version.

atc_kw, ttc_kw, trm_kw, cbm_kw     available and total transfer capability, and the two margins between them
binding_limit, binding_at          the limit that breaks first, and its place
thermal_limit_kw, voltage_limit_kw, no_solution_kw
                                   where each alone would end the transfer; None for a limit that does not break before, and
                                   for the last where loads have turned into impedances by then
broken_before                      places that break a limit before any transfer; `study` adds it
tangent_estimate_kw, dc_estimate_kw   what a straight line from the base case says; None where there is none
"""

from __future__ import annotations

import numpy as np
import pandas as pd

from tieline.studies.answer import Metric
from tieline.studies.transfer_capability.config import TransferCapabilityConfig
from tieline.studies.transfer_capability.telling.tables import NO_SOLUTION


def make_metrics(
    limits: pd.DataFrame, ttc_kw: float, trm_kw: float, config: TransferCapabilityConfig
) -> dict[str, Metric]:
    """All metrics by name.

    Args:
        limits: of `telling.tables.limit_table`.
        ttc_kw: total transfer capability [kW].
        trm_kw: margin for what is uncertain [kW].
        config: the question.
    """
    by_name = limits.set_index("limit")
    binding = str(by_name["transfer_kw"].idxmin())
    is_thermal = limits["limit"].str.endswith("-loading")
    is_end = limits["limit"] == NO_SOLUTION
    is_voltage = limits["limit"].str.startswith("voltage-")
    return {
        "atc_kw": ttc_kw - trm_kw - config.cbm_kw,
        "ttc_kw": ttc_kw,
        "trm_kw": trm_kw,
        "cbm_kw": config.cbm_kw,
        "binding_limit": binding,
        "binding_at": str(by_name["place"][binding]),
        "thermal_limit_kw": _smallest(limits.loc[is_thermal, "transfer_kw"]),
        "voltage_limit_kw": _smallest(limits.loc[is_voltage, "transfer_kw"]),
        "no_solution_kw": _smallest(limits.loc[is_end, "transfer_kw"]),
        "tangent_estimate_kw": _smallest(limits["tangent_estimate_kw"]),
        "dc_estimate_kw": _smallest(limits["dc_estimate_kw"]),
    }


def _smallest(column: pd.Series) -> float | None:
    """The smallest finite number; None where there is none."""
    numbers = column.astype(float)
    finite = numbers[np.isfinite(numbers)]
    if len(finite):
        return float(finite.min())
    return None
