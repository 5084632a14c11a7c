"""`DerChoiceTask`: a leader and its followers choose one DER each, in turn, to cover a region's demand at least cost."""

from __future__ import annotations

from dataclasses import dataclass, fields, replace
from functools import cached_property
from typing import Any

import numpy as np

from tieline.envs.box import Box
from tieline.envs.market.build import model_of
from tieline.envs.market.config import DerChoiceEnvConfig
from tieline.envs.market.draws import RANGES, draw_games
from tieline.envs.market.fill import NONE
from tieline.envs.market.games import BALANCING_RATIO, Games
from tieline.envs.market.model import ChoiceModel
from tieline.envs.market.objective import PENALTY, idle_objective
from tieline.envs.market.prepared import PARTS, Prepared
from tieline.envs.market.rules import require_enough_ders
from tieline.envs.market.tokens import REGION_NAMES, TOKEN_NAMES, see
from tieline.envs.task import Agent, Constraint, Outcome, Task, Term
from tieline.typing import FloatArray, IntArray

MOST_SEEN = 5.0
"""Features are of the size of one; what lies beyond is seen at this bound."""


OF_GAMES = tuple(field.name for field in fields(Games))


@dataclass(frozen=True, eq=False)
class ChoiceState:
    """Where episodes stand: the game as `Games` and `Prepared` have it, the DERs chosen so far, -1 for none, (episode, agent),
    how many have chosen, (episode,), and J of what they have chosen, (episode,) [currency/h].
    """

    load_kw: FloatArray
    load_kvar: FloatArray
    schedule_kw: FloatArray
    offer: FloatArray
    p_max_kw: FloatArray
    demand_kw: FloatArray
    reference_price: FloatArray
    taps: IntArray
    loss_kw: FloatArray
    loss_factor: FloatArray
    unit_cost: FloatArray
    use: FloatArray
    inflow_kw: FloatArray
    outflow_kw: FloatArray
    solved: np.ndarray
    chosen: IntArray
    turn: IntArray
    objective: FloatArray

    @classmethod
    def first(cls, prepared: Prepared, n_agents: int) -> ChoiceState:
        """Before any choice."""
        count = len(prepared.games)
        of_games = {name: getattr(prepared.games, name) for name in OF_GAMES}
        parts = {name: getattr(prepared, name) for name in PARTS}
        return cls(
            **of_games,
            **parts,
            chosen=np.full((count, n_agents), NONE),
            turn=np.zeros(count, dtype=np.int64),
            objective=idle_objective(prepared),
        )

    @property
    def prepared(self) -> Prepared:
        """The games."""
        of_games = {name: getattr(self, name) for name in OF_GAMES}
        games = Games(**of_games)
        parts = {name: getattr(self, name) for name in PARTS}
        return Prepared(games=games, **parts)


class DerChoiceTask(Task[ChoiceState]):
    """Choose N of the n DERs of a region, one agent after the other, so that J is lowest; see `model` for J.

    Episode: one game, N steps, then terminated. The seed draws loads, demand, offers and limits (see `draws`). A step is the turn
    of one agent: its DER joins those of its leaders, and J of the set so far is worked out by AC. Terminated early only where the
    power flow has no solution.

    Observation, all about one, cut at -5 and 5; prices are over the reference price, powers over the largest rating. Of each
    DER: `offer`, `limit`, `loss_factor` (by AC, over the largest of the region), `unit_cost`, `rank`, `share` and `left_share` of
    the demand, `load` and `surplus` of its bus, `distance` from the root, `taken`, `away`, `own_loss`, `coupling`, `room` below
    the limits, `gain`, the saving to be expected, `overload`, what limits take of it, and `behind`, how far both leave it behind
    the best DER. Of the region: `demand`, `left`,
    `capacity`, `inflow`, `outflow`, `branch_use`, `voltage_use`, `price`, `progress`. Meanings stand in `tokens`.

    Action, N n numbers in [-1, 1]: `score` of each DER by each agent. In its turn an agent takes the DER that it scores highest
    of those not taken; the scores of the others do not count.

    Agents: `leader`, `follower_1`, ... Each sees everything, hence its leaders' choices, and sets its own scores.

    Reward: 0.01 x `saving_pct`, what the step takes off J [% of lu D, the cost of buying the demand at the balancing price]. Over
    an episode the rewards add up to the set's. Breaking limits costs 1000 currency/h for each limit passed by its whole.

    Costs: `excess_pu`, sum over the limits of the region of what is used beyond them [pu of each limit], limit 0.

    Info: `chosen` (episode, agent), `p_kw` (episode, agent) [kW], `bought_kw` (episode,), `objective` (episode,) [currency/h].
    """

    name = "der-choice"

    def __init__(self, config: DerChoiceEnvConfig, model: ChoiceModel | None = None):
        self.config = config
        self.model = model or model_of(config)
        require_enough_ders(self.model, config.deciders)
        feeder = self.model.network.feeder
        self.feeder_name = feeder.name
        self.network = self.model.network
        self.band_pu = config.band_pu
        self.ranges = RANGES[config.games]
        places = [feeder.ders[k].bus for k in self.model.ders]
        tokens = [f"{name} at {place}" for place in places for name in TOKEN_NAMES]
        self.observation = Box.of(
            (*tokens, *REGION_NAMES),
            -MOST_SEEN,
            MOST_SEEN,
        )
        scores = [
            f"score of {place} by {agent}"
            for agent in self.agent_names
            for place in places
        ]
        self.action = Box.of(tuple(scores), -1.0, 1.0)
        n_limits = len(self.model.watch.names)
        self.terms = (Term("saving_pct", "%", 0.01, self._worst_pct(n_limits)),)
        self.constraints = (Constraint("excess_pu", "pu", 0.0, float(n_limits)),)

    @property
    def agent_names(self) -> tuple[str, ...]:
        """In the order of their turns."""
        numbers = range(1, self.config.deciders)
        followers = [f"follower_{k}" for k in numbers]
        return ("leader", *followers)

    def _worst_pct(self, n_limits: int) -> float:
        """Every limit passed by its whole, over the least that a demand costs."""
        least_kw = self.ranges.demand_kw[0]
        balancing_price = BALANCING_RATIO * self.ranges.reference_price
        least_bill = balancing_price * least_kw
        return -100.0 * PENALTY * n_limits / least_bill

    @cached_property
    def agents(self) -> tuple[Agent, ...]:
        """The leader, then its followers."""
        all_entries = np.arange(self.observation.size)
        scores = np.arange(self.action.size).reshape(-1, self.model.n_ders)
        agents = []
        for name, scores_of_agent in zip(self.agent_names, scores, strict=True):
            agents.append(Agent(name, all_entries, scores_of_agent))
        return tuple(agents)

    def start(self, seeds: IntArray) -> ChoiceState:
        """A drawn game per seed."""
        games = draw_games(self.model, seeds, self.ranges)
        prepared = self.model.prepare(games)
        return ChoiceState.first(prepared, self.config.deciders)

    def observe(self, state: ChoiceState) -> FloatArray:
        """Tokens DER by DER, then the region, (episode, observation)."""
        progress = state.turn / self.config.deciders
        view = see(self.model, state.prepared, state.chosen, progress)
        by_der = view.tokens.reshape(len(view.tokens), -1)
        features = np.hstack([by_der, view.region])
        return self.observation.clip(features)

    def advance(self, state: ChoiceState, actions: FloatArray) -> Outcome[ChoiceState]:
        """The turn of one agent in each episode."""
        prepared = state.prepared
        members = self._with_next(state, actions)
        outcomes, solution = self.model.solved(prepared, members)
        solved = outcomes.solved[:, 0]
        objective = outcomes.objective[:, 0]
        # a game without demand has nothing to save
        bill = prepared.games.bill
        divisor = np.where(bill > 0, bill, np.inf)
        saved = (state.objective - objective) / divisor
        turn = state.turn + 1
        next_state = replace(state, chosen=members, turn=turn, objective=objective)
        return Outcome(
            state=next_state,
            terms=100.0 * saved[:, None],
            costs=outcomes.excess,
            terminated=turn >= self.config.deciders,
            truncated=np.zeros(len(actions), dtype=bool),
            solved=solved,
            details={
                "chosen": members,
                "p_kw": outcomes.p_kw[:, 0],
                "bought_kw": outcomes.bought_kw[:, 0],
                "objective": np.where(solved, objective, 0.0),
            },
            solution=solution,
        )

    def _with_next(self, state: ChoiceState, actions: FloatArray) -> IntArray:
        """The DERs chosen after this turn, (episode, agent)."""
        episode = np.arange(len(actions))
        n_agents = self.config.deciders
        by_agent = actions.reshape(-1, n_agents, self.model.n_ders)
        scores = by_agent[episode, state.turn]
        members = state.chosen.copy()
        members[episode, state.turn] = _highest_free(scores, state.chosen)
        return members

    @property
    def setting(self) -> dict[str, Any]:
        """What a policy must agree on beside names: rating, games and band."""
        names = ("der_kw", "deciders", "games", "lowest_pu", "highest_pu")
        return {name: getattr(self.config, name) for name in names}


def _highest_free(scores: FloatArray, leaders: IntArray) -> IntArray:
    """The DER of highest score that no leader has taken, (episode,)."""
    free_scores = scores.copy()
    episode, leader = np.nonzero(leaders != NONE)
    der = leaders[episode, leader]
    free_scores[episode, der] = -np.inf
    return np.argmax(free_scores, axis=1)
