"""The tree search with stability margin as a chooser: the DERs that a buyer's walks find, one sale after the other.

What the search itself would sell is kept beside what the program makes of its DERs, with the margin and without: without it lines
may overload, which is why the program and its replay come after.
"""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
import pandas as pd

from tieline.agents.margin_search import MarginRule, Market, Purchase, buy
from tieline.envs.market.fill import NONE
from tieline.envs.market.model import ChoiceModel
from tieline.envs.market.prepared import Prepared
from tieline.opf.branch_limits import BranchLimit
from tieline.settings.currency import in_currency
from tieline.typing import IntArray


@dataclass
class MarginChooser:
    """Chooses by search from a buyer's bus.

    Attributes:
        buyer: the bus.
        limits: of branches.
        rule: the margin.
        seed: of the walks.
        purchases: what was bought, with the rule and without a margin, in the order of the minutes asked about.
    """

    buyer: str
    limits: tuple[BranchLimit, ...]
    rule: MarginRule
    seed: int
    purchases: list[tuple[Purchase, Purchase]] = field(default_factory=list)

    def __call__(self, model: ChoiceModel, prepared: Prepared, size: int) -> IntArray:
        """The DERs that sell, (1, member): as many as the demand takes."""
        del size  # the search sells until the demand is covered
        games = prepared.games
        market = Market(
            network=model.network,
            load_kw=games.load_kw[0],
            load_kvar=games.load_kvar[0],
            ders=model.ders,
            offer=games.offer[0],
            p_max_kw=games.p_max_kw[0],
            reference_price=float(games.reference_price[0]),
            limits=self.limits,
        )
        wanted_kw = float(games.wanted_kw[0])
        purchase = buy(market, self.buyer, wanted_kw, self.rule, seed=self.seed)
        free = MarginRule(keeps_margin=False)
        free_purchase = buy(market, self.buyer, wanted_kw, free, seed=self.seed)
        self.purchases.append((purchase, free_purchase))
        sellers = [sale.der for sale in purchase.sales]
        return np.array([sellers or [NONE]], dtype=np.int64)


def purchase_table(
    chooser: MarginChooser, times: list[pd.Timestamp], currency: str
) -> pd.DataFrame:
    """A row per minute and search, with the margin and without: what it sells, what that costs, what it overloads.

    Args:
        chooser: of a region.
        times: minutes in which it was asked.
        currency: of the costs.
    """
    rows = []
    for time, pair in zip(times, chooser.purchases, strict=True):
        for has_margin, purchase in zip((True, False), pair, strict=True):
            row = {"minute": time, "margin": has_margin, **_purchase(purchase)}
            row[in_currency("cost", currency)] = purchase.cost
            rows.append(row)
    return pd.DataFrame(rows)


def _purchase(purchase: Purchase) -> dict[str, object]:
    return {
        "ders": len(purchase.sales),
        "sold_kw": sum(sale.p_kw for sale in purchase.sales),
        "left_kw": purchase.left_kw,
        "overloaded": len(purchase.overloaded),
    }
