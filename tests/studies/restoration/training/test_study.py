"""A small training as it is asked on the command line: policies that fit their island, checks, and the page about it."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from tieline import Result, run_study
from tieline.agents.restoration_policies.policy_file import load_restoration_policy
from tieline.errors import InputError
from tieline.studies.restoration.training.config import (
    LearnerConfig,
    RestorationTrainingConfig,
)
from tieline.studies.restoration.training.report import report

SMALL = LearnerConfig(
    updates=2,
    draws=8,
    check_draws=3,
    check_every=1,
    hidden=(4,),
    imitation_draws=2,
    imitation_rounds=1,
    imitation_steps=10,
)


@pytest.fixture(scope="module")
def result() -> Result:
    """One seed by two methods, over an hour."""
    config = RestorationTrainingConfig(
        trainings=1,
        seed=3,
        steps=4,
        held_out=2,
        learner=SMALL,
        methods=("cpo", "imitation"),
    )
    return run_study("restoration-training", config=config)


def test_a_policy_per_method_that_says_where_it_comes_from(
    result: Result, tmp_path: Path
) -> None:
    result.save(tmp_path / "run")
    for method in ("cpo", "imitation"):
        file = tmp_path / "run" / f"{method}-seed3.safetensors"
        policy = load_restoration_policy(file)
        assert policy.provenance["method"] == method
        assert policy.provenance["seed"] == 3
        assert policy.key.steps == 4
        assert policy.mean[-1][0].shape == (4, 43)


def test_the_best_of_the_checks_is_kept(result: Result) -> None:
    curves = result.tables["curves"]
    checks = curves[curves["method"] == "cpo"]["return_mean"].to_numpy()
    assert len(checks) == 3
    assert np.max(checks) >= checks[0]
    assert result.number("episodes") == 16


def test_the_plan_stands_beside_all(result: Result) -> None:
    held_out = result.tables["held_out"]
    plan = held_out[held_out["method"] == "hold"]
    assert len(plan) == 5
    assert (plan["gain_pct"] == 0).all()
    assert (held_out["objective"] > 0).all()
    assert result.number("objective_hold_late") > 0


def test_the_page_says_where_policies_stand(result: Result) -> None:
    page = report(result)
    title = page.headline.title
    assert title.startswith("Load restoration learned on ieee36: ")
    assert title.endswith(" % on the holding plan in unseen draws")
    titles = [section.title for section in page.sections]
    assert titles == ["Learning", "Unseen draws", "What to do with it"]


def test_an_unknown_method_is_refused_by_name() -> None:
    with pytest.raises((InputError, ValueError), match="nobody"):
        RestorationTrainingConfig(methods=("nobody",))
