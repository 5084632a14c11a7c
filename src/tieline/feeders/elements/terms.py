"""Words that fields of elements take: nodes, connections, kinds, and the shares of a ZIP load."""

from __future__ import annotations

from typing import Literal

Nodes = tuple[int, ...]

FIRST_NEUTRAL = 4
"""Nodes 1 to 3 are phases; from this number on they are neutral conductors or phases of further circuits."""

Matrix = tuple[tuple[float, ...], ...]
Connection = Literal["wye", "delta"]
CapacitorControlKind = Literal["voltage", "current", "kvar", "power-factor", "time"]
MeteredKind = Literal["line", "transformer", "capacitor"]
WatchedPhases = Literal["one", "highest", "lowest"]
PhaseRule = Literal["one", "highest", "lowest", "mean"]
"""Which phases a meter looks at: one, or whichever reads most or least, or the mean of all."""

ReverseMode = Literal["none", "source-side", "cogeneration", "neutral"]
OpenEnd = Literal["both", "from", "to"]
LoadModel = Literal["zip", "opendss-band"]
"""What a device does outside its voltage band: nothing special, or it turns into an impedance as in OpenDSS."""

CONSTANT_IMPEDANCE = (1.0, 0.0, 0.0)
CONSTANT_CURRENT = (0.0, 1.0, 0.0)
CONSTANT_POWER = (0.0, 0.0, 1.0)
