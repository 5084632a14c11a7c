"""`held_voltages`: what each generator that holds a voltage came to, and whether it is at a limit of its reactive power."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from tieline.powerflow.devices import across_pu
from tieline.powerflow.solution import Solution

AT_LIMIT_KVAR = 1e-6
"""Nearer than this to a limit counts as at it; where a limit binds, the power flow puts Q there exactly."""


@dataclass(frozen=True)
class HeldVoltage:
    """One generator: what it is to hold and has [pu of rated], what it injects [kvar], and the limit that it is at, if any."""

    name: str
    held_pu: float
    v_pu: float
    q_kvar: float
    limit: str

    def __str__(self) -> str:
        """For example: 1.01000 pu  210.000 kvar."""
        told = f"{self.v_pu:.5f} pu  {self.q_kvar:.3f} kvar"
        if not self.limit:
            return told
        return f"{told}, its {self.limit} limit; {self.held_pu:.5f} pu asked"


def held_voltages(solution: Solution, scenario: int = 0) -> list[HeldVoltage]:
    """Every holder of one solved scenario; none where generators were given their reactive power."""
    if not solution.holds_voltages:
        return []
    network = solution.network
    holders = network.voltage_holders
    v_pu = solution.v_pu[scenario : scenario + 1]
    across = across_pu(network.devices, v_pu, holders.branch)
    measured_pu = holders.mean_v_pu(across)[0]
    q_kvar = -solution.q_kvar[scenario, holders.device]
    is_low = q_kvar <= holders.low_kvar + AT_LIMIT_KVAR
    is_high = q_kvar >= holders.high_kvar - AT_LIMIT_KVAR
    limit = np.select([is_low, is_high], ["lower", "upper"], "")
    names = [
        unit.name for unit in network.feeder.generators if unit.held_v_pu is not None
    ]
    columns = (names, holders.v_pu, measured_pu, q_kvar, limit)
    rows = zip(*(list(column) for column in columns), strict=True)
    return [HeldVoltage(*row) for row in rows]
