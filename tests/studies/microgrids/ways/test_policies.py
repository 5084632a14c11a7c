"""Policies that add nothing to the plan decide as merit order does; where they come from, and what does not fit is refused."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from window_policies import idle_policies

from tieline import run_study
from tieline.agents.window_policies.inputs import Eyes
from tieline.agents.window_policies.policy_file import save_window_policies
from tieline.envs.microgrids.plant import Plant
from tieline.errors import InputError
from tieline.studies.microgrids.cases import make_day
from tieline.studies.microgrids.config import MicrogridsConfig
from tieline.studies.microgrids.ways.closed_loop import play
from tieline.studies.microgrids.ways.merit import merit_wish
from tieline.studies.microgrids.ways.policies import (
    find_policies,
    load_policies,
    policies_wish,
)

CONFIG = MicrogridsConfig(case="peak-window")


def test_without_a_departure_policies_are_merit_order(plant: Plant) -> None:
    day = make_day(plant, CONFIG)
    wish = policies_wish(idle_policies(plant), Eyes(plant), day)
    course = play(plant, day, wish)
    merit = play(plant, day, merit_wish(plant, day))
    np.testing.assert_allclose(course.applied_kw, merit.applied_kw, atol=1e-4)
    np.testing.assert_allclose(course.applied_kvar, 0.0, atol=1e-9)


def test_a_folder_has_a_policy_set_per_seed(plant: Plant, tmp_path: Path) -> None:
    for seed in (1, 0):
        policies = idle_policies(plant, seed)
        save_window_policies(policies, tmp_path / f"policy-seed{seed}.safetensors")
    loaded = load_policies(tmp_path)
    assert list(loaded.by_seed) == [0, 1]
    assert loaded.best == 0
    with pytest.raises(InputError, match="holds no policy"):
        load_policies(tmp_path.parent)


def test_two_policies_of_one_seed_are_refused(plant: Plant, tmp_path: Path) -> None:
    for name in ("mine", "yours"):
        save_window_policies(idle_policies(plant), tmp_path / f"{name}.safetensors")
    with pytest.raises(InputError, match="two policies of seed 0"):
        load_policies(tmp_path)


@pytest.mark.parametrize(
    "record", ["{", "[1]", '{"metrics": [1]}', '{"metrics": {"best_seed": 7}}']
)
def test_a_record_that_says_something_else_is_passed_over(
    record: str, plant: Plant, tmp_path: Path
) -> None:
    save_window_policies(idle_policies(plant, 3), tmp_path / "one.safetensors")
    (tmp_path / "result.json").write_text(record)
    assert load_policies(tmp_path).best == 3


def test_another_window_is_refused_by_name(plant: Plant, tmp_path: Path) -> None:
    file = save_window_policies(idle_policies(plant), tmp_path / "one.safetensors")
    longer = MicrogridsConfig(window_steps=6, policy=str(file))
    with pytest.raises(InputError, match="window_steps"):
        find_policies(Eyes(plant), longer)


def test_a_run_asks_given_policies(plant: Plant, tmp_path: Path) -> None:
    file = save_window_policies(idle_policies(plant), tmp_path / "one.safetensors")
    result = run_study(
        "microgrids",
        case="peak-window",
        deciders=("safe", "merit-safe"),
        policy=str(file),
    )
    assert result.number("cost_usd") == pytest.approx(
        result.number("cost_usd_merit_safe"), abs=1e-3
    )
    assert result.metrics["projections"] == 4
    assert set(result.tables["steps"].policy) == {-1, 0}


def test_nobody_to_ask_is_refused() -> None:
    with pytest.raises(InputError, match="No shipped policies were trained"):
        run_study("microgrids", case="peak-window", window_steps=3, deciders=("safe",))
