"""`MinuteLoop`: the minutes of a run, one after the other, in the order that section 1 of the market's rules gives.

    1  loads, offers and limits of the minute
    2  AC with controls acting and no DER bought: taps and capacitors come to rest, and stay
    3  load centroids: regions merge and split
    4  borders: what flows between regions before the market
    5  each group of regions chooses its DERs
    6  the linear program over the chosen DERs
    7  AC replay with controls; 6 and 7 again while taps move
    8  prices, from the duals of the last program

Taps, set-points and voltages go from minute to minute: each begins where the last one ended.
"""

from __future__ import annotations

import time
from collections.abc import Collection, Mapping
from dataclasses import dataclass, replace

import numpy as np

from tieline.envs.market.games import BALANCING_RATIO
from tieline.errors import NotConvergedError
from tieline.linear.setting import Positions
from tieline.opf.balancing import (
    Clearing,
    Minute,
    UnmetLimitsError,
    clear_surely,
)
from tieline.opf.balancing.prices import MarketPrices
from tieline.opf.broken_before import Outside, outside_before, with_room
from tieline.powerflow import Solution, solve
from tieline.studies.market.config import MarketConfig
from tieline.studies.market.ways.borders import Centroids, Watched
from tieline.studies.market.ways.choice import Choice, choose
from tieline.studies.market.ways.choosers import Chooser
from tieline.studies.market.ways.models import ChoiceModels, Group, groups_of
from tieline.studies.market.ways.node_prices import price_minute
from tieline.studies.market.world.days import MarketDay
from tieline.studies.market.world.moments import Moment, moment_at
from tieline.typing import FloatArray, IntArray


@dataclass(frozen=True, eq=False)
class MinuteAnswer:
    """One cleared minute.

    Attributes:
        minute: its number in the day's series.
        moment: what was known.
        before: AC without the market.
        labels: group of each region, (region,).
        ratio: Lc of each watched bus, (watch,).
        choice: DERs called.
        clearing: set-points, replayed.
        prices: at every node.
        wall_ms: from the series to the prices [ms].
        program_ms: of this, for programs and replays.
        kept: places that are held to what they have before, because no set-points keep all limits.
    """

    minute: int
    moment: Moment
    before: Solution
    labels: IntArray
    ratio: FloatArray
    choice: Choice
    clearing: Clearing
    prices: MarketPrices
    wall_ms: float
    program_ms: float
    kept: tuple[Outside, ...]


class MinuteLoop:
    """Clears minutes in rising order.

    Args:
        models: choice models of the plant's regions.
        day: series.
        config: how it is done.
        watched: buses whose load merges regions.
        choosers: who chooses in each single region.
    """

    def __init__(
        self,
        models: ChoiceModels,
        day: MarketDay,
        config: MarketConfig,
        watched: Watched,
        choosers: Mapping[Group, Chooser],
    ) -> None:
        plant = models.plant
        self.models = models
        self.centroids = Centroids(plant, watched, config, self._regions_chosen)
        self._plant = plant
        self._day = day
        self._config = config
        self._choosers = choosers
        # where nobody chooses, merged regions call all their DERs too
        self._size = plant.n_ders if config.choice == "all" else config.agents
        self._before = plant.base
        self._positions: Positions = {}
        self._warm: Clearing | None = None

    def clear(self, minute: int) -> MinuteAnswer:
        """Clear a minute.

        Raises:
            UnmetLimitsError: if all DERs together cannot keep a limit that holds before, or any where what is broken before is
                to stop it; names it and the minute.
            NotConvergedError: if the feeder has no power flow.
        """
        began = time.perf_counter()
        plant = self._plant
        moment = moment_at(plant, self._day, minute)
        before = self._without_market(moment)
        # the clearing starts from these positions, not from those of the minute before
        self._before = before
        labels = self.centroids.labels_at(minute)
        groups = groups_of(labels)
        taps = np.asarray(before.taps[0], dtype=np.int64)
        choice = choose(self.models, moment, groups, taps, self._choosers, self._size)
        question = self._question(moment, labels, choice)
        program_began = time.perf_counter()
        clearing, outside = self._clear(question)
        program_ended = time.perf_counter()
        prices = price_minute(plant, clearing)
        ended = time.perf_counter()
        self._warm = clearing
        self._positions = clearing.positions
        return MinuteAnswer(
            minute=minute,
            moment=moment,
            before=before,
            labels=labels,
            ratio=self.centroids.ratio,
            choice=choice,
            clearing=clearing,
            prices=prices,
            wall_ms=1000 * (ended - began),
            program_ms=1000 * (program_ended - program_began),
            kept=outside,
        )

    def _clear(self, question: Minute) -> tuple[Clearing, tuple[Outside, ...]]:
        """The clearing, and the places whose limits are those that they break before, if no set-points keep them all."""
        limits = question.limits
        try:
            return clear_surely(question, self._warm), ()
        except UnmetLimitsError:
            vm_pu = limits.points.magnitude_pu(self._before.v_pu)[0]
            # limits of flows are stated for the market, or come from what flows without it: they never give way
            outside = outside_before(limits, vm_pu, None)
            if self._config.broken_before == "stop" or not outside:
                raise
        widened = replace(question, limits=with_room(limits, vm_pu, None))
        return clear_surely(widened, self._warm), outside

    def _without_market(self, moment: Moment) -> Solution:
        """AC with controls acting, from where they stand."""
        solution = solve(
            self._plant.network,
            load_kw=moment.load_kw[None],
            load_kvar=moment.load_kvar[None],
            der_kw=self._plant.own_der_kw,
            start_pu=self._before.v_pu,
            controls=self._config.controls,
            **self._positions,
        )
        if not solution.converged[0]:
            raise NotConvergedError(
                f"{moment.label}: without the market the power flow of feeder '{self._plant.feeder.name}' "
                f"{solution.reason(0)}. Lower --load-pct or the loads beyond the schedule."
            )
        return solution

    def _question(self, moment: Moment, labels: IntArray, choice: Choice) -> Minute:
        """What the program is asked."""
        plant = self._plant
        config = self._config
        positions: Positions = {
            "taps": self._before.taps[0],
            "capacitor_steps": self._before.capacitor_steps[0],
        }
        return Minute(
            network=plant.network,
            load_kw=moment.load_kw,
            load_kvar=moment.load_kvar,
            positions={**self._positions, **positions},
            reference_price=moment.reference_price,
            balancing_price=BALANCING_RATIO * moment.reference_price,
            offer=moment.offer,
            p_max_kw=moment.p_max_kw,
            demand_kw=moment.demand_kw,
            group=labels,
            neighbours=plant.microgrids.neighbours,
            may_serve=plant.may_serve,
            chosen=choice.chosen,
            limits=plant.limits,
            export_price=config.exchange_price,
            next_ders=choice.next_ders(self.models),
            likely_kw=choice.likely_kw(self.models),
            schedule_kw=plant.own_der_kw,
            schedule_kvar=plant.own_der_kvar,
            reactive=plant.reactive if config.reactive_power else None,
            controls=config.controls,
            label=moment.label,
        )

    def _regions_chosen(self, minute: int, union: Collection[int]) -> set[int]:
        """Regions in which the DERs stand that the greedy choice takes for a union."""
        plant = self._plant
        group = tuple(sorted(union))
        moment = moment_at(plant, self._day, minute)
        if moment.reference_price <= 0:
            # a minute before those that are cleared: at such a price no choice is better than another, and all may take part
            return set(union)
        taps = np.asarray(self._before.taps[0], dtype=np.int64)
        n_agents = self._config.agents
        choice = choose(self.models, moment, (group,), taps, {}, n_agents)
        is_called = choice.chosen.any(axis=0)
        region_of = plant.microgrids.region_of
        regions = [region_of.get(bus, -1) for bus in plant.der_buses]
        return set(np.array(regions)[is_called].tolist())
