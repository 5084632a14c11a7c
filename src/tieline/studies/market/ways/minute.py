"""`MinuteMarket`: one minute of the market, from what is known of it and what the minute before left.

    1  loads, offers and limits of the minute: a `Moment`
    2  AC with controls acting and no DER bought: taps and capacitors come to rest, and stay
    3  load centroids: regions merge and split
    4  each group of regions chooses its DERs
    5  the linear program over the chosen DERs
    6  AC replay with controls; 5 and 6 again while taps move
    7  prices, from the duals of the last program

A drawn day asks it minute by minute (`ways.minutes`), and so may anyone who knows loads and offers.
"""

from __future__ import annotations

import dataclasses
import time
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from tieline.envs.market.games import BALANCING_RATIO
from tieline.errors import NotConvergedError
from tieline.linear.setting import Positions
from tieline.network.merging import MergeStep, Watch
from tieline.opf.balancing import Clearing, Minute
from tieline.opf.balancing.prices import MarketPrices
from tieline.opf.broken_before import Outside
from tieline.powerflow import Solution
from tieline.studies.market.config import MarketConfig
from tieline.studies.market.ways.borders import Centroids
from tieline.studies.market.ways.carried import Carried
from tieline.studies.market.ways.choice import Choice, choose
from tieline.studies.market.ways.choosers import Chooser
from tieline.studies.market.ways.kept_limits import clear_or_keep
from tieline.studies.market.ways.models import ChoiceModels, Group, groups_of
from tieline.studies.market.ways.node_prices import price_minute
from tieline.studies.market.world.moments import Moment
from tieline.typing import FloatArray, IntArray


@dataclass(frozen=True, eq=False)
class MinuteAnswer:
    """One cleared minute.

    Attributes:
        moment: what was known.
        before: AC without the market.
        merged: groups of regions and Lc of each watched bus.
        choice: DERs called.
        clearing: set-points, replayed.
        prices: at every node.
        carried: what the next minute begins with.
        wall_ms: from the moment to the prices [ms].
        program_ms: of this, for programs and replays.
        kept: places that are held to what they have before, because no set-points keep all limits.
    """

    moment: Moment
    before: Solution
    merged: MergeStep
    choice: Choice
    clearing: Clearing
    prices: MarketPrices
    carried: Carried
    wall_ms: float
    program_ms: float
    kept: tuple[Outside, ...]

    @property
    def labels(self) -> IntArray:
        """Group of each region, (region,)."""
        return self.merged.groups

    @property
    def ratio(self) -> FloatArray:
        """Lc of each watched bus, (watch,)."""
        return self.merged.ratio


class MinuteMarket:
    """Clears a minute; it remembers nothing of the last one.

    Args:
        models: choice models of the plant's regions.
        config: how it is done.
        watches: buses whose load merges regions.
        choosers: who chooses in each single region.
    """

    def __init__(
        self,
        models: ChoiceModels,
        config: MarketConfig,
        watches: Sequence[Watch],
        choosers: Mapping[Group, Chooser],
    ) -> None:
        self.models = models
        self._plant = models.plant
        self._config = config
        self._centroids = Centroids(models.plant, watches, config)
        self._choosers = choosers
        self._solver = models.plant.network.solver(controls=config.controls)
        # where nobody chooses, merged regions call all their DERs too
        calls_all = config.choice == "all"
        self._size = models.plant.n_ders if calls_all else config.agents

    def first(self) -> Carried:
        """Before the first minute."""
        return Carried.first(self._plant, self._centroids.first())

    def watch(self, moment: Moment, carried: Carried) -> MergeStep:
        """What the loads of a minute do to the running means and merges, whether it is cleared or not."""

        def regions_chosen(union: Collection[int]) -> set[int]:
            return self._regions_chosen(moment, carried.taps, union)

        return self._centroids.step(carried.merging, moment.load_kw, regions_chosen)

    def clear(self, moment: Moment, carried: Carried) -> MinuteAnswer:
        """Clear a minute.

        Args:
            moment: what is known of it.
            carried: what the last minute left; `first` before any.

        Raises:
            UnmetLimitsError: if all DERs together cannot keep a limit that holds before, or any where what is broken before is
                to stop it; names it and the minute.
            NotConvergedError: if the feeder has no power flow.
        """
        began = time.perf_counter()
        before = self._without_market(moment, carried)
        taps = np.asarray(before.taps[0], dtype=np.int64)
        # the clearing starts from these positions, not from those of the minute before
        at_rest = dataclasses.replace(carried, v_pu=before.v_pu[0], taps=taps)
        merged = self.watch(moment, at_rest)
        groups = groups_of(merged.groups)
        choice = choose(self.models, moment, groups, taps, self._choosers, self._size)
        question = self._question(moment, before, carried.positions, merged, choice)
        program_began = time.perf_counter()
        clearing, outside = clear_or_keep(
            question,
            carried.warm,
            before,
            stops=self._config.broken_before == "stop",
        )
        program_ended = time.perf_counter()
        prices = price_minute(self._plant, clearing)
        ended = time.perf_counter()
        return MinuteAnswer(
            moment=moment,
            before=before,
            merged=merged,
            choice=choice,
            clearing=clearing,
            prices=prices,
            carried=Carried(
                v_pu=at_rest.v_pu,
                taps=taps,
                positions=clearing.positions,
                merging=merged.state,
                warm=clearing,
            ),
            wall_ms=1000 * (ended - began),
            program_ms=1000 * (program_ended - program_began),
            kept=outside,
        )

    def _without_market(self, moment: Moment, carried: Carried) -> Solution:
        """AC with controls acting, from where they stand."""
        solution = self._solver.solve(
            load_kw=moment.load_kw[None],
            load_kvar=moment.load_kvar[None],
            der_kw=self._plant.own_der_kw,
            start_pu=carried.v_pu,
            **carried.positions,
        )
        if not solution.converged[0]:
            raise NotConvergedError(
                f"{moment.label}: without the market the power flow of feeder '{self._plant.feeder.name}' "
                f"{solution.reason(0)}. Lower --load-pct or the loads beyond the schedule."
            )
        return solution

    def _question(
        self,
        moment: Moment,
        before: Solution,
        last: Positions,
        merged: MergeStep,
        choice: Choice,
    ) -> Minute:
        """What the program is asked."""
        plant = self._plant
        config = self._config
        positions: Positions = {
            "taps": before.taps[0],
            "capacitor_steps": before.capacitor_steps[0],
        }
        return Minute(
            network=plant.network,
            load_kw=moment.load_kw,
            load_kvar=moment.load_kvar,
            positions={**last, **positions},
            reference_price=moment.reference_price,
            balancing_price=BALANCING_RATIO * moment.reference_price,
            offer=moment.offer,
            p_max_kw=moment.p_max_kw,
            demand_kw=moment.demand_kw,
            group=merged.groups,
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

    def _regions_chosen(
        self, moment: Moment, taps: IntArray, union: Collection[int]
    ) -> set[int]:
        """Regions in which the DERs stand that the greedy choice takes for a union."""
        plant = self._plant
        if moment.reference_price <= 0:
            # a minute before those that are cleared: at such a price no choice is better than another, and all may take part
            return set(union)
        group = tuple(sorted(union))
        n_agents = self._config.agents
        choice = choose(self.models, moment, (group,), taps, {}, n_agents)
        is_called = choice.chosen.any(axis=0)
        region_of = plant.microgrids.region_of
        regions = [region_of.get(bus, -1) for bus in plant.der_buses]
        return set(np.array(regions)[is_called].tolist())
