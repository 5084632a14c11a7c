"""`clear_or_keep`: where no set-points keep all limits of a minute, those that are broken before it are held to what they are.

By the rule of `opf.broken_before`: a voltage that is outside before the market is not the market's, and must not get worse.
"""

from __future__ import annotations

from dataclasses import replace

from tieline.opf.balancing import Clearing, Minute, UnmetLimitsError, clear_surely
from tieline.opf.balancing.start import Warm
from tieline.opf.broken_before import Outside, outside_before, with_room
from tieline.powerflow import Solution


def clear_or_keep(
    question: Minute, warm: Warm | None, before: Solution, *, stops: bool
) -> tuple[Clearing, tuple[Outside, ...]]:
    """A clearing, and the places that are held to what they have before; none where all limits are kept.

    Args:
        question: what the program is asked.
        warm: the clearing that it begins from.
        before: AC without the market.
        stops: whether what is broken before is to stop the run.

    Raises:
        UnmetLimitsError: if all DERs together cannot keep a limit that holds before, or any where `stops`.
    """
    limits = question.limits
    try:
        return clear_surely(question, warm), ()
    except UnmetLimitsError:
        vm_pu = limits.points.magnitude_pu(before.v_pu)[0]
        # limits of flows are stated for the market, or come from what flows without it: they never give way
        outside = outside_before(limits, vm_pu, None)
        if stops or not outside:
            raise
    widened = replace(question, limits=with_room(limits, vm_pu, None))
    return clear_surely(widened, warm), outside
