"""The reserve study: the published figures, what rules and shipped policies reach, and bad input."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from functools import partial
from pathlib import Path

import numpy as np
import pytest

from tieline import load_run
from tieline.agents.policy_file import save_policy
from tieline.cli.main import main
from tieline.envs.reserve.task import ReserveTask
from tieline.errors import InputError
from tieline.studies.config import make_config
from tieline.studies.reserve.config import ReserveConfig
from tieline.studies.reserve.ways.deciders import rules
from tieline.studies.reserve.ways.policies import shipped_folder
from tieline.studies.result import Result
from tieline.studies.shell import run_study
from tieline.studies.trained import load_trained

run = partial(run_study, "reserve", None)

TWO = {
    "ders": "844,890",
    "capacity_kw": "100,50",
    "bid_cents": "10,11",
    "request_kw": 120,
    "held_out": 0,
}


@pytest.fixture(scope="module")
def result() -> Result:
    """The default run, with fewer unseen requests."""
    return run(ReserveConfig(held_out=60))


@pytest.mark.parametrize(
    ("who", "opendss_kw"),
    [
        ("case1_paper", 113.4),
        ("case1_capacity", 119.9),
        ("case2_paper", 172.4),
        ("case2_capacity", 175.2),
    ],
)
def test_losses_are_those_of_opendss(
    result: Result, who: str, opendss_kw: float
) -> None:
    """Replays of the published allocations in OpenDSS, regulators acting; as printed, to 0.1 kW."""
    assert result.metrics[f"loss_kw_{who}"] == pytest.approx(opendss_kw, abs=0.05)


def test_costs_by_hand(result: Result) -> None:
    """165.03 x 10 + 180.87 x 12 + 150 x 11 + 104.10 x 14 cents; cheapest first 200 x 10 + 200 x 12 + 150 x 11 + 50 x 14."""
    assert result.metrics["cost_usd_case1_paper"] == pytest.approx(69.2814)
    assert result.metrics["cost_usd_case1_cheapest"] == pytest.approx(67.50)


@pytest.mark.parametrize("case", ["case1", "case2"])
@pytest.mark.parametrize("quantity", ["cost_usd", "loss_kw", "deviation_pct"])
def test_the_shipped_policy_is_nowhere_worse_than_published(
    result: Result, case: str, quantity: str
) -> None:
    """To the two decimals that are published."""
    assert round(result.number(f"{quantity}_{case}"), 2) <= round(
        result.number(f"{quantity}_{case}_paper"), 2
    )


def test_shipped_policies_reach_the_goal_on_unseen_requests(result: Result) -> None:
    gaps = result.tables["held_out"]
    learned = gaps.loc[gaps["who"] == "learned", "mean_pct"]
    assert len(learned) == 5
    assert learned.max() < 0.5
    assert (
        gaps.loc[gaps["who"].isin(["capacity", "cheapest"]), "mean_pct"] > 2.0
    ).all()
    assert (gaps["mean_pct"] > -1e-3).all(), (
        "somebody beats the optimum: the search fails"
    )


def test_the_merit_order_is_the_optimum_where_all_is_linear(task: ReserveTask) -> None:
    """Without weight on loss and deviation only bids count: the merit order is cheapest first."""
    blind = ReserveTask(
        task.config.model_copy(update={"loss_weight": 0.0, "deviation_weight": 0.0}),
        task.model,
    )
    state = blind.start(np.arange(20))
    by_rule = rules(blind)
    np.testing.assert_allclose(by_rule["merit"](state), by_rule["cheapest"](state))


def test_the_merit_order_sees_losses(task: ReserveTask) -> None:
    """With equal bids the DER whose kilowatt saves most goes first, here the one behind the longest way, at 890."""
    state = task.start(np.arange(1))
    even = type(state)(np.full((1, 4), 100.0), np.full((1, 4), 10.0), np.array([100.0]))
    np.testing.assert_allclose(rules(task)["merit"](even), [[0.0, 100.0, 0.0, 0.0]])


def test_another_feeder_is_answered_by_rules_and_optimum() -> None:
    values = {
        "feeder": "ieee13",
        "ders": "675,652",
        "capacity_kw": "300,200",
        "bid_cents": "9,8",
        "request_kw": 350,
    }
    found = run(make_config(ReserveConfig, values | {"held_out": 3}))
    assert any("--train" in warning for warning in found.warnings)
    assert (
        found.number("objective_own_optimum")
        <= found.number("objective_own_merit") + 1e-3
    )
    assert "cost_usd_own" not in found.metrics


def test_a_case_outside_the_training_is_said() -> None:
    cases = [
        {
            "name": "big",
            "capacity_kw": [400, 200, 150, 200],
            "bid_cents": [10, 12, 11, 14],
            "request_kw": 600,
        }
    ]
    found = run(make_config(ReserveConfig, {"cases": cases, "held_out": 0}))
    assert any(
        "outside the range the policy was trained on" in warning
        for warning in found.warnings
    )


def test_a_policy_of_another_task_is_refused(tmp_path: Path) -> None:
    policy = load_trained(shipped_folder()).policies[0]
    file = save_policy(policy, tmp_path / "p.safetensors")
    with pytest.raises(InputError, match="The policy was trained for"):
        run(make_config(ReserveConfig, TWO | {"policy": str(file)}))


@pytest.mark.parametrize("damage", ["cut", "flip"])
def test_a_damaged_policy_is_refused(tmp_path: Path, damage: str) -> None:
    data = (shipped_folder() / "policy-seed0.safetensors").read_bytes()
    file = tmp_path / "p.safetensors"
    file.write_bytes(
        data[:-100]
        if damage == "cut"
        else data[:-100] + bytes([data[-100] ^ 1]) + data[-99:]
    )
    with pytest.raises(InputError, match="cannot be used as a policy"):
        run(ReserveConfig(policy=str(file), held_out=0))


def test_ders_without_a_place_are_all_named() -> None:
    with pytest.raises(InputError) as caught:
        run(make_config(ReserveConfig, TWO | {"ders": "8444,822.3"}))
    assert "'8444'" in str(caught.value)
    assert "Bus '822' has phases 1, not 3" in str(caught.value)


def test_report_tells_the_answer(result: Result, tmp_path: Path) -> None:
    result.write_report(tmp_path / "report.html")
    text = (tmp_path / "report.html").read_text(encoding="utf-8")
    for expected in (
        "case1: 600 kW of 750 kW",
        "merit order with sensitivities",
        "Unseen requests",
        "How the policies learned",
    ):
        assert expected in text


def test_a_run_without_policy_has_a_report(tmp_path: Path) -> None:
    values = {
        "feeder": "ieee13",
        "ders": "675",
        "capacity_kw": "300",
        "bid_cents": "9",
        "request_kw": 100,
        "held_out": 0,
    }
    run(make_config(ReserveConfig, values)).write_report(tmp_path / "report.html")
    assert "optimum (search)" in (tmp_path / "report.html").read_text(encoding="utf-8")


ONE_CASE = ["run", "reserve", "--held-out", "0", "--out", "run"]
AGAIN = ["run", "reserve", "--config", "moved/config.toml", "--out", "again"]


@pytest.fixture(scope="module")
def run_with_policies(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A run with `--policy trained`; the folder `trained` is gone since."""
    place = tmp_path_factory.mktemp("kept")
    shutil.copytree(shipped_folder(), place / "trained")
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(place)
        assert main([*ONE_CASE, "--policy", "trained"]) == 0
    shutil.rmtree(place / "trained")
    return place / "run"


@pytest.fixture
def moved(
    run_with_policies: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Path:
    """A copy of it in another folder, in which the test then works."""
    monkeypatch.chdir(tmp_path)
    return shutil.copytree(run_with_policies, tmp_path / "moved")


def test_a_run_with_policies_is_reported_and_repeated_anywhere(
    moved: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    page = (moved / "report.html").read_bytes()
    assert main(["report", "moved"]) == 0
    assert (moved / "report.html").read_bytes() == page
    assert main(AGAIN) == 0
    assert "policy: 'trained' as kept in 'moved/inputs/policy'" in (
        capsys.readouterr().err
    )
    first = load_run("moved")
    again = load_run("again")
    assert first.config == again.config
    assert first.inputs == again.inputs
    assert set(first.inputs) == {
        "policy/curves.parquet",
        "policy/result.json",
        *(f"policy/policy-seed{seed}.safetensors" for seed in range(5)),
    }
    for name, value in first.metrics.items():
        assert name.endswith(("_s", "_ms")) or again.metrics[name] == value, name


def swap_policies(copies: Path) -> None:
    """A sound policy in the place of another: its own digest does not tell."""
    shutil.copy(
        copies / "policy-seed1.safetensors", copies / "policy-seed0.safetensors"
    )


@pytest.mark.parametrize(
    ("spoil", "named"),
    [
        (
            swap_policies,
            "inputs/policy/policy-seed0.safetensors changed, damaged or missing",
        ),
        (
            lambda copies: (copies / "policy-seed2.safetensors").unlink(),
            "inputs/policy/policy-seed2.safetensors changed, damaged or missing",
        ),
        (
            lambda copies: shutil.copy(
                copies / "policy-seed0.safetensors",
                copies / "policy-seed9.safetensors",
            ),
            "inputs/policy/policy-seed9.safetensors, which the run did not write",
        ),
    ],
    ids=["swapped", "missing", "foreign"],
)
def test_kept_policies_that_are_not_as_they_were_are_named(
    spoil: Callable[[Path], object],
    named: str,
    moved: Path,
    capsys: pytest.CaptureFixture[str],
) -> None:
    spoil(moved / "inputs" / "policy")
    assert main(AGAIN) == 2
    assert named in capsys.readouterr().err


def test_a_policy_file_is_kept_too(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    shutil.copy(shipped_folder() / "policy-seed3.safetensors", "mine.safetensors")
    assert main([*ONE_CASE, "--policy", "mine.safetensors"]) == 0
    assert set(load_run("run").inputs) == {"policy.safetensors"}
    Path("mine.safetensors").unlink()
    assert (
        main(["run", "reserve", "--config", "run/config.toml", "--out", "again"]) == 0
    )
    assert load_run("again").inputs == load_run("run").inputs
