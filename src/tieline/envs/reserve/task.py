"""`ReserveTask`: split a requested reserve among DERs, one decision per episode."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from tieline.envs.box import Box
from tieline.envs.draws import uniform
from tieline.envs.reserve.allocation import project, share_out
from tieline.envs.reserve.config import ReserveEnvConfig
from tieline.envs.reserve.model import CENTS, ReserveModel
from tieline.envs.safeguarded import Bounds, Kept, Limited, limited_voltages
from tieline.envs.task import Constraint, Outcome, Task, Term
from tieline.feeders.limits import with_limits_of
from tieline.settings.currency import in_currency
from tieline.typing import FloatArray, IntArray


@dataclass(frozen=True, eq=False)
class ReserveState:
    """What is asked: `capacity_kw` and `bid_cents` of each DER, (episode, der), and `request_kw`, (episode,)."""

    capacity_kw: FloatArray
    bid_cents: FloatArray
    request_kw: FloatArray


class ReserveTask(Task[ReserveState]):
    """Split a requested reserve among n DERs at least cost, loss and voltage deviation.

    Episode: one step. The request is drawn from the seed: capacities and bids evenly from their ranges, the request as a share
    of all capacity, evenly from its range.

    Observation, 2 n + 1 numbers: `capacity_share`, capacity of each DER over the largest that is drawn; `bid_share`, bid of each
    over the highest that is drawn; `request_share`, the request over n times the largest capacity. All lie in [0, 1] when drawn.

    Action, n numbers in [0, 1]: `wanted_share` of each DER's capacity. What is carried out is the allocation nearest to it that
    meets the request and all limits exactly, so neither needs a penalty.

    Reward: -(cost_weight x `cost_usd` [USD] + loss_weight x `loss_kw` [kW] + deviation_weight x `deviation_pct` [%]), see
    `ReserveModel`. Another `currency` changes name and unit of the cost.

    Costs: `undervoltage_pu`, how far the lowest voltage falls below `lowest_pu`, and `overvoltage_pu`, how far the highest rises
    above `highest_pu` [pu], limit 0.

    Info: `allocation_kw`, (episode, der).
    """

    name = "reserve"

    def __init__(self, config: ReserveEnvConfig, model: ReserveModel | None = None):
        self.model = model or ReserveModel.of(config)
        self.config, _ = with_limits_of(self.model.network.feeder, config)
        self.feeder_name = self.model.network.feeder.name
        self.network = self.model.network
        self.band_pu = self.config.band_pu
        places = [place.lower() for place in config.ders]
        capacities = [f"capacity_share at {place}" for place in places]
        bids = [f"bid_share at {place}" for place in places]
        shares = [f"wanted_share at {place}" for place in places]
        self.observation = Box.of((*capacities, *bids, "request_share"), 0.0, 1.0)
        self.action = Box.of(tuple(shares), 0.0, 1.0)
        most_kw = len(places) * config.largest_capacity_kw
        dearest = most_kw * config.highest_bid_cents / CENTS
        self.terms = (
            Term(
                in_currency("cost", config.currency),
                config.currency,
                -config.cost_weight,
                dearest,
            ),
            Term(
                "loss_kw",
                "kW",
                -config.loss_weight,
                self.model.network.feeder.peak_load_kw,
            ),
            Term("deviation_pct", "%", -config.deviation_weight, 100.0),
        )
        self.constraints = (
            Constraint("undervoltage_pu", "pu", 0.0, 1.0),
            Constraint("overvoltage_pu", "pu", 0.0, 1.0),
        )

    def start(self, seeds: IntArray) -> ReserveState:
        """A random request per seed."""
        c = self.config
        n = len(c.ders)
        draw = uniform(seeds, 2 * n + 1)
        capacity_draw = draw[:, :n]
        bid_draw = draw[:, n : 2 * n]
        request_draw = draw[:, -1]
        capacity_kw = _between(
            c.smallest_capacity_kw, c.largest_capacity_kw, capacity_draw
        )
        bid_cents = _between(c.lowest_bid_cents, c.highest_bid_cents, bid_draw)
        request_pct = _between(
            c.lowest_request_pct, c.highest_request_pct, request_draw
        )
        # a share of what is there, so that every request can be met
        request_kw = request_pct / 100.0 * capacity_kw.sum(axis=1)
        return ReserveState(capacity_kw, bid_cents, request_kw)

    def observe(self, state: ReserveState) -> FloatArray:
        """Capacities, bids and request over their largest values, (episode, 2 n + 1)."""
        c = self.config
        request = state.request_kw / (len(c.ders) * c.largest_capacity_kw)
        return np.hstack(
            [
                state.capacity_kw / c.largest_capacity_kw,
                state.bid_cents / c.highest_bid_cents,
                request[:, None],
            ]
        )

    def allocation_kw(self, state: ReserveState, actions: FloatArray) -> FloatArray:
        """The allocation that an action stands for, (episode, der) [kW]."""
        return project(actions * state.capacity_kw, state.capacity_kw, state.request_kw)

    def advance(
        self, state: ReserveState, actions: FloatArray
    ) -> Outcome[ReserveState]:
        """Carry out the allocations; every episode ends."""
        allocation = self.allocation_kw(state, actions)
        effect = self.model.effect(allocation, state.bid_cents)
        low_pu, high_pu = self.config.band_pu
        below = low_pu - effect.lowest_pu
        above = effect.highest_pu - high_pu
        count = len(allocation)
        return Outcome(
            state=state,
            terms=np.column_stack([effect.cost, effect.loss_kw, effect.deviation_pct]),
            costs=np.maximum(np.column_stack([below, above]), 0.0),
            terminated=np.ones(count, dtype=bool),
            truncated=np.zeros(count, dtype=bool),
            solved=effect.solved,
            details={"allocation_kw": allocation},
            solution=effect.solution,
        )

    def limited(self, state: ReserveState, actions: FloatArray) -> Limited:
        """Voltages of all points, between `lowest_pu` and `highest_pu`; see `Safeguarded`."""
        allocation_kw = self.allocation_kw(state, actions)
        model = self.model
        solution = model.effect(allocation_kw, state.bid_cents).solution
        columns = model.columns
        ders = np.arange(columns.start, columns.stop)
        band = self.config.band_pu
        # an action is a share of capacity: kW per action
        per_action = state.capacity_kw
        return limited_voltages(
            solution, model.points, band, "der_kw", ders, per_action
        )

    def carried_out(self, state: ReserveState, actions: FloatArray) -> FloatArray:
        """The allocation as shares of capacity; see `Safeguarded`, (episode, der)."""
        allocation = self.allocation_kw(state, actions)
        return np.divide(
            allocation,
            state.capacity_kw,
            out=np.zeros_like(allocation),
            where=state.capacity_kw > 0,
        )

    @property
    def controls_act(self) -> bool:
        """Whether the feeder has any; see `Safeguarded`."""
        return self.model.network.feeder.has_controls

    def bounds(self, state: ReserveState) -> Bounds:
        """The same for every request; see `Safeguarded`."""
        return Bounds.of(self.action, len(state.request_kw))

    def kept(self, state: ReserveState) -> Kept:
        """The reserve asked for: capacities times shares sum to it; see `Safeguarded`."""
        return Kept(
            state.capacity_kw[:, None, :],
            state.request_kw[:, None],
        )

    def squash(self, observation: Any, free: Any, xp: Any = np) -> Any:
        """Shares of capacity that meet the request: `share_out` of a policy's preferences."""
        n = len(self.config.ders)
        capacity = observation[..., :n]
        request = observation[..., -1] * n
        allocation = share_out(free, capacity, request, xp)
        # a DER without capacity gets the share 0 and not 0 / 0, whose gradient would be NaN
        divisor = xp.maximum(capacity, np.finfo(np.float32).tiny)
        return allocation / divisor

    @property
    def setting(self) -> dict[str, Any]:
        """Scales of the observation, weights of the reward, and the load if it is not nominal."""
        names = (
            "largest_capacity_kw",
            "highest_bid_cents",
            "cost_weight",
            "loss_weight",
            "deviation_weight",
        )
        config = self.config
        setting = {name: getattr(config, name) for name in names}
        # at nominal load it is left out: policies trained before there was a choice stay valid
        if config.load_pct == 100:
            return setting
        return setting | {"load_pct": config.load_pct}


def _between(low: float, high: float, share: FloatArray) -> FloatArray:
    """The number that lies at a share of the way from the lowest to the highest, any shape."""
    return low + share * (high - low)
