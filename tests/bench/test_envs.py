"""Steps per second of the environments: what a step is, that the peer plays the same problem, what the page says."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest

from tieline.bench.envs import measure as environments
from tieline.bench.envs.anm_environment import make_anm_environment
from tieline.bench.envs.measure import (
    EnvironmentSpeeds,
    Speed,
    first_compared,
    largest_difference_pu,
    run,
    tieline_stepper,
)
from tieline.bench.envs.page import page
from tieline.cli.main import main
from tieline.envs import BatchedEnv, make_env, make_task
from tieline.envs.voltage_control.task import VoltageControlTask
from tieline.errors import InputError

MADE_UP = EnvironmentSpeeds(
    (
        Speed("reserve", "ieee34", "tieline", 1024, 30_000.0),
        Speed("voltage-control", "ieee33", "tieline", 1024, 90_000.0, 3000.0),
        Speed("voltage-control", "ieee33", "gym-anm", 1, 30.0, 1.0),
    ),
    2e-6,
    {"another": "is not installed"},
)


def test_a_step_counts_every_episode_and_starts_ended_ones_again():
    env = make_env("reserve")
    step = tieline_stepper(env, 3)
    first = env.state.request_kw.copy()
    assert [step(), step()] == [
        3,
        3,
    ]  # an episode of this task has one step, so that a second needs a fresh start
    assert not np.isclose(env.state.request_kw, first).any()


def test_steps_of_a_day_go_on():
    env = BatchedEnv(make_task("voltage-control", pool_days=2))
    step = tieline_stepper(env, 2)
    assert sum(step() for _ in range(100)) == 200
    assert list(env.state.step) == [4, 4]


def test_peer_plays_the_same_problem():
    pytest.importorskip("gym_anm", reason="the extra 'bench' is not installed")
    task = make_task("voltage-control", pool_days=2)
    assert isinstance(task, VoltageControlTask)
    noon = first_compared(task)
    assert largest_difference_pu(task, make_anm_environment(task, 1, noon), 1) < 1e-4
    assert (
        largest_difference_pu(task, make_anm_environment(task, 0, noon), 1) > 1e-4
    )  # another day is seen


def test_feeder_that_the_peer_cannot_play():
    pytest.importorskip("gym_anm", reason="the extra 'bench' is not installed")
    task = make_task("voltage-control", feeder="ieee13", pool_days=1)
    assert isinstance(task, VoltageControlTask)
    with pytest.raises(InputError, match="ieee13"):
        make_anm_environment(task, 0)


def test_run_without_the_peer(monkeypatch: pytest.MonkeyPatch):
    def missing(task: object, day: int, first_step: int) -> None:
        raise ImportError

    monkeypatch.setattr(environments, "make_anm_environment", missing)
    monkeypatch.setattr(environments, "AT_LEAST_S", 0.0)
    found = run(batches=(2,), rounds=1)
    assert [(speed.task, speed.program, speed.batch) for speed in found.speeds] == [
        ("reserve", "tieline", 2),
        ("voltage-control", "tieline", 2),
    ]
    assert found.largest_difference_pu is None
    assert "extra 'bench'" in found.left_out["gym-anm"]


@pytest.mark.parametrize(("batches", "rounds"), [((), 1), ((0,), 1), ((1,), 0)])
def test_nothing_to_measure(batches: tuple[int, ...], rounds: int):
    with pytest.raises(InputError, match="at least 1"):
        run(batches, rounds)


def test_page_of_a_made_up_measurement():
    text = page(MADE_UP, "a processor", {"tieline": "0.1", "gym-anm": "2.0"}, "tieline bench envs")
    assert "Machine: a processor. tieline 0.1, gym-anm 2.0." in text
    assert "| voltage-control | ieee33 | tieline | 1,024 | 90,000 | 3,000 |" in text
    assert "| voltage-control | ieee33 | gym-anm | 1 | 30 |  |" in text
    assert "| reserve | 1,024 | 20,000 | 30,000 | met |" in text
    assert "| voltage-control | 1,024 | 100,000 | 90,000 | missed |" in text
    assert "within 2e-06 pu of tieline's" in text
    assert "- another: is not installed" in text


def test_page_of_nothing():
    text = page(EnvironmentSpeeds((), None, {}), "a processor", {}, "tieline bench envs")
    assert "| reserve | 1,024 | 20,000 | not measured |  |" in text
    assert "The peer was left out" in text


def test_command_writes_what_it_shows(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
):
    monkeypatch.setattr(environments, "run", lambda report: MADE_UP)
    out, written = tmp_path / "speeds.json", tmp_path / "page.md"
    assert main(["bench", "envs", "--out", str(out), "--page", str(written)]) == 0
    assert "90,000" in capsys.readouterr().out
    assert json.loads(out.read_text())["speeds"][1]["times_of_peer"] == 3000.0
    assert "tieline bench envs --page page.md" in written.read_text()


def test_command_refuses_a_folder(tmp_path: Path):
    assert main(["bench", "envs", "--page", str(tmp_path)]) == 2
