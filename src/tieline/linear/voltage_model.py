"""`VoltageModel`: the equations of a linear model and the voltages they give, without flows and losses.

    system x = fixed + by_kw p + by_kvar q            p, q: consumption [kW, kvar]
    |v|^voltage_power = voltage(x)

An optimiser that renews its model round by round needs no more, and the rest takes longer to make than this.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from scipy import sparse

from tieline.linear.affine import Affine
from tieline.network.network import Network
from tieline.network.voltage_points import VoltagePoints
from tieline.typing import FloatArray


@dataclass(frozen=True, eq=False)
class Drive:
    """Right-hand side per kW and kvar consumed, both (unknown, device or node) [pu]."""

    by_kw: sparse.csr_array
    by_kvar: sparse.csr_array


@dataclass(frozen=True, eq=False)
class VoltageModel:
    """Equations and voltages of one network at one setting.

    Attributes:
        network: the network it stands for.
        points: the voltages on the point axis.
        voltage_power: 1 if the model is linear in voltages, 2 if in their squares.
        system, fixed: the equations, (unknown, unknown) and (unknown,) [pu].
        devices: what drives them.
        voltage: |v|^voltage_power at the points [pu].
    """

    network: Network
    points: VoltagePoints
    voltage_power: Literal[1, 2]
    system: sparse.csc_array
    fixed: FloatArray
    devices: Drive
    voltage: Affine
