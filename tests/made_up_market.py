"""A made-up day of the market study on 33 buses: three microgrids, of which the second and third are one from 05:00 to 13:20.

Only the tables' form is that of the study; numbers are smooth curves that a reader of a test can work out.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd

from tieline.feeders import load_feeder
from tieline.feeders.feeder import Feeder
from tieline.reports.remarks import approximated
from tieline.studies.market.config import MarketConfig
from tieline.studies.result import Result

EVERY_MINUTES = 20
MERGED_HOURS = (5.0, 40 / 3)
"""From 05:00 to 13:20."""


def made_up_result(**changes: Any) -> Result:
    """A result as the study saves it."""
    feeder = load_feeder("ieee33")
    config = MarketConfig(feeder="ieee33", microgrids=3, every_minutes=EVERY_MINUTES)
    values: dict[str, Any] = {
        "study": "market",
        "config": config,
        "feeder": feeder,
        "metrics": made_up_metrics(),
        "tables": made_up_tables(feeder),
        "machine": "a machine",
        "remarks": tuple(approximated(["No line of the feeder has a rating."])),
    }
    return Result(**(values | changes))


def made_up_metrics() -> dict[str, Any]:
    """Section 9 of what the study says."""
    return {
        "microgrids": 3,
        "merge_events": 1,
        "merged_minutes": 500,
        "cost_usd": 90.0,
        "balancing_cost_usd": 2.5,
        "saving_kept_pct": 96.5,
        "saving_kept_of_ac_pct": None,
        "cost_gap_to_full_lp_pct": 0.9,
        "cost_gap_to_ac_opf_pct": 1.4,
        "violations": 0,
        "fallbacks": 1,
        "bought_at_balancing_kwh": 12.5,
        "der_hit_rate": 92.0,
        "regret_pct": 0.7,
        "regret_greedy_pct": 1.6,
        "regret_constant_pct": 4.0,
        "overlap_share": 0.04,
        "lp_speedup": 4.5,
        "clear_ms_p50": 31.0,
        "clear_ms_p99": 78.0,
        "train_games": 1_000_000,
        "train_s": 500.0,
        "consensus_rounds": 3.5,
        "borders_merged_by_disagreement": 0,
        "dlmp_min": 0.09,
        "dlmp_max": 0.13,
        "dlmp_loss_part": 0.002,
        "dlmp_congestion_part": 0.01,
    }


def made_up_tables(feeder: Feeder) -> dict[str, pd.DataFrame]:
    """All tables of a run."""
    hours = np.arange(0, 24, EVERY_MINUTES / 60)
    day = pd.Timestamp("2026-06-01", tz="UTC")
    minutes = pd.Series(day + pd.to_timedelta(hours, unit="h").round("s"))
    merged = (hours >= MERGED_HOURS[0]) & (hours < MERGED_HOURS[1] - 1e-6)
    return {
        "regions": _regions(),
        "buses": _buses(feeder),
        "minutes": _minutes(minutes, hours, merged),
        "outputs": _outputs(minutes, hours, merged),
        "dispatch": _dispatch(minutes, hours),
        "prices": _prices(feeder, minutes, hours),
        "borders": _borders(minutes, hours, merged),
        "watch": _watch(minutes, hours, merged),
        "limits": _limits(minutes, hours),
        "games": _games(),
        "payments": _payments(),
        "daily_prices": _daily_prices(),
    }


def demand_kw(hours: np.ndarray) -> np.ndarray:
    """What each region asks for, in the mean of 60 kW."""
    return 60 - 40 * np.cos(2 * np.pi * hours / 24)


def _regions() -> pd.DataFrame:
    return pd.DataFrame(
        {
            "region": [1, 2, 3],
            "root": ["2", "24", "30"],
            "buyer": ["2", "24", "30"],
            "buses": [20, 3, 10],
            "ders": [20, 3, 10],
            "load_kw": [1900.0, 900.0, 915.0],
            "capacity_kw": [2000.0, 300.0, 1000.0],
        }
    )


def region_of(bus: str) -> int:
    """The side branch of bus 3 is region 2, that of bus 6 region 3."""
    if bus in ("23", "24", "25"):
        return 2
    return 3 if 26 <= int(bus) <= 33 else 1


def _buses(feeder: Feeder) -> pd.DataFrame:
    names = [bus.name for bus in feeder.buses]
    watched = [90.0 if name == "24" else np.nan for name in names]
    return pd.DataFrame(
        {
            "bus": names,
            "region": [region_of(name) for name in names],
            "load_kw": 100.0,
            "der_kw": 100.0,
            "watched_kw": watched,
            "is_root": [name in ("2", "24", "30") for name in names],
        }
    )


def _minutes(minutes: pd.Series, hours: np.ndarray, merged: np.ndarray) -> pd.DataFrame:
    demand = 3 * demand_kw(hours)
    bought = np.where(hours == 19, 10.0, 0.0)
    cost = 0.07 * demand + 0.2 * bought
    # the optima are worked out in one of three minutes
    is_asked = np.arange(len(hours)) % 3 == 0
    return pd.DataFrame(
        {
            "minute": minutes,
            "stands_for_h": EVERY_MINUTES / 60,
            "reference_price_per_kwh": 0.1,
            "balancing_price_per_kwh": 0.2,
            "demand_kw": demand,
            "der_kw": demand - bought,
            "bought_kw": bought,
            "loss_kw": 100.0,
            "cost_usd": cost,
            "cost_none_usd": 0.2 * demand,
            "cost_full_lp_usd": np.where(is_asked, 0.99 * cost, np.nan),
            "cost_ac_opf_usd": np.where(is_asked, 0.985 * cost, np.nan),
            "groups": np.where(merged, 2, 3),
            "merged": merged,
            "violations": 0,
            "step": np.where(hours == 19, "full-lp", "choice"),
            "repeats": 1,
            "consensus_rounds": 3,
            "clear_ms": 30 + hours,
            "lp_ms": 10.0,
            "full_lp_ms": 45.0,
            "lowest_pu": 0.95,
            "highest_pu": 1.02,
        }
    )


def _outputs(minutes: pd.Series, hours: np.ndarray, merged: np.ndarray) -> pd.DataFrame:
    frames = []
    for region, chosen in ((1, "3 4 5"), (2, "23 24 25"), (3, "30 31 32")):
        group = np.where(merged & (region == 3), 2, region)
        frame = pd.DataFrame(
            {
                "minute": minutes,
                "region": region,
                "group": group,
                "demand_kw": demand_kw(hours),
                "der_kw": demand_kw(hours) - np.where(hours == 19, 10 / 3, 0.0),
                "bought_kw": np.where(hours == 19, 10 / 3, 0.0),
                "import_kw": 0.0,
                "chosen": chosen,
                "regret_pct": np.where(hours == 12, 0.5, np.nan),
            }
        )
        frames.append(frame)
    return pd.concat(frames, ignore_index=True)


def _dispatch(minutes: pd.Series, hours: np.ndarray) -> pd.DataFrame:
    frames = []
    for region, bus in ((1, "4"), (2, "24"), (3, "31")):
        frame = pd.DataFrame(
            {
                "minute": minutes,
                "der": f"der_{bus}",
                "bus": bus,
                "region": region,
                "offer_per_kwh": 0.07,
                "p_max_kw": 100.0,
                # the second gives nothing in the morning
                "p_kw": demand_kw(hours) * ((hours >= 6) | (region != 2)),
                "shared": False,
            }
        )
        frames.append(frame)
    return pd.concat(frames, ignore_index=True)


def _prices(feeder: Feeder, minutes: pd.Series, hours: np.ndarray) -> pd.DataFrame:
    frames = []
    for number, bus in enumerate(feeder.buses):
        loss = 1e-4 * number * np.sin(2 * np.pi * hours / 24)
        is_behind = region_of(bus.name) == 2
        congestion = 0.02 * ((hours > 18) & (hours < 21) & is_behind)
        for phase in (1, 2):
            frame = pd.DataFrame(
                {
                    "minute": minutes,
                    "bus": bus.name,
                    "phase": phase,
                    "energy": 0.1,
                    "loss": loss,
                    "voltage": 0.0,
                    "congestion": congestion,
                    "price": 0.1 + loss + congestion,
                    "loss_published": -loss,
                    "congestion_published": congestion,
                }
            )
            frames.append(frame)
    return pd.concat(frames, ignore_index=True)


def _borders(minutes: pd.Series, hours: np.ndarray, merged: np.ndarray) -> pd.DataFrame:
    frames = []
    for near, far, branch in ((1, 2, "line 3-23"), (1, 3, "line 6-26")):
        frame = pd.DataFrame(
            {
                "minute": minutes,
                "branch": branch,
                "near": near,
                "far": far,
                "flow_kw": 900 - demand_kw(hours),
                "merged": False,
                "agreed": True,
            }
        )
        frames.append(frame)
    return pd.concat(frames, ignore_index=True)


def _watch(minutes: pd.Series, hours: np.ndarray, merged: np.ndarray) -> pd.DataFrame:
    lc = np.where(merged, 1.2, 0.8)
    return pd.DataFrame(
        {
            "minute": minutes,
            "bus": "24",
            "region": 2,
            "p_kw": 90 * lc,
            "p_mean_kw": 90 * lc,
            "p_max_kw": 90.0,
            "lc": lc,
            "merged": merged,
        }
    )


def _limits(minutes: pd.Series, hours: np.ndarray) -> pd.DataFrame:
    flow = np.minimum(880 + 1.5 * demand_kw(hours), 1000.0)
    return pd.DataFrame(
        {
            "minute": minutes,
            "branch": "line 3-23",
            "flow_kw": flow,
            "limit_kw": 1000.0,
            "binds": flow >= 1000.0,
        }
    )


def _games() -> pd.DataFrame:
    rows = []
    for region in (1, 2, 3):
        for who, hits, regret in (
            ("chosen", 92.0, 0.5 + 0.1 * region),
            ("greedy", 75.0, 1.6),
            ("constant", 10.0, 4.0),
            ("cheapest", 50.0, 2.0),
            ("random", 1.0, 100.0),
        ):
            row = {
                "region": region,
                "who": who,
                "games": 24,
                "hits_pct": hits,
                "regret_pct": regret,
            }
            rows.append(row)
    return pd.DataFrame(rows)


def _payments() -> pd.DataFrame:
    return pd.DataFrame(
        {
            "who": ["der_4", "der_24", "region 1", "main feeder", "left over"],
            "role": ["der", "der", "region", "main feeder", "left over"],
            "amount_usd": [40.0, 35.5, -90.0, 12.5, 2.0],
        }
    )


def _daily_prices() -> pd.DataFrame:
    return pd.DataFrame(
        {
            "bus": ["2", "24", "30"],
            "region": [1, 2, 3],
            "congestion_cents": [0.0, 494.2, 0.0],
            "loss_cents": [5.0, 31.4, 30.0],
            "loss_published_cents": [-5.0, -31.4, -30.0],
        }
    )
