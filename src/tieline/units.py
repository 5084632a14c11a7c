"""Units and sign conventions, stated once.

At the edges (feeders, configurations, results): kW, kvar, kVA, kV, A, ohm, km, kWh, hours. Names carry the unit: `p_kw`, `v_pu`,
`energy_kwh`, `length_km`. Inside the solver: per unit on `S_BASE_KVA` per scenario and the voltage base of each node.

Signs: load P, Q > 0 is consumption; generation P, Q > 0 is injection. Storage has `p_charge_kw >= 0` and `p_discharge_kw >= 0`,
never a bare `p`. Branch power > 0 flows into the branch at that end, so the loss is the sum over the ends.

Voltages: `kv_ll` is line-to-line, `kv_ln` line-to-neutral, `kv_ll = sqrt(3) kv_ln` on every bus, also on split-phase ones (a
120/240 V service has kv_ln = 0.12). The voltage of a node is per unit of its bus' kv_ln. In a single-phase equivalent the one
node stands for three balanced phases: its voltage base is kv_ll and its power the three-phase total.
"""

from __future__ import annotations

import math

SQRT3 = math.sqrt(3.0)


S_BASE_KVA = 1000.0
"""Power base of the per-unit system inside the solver [kVA]. Any value gives the same answer; 1 MVA keeps numbers near one."""

HIGHEST_SOURCE_PU = 10.0
"""No grid stands at ten times its rated voltage: such a number is a slip, and beyond it currents of loads drown in rounding."""

KM_PER_MILE = 1.609344
KM_PER_UNIT = {
    "none": 1.0,  # a length without a unit: nobody knows how many kilometres that is
    "km": 1.0,
    "m": 1e-3,
    "cm": 1e-5,
    "mi": KM_PER_MILE,
    "ft": KM_PER_MILE / 5280.0,
    "kft": KM_PER_MILE / 5.28,
    "in": 2.54e-5,
}
"""Length of each unit that feeder files use [km]. Source: international yard and pound agreement, 1959 (1 mi = 1.609344 km)."""


def base_ohm(kv_ll: float) -> float:
    """Impedance of one per unit on `S_BASE_KVA` at a line-to-line voltage [ohm]."""
    return kv_ll**2 * 1000.0 / S_BASE_KVA


def tidy(value: float) -> float:
    """Twelve significant digits: conversions between units leave 4.159999999999999 behind where a file said 4.16."""
    return float(f"{value:.12g}")
