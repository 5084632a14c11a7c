"""Loads with shares of constant impedance and current, beside others: each has its own shares here, in runpp they share a mean.

runpp keeps shares by bus: the plain mean of those of its loads, whatever their sizes, which then hold for all power at the bus,
that of static generators, storage, motors and wards too (`_calc_pq_elements_and_add_on_ppc` of pandapower 3.5). Its table
`res_load` has the powers that the shares of each load would give.
"""

from __future__ import annotations

from collections import defaultdict

from tieline.feeders.elements import Load
from tieline.feeders.pandapower.net import Net

Shares = tuple[tuple[float, float, float], tuple[float, float, float]]

CONSTANT_POWER: Shares = ((0.0, 0.0, 1.0), (0.0, 0.0, 1.0))

WITHOUT_SHARES = ("sgen", "storage", "asymmetric_load", "asymmetric_sgen")
"""Tables of powers, beside those that are read as loads."""


def note_mixed_shares(net: Net, loads: tuple[Load, ...]) -> None:
    """Warn of each bus at which runpp finds other powers than its loads have."""
    shares: defaultdict[str, set[Shares]] = defaultdict(set)
    for load in loads:
        shares[load.bus].add((load.zip_p, load.zip_q))
    for table in WITHOUT_SHARES:
        for row in net.rows(table):
            shares[net.bus_names[row["bus"]]].add(CONSTANT_POWER)
    for bus, kinds in shares.items():
        if len(kinds) > 1:
            message = "its loads have their own shares of constant impedance and current; runpp takes a mean for all power there."
            remedy = "Give all powers at the bus equal shares, or a bus each."
            net.warn("MIXED_SHARES", f"bus {bus}", message, remedy)
