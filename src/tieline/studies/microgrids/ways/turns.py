"""`Turn`: one decider on one day, with policies of one seed: what a run is made of, and what it keeps when it is interrupted."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from tieline.studies.microgrids.deciders import NO_POLICY, Decider, asked_deciders
from tieline.studies.microgrids.ways.decide import Panel


@dataclass(frozen=True)
class Turn:
    """One decider on one day.

    Attributes:
        number: of the day, from 1.
        day_seed: of the day.
        decider: who decides.
        policy_seed: of the training of its policies.
    """

    number: int
    day_seed: int
    decider: Decider
    policy_seed: int

    @property
    def name(self) -> str:
        """Of what is kept of it."""
        of_policy = "" if self.policy_seed == NO_POLICY else f"-{self.policy_seed}"
        return f"day{self.number}-{self.decider.name}{of_policy}"


def turns_of(panel: Panel, day_seeds: Iterable[int]) -> Iterator[Turn]:
    """All that is asked, day after day."""
    deciders = asked_deciders(panel.config.case, panel.config.deciders)
    # day after day: an interrupted run has whole days, and not one decider's
    for number, day_seed in enumerate(day_seeds, start=1):
        for decider in deciders:
            for policy_seed in panel.policy_seeds(decider.name):
                yield Turn(number, day_seed, decider, policy_seed)
