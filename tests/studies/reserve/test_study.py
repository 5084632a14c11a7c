"""The reserve study: the published figures, what rules and shipped policies reach, and bad input."""

from __future__ import annotations

from functools import partial
from pathlib import Path

import numpy as np
import pytest

from tieline.agents.policy_file import save_policy
from tieline.envs.reserve.task import ReserveTask
from tieline.errors import InputError
from tieline.studies.config import make_config
from tieline.studies.reserve.config import ReserveConfig
from tieline.studies.reserve.deciders import rules
from tieline.studies.reserve.policies import shipped_folder
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
    assert "'822.3'" in str(caught.value)


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
