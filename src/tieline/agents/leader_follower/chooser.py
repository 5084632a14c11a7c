"""`ChoicePolicies`: the policies of a feeder's regions, and `RegionChooser`, the one of a region as who chooses there."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from tieline.agents.leader_follower.policy import ChoicePolicy
from tieline.agents.leader_follower.region import MarketRegion
from tieline.agents.leader_follower.search import CANDIDATES, probable_sets
from tieline.envs.market.likely import likely_sets
from tieline.envs.market.model import ChoiceModel
from tieline.envs.market.prepared import Prepared
from tieline.envs.market.rules import best_of_ties, greedy
from tieline.errors import InputError
from tieline.typing import IntArray

ESTIMATED = CANDIDATES
"""Sets by estimate that are judged: few of them, and the games of one offer come out worse than by the greedy rule."""


@dataclass(frozen=True, eq=False)
class RegionChooser:
    """A policy that chooses in the region it was trained for.

    AC judges the sets that the policy finds most probable, and as many that look best by the slopes of the region: the ones
    know what followers do, the others what limits bind now. Where all DERs ask the same, losses alone tell them apart, and the
    greedy rule, which asks AC about each, misses next to nothing: its set is judged too.

    Attributes:
        policy: the actors.
        probable: sets of the policy that are judged, see `search`; 1 alone leaves the choice to the policy.
        estimated: sets by estimate that are judged, see `envs.market.likely`.
    """

    policy: ChoicePolicy
    probable: int = CANDIDATES
    estimated: int = ESTIMATED

    def choose(self, model: ChoiceModel, prepared: Prepared) -> IntArray:
        """A set for each game of the region, (game, agent).

        Raises:
            InputError: if the region is not that of the policy; names both sides.
        """
        region = MarketRegion(model)
        self.policy.require_fits(region)
        sets = self.candidates(model, prepared)
        objective = region.objective(prepared, sets)
        return best_of_ties(model, prepared, sets, objective)

    def candidates(self, model: ChoiceModel, prepared: Prepared) -> IntArray:
        """The sets that are judged, those of the policy first, (game, set, agent)."""
        region = MarketRegion(model)
        policy = self.policy
        sets = probable_sets(policy, region, prepared, self.probable)
        if not self.estimated:
            return sets
        estimated = likely_sets(model, prepared, policy.n_agents, self.estimated)
        sets = np.concatenate([sets, estimated], axis=1)
        has_one_offer = prepared.games.has_one_offer
        if not has_one_offer.any():
            return sets
        by_rule = greedy(model, prepared, policy.n_agents)
        # in other games the rule costs three batches of power flows for nothing
        added = np.where(has_one_offer[:, None], by_rule, sets[:, 0])
        return np.concatenate([sets, added[:, None]], axis=1)


@dataclass(frozen=True, eq=False)
class ChoicePolicies:
    """Policies of one feeder and one seed, one per region.

    Raises:
        InputError: if there is none.
    """

    policies: tuple[ChoicePolicy, ...]

    def __post_init__(self) -> None:
        if not self.policies:
            raise InputError("it holds no policy of any region")

    def for_region(self, model: ChoiceModel, n_agents: int) -> RegionChooser:
        """Who chooses `n_agents` DERs in a region.

        Raises:
            InputError: if none was trained for this region, naming what differs from the one with most of its buses.
        """
        key = MarketRegion(model).key
        buses = set(key.buses)
        # the region nearest to the one asked for is the one whose difference says something
        nearest = max(
            self.policies, key=lambda policy: len(buses & set(policy.key.buses))
        )
        nearest.key.require_same(key)
        if nearest.n_agents != n_agents:
            raise InputError(
                f"The policy was trained for {nearest.n_agents} agents and is asked to choose for {n_agents}. "
                f"Ask for {nearest.n_agents}, or train one with `tieline train market --agents {n_agents}`."
            )
        return RegionChooser(nearest)
