"""Bodies as they may be sent: the OpenAPI document shows them, and the tests send them."""

from __future__ import annotations

from typing import Any

Example = dict[str, Any]

BLOCKS: list[Example] = [
    {"p_discharge_kw": 40.0, "price_per_kwh": 0.11},
    {"p_discharge_kw": 20.0, "price_per_kwh": 0.19},
]

BID: Example = {"offers": [{"device": "bess-3", "blocks": BLOCKS}]}

MEASUREMENTS: Example = {
    "measured_at": "2026-06-01T09:59:30Z",
    "buses": [{"bus": "18", "p_kw": 88.5, "q_kvar": 39.0}],
}

REVISION: Example = {
    "reason": "the meter at bus 18 was read in another hour",
    "buses": [{"bus": "18", "p_kw": 72.0}],
}

DECISION: Example = {
    "state": {
        "capacity_kw": [60.0, 60.0, 60.0, 60.0],
        "bid_cents": [11.0, 12.0, 13.0, 14.0],
        "request_kw": 100.0,
    }
}

RUN_QUESTION: Example = {
    "study": "interval",
    "feeder": "ieee33",
    "seed": 1,
    "configuration": {"spread_pct": 20},
}
