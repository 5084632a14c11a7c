"""`ChoicePolicy`: actors of one region in plain NumPy: what a training leaves behind, and what chooses without JAX.

score_i = network of (token of DER i, features of the region);    the DER with the highest score among the open ones is taken
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from tieline.agents.leader_follower.region import ChoiceRegion, may_choose
from tieline.agents.leader_follower.region_key import RegionKey
from tieline.agents.policy import Plain
from tieline.envs.market.tokens import Seen
from tieline.errors import InputError
from tieline.typing import BoolArray, FloatArray, IntArray

Layer = tuple[FloatArray, FloatArray]


@dataclass(frozen=True, eq=False)
class ChoicePolicy:
    """Actors of one region.

    Attributes:
        key: the region they were trained in.
        layers: weight (agent, in, out) and bias (agent, out) of each layer; ReLU between layers, the last one linear.
        provenance: where they come from, plain values: algorithm, seed, games, version, machine.

    Raises:
        InputError: listing all that does not fit together.
    """

    key: RegionKey
    layers: tuple[Layer, ...]
    provenance: Mapping[str, Plain] = field(default_factory=dict)

    def __post_init__(self) -> None:
        if problems := list(_problems(self)):
            raise InputError("The policy is not sound: " + "; ".join(problems) + ".")

    @property
    def n_agents(self) -> int:
        """How many DERs it chooses."""
        return len(self.layers[0][0])

    def require_fits(self, region: ChoiceRegion) -> None:
        """Raises `InputError` that names what differs if it was trained for another region."""
        self.key.require_same(region.key)

    def scores(self, sight: Seen, agent: int) -> FloatArray:
        """Score of each DER by an agent, (game, der)."""
        n_ders = sight.tokens.shape[1]
        features = np.repeat(sight.region[:, None], n_ders, axis=1)
        x = np.concatenate([sight.tokens, features], axis=2)
        *hidden, last = self.layers
        for weight, bias in hidden:
            linear = x @ weight[agent] + bias[agent]
            x = np.maximum(linear, 0.0)
        weight, bias = last
        score = x @ weight[agent] + bias[agent]
        return score[..., 0]

    def log_shares(self, sight: Seen, agent: int, is_open: BoolArray) -> FloatArray:
        """Logarithm of the probability of each DER; minus infinity where it is not open, (game, der)."""
        score = self.scores(sight, agent)
        open_score = np.where(is_open, score, -np.inf)
        # the highest score is taken off first: its exponential would overflow
        highest = open_score.max(axis=1, keepdims=True)
        above = open_score - highest
        weight = np.exp(above)
        total = weight.sum(axis=1, keepdims=True)
        return above - np.log(total)

    def most_probable(
        self, region: ChoiceRegion, games: Any
    ) -> tuple[IntArray, BoolArray]:
        """What each agent likes best, in turn.

        Returns:
            The choice, (game, agent), leaders' DERs masked; and which choices without the mask would have been a leader's DER,
            (game, agent).
        """
        n_games = len(games)
        choices = np.empty((n_games, 0), dtype=np.int64)
        overlaps = np.zeros((n_games, self.n_agents), dtype=bool)
        game = np.arange(n_games)
        for agent in range(self.n_agents):
            sight = region.see(games, choices, self.n_agents)
            score = self.scores(sight, agent)
            is_open = may_choose(region, games, sight)
            is_taken = ~sight.may_choose
            # the wish is asked for before the mask, which never lets a choice overlap
            wish_score = np.where(is_open | is_taken, score, -np.inf)
            wish = np.argmax(wish_score, axis=1)
            overlaps[:, agent] = is_taken[game, wish]
            open_score = np.where(is_open, score, -np.inf)
            choice = np.argmax(open_score, axis=1)
            choices = np.hstack([choices, choice[:, None]])
        return choices, overlaps


def _problems(policy: ChoicePolicy) -> Iterator[str]:
    """One sentence for everything that does not fit."""
    if not policy.layers:
        yield "it has no layers"
        return
    width = len(policy.key.tokens) + len(policy.key.features)
    n_agents = len(policy.layers[0][0])
    for k, (weight, bias) in enumerate(policy.layers):
        is_stack = weight.ndim == 3 and weight.shape[:2] == (n_agents, width)
        if not is_stack or bias.shape != (n_agents, weight.shape[2]):
            yield (
                f"layer {k} has weight {weight.shape} and bias {bias.shape}, but {width} numbers enter it for each of "
                f"{n_agents} agents"
            )
            return
        width = weight.shape[2]
        if not (np.isfinite(weight).all() and np.isfinite(bias).all()):
            yield f"layer {k} holds a number that is not finite"
    if width != 1:
        yield f"the last layer gives {width} numbers for a DER, expected its score"
