"""`Clearing`: what a minute came to, judged by the AC replay of the whole feeder with its controls acting."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cached_property

import numpy as np

from tieline.linear.setting import Positions
from tieline.opf.balancing.broken import BrokenLimit, broken_limits
from tieline.opf.balancing.minute import Minute
from tieline.powerflow import Solution
from tieline.typing import ComplexArray, FloatArray


@dataclass(frozen=True)
class CostParts:
    """Cost of a minute's decisions [currency/h].

    Attributes:
        loss: change of losses at the reference price.
        offers: what DERs ask for what they give.
        balancing: what is bought at the main feeder.
        exports: what regions ask for what they send to others.
    """

    loss: float
    offers: float
    balancing: float
    exports: float

    @property
    def total(self) -> float:
        """All of them."""
        return self.loss + self.offers + self.balancing + self.exports


@dataclass(frozen=True, eq=False)
class LimitPrices:
    """Duals: what one unit less of a limit, or one kW more of demand, costs an hour.

    Attributes:
        balance: of each region's demand, losses and limits aside, (region,) [currency/kWh].
        voltage: per pu at each point, above zero where the upper limit binds, below where the lower does, (point,).
        flow: per A, kVA or kW of each row of branch limits, (row,).
    """

    balance: FloatArray
    voltage: FloatArray
    flow: FloatArray


@dataclass(frozen=True, eq=False)
class Clearing:
    """Set-points, prices and replay of one minute.

    Attributes:
        minute: what was asked, with the DERs called in the end.
        share_kw: what each DER gives each region, (region, der).
        q_kvar: reactive power that each DER adds to its schedule, unpaid, (der,).
        bought_kw: bought at the main feeder, (region,).
        relief_kw: what DERs give beyond all demand because a limit needs it; nobody pays for it, (region,).
        exchange_kw: what each region (row) sends to each (column), (region, region).
        prices: duals of the last program; NaN where set-points come without any.
        solution: AC replay with controls, one scenario.
        base_loss_kw: Loss(0), with nothing bought of DERs.
        objective: by the program's own model [currency/h].
        rounds, replays, programs: linearisations, AC replays, and linear programs solved.
        tap_rounds: how often set-points were worked out again because a replay moved taps.
        fallbacks: what was added until the minute could be published, in words.
    """

    minute: Minute
    share_kw: FloatArray
    q_kvar: FloatArray
    bought_kw: FloatArray
    relief_kw: FloatArray
    exchange_kw: FloatArray
    prices: LimitPrices
    solution: Solution
    base_loss_kw: float
    objective: float
    rounds: int = 0
    replays: int = 0
    programs: int = 0
    tap_rounds: int = 0
    fallbacks: tuple[str, ...] = field(default=())

    @property
    def p_kw(self) -> FloatArray:
        """What is bought of each DER, (der,)."""
        return self.share_kw.sum(axis=0)

    @property
    def v_pu(self) -> ComplexArray:
        """Voltages of the replay, (node,)."""
        return self.solution.v_pu[0]

    @property
    def loss_kw(self) -> float:
        """Loss of lines and transformers on AC."""
        return float(self.solution.loss_kw[0])

    @property
    def positions(self) -> Positions:
        """Where the replay left taps and capacitors, for the next minute."""
        after: Positions = {
            "taps": self.solution.taps[0],
            "capacitor_steps": self.solution.capacitor_steps[0],
        }
        return {**self.minute.positions, **after}

    @cached_property
    def cost(self) -> CostParts:
        """Cost with the losses of AC."""
        minute = self.minute
        # merged regions are one: what goes between them is no export
        is_merged = minute.group[:, None] == minute.group[None, :]
        paid_kw = np.where(is_merged, 0.0, self.exchange_kw)
        sent_kw = float(paid_kw.sum())
        bought_kw = float(self.bought_kw.sum())
        more_loss_kw = self.loss_kw - self.base_loss_kw
        return CostParts(
            loss=minute.reference_price * more_loss_kw,
            offers=float(minute.offer @ self.p_kw),
            balancing=minute.balancing_price * bought_kw,
            exports=minute.export_price * sent_kw,
        )

    @property
    def none_cost(self) -> float:
        """Cost without any DER: all demand at the balancing price [currency/h]."""
        minute = self.minute
        covered_kw = float(minute.covered_kw.sum())
        return minute.balancing_price * covered_kw

    def saving_kept_pct(self, best: Clearing) -> float:
        """Share of the money a better clearing of the same minute saves that this one saves too [%]; NaN if it saves none."""
        possible = self.none_cost - best.cost.total
        if possible <= 0:
            return np.nan
        saving = self.none_cost - self.cost.total
        return 100 * saving / possible

    @cached_property
    def vm_pu(self) -> FloatArray:
        """Voltages at the limited points on AC, (point,)."""
        points = self.minute.limits.points
        by_scenario = points.magnitude_pu(self.solution.v_pu)
        return by_scenario[0]

    @cached_property
    def flow(self) -> FloatArray:
        """Values of the rows of branch limits on AC, (row,) [A, kVA or kW]."""
        by_scenario = self.minute.limits.flows.values(self.solution)
        return by_scenario[0]

    @cached_property
    def violations(self) -> tuple[BrokenLimit, ...]:
        """Every limit that AC breaks, worst first."""
        return broken_limits(self.minute.limits, self.vm_pu, self.flow)

    @property
    def keeps_limits(self) -> bool:
        """Whether AC keeps every limit."""
        return not self.violations

    @property
    def watched_violations(self) -> tuple[BrokenLimit, ...]:
        """Those that some region keeps in its program."""
        minute = self.minute
        is_watched = {
            "low": minute.watched_points,
            "high": minute.watched_points,
            "flow": minute.watched_flows,
        }
        watched = []
        for broken in self.violations:
            of_kind = is_watched[broken.row.kind]
            if of_kind[broken.row.place]:
                watched.append(broken)
        return tuple(watched)

    @cached_property
    def binding(self) -> tuple[str, ...]:
        """Limits that have a price."""
        limits = self.minute.limits
        # Set-points that no program made have no prices.
        voltage_price = np.nan_to_num(self.prices.voltage)
        flow_price = np.nan_to_num(self.prices.flow)
        at_points = np.flatnonzero(voltage_price).tolist()
        at_flows = np.flatnonzero(flow_price).tolist()
        points = tuple(f"voltage at {limits.points.names[k]}" for k in at_points)
        flows = tuple(limits.flows.names[k] for k in at_flows)
        return points + flows

    @cached_property
    def remarks(self) -> tuple[str, ...]:
        """What a reader should know of this minute."""
        minute = self.minute
        texts = [
            f"region {k} takes {-minute.demand_kw[k]:.3g} kW less than its schedule: nothing is bought for it"
            for k in minute.surplus_regions.tolist()
            if minute.demand_kw[k] < 0
        ]
        can_serve = (minute.may_serve & (minute.p_max_kw > 0)).any()
        if not can_serve and minute.covered_kw.any():
            texts.append(
                "no DER can give anything: all demand is bought at the main feeder"
            )
        return (*texts, *self.fallbacks)
