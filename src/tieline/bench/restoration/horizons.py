"""Horizons: every decider on every draw of the scenarios of an island, one number of each kind for each of them."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import pandas as pd

from tieline.bench.kit.parts import Parts
from tieline.bench.restoration.options import Options
from tieline.envs.restoration.scenarios import TESTED
from tieline.studies.restoration.deciders import BOUND_NLP, BOUNDS, DECIDERS
from tieline.studies.restoration.telling.bounds import with_gaps
from tieline.studies.shell import run_study

ONE = ["decider", "policy", "draw"]
"""Columns that tell one horizon of a scenario from another."""


@dataclass(frozen=True)
class HorizonScore:
    """One decider on one draw.

    Attributes:
        island, scenario: what was asked.
        who: the decider.
        policy: seed of its policy; -1 for who has none.
        draw: number of the draw.
        steps: of the horizon.
        objective, restored_kwh, restored_pct, shed_kwh: see the study's metrics.
        gap_pct: below the bound [%]; None for bounds.
        first_step_pct, full_step, blackout_steps: likewise.
        violations, touched: limits broken, steps that the safety step changed; None for bounds.
        decision_ms: median decision [ms]; None for bounds.
        horizon_s: all decisions [s]; None for bounds.
    """

    island: str
    scenario: str
    who: str
    policy: int
    draw: int
    steps: int
    objective: float
    restored_kwh: float
    restored_pct: float
    shed_kwh: float
    gap_pct: float | None
    first_step_pct: float
    full_step: int
    blackout_steps: int
    violations: int | None
    touched: int | None
    decision_ms: float | None
    horizon_s: float | None


def play_horizons(options: Options, parts: Parts, tell: Any) -> list[HorizonScore]:
    """All horizons; a scenario of an island is a part."""
    scores = []
    for island in options.islands:
        for scenario in TESTED:
            tell(f"{island}, {scenario}")
            scores += _part(options, parts, island, scenario)
    return scores


def _part(
    options: Options, parts: Parts, island: str, scenario: str
) -> list[HorizonScore]:
    values: dict[str, Any] = {
        "feeder": island,
        "scenarios": (scenario,),
        "draws": options.draws,
        "deciders": tuple(name for name in DECIDERS if name != BOUND_NLP),
    }
    if options.policies is not None:
        values["policy"] = str(options.policies)

    def measure() -> Iterator[HorizonScore]:
        result = run_study("restoration", **values)
        return scores_of(island, result.tables)

    return parts.rows(f"{_file_name(island)}-{scenario}", values, HorizonScore, measure)


def _file_name(island: str) -> str:
    """The name of an island, or of its file, without folders."""
    return island.replace("/", "-").removesuffix(".toml").strip(".-")


def scores_of(island: str, tables: dict[str, pd.DataFrame]) -> Iterator[HorizonScore]:
    """A score for each decider, policy and draw."""
    outcomes = tables["outcomes"]
    gaps = with_gaps(outcomes).set_index(["scenario", *ONE])["gap_pct"]
    by_horizon = tables["steps"].groupby(["scenario", *ONE], sort=False)
    steps = {key: rows for key, rows in by_horizon}
    for row in outcomes.to_dict("records"):
        key = tuple(row[name] for name in ("scenario", *ONE))
        yield _score(island, row, steps[key], gaps.get(key))


def _score(
    island: str, row: dict[str, Any], steps: pd.DataFrame, gap_pct: float | None
) -> HorizonScore:
    is_played = row["decider"] not in BOUNDS
    return HorizonScore(
        island=island,
        scenario=row["scenario"],
        who=row["decider"],
        policy=int(row["policy"]),
        draw=int(row["draw"]),
        steps=len(steps),
        objective=float(row["objective"]),
        restored_kwh=float(row["restored_kwh"]),
        restored_pct=float(row["restored_pct"]),
        shed_kwh=float(row["shed_kwh"]),
        gap_pct=None if gap_pct is None else float(gap_pct),
        first_step_pct=float(row["first_step_pct"]),
        full_step=int(row["full_step"]),
        blackout_steps=int(row["blackout_steps"]),
        violations=int(steps["violations"].sum()) if is_played else None,
        touched=int(steps["touched"].sum()) if is_played else None,
        decision_ms=float(steps["decision_ms"].median()) if is_played else None,
        horizon_s=float(steps["decision_ms"].sum()) / 1000 if is_played else None,
    )
