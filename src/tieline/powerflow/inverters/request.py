"""`Request`: what a batch asks of its inverters, and what they inject at the voltages they see."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from tieline.network.network import Network
from tieline.powerflow.batch import Batch
from tieline.powerflow.inverters.points import mean_row, rows_of
from tieline.powerflow.inverters.table import InverterTable, inverter_table
from tieline.typing import FloatArray, IntArray


@dataclass(frozen=True, eq=False)
class Request:
    """P that inverters would like to give, Q of those without a curve for it and ratings, (scenario or 1, inverter) [kW, kvar,
    kVA].
    """

    table: InverterTable
    wanted_kw: FloatArray
    given_kvar: FloatArray
    kva: FloatArray

    @classmethod
    def of(cls, network: Network, batch: Batch) -> Request:
        """What a batch asks; its P of inverters is what they would like to give."""
        table = inverter_table(network)
        kva = table.kva[None]
        if batch.der_kva is not None:
            kva = batch.der_kva[:, table.device - network.devices.n_loads]
        wanted_kw = -batch.p_kw[:, table.device]
        given_kvar = -batch.q_kvar[:, table.device]
        return cls(table, wanted_kw, given_kvar, kva)

    def rows(self, rows: IntArray) -> Request:
        """What some scenarios ask."""
        return Request(
            self.table,
            rows_of(self.wanted_kw, rows),
            rows_of(self.given_kvar, rows),
            rows_of(self.kva, rows),
        )

    def mean(self) -> Request:
        """What the mean of all scenarios asks."""
        return Request(
            self.table,
            mean_row(self.wanted_kw)[None],
            mean_row(self.given_kvar)[None],
            mean_row(self.kva)[None],
        )

    def at(self, v_pu: FloatArray) -> tuple[FloatArray, FloatArray]:
        """P and Q injected at the voltages seen, (scenario, inverter) [kW, kvar]."""
        shape = v_pu.shape
        return self.table.curves.powers(
            v_pu,
            np.broadcast_to(self.wanted_kw, shape),
            np.broadcast_to(self.given_kvar, shape),
            np.broadcast_to(self.kva, shape),
        )
