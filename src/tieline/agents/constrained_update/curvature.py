"""How much larger true divergences are than the metric by layers says, measured from update to update.

The metric leaves out what layers do together: all of them moving the same way, it may say a tenth. A program that believed it
would promise steps that do not fit into the trust region, and weigh gain against limits for a step that nobody takes.
"""

from __future__ import annotations

from tieline.agents.constrained_update.update import Update

MEMORY = 0.7
"""Of the running mean: about three updates."""

CAUTION = 1.15
"""Over that mean: a step that leaves its trust region is cut, and worked out anew."""


class Curvature:
    """The running mean, `value`."""

    def __init__(self, first: float):
        self.value = first

    def learn(self, update: Update) -> None:
        """From what an update promised and what it did."""
        has_moved = update.promised_divergence > 0
        if update.part == 0 or not has_moved.any():
            return
        ratios = update.divergence[has_moved] / update.promised_divergence[has_moved]
        highest = CAUTION * float(ratios.max())
        change = highest - self.value
        blended = self.value + (1 - MEMORY) * change
        # the metric never says too much
        self.value = max(blended, 1.0)
