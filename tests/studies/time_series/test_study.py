"""A feeder over time: the same as OpenDSS step by step, energies that balance, tables that add up, limits told once."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

from tieline.errors import InputError
from tieline.feeders import Feeder, load_feeder
from tieline.feeders.opendss.process import read_in_process
from tieline.feeders.opendss.script import compiled
from tieline.studies import run_study
from tieline.studies.result import Result
from tieline.studies.time_series.headline import lowest_voltages

HOURS = 48


def shape(name: str, points: np.ndarray) -> str:
    listed = " ".join(f"{point:.5f}" for point in points)
    return f"new loadshape.{name} npts={HOURS} interval=1 mult=({listed})\n"


@pytest.fixture(scope="module")
def master(shared_dir: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The 123-node feeder with shapes of homes, shops and sun, and a bank that switches by reactive power."""
    raw = shared_dir / "feeders/ieee123/IEEE123Master.dss"
    hour = np.arange(HOURS) % 24
    noise = np.random.default_rng(4).normal(1.0, 0.06, (2, HOURS))
    home = (0.4 + 0.55 * np.exp(-(((hour - 19) / 2.6) ** 2))) * noise[0]
    shop = np.where((hour >= 8) & (hour < 19), 0.95, 0.25) * noise[1]
    sun = np.clip(np.sin(np.pi * (hour - 6) / 12), 0, None)
    with compiled(raw) as engine:
        loads = engine.Loads.AllNames()
    follows = [
        f"edit load.{name} yearly={('home', 'shop')[k % 2]}\n"
        for k, name in enumerate(loads)
    ]
    path = tmp_path_factory.mktemp("year") / "year.dss"
    path.write_text(
        f'redirect "{raw}"\n'
        + shape("home", home)
        + shape("shop", shop)
        + shape("sun", sun)
        + "".join(follows)
        + "new pvsystem.roof bus1=83 kv=4.16 pmpp=600 kva=500 yearly=sun pf=-0.97\n"
        "new capcontrol.c capacitor=c83 element=line.l115 type=kvar onsetting=900 offsetting=200\n"
    )
    return path


@pytest.fixture(scope="module")
def feeder(master: Path) -> Feeder:
    return read_in_process(master)


def run(feeder: Feeder, **flags: Any) -> Result:
    return run_study("time-series", feeder=feeder, **{"days": HOURS // 24, **flags})


@pytest.fixture(scope="module")
def result(feeder: Feeder) -> Result:
    return run(feeder)


def test_energies_taps_and_banks_are_those_of_opendss(
    result: Result, master: Path
) -> None:
    names = [unit.name for unit in result.feeder.regulators]
    rows = []
    with compiled(master) as engine:
        engine.Text.Command(
            "set mode=yearly number=1 stepsize=1h hour=0 controlmode=static tolerance=1e-8 maxiterations=200"
        )
        for _ in range(HOURS):
            engine.Solution.Solve()
            taps = []
            for name in names:
                engine.RegControls.Name(name)
                taps.append(engine.RegControls.TapNumber())
            engine.Capacitors.Name("c83")
            source_kw = -engine.Circuit.TotalPower()[0]
            loss_kw = engine.Circuit.Losses()[0] / 1e3
            rows.append([*taps, engine.Capacitors.States()[0], source_kw, loss_kw])
    by_engine = np.array(rows)
    positions = result.tables["positions"]
    columns = [*(f"{name}_tap" for name in names), "c83_steps"]
    np.testing.assert_array_equal(positions[columns], by_engine[:, :-2])
    energy_kwh = by_engine[:, -2:].sum(axis=0)
    # a hundred times closer than the 0.01 % that is promised
    assert result.number("import_kwh") == pytest.approx(energy_kwh[0], rel=1e-6)
    assert result.number("loss_kwh") == pytest.approx(energy_kwh[1], rel=1e-6)
    assert result.number("tap_movements") > 50
    assert result.number("capacitor_switchings") > 1


def test_energy_balances(result: Result) -> None:
    numbers = result.metrics
    entering = result.number("import_kwh") + result.number("der_kwh")
    leaving = result.number("load_kwh") + result.number("loss_kwh")
    steps = result.tables["steps"]
    assert numbers["export_kwh"] == 0
    assert entering == pytest.approx(leaving, rel=1e-6)
    assert steps["load_kw"].sum() == pytest.approx(result.tables["days"].load_kwh.sum())


def test_tables_say_the_same_as_each_other(result: Result) -> None:
    steps = result.tables["steps"]
    voltages = result.tables["voltages"]
    assert voltages["v_min_pu"].min() == pytest.approx(steps["v_min_pu"].min())
    assert voltages["v_max_pu"].max() == pytest.approx(steps["v_max_pu"].max())
    regulators = result.tables["regulators"]
    taps = result.tables["positions"].filter(like="_tap")
    moved = taps.diff().abs().sum() + taps.iloc[0].abs()
    # every regulator of this feeder begins at its neutral tap
    assert regulators["movements"].tolist() == moved.tolist()


def test_a_broken_limit_is_counted_and_placed(feeder: Feeder) -> None:
    tight = run(feeder, highest_pu=1.03, lowest_pu="off")
    steps = tight.tables["steps"]
    violations = tight.tables["violations"]
    is_high = steps["v_max_pu"] > 1.03
    assert tight.number("violation_h") == is_high.sum() > 0
    assert violations["worst"].max() == pytest.approx(steps["v_max_pu"].max())
    first = steps["time"][is_high.idxmax()]
    assert violations["when_first"].min() == f"{first:%Y-%m-%d %H:%M}"
    assert tight.number("voltage_bus_h") == steps["broken_buses"].sum()


def test_held_controls_do_not_move(feeder: Feeder) -> None:
    held = run(feeder, controls="hold")
    assert held.number("capacitor_switchings") <= 1
    taps = held.tables["positions"].filter(like="_tap")
    assert (taps.diff().dropna() == 0).all(axis=None)


def test_blocks_change_nothing(
    feeder: Feeder, result: Result, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("tieline.studies.time_series.walk.BLOCK_BYTES", 50_000)
    in_blocks = run(feeder)
    pd.testing.assert_frame_equal(
        in_blocks.tables["positions"], result.tables["positions"]
    )
    for name in ("voltages", "loadings", "violations"):
        pd.testing.assert_frame_equal(
            in_blocks.tables[name], result.tables[name], rtol=1e-6
        )


def test_drawn_loads_of_a_feeder_without_shapes() -> None:
    drawn = run_study("time-series", feeder="ieee13", days=2, seed=3)
    assert drawn.number("steps") == 48
    assert drawn.number("load_kwh") > 0
    with pytest.raises(InputError, match="cannot be read"):
        run_study("time-series", feeder="ieee13", load_table="nowhere.csv")


def test_what_was_followed_is_said(result: Result, tmp_path: Path) -> None:
    result.save(tmp_path / "run")
    page = (tmp_path / "run" / "report.html").read_text(encoding="utf-8")
    assert "follow the load shapes of the feeder" in page
    assert "91 loads" in page
    assert "Times are those of UTC" in page


def test_steps_without_a_power_flow_stand_in_the_title(tmp_path: Path) -> None:
    table = tmp_path / "load.csv"
    hours = pd.date_range("2025-01-01", periods=24, freq="h", tz="America/Edmonton")
    # 50 times the nominal load is beyond what the feeder can carry
    load_pu = [0.5] * 21 + [50.0] * 3
    pd.DataFrame({"time": hours, "load": load_pu}).to_csv(table, index=False)
    result = run_study("time-series", feeder="ieee33", days=1, load_table=str(table))
    assert result.metrics["cases_unjudged"] == 3
    assert "3 of 24 steps have none" in result.headline.title


def test_supply_that_is_cut_off_stands_in_the_title() -> None:
    feeder = load_feeder("ieee13")
    cut = feeder.with_switch(feeder.switches[0].name, closed=False)
    result = run_study("time-series", feeder=cut, days=1)
    n_dead = result.metrics["places_dead"]
    assert isinstance(n_dead, int)
    assert n_dead > 0
    assert f"{n_dead} voltage points without supply" in result.headline.title


def test_shown_tables_say_places_in_words_and_kept_ones_in_short() -> None:
    result = run_study("time-series", feeder="ieee13", days=1)
    kept = result.tables["voltages"].sort_values("v_min_pu")["point"]
    shown = lowest_voltages(result).frame["point"]
    for short, words in zip(kept, shown, strict=True):
        bus, _, phase = short.rpartition(".")
        assert words == f"bus {bus}, phase {phase}"
