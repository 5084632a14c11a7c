"""A buyer finds sellers by tree search, with a stability margin or without: MCTS-RL for one bus with a demand.

Walks lead from the buyer's bus to buses with DERs. The best one sells, and walks begin anew for what is left of the demand, each
DER once, until it is covered or nobody is worth more than the main feeder.

    reward          r = l0 - c of the DER reached
    use             phi' = max |F_l| / F_max_l after its power is added, over the lines that its power flows on
    margin          m = 1 - (phi' + |LF|)
    power           the least of what is left, its limit, and with a margin the most that keeps m >= tau
    with a margin   a DER whose m is below tau earns nothing; `weighs_margin` pays r m instead of r

All by AC: flows, and LF before the DER's own power. The most that keeps the margin is set on the straight line between the flows
without the DER and with all it could give, then checked.

`weighs_margin` is the update as the source has it. It is no default because it prefers the DER farthest from any limit to the
cheapest one that keeps all: in the source's own case it asks DER 6 first, and the cost rises by 6 % instead of 2 %.

Lines that a DER does not change have no part in its margin: they would bar the DERs that relieve a feeder whose tightest line
another seller has filled up.

Source: M. Al-Saffar, PhD thesis, University of Alberta, eqs. 5.11 to 5.19, with the case distinction of 5.18 read as a gate.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from tieline.agents.search_tree import SearchTree, grow
from tieline.agents.tree_search import SearchConfig, search_known
from tieline.errors import InputError
from tieline.network.network import Network
from tieline.network.topology import paths_from
from tieline.opf.branch_limits import BranchLimit
from tieline.opf.flow_limits import FlowLimits
from tieline.powerflow.derivatives.gradients import loss_factors
from tieline.powerflow.solution import Solution
from tieline.powerflow.solve import solve
from tieline.typing import BoolArray, FloatArray, IntArray

THRESHOLD = 0.02
"""tau: the margin that is kept; the source gives no number."""

TOUCHED = 0.01
"""A line that takes less than this part of a DER's power is not on its way: what is left are losses and voltages."""

EPISODES = SearchConfig(episodes=200, top=1)
"""Walks for one sale: a few for every DER of a feeder of some ten."""

ENOUGH_KW = 1e-6
"""A demand smaller than this is covered: the sum of what was sold ends in rounding."""


@dataclass(frozen=True)
class MarginRule:
    """Whether a margin is kept, how much, and whether it weighs in the reward."""

    keeps_margin: bool = True
    threshold: float = THRESHOLD
    weighs_margin: bool = False


@dataclass(frozen=True, eq=False)
class Market:
    """One moment of a market with one buyer.

    Attributes:
        network: the feeder with its DERs.
        load_kw, load_kvar: consumption, the buyer's demand with it, (load,).
        ders: which DERs sell, as indices of the network's, (der,).
        offer: price of each, (der,) [currency/kWh].
        p_max_kw: what each can inject, (der,) [kW].
        reference_price: l0 [currency/kWh].
        limits: what branches may carry.
    """

    network: Network
    load_kw: FloatArray
    load_kvar: FloatArray
    ders: IntArray
    offer: FloatArray
    p_max_kw: FloatArray
    reference_price: float
    limits: Sequence[BranchLimit]


@dataclass(frozen=True)
class Sale:
    """What one DER sells: `der` counts in `Market.ders`; power [kW], LF before it, use and margin after it, and its reward."""

    der: int
    p_kw: float
    loss_factor: float
    use: float
    margin: float
    reward: float


@dataclass(frozen=True, eq=False)
class Purchase:
    """What a buyer got.

    Attributes:
        sales: in the order of the search.
        left_kw: what no DER covers [kW].
        solution: the power flow with all sales, one scenario.
        overloaded: names of the limits that it breaks.
        cost: of the sales [currency/h].
    """

    sales: tuple[Sale, ...]
    left_kw: float
    solution: Solution
    overloaded: tuple[str, ...]
    cost: float


def buy(
    market: Market,
    buyer: str,
    demand_kw: float,
    rule: MarginRule | None = None,
    config: SearchConfig = EPISODES,
    seed: int = 0,
) -> Purchase:
    """Cover a demand.

    Args:
        market: loads, DERs, offers, limits.
        buyer: bus where every walk begins.
        demand_kw: what is bought [kW].
        rule: margin; kept without weight if left out.
        config: how to search.
        seed: of the walks of the first sale; each further one takes the next number.

    Raises:
        InputError: if the buyer's bus is unknown, no DER can be reached from it, or the demand is negative or not finite.
    """
    if not 0 <= demand_kw < np.inf:
        raise InputError(
            f"The demand of a buyer must be 0 or more and finite; got {demand_kw:g} kW."
        )
    rule = rule or MarginRule()
    round_ = _Round(market, FlowLimits.of(market.network, market.limits), rule)
    injection_kw = np.zeros(len(market.ders))
    sales: list[Sale] = []
    left_kw = demand_kw
    free = market.p_max_kw > 0
    while left_kw > ENOUGH_KW and free.any():
        choices = round_.choices(injection_kw, free, left_kw)
        sale = _best(market, buyer, choices, config, seed + len(sales))
        if sale.reward <= 0 or sale.p_kw <= ENOUGH_KW:
            break  # the main feeder is the better seller of what is left
        sales.append(sale)
        injection_kw[sale.der] = sale.p_kw
        free[sale.der] = False
        left_kw -= sale.p_kw
    solution = round_.solved(injection_kw[None])
    over = round_.use(solution)[0] > 1.0
    return Purchase(
        sales=tuple(sales),
        left_kw=max(left_kw, 0.0),
        solution=solution,
        overloaded=tuple(np.array(round_.flows.names)[over].tolist()),
        cost=float(market.offer @ injection_kw),
    )


def _best(
    market: Market,
    buyer: str,
    choices: list[Sale],
    config: SearchConfig,
    seed: int,
) -> Sale:
    """The sale whose bus the search ranks first."""
    feeder = market.network.feeder
    at_bus: dict[str, Sale] = {}
    for sale in choices:
        bus = feeder.ders[market.ders[sale.der]].bus
        # of several DERs at one bus the best stands for it
        if bus not in at_bus or sale.reward > at_bus[bus].reward:
            at_bus[bus] = sale
    tree = _walkable(market, buyer, at_bus)
    worth = np.array(
        [at_bus[bus].reward if bus in at_bus else 0.0 for bus in tree.states]
    )
    learned = search_known(tree, worth, config, seed)
    return at_bus[tree.states[learned.ranking[0]]]


def _walkable(market: Market, buyer: str, at_bus: dict[str, Sale]) -> SearchTree[str]:
    children = paths_from(market.network.feeder, buyer).children()
    return grow(buyer, actions=lambda bus: children[bus], may_end=at_bus.__contains__)


@dataclass(frozen=True, eq=False)
class _Round:
    """Sales that could be made, judged by AC."""

    market: Market
    flows: FlowLimits
    rule: MarginRule

    def choices(
        self, injection_kw: FloatArray, free: BoolArray, left_kw: float
    ) -> list[Sale]:
        """What each free DER would sell, in one batch of power flows."""
        market = self.market
        candidates = np.flatnonzero(free)
        most_kw = np.minimum(market.p_max_kw[candidates], left_kw)
        # one scenario: what was sold so far
        before = self.solved(injection_kw[None])
        factor = loss_factors(before, market.ders)[0, candidates]
        flow_kw = self.flows.values(before)[0]
        with_all = self._with(injection_kw, candidates, most_kw)
        all_kw = self.flows.values(with_all)
        slope = (all_kw - flow_kw) / most_kw[:, None]
        is_touched = np.abs(slope) >= TOUCHED
        power_kw = most_kw
        if self.rule.keeps_margin:
            most_use = 1.0 - self.rule.threshold - np.abs(factor)
            room_kw = _room_kw(flow_kw, slope, is_touched, self.limit, most_use)
            power_kw = np.minimum(most_kw, room_kw)
        after = self._with(injection_kw, candidates, power_kw)
        use_on_way = np.where(is_touched, self.use(after), 0.0)
        use = use_on_way.max(axis=1, initial=0.0)
        margin = 1.0 - (use + np.abs(factor))
        reward = self._reward(market.offer[candidates], margin)
        columns = zip(candidates, power_kw, factor, use, margin, reward, strict=True)
        return [Sale(int(der), *map(float, values)) for der, *values in columns]

    @property
    def limit(self) -> FloatArray:
        """Limit of each row, at least one kW, kVA or A, (row,)."""
        return np.maximum(self.flows.limit, 1.0)

    def _reward(self, offer: FloatArray, margin: FloatArray) -> FloatArray:
        reward = self.market.reference_price - offer
        if not self.rule.keeps_margin:
            return reward
        # the cut is set on straight lines: a margin that is missed by their bend is kept
        is_kept = margin >= self.rule.threshold - BEND
        paid = reward
        if self.rule.weighs_margin:
            paid = reward * margin
        return np.where(is_kept, paid, 0.0)

    def _with(
        self, injection_kw: FloatArray, candidates: IntArray, power_kw: FloatArray
    ) -> Solution:
        """The power flow with each candidate's power beside what was sold, a scenario for each."""
        count = len(candidates)
        rows = np.tile(injection_kw, (count, 1))
        rows[np.arange(count), candidates] = power_kw
        return self.solved(rows)

    def solved(self, injection_kw: FloatArray) -> Solution:
        """Power flows of injections of the market's DERs, (scenario, der) [kW]."""
        market = self.market
        der_kw = np.tile(market.network.devices.der_kw, (len(injection_kw), 1))
        der_kw[:, market.ders] = injection_kw
        return solve(
            market.network,
            load_kw=market.load_kw,
            load_kvar=market.load_kvar,
            der_kw=der_kw,
        )

    def use(self, solution: Solution) -> FloatArray:
        """Share of each limit, (scenario, row)."""
        return self.flows.values(solution) / self.limit


BEND = 1e-3
"""How far the margin may be from tau after a cut: flows bend by their losses."""


def _room_kw(
    flow_kw: FloatArray,
    slope: FloatArray,
    is_touched: BoolArray,
    limit: FloatArray,
    most_use: FloatArray,
) -> FloatArray:
    """The most power of each candidate with which no line on its way passes a share of its limit, (candidate,) [kW].

    flow_kw, limit (row,); slope, is_touched (candidate, row); most_use (candidate,).
    """
    most_use = np.maximum(most_use, 0.0)
    free_kw = most_use[:, None] * limit - flow_kw
    fills_up = is_touched & (slope > 0)
    divisor = np.where(fills_up, slope, 1.0)
    room_kw = np.where(fills_up, free_kw / divisor, np.inf)
    return np.maximum(room_kw.min(axis=1, initial=np.inf), 0.0)
