"""Horizons: every decider on every draw of the scenarios of an island, one number of each kind for each of them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import pandas as pd

from tieline.bench.kit.parts import Parts
from tieline.bench.restoration.options import Options
from tieline.envs.restoration.scenarios import TESTED
from tieline.files import digest_of, sha256_of
from tieline.studies.policy_folder import policy_files
from tieline.studies.restoration.deciders import (
    BOUND,
    BOUND_NLP,
    BOUNDS,
    DECIDERS,
    LEARNED,
)
from tieline.studies.restoration.ways.policies import shipped_folder
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
        gap_pct: below the bound [%]; None for bounds, and until it is known.
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
    """All horizons. A decider on an island is a part, all who learned together are one: a new one, or a new training, leaves the
    others as they are.
    """
    scores = []
    for island in options.islands:
        for name in DECIDERS:
            if name not in (BOUND_NLP, *LEARNED):
                tell(f"{island}, {DECIDERS[name].words}")
                question = _question(options, island, (name,))
                part = f"{_file_name(island)}-{name}"
                scores += _part(parts, part, question, question)
        tell(f"{island}, who learned")
        scores += _learned(options, parts, island)
    return with_gaps(scores)


def _learned(options: Options, parts: Parts, island: str) -> list[HorizonScore]:
    folder = options.policies or shipped_folder(_file_name(island))
    files = policy_files(folder) if folder.is_dir() else []
    if not files:
        return []
    values = _question(options, island, LEARNED)
    # another training in the same folder asks another question
    digest = digest_of({file.name: sha256_of(file) for file in files})
    question = {**values, "policies": digest}
    part = f"{_file_name(island)}-learned"
    return _part(parts, part, question, {**values, "policy": str(folder)})


def _question(options: Options, island: str, names: tuple[str, ...]) -> dict[str, Any]:
    return {
        "feeder": island,
        "scenarios": TESTED,
        "draws": options.draws,
        "deciders": names,
    }


def _part(
    parts: Parts, name: str, question: dict[str, Any], values: dict[str, Any]
) -> list[HorizonScore]:
    def measure() -> Iterator[HorizonScore]:
        result = run_study("restoration", **values)
        return scores_of(str(values["feeder"]), result.tables)

    return parts.rows(name, question, HorizonScore, measure)


def _file_name(island: str) -> str:
    """The name of an island, or of its file, without folders."""
    return Path(island).stem


def scores_of(island: str, tables: dict[str, pd.DataFrame]) -> Iterator[HorizonScore]:
    """A score for each decider, policy and draw; without the bound, which may be another part."""
    columns = ["scenario", *ONE]
    # once, and not for each row: there are thousands of steps
    steps = dict(iter(tables["steps"].groupby(columns, sort=False)))
    for row in tables["outcomes"].to_dict("records"):
        key = tuple(row[name] for name in columns)
        yield _score(island, row, steps[key])


def with_gaps(scores: Sequence[HorizonScore]) -> list[HorizonScore]:
    """The same with how far each is below the bound of its draw."""
    bounds = {
        (score.island, score.scenario, score.draw): score.objective
        for score in scores
        if score.who == BOUND
    }
    complete = []
    for score in scores:
        # a bound without a plan leaves its draw without gaps
        bound = bounds.get((score.island, score.scenario, score.draw))
        if bound is None or score.who in BOUNDS:
            complete.append(score)
            continue
        gap_pct = 100 * (bound - score.objective) / abs(bound)
        complete.append(replace(score, gap_pct=gap_pct))
    return complete


def _score(island: str, row: Mapping[Any, Any], steps: pd.DataFrame) -> HorizonScore:
    played = NOT_PLAYED
    if row["decider"] not in BOUNDS:
        played = _played(steps)
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
        gap_pct=None,
        first_step_pct=float(row["first_step_pct"]),
        full_step=int(row["full_step"]),
        blackout_steps=int(row["blackout_steps"]),
        **played,
    )


NOT_PLAYED: dict[str, Any] = {
    "violations": None,
    "touched": None,
    "decision_ms": None,
    "horizon_s": None,
}
"""Of a bound, which is a plan that nobody carries out."""


def _played(steps: pd.DataFrame) -> dict[str, Any]:
    """What only steps that were carried out have."""
    decision_ms = steps["decision_ms"]
    return {
        "violations": int(steps["violations"].sum()),
        "touched": int(steps["touched"].sum()),
        "decision_ms": float(decision_ms.median()),
        "horizon_s": float(decision_ms.sum()) / 1000,
    }
