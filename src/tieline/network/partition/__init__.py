"""Microgrids of a feeder: regions that cover it, borders between them, and the bus each is seen from."""

from tieline.network.partition.adequacy import join_inadequate, surplus_kw
from tieline.network.partition.around import partition_around, region_around
from tieline.network.partition.growth import partition, possible_borders
from tieline.network.partition.regions import Border, Partition, Region

__all__ = [
    "Border",
    "Partition",
    "Region",
    "join_inadequate",
    "partition",
    "partition_around",
    "possible_borders",
    "region_around",
    "surplus_kw",
]
