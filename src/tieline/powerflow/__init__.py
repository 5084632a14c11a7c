"""The AC power flow: `solve(network, ...)` -> `Solution`, for one scenario or many."""

from tieline.powerflow.outcome import Outcome
from tieline.powerflow.solution import Solution
from tieline.powerflow.solve import solve
from tieline.powerflow.summary import VoltageSummary, summarise

__all__ = ["Outcome", "Solution", "VoltageSummary", "solve", "summarise"]
