"""Cases without a power-flow solution are no pass and no violation, and the answer says how far it was judged."""

from __future__ import annotations

import warnings
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

from builders import two_bus
from tieline.errors import InputError, NotConvergedError
from tieline.feeders import load_feeder, save_tables
from tieline.network import Network
from tieline.powerflow import solve
from tieline.powerflow.outcome import Outcome
from tieline.studies.answer import Tell
from tieline.studies.checkpoint import Checkpoint
from tieline.studies.hosting_capacity import study
from tieline.studies.hosting_capacity.config import HostingCapacityConfig
from tieline.studies.hosting_capacity.telling.unsolved import describe_first
from tieline.studies.result import Result
from tieline.studies.shell import run_study

run = partial(run_study, "hosting-capacity", None)

Table = Callable[[str, list[float]], str]
"""Name and a value for each hour -> path of the table."""

HOURS = [f"2025-06-21T{hour:02d}:00-06:00" for hour in range(24)]
ABSORBING = {
    "placement": "uniform",
    "inverter": "power-factor",
    "power_factor": 0.8,
    "light_load_pct": 0.0,
    "what_if": "off",
    "limits": "high-voltage-only",
}
"""0.75 kvar per kW over 20 ohm: the voltage falls with PV until it collapses."""


@pytest.fixture
def feeder(tmp_path: Path) -> str:
    save_tables(two_bus(1000.0, 0.0, r_ohm=0.5, x_ohm=20.0), tmp_path / "feeder")
    return str(tmp_path / "feeder")


@pytest.fixture
def table(tmp_path: Path) -> Table:
    def write(name: str, values: list[float]) -> str:
        rows = "\n".join(
            f"{time},{value}" for time, value in zip(HOURS, values, strict=True)
        )
        (tmp_path / f"{name}.csv").write_text(f"time,{name}\n{rows}\n")
        return str(tmp_path / f"{name}.csv")

    return write


def answer(**values: Any) -> Result:
    with warnings.catch_warnings():
        warnings.simplefilter("error", RuntimeWarning)
        return run(HostingCapacityConfig(**values))


def title(result: Result, folder: Path) -> str:
    result.write_report(folder / "report.html")
    page = (folder / "report.html").read_text()
    return page[page.index("<title>") + 7 : page.index("</title>")]


def highest_solvable_pct(levels: range) -> int:
    """By solving the line with PV as a negative load, level by level."""
    solvable = []
    for level in levels:
        try:
            solve(Network.from_feeder(two_bus(-10.0 * level, 7.5 * level, 0.5, 20.0)))
            solvable.append(level)
        except NotConvergedError:
            break
    return solvable[-1]


def test_the_capacity_ends_where_cases_were_not_solved(
    feeder: str, tmp_path: Path
) -> None:
    result = answer(feeder=feeder, **ABSORBING, step_pct=50.0, max_pct=500.0)
    metrics, judged = result.metrics, highest_solvable_pct(range(0, 501, 50))
    assert 0 < judged < 500
    assert (metrics["hosting_capacity_pct"], metrics["judged_up_to_pct"]) == (
        judged,
        judged,
    )
    assert metrics["first_violation_pct"] is None
    assert metrics["cases_unjudged"] == metrics["not_converged"] == (500 - judged) // 50
    assert metrics["unjudged_pct"] == pytest.approx(100 * (500 - judged) / 50 / 11)
    assert metrics["violation_probability_at_500"] is None
    assert not any("at least that" in text for text in result.warnings)
    assert any(
        f"Judged in full up to {judged} % PV" in text for text in result.warnings
    )
    assert f"at least {judged} % of peak load, not judged in full above" in title(
        result, tmp_path
    )
    assert "not judged" in (tmp_path / "report.html").read_text()


def test_a_violation_below_what_was_not_solved_is_the_answer(
    feeder: str, tmp_path: Path
) -> None:
    result = answer(
        feeder=feeder, **ABSORBING, lowest_pu=0.95, step_pct=10.0, max_pct=500.0
    )
    capacity_pct = result.number("hosting_capacity_pct")
    assert 50.0 <= capacity_pct < result.number("first_violation_pct") <= 60.0
    assert result.number("cases_unjudged") > 0
    assert title(result, tmp_path).endswith(" % of peak load")
    assert "at least" not in title(result, tmp_path)


def test_nothing_judged_is_no_answer(feeder: str, table: Table) -> None:
    # loads in kW where shares of nominal are asked for: 1000 kW of 1000 kW nominal are read as 1000 times as much
    values = {
        "feeder": feeder,
        "time": "profiles",
        "step_minutes": 60,
        "deployments": 2,
        "max_pct": 20.0,
        "what_if": "off",
    }
    with pytest.raises(
        NotConvergedError,
        match=r"none of 4 .*0 % PV, 2025-06-21T00:00-06:00, .*1e\+06 kW \(1,000 kW nominal\)",
    ):
        answer(**values, load_table=table("load", [1000.0] * 24))
    assert NotConvergedError.exit_code == 3


def test_one_step_without_solution_leaves_every_case_unjudged(
    feeder: str, table: Table
) -> None:
    load = [0.1] * 18 + [50.0] + [0.1] * 5
    with pytest.raises(NotConvergedError, match="2025-06-21T18:00-06:00"):
        answer(
            feeder=feeder,
            time="profiles",
            step_minutes=60,
            load_table=table("load", load),
            deployments=1,
            what_if="off",
        )


def test_a_what_if_without_solution_has_no_capacity(tmp_path: Path) -> None:
    # a load of 3 MW over 0.5 + 20j ohm is below the nose of V^2 / (2 (|z| + r)) = 3.9 MW; half as much again is beyond
    save_tables(two_bus(1000.0, 0.0, r_ohm=0.5, x_ohm=20.0), tmp_path / "feeder")
    result = answer(
        feeder=str(tmp_path / "feeder"),
        placement="uniform",
        light_load_pct=300.0,
        max_pct=20.0,
        cap_pct=20.0,
        step_pct=10.0,
    )
    assert result.metrics["cases_unjudged"] == 0
    assert result.metrics["hosting_capacity_pct"] == 20.0
    assert result.metrics["hosting_capacity_pct_more_load"] is None
    table = result.tables["what_if"].set_index("variant")[
        ["compared", "judged_up_to_pct"]
    ]
    assert table.loc[["more-load"]].to_numpy() == pytest.approx(
        np.array([[0.0, np.nan]]), nan_ok=True
    )
    assert any(
        "load x 1.5" in text and "not even before PV is added" in text
        for text in result.warnings
    )
    result.write_report(tmp_path / "report.html")


def test_a_limit_without_a_place_is_no_limit(feeder: str) -> None:
    with pytest.raises(InputError, match=r"No limit can be judged .* line loading"):
        answer(
            feeder=feeder, limits="high-voltage-only", highest_pu="off", line_pct=100.0
        )


@pytest.mark.parametrize(
    "values",
    [
        {"step_pct": 1e-7},
        {"step_pct": 1e-5},
        {"deployments": 1_000_000, "step_pct": 0.01},
        {"time": "profiles", "days": 3660, "step_minutes": 1},
        {"time": "profiles", "days": 3660, "step_minutes": 1, "deployments": 1_000_000},
    ],
)
def test_a_run_without_end_is_refused_before_it_begins(
    feeder: str, values: dict[str, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("tieline.effort.memory_bytes", lambda: 16 * 10**9)
    with pytest.raises(
        InputError,
        match=r"deployments at .* levels.* take at least .*; (the limit is|there are) .*Raise step_pct",
    ):
        answer(feeder=feeder, **values)


def at_noon(otherwise: float) -> list[float]:
    """1 at noon, something else in the other hours of the day."""
    return [1.0 if hour == 12 else otherwise for hour in range(24)]


@pytest.fixture
def noon(table: Table) -> dict[str, Any]:
    """Load and sun at noon, hardly any load and no sun at other hours, as values of a configuration."""
    load, sun = table("load", at_noon(0.1)), table("sun", at_noon(0.0))
    day = {"time": "profiles", "step_minutes": 60, "load_table": load, "sun_table": sun}
    return {
        **day,
        "placement": "uniform",
        "max_pct": 60.0,
        "cap_pct": 60.0,
        "step_pct": 30.0,
        "light_load_pct": 10.0,
    }


def weak(p_kw: float, folder: Path) -> str:
    """A load behind 8 + 20j ohm, which carry 2.7 MW."""
    save_tables(two_bus(p_kw, 0.0, r_ohm=8.0, x_ohm=20.0), folder / "weak")
    return str(folder / "weak")


def test_what_only_pv_makes_solvable_is_not_judged(
    tmp_path: Path, noon: dict[str, Any]
) -> None:
    """3 MW at noon: with PV beside the load there is a power flow, without it there is none to say what PV breaks."""
    with pytest.raises(
        NotConvergedError,
        match=r"none of 2 .* with its PV and without\..* 0 % PV, 2025-06-21T12:00",
    ):
        answer(feeder=weak(3000.0, tmp_path), what_if="off", **noon)


def test_the_headline_tells_of_a_what_if_that_was_not_judged(
    tmp_path: Path, noon: dict[str, Any]
) -> None:
    """2 MW are solved; half as much again is solved with PV only, so that none of its three levels is judged."""
    result = answer(
        feeder=weak(2000.0, tmp_path), what_if="on", limits="high-voltage-only", **noon
    )
    assert result.metrics["cases_unjudged"] == 0
    assert result.metrics["what_if_cases_unjudged"] == 3
    assert (
        result.tables["what_if"].set_index("variant")["not_converged"]["more-load"] == 3
    )
    assert title(result, tmp_path).endswith(
        " % of peak load, what-ifs not judged in full"
    )
    assert "none, and 3 in what-ifs" in (tmp_path / "report.html").read_text()


def test_another_table_under_the_same_name_is_another_run(
    feeder: str, tmp_path: Path, table: Table
) -> None:
    day = {
        "time": "profiles",
        "step_minutes": 60,
        "load_table": table("load", [0.1] * 24),
        "deployments": 1,
        "what_if": "off",
    }
    config = HostingCapacityConfig(feeder=feeder, max_pct=10.0, **day)
    for _ in range(2):  # the second finds the parts of the first
        study.answer(
            load_feeder(feeder),
            config,
            Tell(checkpoint=Checkpoint(tmp_path / "run", config)),
        )
    table("load", [0.2] * 24)
    with pytest.raises(InputError, match="feeder"):
        study.answer(
            load_feeder(feeder),
            config,
            Tell(checkpoint=Checkpoint(tmp_path / "run", config)),
        )


def test_inverters_that_do_not_settle_are_named() -> None:
    rows = {
        "level_pct": [10.0],
        "deployment": [3],
        "converged": [False],
        "unsolved_when": [""],
    }
    cases = pd.DataFrame({**rows, "unsolved_why": [int(Outcome.CONTROL_LIMIT)]})
    volt_var, unity = (
        HostingCapacityConfig(inverter=inverter) for inverter in ("volt-var", "unity")
    )
    assert "inverters on their volt-var curve" in describe_first(cases, volt_var)
    assert "regulators or capacitor controls keep hunting" in describe_first(
        cases, unity
    )
    assert describe_first(cases, unity).startswith(
        "The first one, deployment 3 at 10 % PV, "
    )
