"""Which learned policies a run asks, those given or those shipped if they fit its feeder; and policies as a decider of steps.

A window is decided from what each agent sees, its first step is applied, and the window moves on by a step. Behind the last step
of a day the same day begins anew, as in training.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from importlib import resources
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from tieline.agents.window_policies.inputs import Eyes
from tieline.agents.window_policies.policies import WindowPolicies
from tieline.agents.window_policies.policy_file import load_window_policies
from tieline.agents.window_policies.policy_key import PolicyKey
from tieline.envs.microgrids.day import Day
from tieline.envs.microgrids.windows import DayStack, WindowStart
from tieline.errors import InputError
from tieline.files import read_parquet
from tieline.studies.microgrids.config import MicrogridsConfig
from tieline.studies.microgrids.ways.closed_loop import Powers, State, Wish
from tieline.studies.policy_folder import CURVES, RESULT, SUFFIX, require_as_trained
from tieline.studies.trained import PREFIX

NONE_FITS = (
    "No shipped policies were trained for this feeder, its devices and this window: nobody learned decides. Train some (tieline "
    "train microgrids --feeder ...) and give their folder with --policy."
)


@dataclass(frozen=True, eq=False)
class PolicySet:
    """Policies of several seeds.

    Attributes:
        by_seed: policies of all microgrids, by the seed of their training.
        best: the seed that was best on days that are neither trained nor reported on.
        metrics: of their training; none if unknown.
        curves: how they learned; without rows if unknown.
    """

    by_seed: dict[int, WindowPolicies]
    best: int
    metrics: dict[str, Any]
    curves: pd.DataFrame


def find_policies(eyes: Eyes, config: MicrogridsConfig) -> PolicySet | None:
    """The policies of a run; None if none was given and no shipped ones fit.

    Raises:
        InputError: if given ones cannot be used, or were trained for something else.
    """
    key = PolicyKey.of(eyes, config.window_steps, config.step_h)
    if config.policy is not None:
        policies = load_policies(Path(config.policy))
        _require_fit(policies, key)
        return policies
    folder = shipped_folder(key.feeder)
    if not folder.is_dir():
        return None
    shipped = load_policies(folder)
    try:
        _require_fit(shipped, key)
    except InputError:
        # nobody asked for them by name: the run goes on without
        return None
    return shipped


def shipped_folder(feeder: str) -> Path:
    """Where policies of a feeder that come with the package are: a folder that `tieline train microgrids` wrote."""
    package = resources.files("tieline.studies.microgrids")
    return Path(str(package / "policies" / feeder))


def load_policies(place: Path) -> PolicySet:
    """Policies of a file or of a folder; raises `InputError` if there is none, or one cannot be used."""
    if not place.is_dir():
        policies = load_window_policies(place)
        seed = _seed_of(policies)
        return PolicySet({seed: policies}, seed, {}, pd.DataFrame())
    files = sorted(place.glob(f"{PREFIX}*{SUFFIX}"))
    if not files:
        raise InputError(
            f"Folder '{place}' holds no policy ({PREFIX}*{SUFFIX}). Give one that `tieline train microgrids` wrote, or a file."
        )
    require_as_trained(place)
    by_seed = {}
    for file in files:
        policies = load_window_policies(file)
        by_seed[_seed_of(policies)] = policies
    metrics = _metrics_of(place)
    best = int(metrics.get("best_seed", min(by_seed)))
    return PolicySet(by_seed, best, metrics, _curves_of(place))


def _seed_of(policies: WindowPolicies) -> int:
    return int(policies.provenance.get("seed", 0) or 0)


def _metrics_of(folder: Path) -> dict[str, Any]:
    record = folder / RESULT
    # policies may come without the run that they were trained in
    if not record.is_file():
        return {}
    return json.loads(record.read_text(encoding="utf-8"))["metrics"]


def _curves_of(folder: Path) -> pd.DataFrame:
    curves = folder / CURVES
    return read_parquet(curves) if curves.is_file() else pd.DataFrame()


def _require_fit(policies: PolicySet, key: PolicyKey) -> None:
    for one in policies.by_seed.values():
        one.key.require_same(key)


def policies_wish(policies: WindowPolicies, eyes: Eyes, day: Day) -> Wish:
    """All agents' policies as a decider of a day."""
    stack = DayStack.of([day])
    first_day = np.zeros(1, dtype=np.int64)
    n_steps = policies.key.window_steps

    def wish(step: int, state: State) -> Powers:
        # one window: a first axis of length one
        start = WindowStart(
            state.stored_kwh[None], state.last_kw[None], state.pcc_pu[None]
        )
        windows = stack.windows(first_day, np.array([step]), n_steps, start)
        points = policies.wish(eyes, windows)
        return points.der_kw[0, 0], points.der_kvar[0, 0]

    return wish
