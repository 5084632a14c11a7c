"""Hosting capacity at an accepted risk, from the capacities of the deployments, with its 95 % interval.

A deployment grows until a limit breaks. `safe_pct` is the highest level found at which it holds, `broken_pct` the lowest found at
which it does not, infinite where it never breaks in what was looked at. At a risk r of n deployments the hosting capacity is

    c_(k), k = floor(r n) + 1        (order statistic of `safe_pct`)

the highest level that at most a share r of the deployments does not reach. r = 0 gives the smallest capacity of all that were
drawn, which falls with every further draw. An r above 0 asks for a quantile of all deployments that could be drawn, and further
draws only narrow its interval: the quantile q lies between two order statistics, c_(l) <= q <= c_(u), where

    P(N < l) <= 2.5 %, P(N >= u) <= 2.5 %, N ~ binomial(n, r)

whatever the distribution of the capacities. Without such an l the interval begins at 0, without such a u it has no end.

Source: H. A. David, H. N. Nagaraja, Order Statistics, 3rd ed., Wiley 2003, section 7.1. The minimum over deployments is what
NREL's disco calls minimum hosting capacity and EPRI the first violation, the maximum is the level at which all violate.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from scipy.stats import binom

from tieline.typing import FloatArray

TAIL = 0.025
"""Probability on each side of a 95 % interval."""

ROUNDING = 1e-9
"""A risk of 5 % of 100 is five deployments, although 0.05 * 100 may end just below."""


@dataclass(frozen=True)
class Capacity:
    """A hosting capacity and its interval [% of peak load].

    `pct` is NaN where nothing was judged; `is_least`: no more than the accepted share breaks, so the capacity is at least that.
    `high_pct` is infinite where the draws give no upper bound.
    """

    pct: float
    low_pct: float
    high_pct: float
    is_least: bool


UNKNOWN = Capacity(math.nan, math.nan, math.nan, is_least=False)
"""Where nothing was judged."""


def capacity_at_risk(
    safe_pct: FloatArray, broken_pct: FloatArray, risk: float
) -> Capacity:
    """Hosting capacity at an accepted risk.

    Args:
        safe_pct: highest level at which each deployment holds, (deployment,); NaN if it was not judged at all.
        broken_pct: lowest level at which it breaks a limit, (deployment,); infinite if it does not.
        risk: share of the deployments that may break a limit below the capacity, 0 to below 1.

    Returns:
        The capacity; `UNKNOWN` if a deployment was not judged even without PV.
    """
    if np.isnan(safe_pct).any() or not len(safe_pct):
        return UNKNOWN
    count = len(safe_pct)
    safe = np.sort(safe_pct)
    broken = np.sort(broken_pct)
    position = math.floor(risk * count + ROUNDING)
    lower, upper = interval_positions(count, risk)
    low_pct = 0.0
    if lower > 0:
        low_pct = float(safe[lower - 1])
    high_pct = math.inf
    if upper <= count:
        high_pct = float(broken[upper - 1])
    return Capacity(
        pct=float(safe[position]),
        low_pct=low_pct,
        high_pct=high_pct,
        is_least=math.isinf(broken[position]),
    )


def interval_positions(count: int, risk: float) -> tuple[int, int]:
    """Positions l and u of the order statistics that bound the quantile, counted from 1.

    Returns:
        l is 0 and u above `count` where so few draws give no bound on that side.
    """
    lower = int(binom.ppf(TAIL, count, risk))
    upper = int(binom.ppf(1 - TAIL, count, risk)) + 1
    # scipy says -1 where the smallest outcome has more than the tail
    return max(lower, 0), upper


def draws_for_a_lower_bound(risk: float) -> int:
    """Deployments from which on the smallest capacity bounds the one at risk from below; `risk` above 0."""
    return math.ceil(math.log(TAIL) / math.log1p(-risk))


def quantile_pct(safe_pct: FloatArray, share: float) -> float:
    """Level that at most a share of the deployments does not reach [%]; the largest capacity for a share of 1."""
    ordered = np.sort(safe_pct)
    position = math.floor(share * len(ordered) + ROUNDING)
    return float(ordered[min(position, len(ordered) - 1)])
