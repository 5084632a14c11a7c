"""`choose`: the DERs that every group of regions calls in a minute.

All games of a minute are prepared in one batch of power flows. A single region asks its chooser. A merged group, for which no
policy was trained, asks the greedy rule. The DERs of a group may serve every region of it that may call them.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from tieline.envs.market.fill import NONE
from tieline.envs.market.prepared import Prepared
from tieline.envs.market.relief import with_relief
from tieline.envs.market.rules import best_of_ties
from tieline.envs.market.together import (
    evaluate_together,
    greedy_together,
    missing_kw,
)
from tieline.studies.market.ways.choosers import Chooser, greedy
from tieline.studies.market.ways.models import ChoiceModels, Group
from tieline.studies.market.ways.policies import PolicyChooser
from tieline.studies.market.world.moments import Moment
from tieline.typing import BoolArray, FloatArray, IntArray


@dataclass(frozen=True, eq=False)
class Choice:
    """What was chosen in a minute.

    Attributes:
        chosen: DERs that each region calls, (region, der).
        sets: the choice of each group as numbers of its model's DERs, (member,).
        prepared: the minute as a game of each group.
        n_more: DERs that are called too, because those that were chosen cannot give the demand.
    """

    chosen: BoolArray
    sets: Mapping[Group, IntArray]
    prepared: Mapping[Group, Prepared]
    n_more: int = 0

    @property
    def fallbacks(self) -> tuple[str, ...]:
        """What was added to the choice before any program, in words."""
        return (f"called {self.n_more} DERs more",) if self.n_more else ()

    def likely_kw(self, models: ChoiceModels) -> FloatArray:
        """What each DER of the network gives if the chosen fill the demand of their groups, (der,)."""
        likely_kw = np.zeros(models.plant.n_ders)
        for group, prepared in self.prepared.items():
            model = models.of(group)
            members = self.sets[group]
            power_kw = model.filled_kw(prepared, members[None, None])[0, 0]
            is_named = members != NONE
            np.add.at(likely_kw, model.ders[members[is_named]], power_kw[is_named])
        return likely_kw

    def next_ders(self, models: ChoiceModels) -> tuple[tuple[int, ...], ...]:
        """DERs that each region would call next: those of its group by unit cost, (region,) of numbers of the network's DERs."""
        order: dict[int, tuple[int, ...]] = {}
        for group, prepared in self.prepared.items():
            by_cost = np.argsort(prepared.unit_cost[0], kind="stable")
            ders = models.of(group).ders[by_cost]
            order |= dict.fromkeys(group, tuple(ders.tolist()))
        # a region in which no DER may serve calls none
        return tuple(order.get(region, ()) for region in range(len(self.chosen)))


def choose(
    models: ChoiceModels,
    moment: Moment,
    groups: tuple[Group, ...],
    taps: IntArray,
    choosers: Mapping[Group, Chooser],
    size: int,
) -> Choice:
    """Ask every group.

    Args:
        models: choice models by group.
        moment: the minute.
        groups: regions that are one.
        taps: where the regulators stand.
        choosers: of single regions; others ask the greedy rule.
        size: DERs that a group chooses.
    """
    served = [group for group in groups if models.is_served(group)]
    prepared = {}
    for group, game in models.prepare(served, moment, taps).items():
        prepared[group] = with_relief(models.of(group), game)
    sets = _greedy_sets(models, prepared, choosers, size)
    sets |= _policy_sets(models, prepared, choosers)
    for group in prepared.keys() - sets.keys():
        sets[group] = choosers[group](models.of(group), prepared[group], size)[0]
    calls, n_more = _calls(models, prepared, sets)
    return Choice(calls, sets, prepared, n_more)


def _calls(
    models: ChoiceModels,
    prepared: Mapping[Group, Prepared],
    sets: Mapping[Group, IntArray],
) -> tuple[BoolArray, int]:
    """DERs that each region calls, (region, der), and how many of them were not chosen."""
    plant = models.plant
    calls = np.zeros_like(plant.may_serve)
    is_short = _is_short(prepared, sets)
    n_more = 0
    for group, members in sets.items():
        numbers = members[members != NONE]
        if is_short:
            n_chosen = len(numbers)
            numbers = _with_enough(prepared[group], numbers)
            n_more += len(numbers) - n_chosen
        ders = models.of(group).ders[numbers]
        is_called = np.zeros(plant.n_ders, dtype=bool)
        is_called[ders] = True
        calls[list(group)] = is_called & plant.may_serve[list(group)]
    return calls, n_more


def _is_short(
    prepared: Mapping[Group, Prepared], sets: Mapping[Group, IntArray]
) -> bool:
    """Whether all that were chosen cannot give all demand; a group that is short by itself may buy from others."""
    short_kw = 0.0
    for group, members in sets.items():
        (of_group_kw,) = missing_kw(prepared[group], members[None])
        short_kw += of_group_kw
    return short_kw > 0


def _with_enough(prepared: Prepared, members: IntArray) -> IntArray:
    """A set with the DERs of lowest unit cost behind it, so many that all of them could give the demand, (member,).

    Where DERs are small and many the program would find out in rounds what is plain from their limits.
    """
    p_max_kw = prepared.games.p_max_kw[0]
    (short_kw,) = missing_kw(prepared, members[None])
    is_idle = p_max_kw > 0
    is_idle[members] = False
    by_cost = np.argsort(prepared.unit_cost[0], kind="stable")
    idle = by_cost[is_idle[by_cost]]
    idle_kw = p_max_kw[idle]
    before_kw = np.cumsum(idle_kw) - idle_kw
    more = idle[before_kw < short_kw]
    return np.concatenate([members, more])


def _policy_sets(
    models: ChoiceModels,
    prepared: Mapping[Group, Prepared],
    choosers: Mapping[Group, Chooser],
) -> dict[Group, IntArray]:
    """Sets of the groups that ask a policy; the candidates of all of them are judged in one batch of power flows."""
    policies = {}
    for group in prepared:
        chooser = choosers.get(group)
        if isinstance(chooser, PolicyChooser):
            policies[group] = chooser
    if not policies:
        return {}
    regions = [models.of(group) for group in policies]
    games = [prepared[group] for group in policies]
    candidates = [
        policy.candidates(region, game)
        for policy, region, game in zip(policies.values(), regions, games, strict=True)
    ]
    outcomes = evaluate_together(regions, games, candidates)
    sets = {}
    for k, group in enumerate(policies):
        objective = outcomes[k].objective
        (best,) = best_of_ties(
            regions[k],
            games[k],
            candidates[k],
            objective,
        )
        sets[group] = best
    return sets


def _greedy_sets(
    models: ChoiceModels,
    prepared: Mapping[Group, Prepared],
    choosers: Mapping[Group, Chooser],
    size: int,
) -> dict[Group, IntArray]:
    """Sets of the groups that ask the greedy rule, all of them in one batch of power flows for each agent."""
    sets: dict[Group, IntArray] = {}
    asking = []
    for group in prepared:
        if choosers.get(group, greedy) is not greedy:
            continue
        n_ders = models.of(group).n_ders
        if n_ders <= size:
            # all are chosen: nothing is left to decide
            sets[group] = np.arange(n_ders)
        else:
            asking.append(group)
    if asking:
        regions = [models.of(group) for group in asking]
        games = [prepared[group] for group in asking]
        # regions that merge bring their agents along: three DERs cannot give what three regions take
        agents = [size * len(group) for group in asking]
        chains = greedy_together(regions, games, size, agents)
        sets |= {group: chain[0] for group, chain in zip(asking, chains, strict=True)}
    return sets
