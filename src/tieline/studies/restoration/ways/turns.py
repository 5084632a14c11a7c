"""`Turn`: one decider on the draws of a scenario, with the policy of one seed: what a run is made of, and what it keeps when it
is interrupted.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from tieline.studies.restoration.deciders import NO_POLICY, Decider, asked_deciders
from tieline.studies.restoration.ways.panel import Panel


@dataclass(frozen=True)
class Turn:
    """One decider on the draws of a scenario.

    Attributes:
        scenario: its name.
        decider: who decides.
        policy_seed: of the training of its policy.
    """

    scenario: str
    decider: Decider
    policy_seed: int

    @property
    def name(self) -> str:
        """Of what is kept of it."""
        of_policy = "" if self.policy_seed == NO_POLICY else f"-{self.policy_seed}"
        return f"{self.scenario}-{self.decider.name}{of_policy}"

    @property
    def labels(self) -> dict[str, str | int]:
        """Columns that say in every table whose a row is."""
        return {
            "scenario": self.scenario,
            "decider": self.decider.name,
            "policy": self.policy_seed,
        }


def turns_of(panel: Panel, scenarios: Iterable[str]) -> Iterator[Turn]:
    """All that is asked, scenario after scenario."""
    deciders = asked_deciders(panel.config.deciders)
    for scenario in scenarios:
        for decider in deciders:
            for policy_seed in panel.policy_seeds(decider.name):
                yield Turn(scenario, decider, policy_seed)
