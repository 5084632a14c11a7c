"""Probability of a violation from a number of draws, with its uncertainty."""

from __future__ import annotations

import math

Z_95 = 1.959963984540054
"""Two-sided 95 % quantile of the standard normal distribution."""


def wilson_interval(hits: int, draws: int, z: float = Z_95) -> tuple[float, float]:
    """Score interval of a binomial probability; sensible also at 0 and at all hits.

    Args:
        hits: draws with the event.
        draws: all draws, above 0.
        z: normal quantile of the confidence wanted.

    Returns:
        Lower and upper bound, within 0 to 1.

    Source: E. B. Wilson, J. American Statistical Association 22 (1927), 209-212, doi 10.1080/01621459.1927.10502953.
    """
    share = hits / draws
    centre = share + z * z / (2 * draws)
    half = z * math.sqrt(share * (1 - share) / draws + z * z / (4 * draws * draws))
    scale = 1 + z * z / draws
    low = 0.0 if hits == 0 else (centre - half) / scale
    high = 1.0 if hits == draws else (centre + half) / scale
    return low, high
