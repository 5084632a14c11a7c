"""The balancing market of one minute: regions cover what departs from their schedule with DERs, at least cost, within limits.

`Minute` is the question, `clear` its linear program with AC replay, `clear_surely` the same with more DERs where the chosen ones
do not do, `Clearing` the answer.
"""

from tieline.opf.balancing.ac_optimum import AcOptimum
from tieline.opf.balancing.clear import clear
from tieline.opf.balancing.clearing import Clearing, CostParts, LimitPrices
from tieline.opf.balancing.fallback import clear_surely, full_program
from tieline.opf.balancing.minute import EXPORT_PRICE, Minute, Watched
from tieline.opf.balancing.reactive import ReactiveRange
from tieline.opf.balancing.unmet import UnmetLimitsError

__all__ = [
    "EXPORT_PRICE",
    "AcOptimum",
    "Clearing",
    "CostParts",
    "LimitPrices",
    "Minute",
    "ReactiveRange",
    "UnmetLimitsError",
    "Watched",
    "clear",
    "clear_surely",
    "full_program",
]
