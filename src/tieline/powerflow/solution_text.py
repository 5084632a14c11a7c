"""A solution in words, at a prompt and in a notebook: how its scenarios ended, where voltage is lowest and highest."""

from __future__ import annotations

from html import escape
from typing import TYPE_CHECKING

import numpy as np

from tieline.counted import counted
from tieline.network.voltage_points import voltage_points
from tieline.powerflow.outcome import Outcome

if TYPE_CHECKING:
    from tieline.powerflow.solution import Solution

SHOWN = 10
"""Scenarios that a notebook lists."""


def solution_text(solution: Solution) -> str:
    """What a user wants to know at a prompt, a line each."""
    scenarios = counted(solution.n_scenarios, "scenario")
    lines = [
        f"Solution of feeder '{solution.network.feeder.name}'",
        f"{scenarios}: {', '.join(_endings(solution))}",
        *_extremes(solution),
    ]
    if not solution.converged.all():
        lines.append("why, and what to do: .failures")
    return "\n  ".join(lines)


def solution_html(solution: Solution) -> str:
    """The same in a notebook, with the totals of the first scenarios."""
    totals = solution.totals()
    table = totals.head(SHOWN).to_html(index=False, float_format="{:.4g}".format)
    return f"<pre>{escape(solution_text(solution))}</pre>{table}"


def _endings(solution: Solution) -> list[str]:
    """How many scenarios ended in each way that occurs."""
    counts = np.bincount(solution.outcome, minlength=len(Outcome))
    endings = []
    for code in np.flatnonzero(counts):
        name = Outcome(code).name.lower().replace("_", " ")
        endings.append(f"{counts[code]} {name}")
    return endings


def _extremes(solution: Solution) -> list[str]:
    """Lowest and highest of the voltages that limits apply to, each with its place and scenario, and how many are none."""
    points = voltage_points(solution.network)
    live_pu = points.live_pu(solution.v_pu)
    if np.isnan(live_pu).all():
        return []
    extremes = {"lowest": np.nanargmin(live_pu), "highest": np.nanargmax(live_pu)}
    lines = []
    for name, place in extremes.items():
        scenario, point = np.unravel_index(place, live_pu.shape)
        where = f"at {points.names[point]}, scenario {scenario}"
        lines.append(f"{name} voltage {live_pu[scenario, point]:.4f} pu {where}")
    n_dead = int(np.isnan(live_pu[solution.converged]).sum(axis=1).max())
    if n_dead:
        up_to = "up to " if solution.n_scenarios > 1 else ""
        lines.append(f"without supply: {up_to}{n_dead} of {len(points.names)} voltages")
    return lines
