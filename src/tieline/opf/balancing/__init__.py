"""The balancing market of one minute: regions cover what departs from their schedule with DERs, at least cost, within limits.

`Minute` is the question, `clear` its linear program with AC replay, `Clearing` the answer.
"""

from tieline.opf.balancing.clear import clear
from tieline.opf.balancing.clearing import Clearing, CostParts, LimitPrices
from tieline.opf.balancing.minute import EXPORT_PRICE, Minute, Watched
from tieline.opf.balancing.unmet import UnmetLimitsError

__all__ = [
    "EXPORT_PRICE",
    "Clearing",
    "CostParts",
    "LimitPrices",
    "Minute",
    "UnmetLimitsError",
    "Watched",
    "clear",
]
