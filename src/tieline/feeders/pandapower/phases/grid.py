"""The external grid with its phases: the positive sequence is held, the others see the grid's short-circuit impedance."""

from __future__ import annotations

import math
from dataclasses import replace

from tieline.feeders.elements import Source
from tieline.feeders.pandapower.asymmetric import DELTA
from tieline.feeders.pandapower.lines import SWITCH_PU
from tieline.feeders.pandapower.net import Net, Row, number
from tieline.units import tidy

VOLTAGE_FACTOR = 1.1
"""Of the largest short-circuit current. Source: IEC 60909, table 1; `runpp_3ph` takes it at every voltage."""


def spread_source(net: Net, source: Source) -> Source:
    """The source behind its sequence impedances."""
    rows = {net.element_name("ext_grid", row): row for row in net.rows("ext_grid")}
    z2_ohm, z0_ohm = _impedances_ohm(rows[source.name], source.kv_ll)
    return replace(
        source,
        nodes=DELTA,
        # next to nothing: the other sequences can only have an impedance if this one has
        r1_ohm=tidy(SWITCH_PU * source.kv_ll**2),
        r2_ohm=tidy(z2_ohm.real),
        x2_ohm=tidy(z2_ohm.imag),
        r0_ohm=tidy(z0_ohm.real),
        x0_ohm=tidy(z0_ohm.imag),
    )


def _impedances_ohm(row: Row, kv: float) -> tuple[complex, complex]:
    """Of the negative and of the zero sequence."""
    size = VOLTAGE_FACTOR * kv**2 / number(row, "s_sc_max_mva")
    rx = number(row, "rx_max")
    x_ohm = size / math.sqrt(1 + rx**2)
    x0_ohm = number(row, "x0x_max") * x_ohm
    r0_ohm = number(row, "r0x0_max") * x0_ohm
    return complex(rx * x_ohm, x_ohm), complex(r0_ohm, x0_ohm)
