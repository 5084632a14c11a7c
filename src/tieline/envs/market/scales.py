"""`Scales`: what the features of a region are measured against, so that they are of the size of one on any feeder."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass

import numpy as np

from tieline.envs.market.slopes import Slopes
from tieline.network.network import Network
from tieline.typing import FloatArray, IntArray

LEAST_KW = 1.0
"""A region without load or DERs of any size is measured against this [kW]."""

LEAST_FACTOR = 1e-6
"""A feeder without losses has loss factors of nothing but rounding."""


@dataclass(frozen=True, eq=False)
class Scales:
    """Sizes of a region.

    Attributes:
        power_kw: largest rating of a DER.
        load_kw: nominal load of the region.
        bus_load_kw: largest nominal load of a bus.
        z_pu: |Z| from the root of the farthest DER.
        loss_factor: largest |LF| at nominal load.
        at_der: 1 where a load stands at the bus of a DER, (load, der).
    """

    power_kw: float
    load_kw: float
    bus_load_kw: float
    z_pu: float
    loss_factor: float
    at_der: FloatArray

    @classmethod
    def of(
        cls,
        network: Network,
        buses: Collection[str],
        ders: IntArray,
        rated_kw: FloatArray,
        z_pu: FloatArray,
        slopes: Slopes,
    ) -> Scales:
        """Sizes of a region's DERs and loads at nominal load."""
        feeder = network.feeder
        load_kw = dict.fromkeys(buses, 0.0)
        for load in feeder.loads:
            if load.bus in load_kw:
                load_kw[load.bus] += load.p_kw
        load_bus = np.array([load.bus for load in feeder.loads], dtype=str)
        all_ders = feeder.ders
        der_bus = np.array([all_ders[k].bus for k in ders], dtype=str)
        is_at_der = load_bus[:, None] == der_bus
        largest_kw = float(rated_kw.max())
        region_kw = sum(load_kw.values())
        loss_factor = np.abs(slopes.loss_factor)
        largest_factor = float(loss_factor.max())
        # the root's own DER has no distance: alone it is measured against anything
        largest_z_pu = float(z_pu.max()) or 1.0
        return cls(
            power_kw=max(largest_kw, LEAST_KW),
            load_kw=max(region_kw, LEAST_KW),
            bus_load_kw=max(*load_kw.values(), LEAST_KW),
            z_pu=largest_z_pu,
            loss_factor=max(largest_factor, LEAST_FACTOR),
            at_der=is_at_der.astype(float),
        )
