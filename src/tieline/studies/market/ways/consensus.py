"""The minute as its regions would settle it among themselves, beside the joint program that is published.

Each region solves its own program, and prices of what crosses borders and of shared DERs bring them together. It takes some fifty
times as long as one program for all, and comes to the same cost; so it is asked of some minutes, to show that no region has to
know another's DERs.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from tieline.network.partition import Partition
from tieline.opf.balancing import Clearing, clear
from tieline.opf.balancing.consensus import Consensus
from tieline.opf.infeasible import NoOptimumError


@dataclass(frozen=True)
class Agreement:
    """How regions settled a minute.

    Attributes:
        rounds: of prices.
        merged: borders of the partition, by index, at which they did not agree: both sides became one region for the minute.
        cost: of what they agreed on, replayed on AC; NaN if they came to no answer [currency/h].
    """

    rounds: int
    merged: tuple[int, ...]
    cost: float


def let_agree(partition: Partition, clearing: Clearing) -> Agreement:
    """Let the regions of a partition settle the minute that a clearing answers."""
    consensus = Consensus(partition)
    try:
        settled = clear(clearing.minute, decide=consensus)
    except NoOptimumError:
        return Agreement(consensus.rounds, consensus.merged, np.nan)
    return Agreement(consensus.rounds, consensus.merged, settled.cost.total)
