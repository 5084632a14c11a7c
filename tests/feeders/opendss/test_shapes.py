"""Load shapes of OpenDSS files: every element does over a day what the engine makes it do, also after a round trip."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

from tieline.devices.storage_course import storage_course
from tieline.feeders import Feeder
from tieline.feeders.elements import Generator, Load, Pv, Storage
from tieline.feeders.opendss.process import read_in_process
from tieline.feeders.opendss.script import compiled
from tieline.feeders.save import save_feeder
from tieline.profiles.shapes import ShapeSeries

DAY = """
clear
new circuit.x basekv=12.47 bus1=a pu=1.0 mvasc3=1000 mvasc1=1000
new line.trunk bus1=a bus2=b r1=0.1 x1=0.2 length=1
new loadshape.sun npts=24 interval=1 mult=(0 0 0 0 0 .05 .1 .2 .3 .4 .6 .8 1 .9 .8 .7 .5 .3 .2 .1 .05 0 0 0)
new loadshape.home npts=24 interval=1 mult=(.3 .3 .3 .3 .3 .4 .5 .6 .6 .6 .6 .5 .5 .5 .5 .6 .7 .8 .9 1 .9 .7 .5 .4)
~ qmult=(.2 .2 .3 .3 .3 .4 .5 .6 .6 .6 .6 .5 .5 .5 .5 .6 .7 .8 .9 1 .9 .7 .5 .2)
new loadshape.meter npts=8 interval=1 mult=(20 40 70 30 25 10 5 5) useactual=yes
new loadshape.flow npts=12 interval=1 mult=(-1 -1 -.2 -.02 0 0 .5 1 1 .3 0 .1)
new loadshape.unused npts=2 interval=1 mult=(1 2)
new tshape.heat npts=24 interval=1 temp=(20 20 20 20 20 20 20 25 30 35 40 45 50 55 55 50 45 40 35 30 25 20 20 20)
new xycurve.pt npts=3 xarray=(0 25 75) yarray=(1.1 1 .8)
new xycurve.eff npts=4 xarray=(.1 .2 .4 1) yarray=(.86 .9 .93 .97)
new load.homes bus1=b kv=12.47 kw=300 pf=.95 daily=home
new load.metered bus1=b kv=12.47 kw=10 pf=.9 yearly=meter
new load.constant bus1=b kv=12.47 kw=100 pf=.95
new load.fixed bus1=b kv=12.47 kw=100 pf=.95 daily=home status=fixed
new pvsystem.hot bus1=b kv=12.47 pmpp=300 kva=250 irradiance=.98 daily=sun tdaily=heat p-tcurve=pt effcurve=eff pf=-.95
~ %cutin=10 %cutout=10
new pvsystem.plain bus1=b kv=12.47 pmpp=300 kva=310 irradiance=.98 daily=sun kvar=20
new generator.unit bus1=b kv=12.47 kw=50 kvar=10 yearly=home
new storage.pack bus1=b kv=12.47 kwrated=50 kwhrated=600 kwhstored=300 dispmode=follow daily=flow %idlingkw=3
set voltagebases=[12.47]
calcv
"""

KINDS = {Load: "load", Pv: "pvsystem", Generator: "generator", Storage: "storage"}

TIMES = pd.date_range("2025-01-01", periods=24, freq="1h", tz="UTC")

ENGINE_KW = 0.002
"""The engine settles the power of an inverter to its own tolerance."""


@pytest.fixture(scope="module")
def master(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("day") / "day.dss"
    path.write_text(DAY)
    return path


@pytest.fixture(scope="module")
def feeder(master: Path) -> Feeder:
    return read_in_process(master)


@pytest.fixture(scope="module")
def engine_powers(master: Path) -> dict[str, np.ndarray]:
    """P and Q into each element in every hour of mode yearly, (hour, 2)."""
    names = [line.split()[1] for line in DAY.splitlines() if line.startswith("new ")]
    elements = [n for n in names if n.split(".")[0] in KINDS.values()]
    powers: dict[str, list[np.ndarray]] = {name: [] for name in elements}
    with compiled(master) as engine:
        engine.Text.Command(
            "set mode=yearly number=1 stepsize=1h hour=0 tolerance=1e-9"
        )
        for _ in TIMES:
            engine.Solution.Solve()
            for name in elements:
                engine.Circuit.SetActiveElement(name)
                pairs = np.array(engine.CktElement.Powers()).reshape(-1, 2)
                powers[name].append(pairs.sum(axis=0))
    return {name: np.array(rows) for name, rows in powers.items()}


def test_every_element_does_what_the_engine_does(
    feeder: Feeder, engine_powers: dict[str, np.ndarray]
) -> None:
    series = ShapeSeries(feeder, TIMES)
    for element in (*feeder.loads, *feeder.ders):
        sign = 1.0 if isinstance(element, Load) else -1.0
        powers = series.powers(element)
        if powers is None:
            assert not isinstance(element, Storage)
            powers = element.p_kw, element.q_kvar
        p_kw, q_kvar = (np.broadcast_to(part, len(TIMES)) for part in powers)
        if isinstance(element, Storage):
            p_kw = storage_course(element, p_kw, 1.0).p_kw
        by_engine = sign * engine_powers[f"{KINDS[type(element)]}.{element.name}"]
        np.testing.assert_allclose(p_kw, by_engine[:, 0], atol=ENGINE_KW)
        np.testing.assert_allclose(q_kvar, by_engine[:, 1], atol=ENGINE_KW)


def test_who_follows_what(feeder: Feeder) -> None:
    followed = {load.name: load.daily_shape for load in feeder.loads}
    assert followed == {
        "homes": "home",
        "metered": None,
        "constant": None,
        "fixed": None,
    }
    assert [load.yearly_shape for load in feeder.loads if load.yearly_shape] == [
        "meter"
    ]
    assert "unused" not in {shape.name for shape in feeder.shapes}
    notes = {note.code: note for note in feeder.notes}
    assert notes["OPENDSS.LOADSHAPE_DROPPED"].component == "1 LoadShape object"


def test_written_and_read_again_it_does_the_same(
    feeder: Feeder, tmp_path: Path
) -> None:
    path = tmp_path / "again.dss"
    save_feeder(feeder, path)
    again = read_in_process(path)
    before = ShapeSeries(feeder, TIMES)
    after = ShapeSeries(again, TIMES)
    np.testing.assert_allclose(before.load_powers(), after.load_powers())
    written = {der.name: after.powers(der) for der in again.ders}
    for der in feeder.ders:
        powers: Any = before.powers(der)
        again_powers: Any = written[der.name]
        np.testing.assert_allclose(powers, again_powers, atol=1e-9)


def test_a_storage_by_triggers_is_named(tmp_path: Path) -> None:
    path = tmp_path / "triggers.dss"
    path.write_text(
        DAY.replace("dispmode=follow", "dispmode=default dischargetrigger=0.8")
    )
    notes = [n for n in read_in_process(path).notes if n.code.endswith("DISPATCH_MODE")]
    assert [note.component for note in notes] == ["storage pack"]


def test_a_shape_without_points_changes_nothing(tmp_path: Path) -> None:
    path = tmp_path / "empty.dss"
    path.write_text(
        "clear\nnew circuit.c bus1=a basekv=12.47\nnew loadshape.flat mult=1\n"
        "new load.one bus1=a kv=12.47 kw=100 daily=flat yearly=flat\n"
        "set voltagebases=[12.47]\ncalcvoltagebases\n"
    )
    feeder = read_in_process(path)
    assert feeder.loads[0].daily_shape is None
    assert feeder.shapes == ()
