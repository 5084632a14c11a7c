"""A short training on the feeder: it learns, its folder can be given to a run."""

from __future__ import annotations

import errno
from pathlib import Path

import pandas as pd
import pytest

pytest.importorskip("jax", reason="learning needs the extra 'learn'")


from tieline.agents.ddpg_config import DdpgConfig
from tieline.errors import InputError
from tieline.studies.reserve.training import study
from tieline.studies.reserve.training.config import ReserveTrainingConfig
from tieline.studies.shell import run_study

SHORT = DdpgConfig(steps=5120, first_steps=2048, updates_per_round=24, memory=8192)


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of a short training of two seeds."""
    result = run_study("reserve-training", ddpg=SHORT, trainings=2)
    place = tmp_path_factory.mktemp("training") / "run"
    result.save(place)
    return place


def test_the_folder_is_whole(folder: Path) -> None:
    names = {path.name for path in folder.iterdir()}
    policies = {"policy-seed0.safetensors", "policy-seed1.safetensors"}
    assert names == policies | {
        "config.toml",
        "feeder",
        "result.json",
        "curves.parquet",
        "report.html",
    }


def test_curves_for_tensorboard_are_written_once(tmp_path: Path) -> None:
    pytest.importorskip("tensorboard", reason="needs the extra 'tensorboard'")
    config = ReserveTrainingConfig(
        ddpg=SHORT.model_copy(update={"steps": 512}),
        trainings=1,
        tensorboard=str(tmp_path / "tb"),
    )
    run_study("reserve-training", config=config)
    assert list((tmp_path / "tb" / "seed-0").glob("events.out.tfevents*"))
    with pytest.raises(InputError, match="exists already"):
        run_study("reserve-training", config=config)


def test_curves_that_cannot_be_written_cost_no_training(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """They are written when the answer is there, and a full disk is a remark."""
    curves = pd.DataFrame({"seed": [0], "step": [512], "return_mean": [-1.0]})
    config = ReserveTrainingConfig(tensorboard="tb")

    def full(*_: object) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(study, "write_curves", full)
    (remark,) = study.export_curves(curves, config)
    assert "were not written to 'tb' (No space left on device)" in remark
    assert study.export_curves(curves, ReserveTrainingConfig()) == []


def test_a_run_takes_the_folder_and_the_policies_have_learned(folder: Path) -> None:
    """Dividing by capacity is 5 % above the optimum; a twelfth of a full training brings it below 2 %."""
    result = run_study("reserve", policy=str(folder), held_out=50)
    gaps = result.tables["held_out"].set_index("who")["mean_pct"]
    assert (gaps["learned"] < 2.0).all()
    assert gaps["capacity"] > 4.0
    assert result.metrics["trainings"] == 2
