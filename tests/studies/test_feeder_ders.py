"""What a feeder's own DERs do over time, by hand, and in the studies over time."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from builders import two_bus
from tieline.feeders import Feeder, save_tables
from tieline.feeders.elements import Generator, Pv, Storage
from tieline.network import Network
from tieline.powerflow import solve
from tieline.studies import run_study
from tieline.studies.feeder_ders import ders_over_time, tell_bright_sun, tell_own_ders


def with_ders() -> Feeder:
    """400 kW of PV at half sun and power factor 0.8 in the snapshot, a storage that discharges, a generator."""
    site = ("b", (1, 0), "wye", 12.66)
    pv = Pv(
        "roof", *site, rated_kw=400.0, inverter_kva=400.0, p_kw=200.0, q_kvar=-150.0
    )
    storage = Storage(
        "pack",
        *site,
        rated_kw=50.0,
        energy_kwh=100.0,
        inverter_kva=50.0,
        p_discharge_kw=50.0,
    )
    return two_bus(500.0, 0.0, 8.0, 4.0).replace(
        pvs=(pv,),
        storages=(storage,),
        generators=(Generator("set", *site, rated_kva=100.0, p_kw=30.0, q_kvar=10.0),),
    )


def test_pv_follows_the_sun_storage_rests_generators_stay() -> None:
    p_kw, q_kvar = ders_over_time(with_ders(), np.array([0.0, 0.5, 0.8, 1.0]))
    assert p_kw[:, 0].tolist() == pytest.approx([0.0, 200.0, 320.0, 400.0])
    # 240 kvar beside 320 kW just fill the inverter; at 400 kW it has no room for Q
    assert q_kvar[:, 0].tolist() == pytest.approx([0.0, -150.0, -240.0, 0.0])
    assert p_kw[:, 1:].tolist() == [[0.0, 30.0]] * 4
    assert q_kvar[:, 1:].tolist() == [[0.0, 10.0]] * 4


def test_pv_at_rest_in_the_snapshot_keeps_its_q_as_far_as_there_is_room() -> None:
    still = Pv(
        "roof",
        "b",
        (1, 0),
        "wye",
        12.66,
        rated_kw=400.0,
        inverter_kva=500.0,
        q_kvar=350.0,
    )
    _, q_kvar = ders_over_time(two_bus().replace(pvs=(still,)), np.array([0.0, 1.0]))
    assert q_kvar[:, 0].tolist() == pytest.approx([350.0, 300.0])


def test_a_feeder_without_ders_has_none_to_tell_of() -> None:
    p_kw, q_kvar = ders_over_time(two_bus(), np.zeros(3))
    assert p_kw.shape == q_kvar.shape == (3, 0)
    assert tell_own_ders(two_bus()) == ""
    assert "follows the sun" in tell_own_ders(with_ders())


def test_pv_of_the_feeder_is_dark_when_the_sun_is(tmp_path: Path) -> None:
    hours = [f"2025-06-21T{hour:02d}:00-06:00" for hour in range(24)]
    for name, value in (("sun", 0.0), ("load", 0.5)):
        rows = "\n".join(
            f"{time},{value if time != hours[12] else 0.5}" for time in hours
        )
        (tmp_path / f"{name}.csv").write_text(f"time,{name}\n{rows}\n")
    save_tables(with_ders(), tmp_path / "feeder")
    tables = {
        "load_table": str(tmp_path / "load.csv"),
        "sun_table": str(tmp_path / "sun.csv"),
    }
    day = {"time": "profiles", "step_minutes": 60, **tables}
    asked = {
        "placement": "uniform",
        "max_pct": 10.0,
        "what_if": "off",
        "limits": "ansi-a",
    }
    result = run_study(
        "hosting-capacity", feeder=str(tmp_path / "feeder"), **asked, **day
    )
    at_0 = result.tables["deployments"].iloc[0]
    network = Network.from_feeder(with_ders())
    night, noon = (
        solve(
            network,
            load_scale=0.5,
            der_kw=[pv, 0.0, 30.0],
            der_kvar=[0.75 * -pv, 0.0, 10.0],
        ).vm_pu[0, 1]
        for pv in (0.0, 200.0)
    )
    assert at_0["v_min_pu"] == pytest.approx(min(night, noon), abs=1e-7)
    assert at_0["v_max_pu"] == pytest.approx(max(1.0, night, noon), abs=1e-7)
    assert night + 0.005 < noon


def test_a_sun_in_other_units_is_doubted() -> None:
    assert tell_bright_sun(np.array([0.0, 1.2])) == []
    assert "up to 800 times its rating" in tell_bright_sun(np.array([0.0, 800.0]))[0]
