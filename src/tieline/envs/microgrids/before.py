"""The state before the first step of days: stored energy and last powers as configured, and the voltages that go with them.

    generators at their last power, batteries at rest, no Q; loads and sun of the first step

An agent reads from the voltage at its meter what its neighbours do. One that reads 1 pu in a feeder at whose end there are 0.96
believes that there is room, and decides beyond a limit.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from tieline.envs.microgrids.observe import Observer
from tieline.envs.microgrids.plan import Plan
from tieline.envs.microgrids.set_points import SetPoints, planned
from tieline.envs.microgrids.windows import DayStack, Windows, WindowStart
from tieline.powerflow import solve


def state_before(observer: Observer, days: DayStack) -> WindowStart:
    """The state before the first step of every day; a voltage without a power flow stands at 1."""
    plant = observer.plant
    unread = days.start(len(plant.microgrids))
    every = np.arange(len(days))
    first = days.windows(every, np.zeros_like(every), 1, unread)
    set_points = _going_on(observer, first)
    solution = solve(
        plant.network,
        load_kw=first.load_kw[:, 0],
        load_kvar=first.load_kvar[:, 0],
        der_kw=set_points.der_kw[:, 0],
        der_kvar=set_points.der_kvar[:, 0],
        controls="off",
        taps=first.positions.get("taps"),
        capacitor_steps=first.positions.get("capacitor_steps"),
    )
    is_solved = solution.converged[:, None]
    pcc_pu = np.where(is_solved, observer.pcc_pu(solution), unread.pcc_pu)
    return replace(unread, pcc_pu=pcc_pu)


def _going_on(observer: Observer, first: Windows) -> SetPoints:
    """Generators as before, batteries at rest, (day, 1, der)."""
    at_rest_kw = np.zeros((len(first), 1, first.start.stored_kwh.shape[1]))
    last_kw = first.start.last_kw[:, None]
    return planned(observer.plant, first, Plan(at_rest_kw, last_kw))
