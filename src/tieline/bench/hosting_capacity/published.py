"""The 33-bus feeder of the thesis: voltages with PV at every bus, and where they pass 1.045 pu.

M. Al-Saffar, PhD thesis, University of Alberta, table 4.2 and 4.4.2.1: midday, load at 5 % of nominal without reactive power, PV
at every bus of 90 % of its load. No bus is critical at 80 %.
"""

from __future__ import annotations

from dataclasses import dataclass

from tieline.studies.result import Result
from tieline.studies.shell import run_study

THESIS_V_PU = {
    "2": 1.002,
    "3": 1.01,
    "4": 1.014,
    "5": 1.018,
    "6": 1.027,
    "7": 1.028,
    "8": 1.031,
    "9": 1.034,
    "10": 1.038,
    "11": 1.038,
    "12": 1.039,
    "13": 1.043,
    "14": 1.044,
    "15": 1.044,
    "16": 1.045,
    "17": 1.046,
    "18": 1.047,
    "19": 1.002,
    "20": 1.004,
    "21": 1.005,
    "22": 1.005,
    "23": 1.012,
    "24": 1.016,
    "25": 1.018,
    "26": 1.028,
    "27": 1.029,
    "28": 1.033,
    "29": 1.036,
    "30": 1.038,
    "31": 1.04,
    "32": 1.04,
    "33": 1.04,
}
"""Its voltages with PV [pu], by bus."""

THESIS_CRITICAL = {80.0: (), 90.0: ("16", "17", "18")}
"""Its critical buses by level [% of peak load]."""


@dataclass(frozen=True)
class Published:
    """The thesis' figures beside ours.

    Attributes:
        v_pu: bus, voltage of the thesis and ours at 90 % [pu].
        critical: level, critical buses of the thesis and ours.
    """

    v_pu: tuple[tuple[str, float, float], ...]
    critical: tuple[tuple[float, tuple[str, ...], tuple[str, ...]], ...]

    @property
    def largest_difference_pu(self) -> float:
        """Over all buses."""
        return max(abs(replay - thesis) for _, thesis, replay in self.v_pu)


def answer_published() -> Published:
    """Answer the thesis' case."""
    result = run_study(
        "hosting-capacity",
        feeder="ieee33",
        placement="uniform",
        light_load_pct=5.0,
        light_load_kvar_pct=0.0,
        limits="high-voltage-tight",
        what_if="off",
    )
    buses = result.tables["buses"]
    at_90 = buses[buses["level_pct"] == 90.0].set_index("bus")["v_highest_pu"]
    v_pu = [(bus, thesis, float(at_90[bus])) for bus, thesis in THESIS_V_PU.items()]
    critical = [
        (level_pct, thesis, _critical(result, level_pct))
        for level_pct, thesis in THESIS_CRITICAL.items()
    ]
    return Published(tuple(v_pu), tuple(critical))


def _critical(result: Result, level_pct: float) -> tuple[str, ...]:
    buses = result.tables["buses"]
    at_level = buses[buses["level_pct"] == level_pct]
    return tuple(at_level.loc[at_level["critical_share"] > 0, "bus"])
