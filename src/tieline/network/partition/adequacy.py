"""A region is adequate if its DERs together can give its load: sum of Pmax_i >= load.

One that is not is joined with its neighbour over the border of least impedance, as a region too small is; the one that lacks most
goes first. Joining cannot make an adequate feeder of one whose DERs give less than its load: that has no answer.
"""

from __future__ import annotations

from collections.abc import Mapping

from tieline.errors import InputError, NoAnswerError
from tieline.network.partition.cuts import join_short_parts, sum_behind
from tieline.network.partition.power_centroids import load_kw_by_bus
from tieline.network.partition.regions import Partition, make_partition

NAMED = 5
"""Wrong limits that a message names."""


def surplus_kw(partition: Partition, p_max_kw: Mapping[str, float]) -> list[float]:
    """What the DERs of each region can give beyond its nominal load; below 0 it is not adequate, (region,) [kW].

    Args:
        partition: the regions.
        p_max_kw: limit of the DERs at each bus [kW]; a bus that is not named has none.
    """
    surplus = []
    for region in partition.regions:
        supply_kw = sum(p_max_kw.get(bus, 0.0) for bus in region.buses)
        surplus.append(supply_kw - region.load_kw)
    return surplus


def join_inadequate(partition: Partition, p_max_kw: Mapping[str, float]) -> Partition:
    """The partition with each region joined to a neighbour whose DERs cannot give its load.

    Args:
        partition: the regions.
        p_max_kw: limit of the DERs at each bus [kW]; a bus that is not named has none.

    Raises:
        InputError: if a bus is unknown or a limit is no number of 0 or more; all together.
        NoAnswerError: if the DERs of the whole feeder give less than its load.
    """
    _require_limits(partition, p_max_kw)
    supply_kw = sum(p_max_kw.get(bus, 0.0) for bus in partition.tree.order)
    load_kw = sum(region.load_kw for region in partition.regions)
    if supply_kw < load_kw:
        raise NoAnswerError(
            f"No microgrid of feeder '{partition.feeder.name}' can be adequate: all DERs together give {supply_kw:,.1f} kW, the "
            f"load is {load_kw:,.1f} kW. Add DERs, raise their limits or lower the load."
        )
    load_of_bus = load_kw_by_bus(partition.feeder)
    surplus_at = {bus: p_max_kw.get(bus, 0.0) - load_of_bus[bus] for bus in load_of_bus}
    behind = sum_behind(partition.tree, surplus_at)
    cuts = join_short_parts(partition.tree, partition.cuts, behind, least=0.0)
    return make_partition(
        partition.feeder,
        partition.tree,
        cuts,
        partition.phi_pu,
        partition.phi_range_pu,
    )


def _require_limits(partition: Partition, p_max_kw: Mapping[str, float]) -> None:
    """Refuse what would be left out or compared without a word."""
    names = {bus.name for bus in partition.feeder.buses}
    findings = [f"'{bus}' is no bus" for bus in p_max_kw if bus not in names]
    findings += [
        f"{limit_kw:g} kW at bus '{bus}' is no limit"
        for bus, limit_kw in p_max_kw.items()
        if not limit_kw >= 0
    ]
    if findings:
        raise InputError(
            f"Limits of DERs on feeder '{partition.feeder.name}': {'; '.join(findings[:NAMED])}. Give 0 or more by bus."
        )
