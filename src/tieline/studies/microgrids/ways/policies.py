"""Which learned policies a run asks, those given or those shipped if they fit its feeder; and policies as a decider of steps.

A window is decided from what each agent sees, its first step is applied, and the window moves on by a step. Behind the last step
of a day the same day begins anew, as in training.
"""

from __future__ import annotations

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
from tieline.studies.microgrids.config import MicrogridsConfig
from tieline.studies.microgrids.ways.closed_loop import Powers, State, Wish
from tieline.studies.policy_folder import read_policies

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
    """Policies of a file or of a folder.

    Raises:
        InputError: if there is none, one cannot be used or is not as it was trained, or two are of the same seed.
    """
    trained = read_policies(place, load_window_policies, "tieline train microgrids")
    by_seed: dict[int, WindowPolicies] = {}
    for policies in trained.policies:
        seed = _seed_of(policies)
        if seed in by_seed:
            raise InputError(
                f"Folder '{place}' holds two policies of seed {seed}, and a run would tell one of them only. Give one file, or "
                "a folder as `tieline train microgrids` wrote it."
            )
        by_seed[seed] = policies
    best = trained.metrics.get("best_seed")
    # the best may be missing where files were picked out of a training
    if not isinstance(best, int) or best not in by_seed:
        best = min(by_seed)
    return PolicySet(by_seed, best, trained.metrics, trained.curves)


def _seed_of(policies: WindowPolicies) -> int:
    """That of the training; 0 of policies that come without one."""
    seed = policies.provenance.get("seed")
    return seed if isinstance(seed, int) else 0


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
