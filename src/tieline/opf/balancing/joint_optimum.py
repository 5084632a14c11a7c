"""The optimum of a minute around one AC solution, all regions in one program: linear, or of cones where Q is free."""

from __future__ import annotations

from tieline.opf.balancing.cone_optimum import cone_optimum
from tieline.opf.balancing.linearised import Linearised
from tieline.opf.balancing.minute import Minute
from tieline.opf.balancing.optimum import Optimum, optimum


def joint_optimum(
    minute: Minute, feeder: Linearised, is_elastic: bool = False
) -> Optimum | None:
    """The optimum; None if no set-points keep the linearised limits.

    Args:
        minute: what is asked.
        feeder: the feeder around that solution.
        is_elastic: minimise what limits miss instead of the cost.

    Raises:
        NoOptimumError: if the solver gave up.
    """
    if minute.reactive is None:
        return optimum(minute, feeder, is_elastic)
    return cone_optimum(minute, feeder, is_elastic)
