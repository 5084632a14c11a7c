"""Inverters with a characteristic on the way back to OpenDSS: their load shapes go along, or a comment says that they cannot."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from opendss_engine import solved_by_engine

from tieline import Feeder, Pv, Storage, load_feeder
from tieline.feeders.elements import InverterControl, Shape
from tieline.feeders.opendss.writer import opendss_script

CURVE: dict[str, Any] = {"volt_watt_v_pu": (0.9, 1.3), "volt_watt_p_share": (1.0, 1.0)}
SUN = Shape("sun", (0.2, 0.9, 0.5))


def following(p_kw: float) -> Feeder:
    """PV and a storage at a bus of ieee13, both with a curve that cuts nothing and with a shape."""
    feeder = load_feeder("ieee13")
    place = ("671", (1, 2, 3, 0), "wye", 4.16 / 3**0.5)
    pv = Pv("roof", *place, 300.0, 330.0, p_kw, daily_shape="sun")
    unit = Storage("cells", *place, 50.0, 100.0, 60.0, daily_shape="sun")
    controls = (
        InverterControl("c1", "roof", **CURVE),
        InverterControl("c2", "cells", "storage", **CURVE),
    )
    return feeder.replace(
        pvs=(pv,), storages=(unit,), shapes=(SUN,), inverter_controls=controls
    )


def test_the_sun_of_a_shape_is_that_of_the_panels(tmp_path: Path) -> None:
    path = tmp_path / "written.dss"
    path.write_text(opendss_script(following(150.0)))
    engine = solved_by_engine(path, "feeder")
    engine.Text.Command("set mode=daily stepsize=1h number=1 hour=0")
    powers_kw = []
    for _ in range(3):
        engine.Solution.Solve()
        engine.PVsystems.Name("roof")
        powers_kw.append(engine.PVsystems.kW())
    # a share of 300 kW; the first step of an hourly day is hour 1
    expected_kw = 300 * np.array(SUN.p)
    assert sorted(powers_kw) == pytest.approx(sorted(expected_kw), rel=1e-3)


def test_what_cannot_follow_a_shape_is_named() -> None:
    lit = opendss_script(following(150.0))
    assert "! storage cells" in lit
    assert "! pv roof" not in lit
    assert "! pv roof" in opendss_script(following(0.0))
