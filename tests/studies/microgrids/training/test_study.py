"""A small training as it is asked on the command line: policies that fit their feeder, checks, and the page about it."""

from __future__ import annotations

from pathlib import Path

import pytest

from tieline import Result, run_study
from tieline.agents.window_policies.policy_file import from_bytes
from tieline.studies.microgrids.training.config import (
    LearnerConfig,
    MicrogridsTrainingConfig,
)
from tieline.studies.microgrids.training.report import report

SMALL = LearnerConfig(
    updates=2,
    walkers=32,
    plain_windows=16,
    hard_windows=17,
    lesson_days=2,
    check_days=1,
    check_every=1,
    hidden=(8,),
)


@pytest.fixture(scope="module")
def result() -> Result:
    """Two seeds."""
    config = MicrogridsTrainingConfig(trainings=2, seed=3, held_out=1, learner=SMALL)
    return run_study("microgrids-training", config=config)


def test_a_policy_per_seed_that_says_where_it_comes_from(
    result: Result, tmp_path: Path
) -> None:
    result.save(tmp_path / "run")
    for seed in (3, 4):
        data = (tmp_path / "run" / f"policy-seed{seed}.safetensors").read_bytes()
        policies = from_bytes(data)
        assert policies.provenance["seed"] == seed
        assert policies.key.feeder == "ieee33-microgrids"
        assert policies.key.window_steps == 4


def test_numbers_of_a_training(result: Result) -> None:
    assert result.number("train_episodes") == 2 * 32
    assert result.metrics["best_seed"] in (3, 4)
    # merit order looks at no limit: nine steps in ten break one
    assert result.number("violating_steps_pct_merit") > 85.0
    assert result.tables["held_out"]["seed"].tolist() == [-1, 3, 4]
    assert result.tables["curves"]["seed"].tolist() == [3, 3, 4, 4]


def test_the_page_says_where_policies_stand(result: Result) -> None:
    page = report(result)
    title = page.headline.title
    assert title.startswith("Dispatch of microgrids learned on ieee33-microgrids: ")
    assert title.endswith(" by merit order")
    values = dict(page.headline.summary)
    assert values["Windows of each training"] == "64"
