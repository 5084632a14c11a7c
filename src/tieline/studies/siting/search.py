"""How large a plant fits at each site by each limit: a coarse ladder of sizes first, then brackets that are cut, all sites and
limits in one batch a round.

The ladder climbs by `RUNG` from the smallest size, in every situation, until all limits are broken, or to a multiple of the size
that broke the first: of many sites nobody asks closer what holds at several times the capacity. The bracket of a limit, between
the last rung that holds and the first that does not, is cut (`cuts`) until it is as narrow as asked.

What is assumed: between two rungs a limit is crossed once. Loads of constant power and regulators that act can bring about more;
then the one that is found is one of several, and what breaks and recovers between two rungs is not seen.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from tieline.studies.siting.cuts import (
    MOST_MISSES,
    Readings,
    crossing_share,
    cut,
)
from tieline.studies.siting.flows import Cases, Verdicts
from tieline.typing import BoolArray, FloatArray, IntArray

RUNG = 4.0
"""Step of the ladder. Each rung costs a power flow a site and situation, a cut four to a bracket: four is where both together
cost least.
"""

N_RUNGS = 6
"""The lowest is a thousandth of the largest: below it a plant changes little, and readings are straight."""

SMALLEST_KW = 0.1
"""The narrowest bracket: no plant is rated finer."""

MISS = 0.5
"""Cuts that leave more of a bracket have missed: the readings there are not what was expected."""

USUAL_CUTS = 4
"""Rounds of cuts that most feeders take; for whoever waits."""

Judge = Callable[[Cases], Verdicts]
Told = Callable[[int, int], None]


def _nobody(rounds: int, total: int) -> None:
    """Says nothing."""


@dataclass(frozen=True, eq=False)
class Brackets:
    """What fits at each site by each limit.

    Attributes:
        safe_kw: largest plant that keeps the limit, (site, limit).
        broken_kw: smallest that does not; infinite if it holds as far as was looked, (site, limit).
        situation, place: in which situation and where it breaks; -1 if it does not, (site, limit).

    The last column of each is that of having a power flow at all.
    """

    safe_kw: FloatArray
    broken_kw: FloatArray
    situation: IntArray
    place: IntArray


def ladder_kw(most_kw: float, *further_kw: float) -> FloatArray:
    """Sizes from the largest down by `RUNG`, and further ones, rising [kW]."""
    rungs = most_kw / RUNG ** np.arange(N_RUNGS)
    return np.unique([*rungs, *further_kw])


class Search:
    """Brackets of all sites and limits, and the excess at their ends in each situation."""

    def __init__(
        self,
        judge: Judge,
        slack: FloatArray,
        n_sites: int,
        n_situations: int,
        reach: float,
    ):
        """`slack`: by how much each limit may be exceeded, (limit,); `reach`: multiple of the size that breaks the first."""
        self._reach = reach
        self._judge = judge
        self._slack = np.append(slack, 0.0)
        self._n_situations = n_situations
        shape = (n_sites, len(self._slack))
        self.safe_kw = np.zeros(shape)
        self.broken_kw = np.full(shape, np.inf)
        self.situation = np.full(shape, -1)
        self.place = np.full(shape, -1)
        self._safe_excess = np.full((*shape, n_situations), -np.inf)
        self._broken_excess = np.full((*shape, n_situations), -np.inf)
        self._before_kw = np.full(shape, np.nan)
        self._before_excess = np.full((*shape, n_situations), np.nan)
        self._misses = np.zeros(shape, dtype=np.int64)
        self._climbing = np.arange(n_sites)

    def begin(self) -> None:
        """Read the limits without a plant, which is the same at every site."""
        verdicts = self._judge_everywhere(np.zeros(1, dtype=np.int64), 0.0)
        excess, _ = _with_solution(verdicts)
        self._safe_excess[:] = excess.T

    def climb(self, kw: float) -> None:
        """Take the next size of a ladder at each site, until all limits are broken there or there is no power flow."""
        if len(self._climbing):
            verdicts = self._judge_everywhere(self._climbing, kw)
            self._climbing = self._step(self._climbing, kw, verdicts)

    def narrow(self, resolution: float) -> bool:
        """Cut every bracket that is wider than a share of its end; False if there is none."""
        narrowest_kw = np.maximum(SMALLEST_KW, resolution * self.broken_kw)
        is_open = np.isfinite(self.broken_kw)
        # where there is no power flow matters only if no limit breaks before; such power flows take many iterations
        of_limits_kw = self.broken_kw[:, :-1].min(axis=1)
        is_open[:, -1] &= self.broken_kw[:, -1] < of_limits_kw
        width_kw = np.where(is_open, self.broken_kw, 0.0) - self.safe_kw
        site, limit = np.nonzero(is_open & (width_kw > narrowest_kw))
        if len(site) == 0:
            return False
        cuts_kw = self._cuts(site, limit, narrowest_kw[site, limit])
        excess, place = self._judge_cuts(site, limit, cuts_kw)
        self._take(site, limit, cuts_kw, excess, place)
        is_missed = self.broken_kw - self.safe_kw > MISS * width_kw
        # thirds miss nothing: the count begins anew
        misses = np.where(is_missed & (self._misses < MOST_MISSES), self._misses + 1, 0)
        self._misses[site, limit] = misses[site, limit]
        return True

    @property
    def brackets(self) -> Brackets:
        """As far as they are by now."""
        return Brackets(
            self.safe_kw,
            self.broken_kw,
            self.situation,
            self.place,
        )

    def _judge_everywhere(self, sites: IntArray, kw: float) -> Verdicts:
        """Verdicts of one size at some sites in every situation, those of one site behind each other."""
        every_situation = np.arange(self._n_situations)
        return self._judge(
            Cases(
                site=np.repeat(sites, self._n_situations),
                situation=np.tile(every_situation, len(sites)),
                kw=np.full(len(sites) * self._n_situations, kw),
            )
        )

    def _step(self, sites: IntArray, kw: float, verdicts: Verdicts) -> IntArray:
        """Take a rung; returns the sites that climb on."""
        by_situation = (len(sites), self._n_situations, len(self._slack))
        excess, place = _with_solution(verdicts)
        excess = excess.reshape(by_situation).swapaxes(1, 2)
        place = place.reshape(by_situation).swapaxes(1, 2)
        breaks = np.asarray(self._breaks(excess).any(axis=2))
        is_open: BoolArray = np.isinf(self.broken_kw[sites])
        # less a little, for rungs are quotients
        first_kw = self.broken_kw[sites].min(axis=1)
        is_beyond = kw >= 0.999 * self._reach * first_kw
        # a limit that holds where there is a power flow may break in the situation that has none
        holds = is_open & ~breaks & ~breaks[:, -1:]
        self._set_safe(sites, holds, kw, excess)
        self._set_broken(sites, is_open & breaks, kw, excess, place)
        climbs = holds[:, :-1].any(axis=1)
        return sites[climbs & ~is_beyond]

    def _breaks(self, excess: FloatArray) -> BoolArray:
        """Whether a limit breaks, (site, limit, situation)."""
        return excess > self._slack[:, None]

    def _set_safe(
        self, sites: IntArray, holds: BoolArray, kw: float, excess: FloatArray
    ) -> None:
        row, limit = np.nonzero(holds)
        pair = (sites[row], limit)
        self._before_kw[pair] = self.safe_kw[pair]
        self._before_excess[pair] = self._safe_excess[pair]
        self.safe_kw[pair] = kw
        self._safe_excess[pair] = excess[row, limit]

    def _set_broken(
        self,
        sites: IntArray,
        breaks: BoolArray,
        kw: float,
        excess: FloatArray,
        place: IntArray,
    ) -> None:
        row, limit = np.nonzero(breaks)
        site = sites[row]
        worst = excess[row, limit].argmax(axis=1)
        self.broken_kw[site, limit] = kw
        self._broken_excess[site, limit] = excess[row, limit]
        self.situation[site, limit] = worst
        self.place[site, limit] = place[row, limit, worst]

    def _cuts(
        self, site: IntArray, limit: IntArray, narrowest_kw: FloatArray
    ) -> FloatArray:
        """Two sizes to look at in each bracket, (bracket, 2) [kW]."""
        safe_kw = self.safe_kw[site, limit]
        broken_kw = self.broken_kw[site, limit]
        before_kw = self._before_kw[site, limit]
        readings = Readings(
            before=self._before_excess[site, limit],
            safe=self._safe_excess[site, limit],
            broken=self._broken_excess[site, limit],
            before_share=(before_kw - safe_kw) / (broken_kw - safe_kw),
        )
        breaks = self._broken_situations(site, limit)
        share = crossing_share(readings, breaks)
        return cut(safe_kw, broken_kw, share, narrowest_kw, self._misses[site, limit])

    def _broken_situations(self, site: IntArray, limit: IntArray) -> BoolArray:
        """Situations in which a bracket's upper end breaks its limit or has no power flow, (bracket, situation)."""
        excess = self._broken_excess[site, limit]
        return ~(excess <= self._slack[limit][:, None])

    def _judge_cuts(
        self, site: IntArray, limit: IntArray, cuts_kw: FloatArray
    ) -> tuple[FloatArray, IntArray]:
        """Excess and worst place of each bracket's limit at its cuts, (bracket, cut, situation) each."""
        # a situation that holds at the upper end holds below it: one crossing is assumed
        breaks = self._broken_situations(site, limit)
        which = np.repeat(breaks[:, None, :], cuts_kw.shape[1], axis=1)
        bracket, number, situation = np.nonzero(which)
        cases = Cases(site[bracket], situation, cuts_kw[bracket, number])
        verdicts = self._judge(cases)
        row = np.arange(len(cases))
        column = limit[bracket]
        excess = np.full(which.shape, -np.inf)
        place = np.full(which.shape, -1)
        excess_of_case, place_of_case = _with_solution(verdicts)
        self._note_breaks(cases, excess_of_case, place_of_case)
        excess[which] = excess_of_case[row, column]
        place[which] = place_of_case[row, column]
        return excess, place

    def _note_breaks(self, cases: Cases, excess: FloatArray, place: IntArray) -> None:
        """Give a bracket to limits without one that break at a cut of another, as below a plant without a power flow."""
        is_new = np.isinf(self.broken_kw[cases.site]) & (excess > self._slack)
        for row, limit in np.argwhere(is_new):
            pair = (cases.site[row], limit)
            kw = cases.kw[row]
            # of several cuts the smallest counts
            if kw >= self.broken_kw[pair]:
                continue
            situation = cases.situation[row]
            self.broken_kw[pair] = kw
            # other situations may break it at this size too: unknown here, they are looked at with the next cuts
            self._broken_excess[pair] = np.nan
            self._broken_excess[pair][situation] = excess[row, limit]
            self.situation[pair] = situation
            self.place[pair] = place[row, limit]

    def _take(
        self,
        site: IntArray,
        limit: IntArray,
        cuts_kw: FloatArray,
        excess: FloatArray,
        place: IntArray,
    ) -> None:
        """Keep the piece of each bracket in which its limit first breaks."""
        bracket = np.arange(len(site))
        is_kept = excess <= self._slack[limit][:, None, None]
        holds = np.asarray(is_kept.all(axis=2))
        last = cuts_kw.shape[1]
        first = np.where(holds.all(axis=1), last, holds.argmin(axis=1))
        below = np.flatnonzero(first > 0)
        cut_below = first[below] - 1
        lower = (site[below], limit[below])
        self._before_kw[lower] = self.safe_kw[lower]
        self._before_excess[lower] = self._safe_excess[lower]
        self.safe_kw[lower] = cuts_kw[below, cut_below]
        self._safe_excess[lower] = excess[below, cut_below]
        inside = bracket[first < last]
        pair = (site[inside], limit[inside])
        at_break = excess[inside, first[inside]]
        # without a power flow there is no reading: that situation is the one that ends it
        worst = np.nan_to_num(at_break, nan=np.inf).argmax(axis=1)
        self.broken_kw[pair] = cuts_kw[inside, first[inside]]
        self._broken_excess[pair] = at_break
        self.situation[pair] = worst
        self.place[pair] = place[inside, first[inside], worst]


def _with_solution(verdicts: Verdicts) -> tuple[FloatArray, IntArray]:
    """Excess and place with a last column: 1 for cases without a power flow, -1 for those with one, at no place."""
    is_unsolved = verdicts.unsolved
    sign = np.where(is_unsolved, 1.0, -1.0)
    nowhere = np.full(len(sign), -1)
    excess = np.column_stack([verdicts.excess, sign])
    return excess, np.column_stack([verdicts.place, nowhere])


def find_brackets(
    judge: Judge,
    slack: FloatArray,
    n_sites: int,
    n_situations: int,
    sizes_kw: FloatArray,
    resolution: float,
    reach: float = RUNG,
    told: Told = _nobody,
) -> Brackets:
    """Climb a ladder of sizes, then narrow every bracket.

    Args:
        judge: solves plants and reads the limits.
        slack: by how much each limit may be exceeded, (limit,).
        n_sites, n_situations: how many there are.
        sizes_kw: the ladder, rising.
        resolution: width of a bracket that is not cut any more, as a share of its upper end.
        reach: a site is not looked at beyond this multiple of the size that breaks its first limit.
        told: is told rounds done and, about, in all.
    """
    search = Search(judge, slack, n_sites, n_situations, reach)
    search.begin()
    n_rounds = len(sizes_kw) + USUAL_CUTS
    for k, kw in enumerate(sizes_kw):
        told(k, n_rounds)
        search.climb(float(kw))
    rounds = len(sizes_kw)
    while search.narrow(resolution):
        rounds += 1
        told(min(rounds, n_rounds - 1), n_rounds)
    return search.brackets
