"""`Ports`: the places where loads and DERs take current, one for each pair of nodes and law of voltage.

Devices at the same two nodes whose power follows the voltage in the same way are added up once, before any iteration. A device
branch at a de-energised node takes nothing and has no port.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy import sparse

from tieline.network.devices import GROUND, DeviceTable
from tieline.network.scatter import sum_columns
from tieline.powerflow.device_slopes import device_slopes
from tieline.powerflow.kernel.voltage_bands import Bands, make_bands
from tieline.powerflow.solution import Solution
from tieline.typing import BoolArray, FloatArray, IntArray
from tieline.units import S_BASE_KVA


@dataclass(frozen=True, eq=False)
class Ports:
    """Where current is taken.

    Attributes:
        branches: device branches that have a port, (branch,).
        port: of each of them, (branch,).
        plus, minus: nodes, `GROUND` for ground, (port,).
        per_kva: power at each port for one kW (or kvar) of each device, (device, port) [pu/kVA].
        bands: how power follows voltage, of each port.
    """

    branches: IntArray
    port: IntArray
    plus: IntArray
    minus: IntArray
    per_kva: FloatArray
    bands: Bands

    @property
    def count(self) -> int:
        """Number of ports."""
        return len(self.plus)

    def incidence(self, n_nodes: int) -> sparse.csr_array:
        """Voltage across each port as a form of the node voltages, (port, node): 1 at plus, -1 at minus."""
        is_between = self.minus != GROUND
        port = np.arange(self.count)
        rows = np.concatenate([port, port[is_between]])
        columns = np.concatenate([self.plus, self.minus[is_between]])
        values = np.concatenate([np.ones(self.count), -np.ones(is_between.sum())])
        shape = (self.count, n_nodes)
        return sparse.csr_array((values, (rows, columns)), shape=shape)

    def slopes(self, solution: Solution) -> FloatArray:
        """Slope of the current of each port by its voltage at the first scenario of a solution, (2, 2, port) [pu]: of the real
        and imaginary part of the current, by those of the voltage.
        """
        slopes = device_slopes(
            solution.network.devices,
            solution.v_pu[:1],
            solution.p_kw[:1],
            solution.q_kvar[:1],
            use_band=solution.use_band,
            branches=self.branches,
        )
        slope = sum_columns(slopes.slope, self.port, self.count)[0]
        turn = sum_columns(slopes.turn, self.port, self.count)[0]
        # i = slope d + turn conj(d), in real and imaginary parts
        by_real = slope + turn
        by_imaginary = 1j * (slope - turn)
        return np.array(
            [[by_real.real, by_imaginary.real], [by_real.imag, by_imaginary.imag]]
        )


def make_ports(devices: DeviceTable, is_dead: BoolArray, use_band: bool) -> Ports:
    """The ports of a network.

    Args:
        devices: loads and DERs.
        is_dead: de-energised nodes, (node,).
        use_band: apply OpenDSS' load band.
    """
    dead_minus = is_dead[devices.minus] & (devices.minus != GROUND)
    branches = np.flatnonzero(~is_dead[devices.plus] & ~dead_minus)
    bands = make_bands(devices, branches, use_band)
    ends = np.column_stack([devices.plus[branches], devices.minus[branches]])
    _, first_branch, port = np.unique(
        np.hstack([ends, _as_rows(bands)]),
        axis=0,
        return_index=True,
        return_inverse=True,
    )
    port = port.reshape(-1)
    per_kva = np.zeros((len(devices.p_kw), len(first_branch)))
    places = (devices.device[branches], port)
    np.add.at(per_kva, places, devices.share[branches] / S_BASE_KVA)
    plus, minus = ends[first_branch].T
    first_bands = Bands(*(column[first_branch] for column in bands))
    return Ports(branches, port, plus, minus, per_kva, first_bands)


def _as_rows(bands: Bands) -> FloatArray:
    """Everything that the law of a branch says in one row, (branch, number); what does not apply counts as one number."""
    columns = [column.reshape(len(column), -1) for column in bands]
    return np.nan_to_num(np.hstack(columns), nan=-1.0)
