"""Where a capacitor control measures voltage: at one conductor, or across a phase of its bank."""

from __future__ import annotations

from tieline.feeders.elements import Capacitor, CapacitorControl

GROUND = 0
"""Stands for ground among the conductors of a terminal, which count from 1."""


def voltage_conductors(control: CapacitorControl, bank: Capacitor) -> tuple[int, int]:
    """The two conductors of the metered terminal between which the voltage is taken, counted from 1, the second may be `GROUND`.

    For a bank in delta the second is the one that follows among as many conductors as the bank has; as in OpenDSS.
    """
    if bank.connection != "delta":
        return control.phase, GROUND
    follower = control.phase + 1
    return control.phase, follower if follower <= len(bank.nodes) else 1
