"""A run: laws that hold for every decider and draw, and what the tables and metrics say of them."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from tieline import Result, load_feeder, load_run, run_study
from tieline.errors import InputError, NoAnswerError
from tieline.studies.restoration.deciders import BOUND
from tieline.studies.restoration.report import report
from tieline.studies.restoration.telling.bounds import with_gaps

STEP_H = 0.25


def test_nobody_is_above_the_bound_of_the_same_draw(run: Result) -> None:
    gaps = with_gaps(run.tables["outcomes"])
    # 4 who decide on 1 and 3 draws
    assert len(gaps) == 4 * 4
    assert (gaps["gap_pct"] > -1e-3).all()
    corrected = gaps[gaps["decider"] == "mpc-corrected"].set_index("scenario")
    gap_pct = corrected["gap_pct"].to_dict()
    assert gap_pct["short30"] < 0.05


def test_the_objective_is_that_of_its_parts(run: Result) -> None:
    rows = run.tables["outcomes"]
    parts = rows["restored_worth"] - 0.05 * rows["generated_kwh"]
    parts -= 2 * rows["shed_worth"]
    is_bound = rows["decider"] == BOUND
    assert rows["objective"].to_numpy() == pytest.approx(parts, rel=1e-5)
    # weights of 5 make served energy worth more than it is
    assert (rows["restored_worth"] > rows["restored_kwh"]).all()
    assert is_bound.sum() == 4


def test_power_and_energy_balance(run: Result) -> None:
    steps = run.tables["steps"]
    played = steps[steps["decider"] != BOUND]
    injected = played[["droop_kw", "turbine_kw", "renewable_kw", "battery_kw"]]
    lost_kw = injected.sum(axis=1) - played["served_kw"]
    assert (lost_kw >= 0).all()
    assert (lost_kw < 0.01 * played["served_kw"]).all()
    horizon = ["decider", "scenario", "draw"]
    burnt_kwh = STEP_H * (played["droop_kw"] + played["turbine_kw"])
    fuel_kwh = 800.0 - burnt_kwh.groupby([played[name] for name in horizon]).cumsum()
    assert played["fuel_kwh"].to_numpy() == pytest.approx(fuel_kwh, abs=1e-6)


def test_outcomes_are_the_sums_of_steps(run: Result) -> None:
    horizon = ["decider", "scenario", "draw"]
    served = run.tables["steps"].groupby(horizon)["served_kw"].sum() * STEP_H
    restored = run.tables["outcomes"].set_index(horizon)["restored_kwh"]
    assert served.to_dict() == pytest.approx(restored.to_dict())
    assert run.number("restored_kwh_hold_short30") == pytest.approx(
        served["hold", "short30", 0]
    )


def test_spread_is_told_where_draws_differ(run: Result) -> None:
    gaps = with_gaps(run.tables["outcomes"])
    is_asked = (gaps["decider"] == "hold") & (gaps["scenario"] == "random")
    values = gaps.loc[is_asked, "gap_pct"]
    assert len(values) == 3
    assert run.number("gap_to_bound_pct_hold_random") == pytest.approx(values.mean())
    assert run.number("gap_to_bound_pct_std_hold_random") == pytest.approx(
        np.std(values)
    )
    assert "gap_to_bound_pct_std_hold_short30" not in run.metrics


def test_limits_hold_and_the_published_relaxation_leaves_its_gap(run: Result) -> None:
    for name in ("mpc_4", "mpc_corrected", "mpc_paper", "hold"):
        for scenario in ("short30", "random"):
            assert run.number(f"violations_{name}_{scenario}") == 0
            assert run.number(f"blackout_steps_{name}_{scenario}") == 0
    chord = run.number("droop_gap_max_pu_mpc_4_short30")
    published = run.number("droop_gap_max_pu_mpc_paper_short30")
    assert published > 10 * chord


def test_a_run_is_repeated_from_its_folder_alone(
    run: Result, island_file: Path, tmp_path: Path
) -> None:
    folder = tmp_path / "run"
    run.save(folder)
    kept = folder / "inputs" / "feeder.toml"
    assert "renewable" in kept.read_text()
    again = load_run(folder)
    assert again.feeder == run.feeder
    assert set(again.tables) == set(run.tables)


def test_a_table_of_ones_own_is_what_there_is(
    island_file: Path, tmp_path: Path
) -> None:
    table = tmp_path / "sun.csv"
    rows = [
        f"2025-06-21T{8 + k // 4:02d}:{15 * (k % 4):02d},{40 + k}" for k in range(8)
    ]
    table.write_text("\n".join(["time,sun", *rows]) + "\n")
    result = run_study(
        "restoration",
        feeder=island_file,
        steps=8,
        scenarios=("own",),
        available_table=str(table),
        deciders=("hold",),
    )
    steps = result.tables["steps"]
    available_kw = steps["renewable_kw"] + steps["curtailed_kw"]
    assert available_kw.tolist() == pytest.approx([40 + k for k in range(8)])


def test_policies_alone_that_are_not_there_are_an_error(island_file: Path) -> None:
    with pytest.raises(InputError, match="No shipped policies"):
        run_study("restoration", feeder=island_file, steps=8, deciders=("cpo",))


def test_policies_of_another_horizon_say_so() -> None:
    with pytest.raises(InputError, match="trained for something else: steps 24"):
        run_study("restoration", feeder="ieee36", steps=8, deciders=("cpo",))


def test_who_has_no_plan_is_marked_and_all_others_stand(island_file: Path) -> None:
    """Droop units cannot hold 1.04 pu at any load: no bound, MPCs that go on as they are, and a page nevertheless."""
    pytest.importorskip("clarabel")
    asked = {"feeder": island_file, "steps": 3, "lowest_pu": 1.04, "highest_pu": 1.05}
    deciders = ("bound", "mpc-4", "hold")
    result = run_study(
        "restoration", scenarios=("perfect",), deciders=deciders, **asked
    )
    assert set(result.tables["outcomes"]["decider"]) == {"mpc-4", "hold"}
    (reason,) = result.tables["unanswered"]["reason"]
    assert "lowest voltage" in reason
    told = "\n".join(result.warnings)
    assert "bound, perfect: none in 1 draw" in told
    assert "MPC, 4 steps, perfect: no plan keeps all limits in 3 steps" in told
    assert report(result).sections
    with pytest.raises(NoAnswerError, match="lowest voltage"):
        run_study("restoration", scenarios=("perfect",), deciders=("bound",), **asked)


def test_a_feeder_without_the_units_of_its_island_is_refused() -> None:
    with pytest.raises(InputError, match=r"is not the island 'ieee36': it has no turb"):
        run_study("restoration", feeder=load_feeder("ieee36"), deciders=("hold",))


def test_a_loop_is_refused_by_name_where_a_program_is_asked(
    island_file: Path, tmp_path: Path
) -> None:
    """Tie 25-29 of the 33-bus feeder closes one; who needs no program plays it."""
    text = island_file.read_text()
    looped = tmp_path / "looped.toml"
    looped.write_text(
        text.replace('["branch_25"]', '["branch_1"]\nclose = ["branch_37"]')
    )
    asked = {"feeder": looped, "steps": 2, "scenarios": ("perfect",)}
    with pytest.raises(InputError) as caught:
        run_study("restoration", deciders=("hold", "mpc-4"), **asked)
    assert "branch_37" in str(caught.value)
    assert "These plan with one: mpc-4." in str(caught.value)
    result = run_study("restoration", deciders=("hold",), **asked)
    assert result.number("violations_hold_perfect") == 0
