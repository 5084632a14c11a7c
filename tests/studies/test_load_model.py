"""Every study solves with the load model that it is asked for, its what-ifs included, and says what the other one changes."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from builders import two_bus
from tieline.feeders import load_feeder, save_tables
from tieline.network import Network
from tieline.powerflow import solve
from tieline.powerflow.options import LoadModel
from tieline.studies import run_study
from tieline.studies.hosting_capacity.config import HostingCapacityConfig
from tieline.studies.hosting_capacity.solving.shards import Shard, solve_shard
from tieline.studies.hosting_capacity.world.setting import prepare
from tieline.studies.load_model import tell_load_model
from tieline.studies.result import Result

# 1 MW over 8 ohm at 12.66 kV: about 0.95 pu at the load, below which OpenDSS turns it into an impedance
LOW = {"p_kw": 1000.0, "q_kvar": 300.0, "r_ohm": 8.0, "x_ohm": 6.0}
MODELS = ("zip", "opendss-band")


@pytest.fixture
def feeder(tmp_path: Path) -> str:
    save_tables(two_bus(**LOW), tmp_path / "feeder")
    return str(tmp_path / "feeder")


def lowest_pu(model: LoadModel, scale: float = 1.0) -> float:
    return float(
        solve(
            Network.from_feeder(two_bus(**LOW)),
            load_scale=scale,
            load_model=model,
        ).vm_pu[0, 1]
    )


ASKED = {
    "light_load_pct": 100.0,
    "max_pct": 10.0,
    "deployments": 1,
    "limits": "ansi-a",
    "lowest_pu": 0.85,
}


def hosting(feeder: str, model: LoadModel) -> Result:
    return run_study("hosting-capacity", feeder=feeder, load_model=model, **ASKED)


def test_the_models_differ_where_the_test_looks() -> None:
    assert lowest_pu("opendss-band") - lowest_pu("zip") > 1e-3


@pytest.mark.parametrize("model", MODELS)
def test_hosting_capacity_and_its_what_ifs(feeder: str, model: LoadModel) -> None:
    assert hosting(feeder, model).tables["deployments"]["v_min_pu"].iloc[
        0
    ] == pytest.approx(lowest_pu(model), abs=1e-7)
    config = HostingCapacityConfig(feeder=feeder, load_model=model, **ASKED)
    setting = prepare(load_feeder(feeder).replace(load_model=model), config)
    cases = solve_shard(setting, Shard(0, 1))["cases"].set_index(
        ["variant", "level_pct"]
    )
    assert cases.loc[("more-load", 0.0), "v_min_pu"] == pytest.approx(
        lowest_pu(model, 1.5), abs=1e-7
    )


@pytest.mark.parametrize("model", MODELS)
def test_transfer_capability(feeder: str, model: LoadModel) -> None:
    result = run_study(
        "transfer-capability",
        feeder=feeder,
        load_model=model,
        trm="fraction",
        lowest_pu=0.8,
    )
    buses = result.tables["buses"].set_index("bus")
    assert buses.loc["b", "lowest_before_pu"] == pytest.approx(
        lowest_pu(model), abs=1e-7
    )


@pytest.mark.parametrize("model", MODELS)
def test_reserve(feeder: str, model: LoadModel) -> None:
    own = {
        "ders": ("b",),
        "capacity_kw": (100.0,),
        "bid_cents": (10.0,),
        "request_kw": 0.0,
        "held_out": 0,
    }
    result = run_study("reserve", feeder=feeder, load_model=model, **own)
    assert result.tables["buses"].set_index("bus").loc[
        "b", "without_pu"
    ] == pytest.approx(lowest_pu(model), abs=1e-7)


@pytest.mark.parametrize("model", MODELS)
def test_battery(feeder: str, model: LoadModel, tmp_path: Path) -> None:
    pytest.importorskip("highspy")
    for name, value in (("sun", 0.0), ("load", 1.0)):
        hours = "\n".join(
            f"2025-06-21T{hour:02d}:00-06:00,{value}" for hour in range(24)
        )
        (tmp_path / f"{name}.csv").write_text(f"time,{name}\n{hours}\n")
    tables = {
        "load_table": str(tmp_path / "load.csv"),
        "sun_table": str(tmp_path / "sun.csv"),
    }
    asked = {"step_minutes": 60, "reactive_pct": 100.0, "bound": "off", **tables}
    result = run_study("battery", feeder=feeder, load_model=model, **asked)
    assert result.metrics["v_min_pu_none"] == pytest.approx(lowest_pu(model), abs=1e-7)


@pytest.mark.parametrize("model", MODELS)
def test_set_points_are_judged_with_it(feeder: str, model: LoadModel) -> None:
    pytest.importorskip("casadi")
    result = run_study(
        "optimal-power-flow",
        feeder=feeder,
        load_model=model,
        lowest_pu=0.8,
        ders="b:0.001@99",
    )
    assert result.metrics["v_low_pu"] == pytest.approx(lowest_pu(model), abs=1e-6)


def test_what_the_other_model_changes_is_said(feeder: str) -> None:
    network = Network.from_feeder(two_bus(**LOW))
    scale = np.array([[0.1], [1.0], [0.5]])
    solution = solve(network, load_scale=scale)
    # the feeder has no band of its own
    assert tell_load_model(solution, "feeder", "Here") == []
    (text,) = tell_load_model(solution, "zip", "Here")
    change = lowest_pu("opendss-band") - lowest_pu("zip")
    assert text.startswith("Here: 1 load outside")
    assert (
        f"With --load-model opendss-band voltages differ by up to {change:.2g} pu"
        in text
    )
    assert any(
        text.partition(": ")[2] in warning
        for warning in hosting(feeder, "zip").warnings
    )
