"""The minute as its regions would settle it among themselves, beside the joint program that is published.

Each region solves its own program, and prices of trades, of shared DERs and of limits bring them together. It takes some ten
times as long as one program for all, and comes to the same cost; so it is asked of some minutes, to show that no region has to
know another's offers.
"""

from __future__ import annotations

from contextlib import suppress
from dataclasses import dataclass

import numpy as np

from tieline.network.partition import Partition
from tieline.opf.balancing import Clearing, UnmetLimitsError, clear
from tieline.opf.balancing.consensus import Consensus
from tieline.opf.infeasible import NoOptimumError

SAME_COST = 1e-3
"""How far the cost of what regions agreed on may be from the joint program's, relative to it, and still be called the same: a
cent in ten dollars, while regions stop at 0.1 kW of each trade."""


@dataclass(frozen=True)
class Agreement:
    """How regions settled a minute.

    Attributes:
        rounds: of prices.
        merged: borders of the partition, by index, at which they did not agree: both sides became one region for the minute.
        cost: of what they agreed on, replayed on AC; NaN if they came to no answer [currency/h].
        joint_cost: of the joint program [currency/h].
    """

    rounds: int
    merged: tuple[int, ...]
    cost: float
    joint_cost: float

    @property
    def holds(self) -> bool:
        """Whether it comes to the cost of the joint program."""
        gap = abs(self.cost - self.joint_cost)
        # NaN fails the comparison: no answer is no agreement
        return bool(gap <= SAME_COST * abs(self.joint_cost))


def let_agree(partition: Partition, clearing: Clearing) -> Agreement:
    """Let the regions of a partition settle the minute that a clearing answers."""
    consensus = Consensus(partition)
    cost = np.nan
    # regions that come to no answer are told as such: what is published is the joint program's
    with suppress(NoOptimumError, UnmetLimitsError):
        cost = clear(clearing.minute, decide=consensus).cost.total
    joint_cost = clearing.cost.total
    return Agreement(consensus.rounds, consensus.merged, cost, joint_cost)
