"""`ChoicePolicies`: the policies of a feeder's regions, and `RegionChooser`, the one of a region as who chooses there."""

from __future__ import annotations

from dataclasses import dataclass

from tieline.agents.leader_follower.policy import ChoicePolicy
from tieline.agents.leader_follower.region import MarketRegion
from tieline.agents.leader_follower.search import CANDIDATES, choose
from tieline.envs.market.model import ChoiceModel
from tieline.envs.market.prepared import Prepared
from tieline.errors import InputError
from tieline.typing import IntArray


@dataclass(frozen=True, eq=False)
class RegionChooser:
    """A policy that chooses in the region it was trained for.

    Attributes:
        policy: the actors.
        candidates: sets that are judged by AC, see `search`.
    """

    policy: ChoicePolicy
    candidates: int = CANDIDATES

    def choose(self, model: ChoiceModel, prepared: Prepared) -> IntArray:
        """A set for each game of the region, (game, agent).

        Raises:
            InputError: if the region is not that of the policy; names both sides.
        """
        return choose(self.policy, MarketRegion(model), prepared, self.candidates)


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
