"""`Trained`: policies of one task from several seeds, with the learning curves if they are known; how they are found in files."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import pandas as pd

from tieline.agents.policy import Policy
from tieline.agents.policy_file import load_policy
from tieline.agents.training import TrainResult
from tieline.errors import InputError
from tieline.files import read_parquet
from tieline.studies.policy_folder import CURVES, RESULT, SUFFIX, require_as_trained


@dataclass(frozen=True, eq=False)
class Trained:
    """Policies, one per seed.

    Attributes:
        policies: in the order of their seeds.
        best: index of the one with the highest mean return on episodes that are neither trained nor reported on.
        curves: learning curves, see `TrainResult.curve`; without rows if unknown.
        train_s: wall time of all trainings together [s]; None if unknown.
        source: where they come from, in words.
    """

    policies: tuple[Policy, ...]
    best: int
    curves: pd.DataFrame
    train_s: float | None
    source: str


def from_results(results: Sequence[TrainResult], train_s: float) -> Trained:
    """Policies that were just trained."""
    # chosen by episodes that are not reported on: the best of several seeds on those would be flattered
    best = max(
        range(len(results)),
        key=lambda k: results[k].final_return,
    )
    curves = pd.concat([result.curve for result in results], ignore_index=True)
    return Trained(
        tuple(result.policy for result in results),
        best,
        curves,
        train_s,
        "trained in this run",
    )


def load_trained(path: str | Path) -> Trained:
    """Policies of a file or of a folder that `tieline train` wrote.

    Raises:
        InputError: if there is none, one cannot be used, or the folder is not as the training left it.
    """
    place = Path(path)
    if not place.is_dir():
        policy = load_policy(place)
        return Trained(
            (policy,), 0, pd.DataFrame(), None, f"policy file '{place.name}'"
        )
    policies = [load_policy(file) for file in sorted(place.glob(f"{PREFIX}*{SUFFIX}"))]
    if not policies:
        raise InputError(
            f"Folder '{place}' holds no policy ({PREFIX}*{SUFFIX}). Give one that `tieline train` wrote, or a file."
        )
    require_as_trained(place)
    policies.sort(key=seed_of)
    try:
        curves = read_parquet(place / CURVES)
        content = json.loads((place / RESULT).read_text(encoding="utf-8"))
        train_s = float(content["metrics"]["train_s"])
        final = curves.groupby("seed")["return_mean"].last()
        best = max(
            range(len(policies)),
            key=lambda k: final[seed_of(policies[k])],
        )
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise InputError(
            f"Folder '{place}' is not whole ({error}). Give a policy file, or train again."
        ) from None
    return Trained(
        tuple(policies), best, curves, train_s, f"policies of folder '{place.name}'"
    )


def policy_file_name(policy: Policy) -> str:
    """The file of a policy in the folder of its training."""
    return f"{PREFIX}{seed_of(policy)}{SUFFIX}"


def seed_of(policy: Policy) -> int:
    """The seed a policy was trained with; raises `InputError` if it does not say."""
    seed = policy.provenance.get("seed")
    if not isinstance(seed, int):
        raise InputError(
            "A policy does not name the seed it was trained with. Give it alone, as a file."
        )
    return seed


PREFIX = "policy-seed"
