"""Which device has a power that is NaN or infinite, for scenarios that have no answer because of it."""

from __future__ import annotations

import numpy as np

from tieline.powerflow.outcome import Outcome
from tieline.powerflow.solution import Solution


def name_bad_inputs(solution: Solution) -> None:
    """Give scenarios with such a power its device as their reason, in place."""
    for scenario in np.flatnonzero(solution.outcome == Outcome.BAD_INPUT).tolist():
        culprit = _bad_power(solution, scenario)
        if culprit:
            solution.reasons[scenario] = (
                f"has an input that is NaN or infinite: {culprit}. Correct the data."
            )


def _bad_power(solution: Solution, scenario: int) -> str:
    """The first such power, for example "kW of load 's1a'"; empty where all powers are numbers."""
    feeder = solution.network.feeder
    devices = (*feeder.loads, *feeder.ders)
    for unit, powers in (("kW", solution.p_kw), ("kvar", solution.q_kvar)):
        # one row may stand for all scenarios
        row = powers[min(scenario, len(powers) - 1)]
        bad = np.flatnonzero(~np.isfinite(row))
        if len(bad):
            device = devices[int(bad[0])]
            return f"{unit} of {type(device).__name__.lower()} '{device.name}'"
    return ""
