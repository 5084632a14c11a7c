"""Days on which some or all steps have no power-flow solution."""

from __future__ import annotations

import warnings
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from builders import two_bus
from tieline.errors import InputError, NotConvergedError
from tieline.feeders import Feeder
from tieline.feeders.elements import Generator, Pv
from tieline.feeders.tables import save_tables
from tieline.studies.battery.config import BatteryConfig
from tieline.studies.battery.world.days import make_days
from tieline.studies.battery.world.plant import make_plant
from tieline.studies.result import Result
from tieline.studies.shell import run_study

run = partial(run_study, "battery", None)

pytest.importorskip("highspy")

HOURS = [f"2025-06-21T{hour:02d}:00-06:00" for hour in range(24)]


def series(folder: Path, name: str, values: list[float]) -> str:
    rows = "\n".join(
        f"{time},{value}" for time, value in zip(HOURS, values, strict=True)
    )
    (folder / f"{name}.csv").write_text(f"time,{name}\n{rows}\n")
    return str(folder / f"{name}.csv")


def answer(
    folder: Path,
    load: list[float],
    sun: list[float],
    feeder: Feeder | None = None,
    **values: Any,
) -> Result:
    save_tables(
        feeder or two_bus(1000.0, 0.0, r_ohm=8.0, x_ohm=20.0), folder / "feeder"
    )
    config = BatteryConfig(
        feeder=str(folder / "feeder"),
        step_minutes=60,
        load_table=series(folder, "load", load),
        sun_table=series(folder, "sun", sun),
        bound="off",
        **values,
    )
    with warnings.catch_warnings():
        warnings.simplefilter("error", RuntimeWarning)
        return run(config)


SUN = [0.0] * 11 + [1.0, 1.0] + [0.0] * 11
EVENING = 19


def test_steps_without_solution_are_counted_and_not_safe(tmp_path: Path) -> None:
    # 1 MW over 8 + 20j ohm carries at most 12.66^2 / (2 (21.5 + 8)) = 2.7 MW: in the evening it is asked for 5 MW
    load = [0.2] * 24
    load[EVENING] = 5.0
    result = answer(tmp_path, load, SUN, highest_pu=1.02)
    metrics = result.metrics
    assert metrics["steps_unjudged_none"] == 1
    by_case = [
        result.number(f"steps_unjudged_{name}")
        for name in ("none", "conventional", "mpc", "csocc")
    ]
    assert metrics["cases_unjudged"] == sum(by_case)
    assert metrics["unjudged_pct"] == pytest.approx(100 * sum(by_case) / 96)
    assert metrics["violations_none"] == 2  # bus b in the two hours of sun
    assert metrics["cost_usd_none"] is None
    extremes = [result.number(name) for name in ("v_min_pu_none", "v_max_pu_none")]
    assert np.isfinite(extremes).all()
    assert any(
        "Cases none, conventional, mpc, csocc: 1 of 24 steps" in text
        and "19:00" in text
        for text in result.warnings
    )
    assert not any("scenario" in text for text in result.warnings)
    result.write_report(tmp_path / "report.html")
    assert "in the steps that were solved" in (tmp_path / "report.html").read_text()


def test_nobody_cooperated_is_said_of_the_steps_that_were_solved(
    tmp_path: Path,
) -> None:
    load = [0.2] * 24
    load[EVENING] = 5.0
    texts = answer(tmp_path, load, SUN, highest_pu=1.2).warnings
    assert any(
        "In the 23 of 24 steps that were solved no bus passes 1.2 pu" in text
        for text in texts
    )


def test_a_day_without_any_solution_is_no_answer(tmp_path: Path) -> None:
    with pytest.raises(
        NotConvergedError,
        match=r"day 1: .*none of its 24 steps .*9,000 kW \(1,000 kW nominal\)",
    ):
        answer(tmp_path, [9.0] * 24, SUN)


def test_own_devices_keep_their_reactive_power(tmp_path: Path) -> None:
    site = ("b", (1, 0), "wye", 12.66)
    own = two_bus(1000.0, 0.0).replace(
        pvs=(
            Pv(
                "roof",
                *site,
                rated_kw=100.0,
                inverter_kva=200.0,
                p_kw=100.0,
                q_kvar=-50.0,
            ),
        ),
        generators=(Generator("set", *site, rated_kva=100.0, p_kw=30.0, q_kvar=10.0),),
    )
    config = BatteryConfig(
        step_minutes=60,
        sun_table=series(tmp_path, "sun", SUN),
        load_table=series(tmp_path, "load", [0.5] * 24),
    )
    plant, day = make_plant(own, config), next(make_days(own, config))
    injection_kw = np.full((24, 1), 7.0)
    der_kw, der_kvar = plant.ders(day, injection_kw)
    # the feeder's PV, that of the study (90 % of 1000 kW), the battery, the generator
    assert der_kw[12].tolist() == pytest.approx([100.0, 900.0, 7.0, 30.0])
    assert der_kvar[12].tolist() == pytest.approx([-50.0, 0.0, 0.0, 10.0])
    assert der_kw[0].tolist() == pytest.approx([0.0, 0.0, 7.0, 30.0])
    assert der_kvar[0].tolist() == pytest.approx([0.0, 0.0, 0.0, 10.0])


def test_more_days_than_memory_are_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("tieline.effort.memory_bytes", lambda: 16 * 10**9)
    with pytest.raises(
        InputError,
        match=r"100 scenarios of 527,040 time steps take at least .* there are 16 GB",
    ):
        run(BatteryConfig(scenarios=100, days=366, step_minutes=1))
