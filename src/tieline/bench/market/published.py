"""What the article and the thesis print and cannot be tested: their load is private, their model balanced. Ours stands beside it.

Sources: [A] the article on distributed optimal power flow with dynamic microgrids (123 buses); [T6] chapter 6 of M. Al-Saffar's
PhD thesis, University of Alberta (69 buses). Bus names are those of the OpenDSS file: numbers of [A] up to 114 are one higher.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

BEST_SETS = (
    ("11", "14", "16"),
    ("30", "29", "33"),
    ("50", "49", "48"),
    ("94", "92", "95"),
    ("113", "114", "112"),
)
"""Of [A], a region each; that of its region 4 stands in a figure only."""

MERGED_SETS = (
    (("30", "50"), ("50", "51", "48")),
    (("94", "113"), ("113", "94", "95")),
)
"""Of [A], while regions 2 and 3, and 5 and 6, are one: a bus of each region, and the set."""


@dataclass(frozen=True)
class PriceSum:
    """A daily sum of prices that is printed.

    Attributes:
        case, values: the run of the study that asks the same.
        words: what the run is called.
        buyer: bus by which our region is found.
        region: its name in the source.
        congestion_cents, loss_cents: sums over the day.
    """

    case: str
    values: Mapping[str, Any]
    words: str
    buyer: str
    region: str
    congestion_cents: float
    loss_cents: float


LIMIT_740 = {"limit": "10-11:base+0.2"}
"""The 740 kW of [T6], told from the base flow as the case tells its 780."""

PRICE_SUMS = (
    PriceSum("ieee69", {}, "69 buses, limit 780 kW", "15", "A", 4.0, -31.36),
    PriceSum("ieee69", {}, "69 buses, limit 780 kW", "67", "B", 0.0, -30.0),
    PriceSum("ieee69", LIMIT_740, "69 buses, limit 740 kW", "15", "A", 494.23, -5.0),
    PriceSum("ieee69", LIMIT_740, "69 buses, limit 740 kW", "67", "B", 0.0, 29.8),
    PriceSum("ieee123", {}, "123 nodes", "22", "2", 7.58, -125.62),
    PriceSum("ieee123", {}, "123 nodes", "42", "3", 7.94, 0.12),
)
"""Of [T6] and [A]; 22 and 42 are buses of extra load in regions 2 and 3."""

TRAINING_HOURS = 84.0
TRAINING_GAMES = 10_000
CONVERGED_AFTER = {"123 nodes": 5900, "69 buses": 2500}
MINUTE_S = 5.0
"""Of [A] and [T6]: training time of so many games, episodes until convergence, time of a minute."""
