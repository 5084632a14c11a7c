"""The equivalent of a balanced feeder is that feeder; of any other it has the totals; what has none is named."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from island_cases import balanced_feeder

from tieline import Network, load_feeder, save_tables, solve
from tieline.feeders import FeederError
from tieline.feeders.bypass import bypass
from tieline.feeders.elements import Capacitor, Generator, Pv, Shape, Shunt, Source
from tieline.feeders.equivalent import equivalent

EVERY = (1, 2, 3)


def test_balanced_feeder_is_its_equivalent() -> None:
    """Voltages, angles behind the transformer, loss, current and loading; with all kinds of devices, and a source behind an
    impedance.
    """
    kv = 4.16 / 3**0.5
    feeder = balanced_feeder().replace(
        sources=(Source("grid", "a", EVERY, 12.66, 1.02, 10.0, 0.5, 2.0, 0.4, 1.5),),
        capacitors=(Capacitor("bank", "c", EVERY, "delta", 200.0, 4.16),),
        shunts=(Shunt("reactor", "b", (*EVERY, 0), "wye", kv, 3.0, 20.0),),
        generators=(Generator("set", "c", (*EVERY, 0), "wye", kv, 100.0, 60.0, 20.0),),
        pvs=(Pv("sun", "b", EVERY, "delta", 4.16, 50.0, 60.0, 40.0, -10.0),),
    )
    whole = solve(Network.from_feeder(feeder))
    alike = solve(Network.from_feeder(equivalent(feeder)))
    np.testing.assert_allclose(whole.v_pu[:, ::3], alike.v_pu, atol=1e-7)
    assert whole.loss_kw[0] == pytest.approx(alike.loss_kw[0], rel=1e-6)
    assert whole.source_kva[0] == pytest.approx(alike.source_kva[0], rel=1e-7)
    for table in ("i_max_a", "loading_pct"):
        line = whole.branch_table().set_index("name").loc["bc", table]
        expected = alike.branch_table().set_index("name").loc["bc", table]
        assert line == pytest.approx(expected, rel=1e-6)


def test_36_buses() -> None:
    """25 loads of three-phase totals; z is the mean self minus the mean mutual impedance."""
    feeder = bypass(load_feeder("ieee36"), ["creg1a", "creg1c"])
    loads = tuple(
        replace(load, zip_p=(0.0, 0.0, 1.0), zip_q=(0.0, 0.0, 1.0))
        for load in feeder.loads
    )
    alike = equivalent(feeder.replace(loads=loads))
    assert len(alike.loads) == 25
    assert alike.peak_load_kw == pytest.approx(2457.0)
    assert sum(load.q_kvar for load in alike.loads) == pytest.approx(1201.0)
    at_701 = next(load for load in alike.loads if load.name == "701")
    assert (at_701.p_kw, at_701.q_kvar) == (630.0, 315.0)
    code = next(line.code for line in feeder.lines if line.name == "l1")
    r = np.array(code.r_ohm_per_km)
    mutual = (r.sum() - np.trace(r)) / 6
    equivalent_code = next(line.code for line in alike.lines if line.name == "l1")
    expected = np.trace(r) / 3 - mutual
    assert equivalent_code.r_ohm_per_km[0][0] == pytest.approx(expected, rel=1e-12)


def test_saved_and_loaded(tmp_path: Path) -> None:
    feeder = load_feeder("ieee123")
    alike = equivalent(bypass(feeder, [one.name for one in feeder.regulators]))
    save_tables(alike, tmp_path / "alike")
    assert load_feeder(tmp_path / "alike") == alike
    assert {note.code for note in alike.notes} >= {"EQUIVALENT.LATERALS"}
    assert equivalent(alike) is alike


def test_what_has_no_equivalent_is_named_at_once() -> None:
    with pytest.raises(FeederError) as error:
        equivalent(load_feeder("ieee36"))
    assert [finding.component for finding in error.value.findings] == [
        "regulator creg1a",
        "regulator creg1c",
    ]
    feeder = load_feeder("ieee36").replace(regulators=())
    with pytest.raises(FeederError, match="open delta"):
        equivalent(feeder)


def test_loads_that_follow_shapes_stay_apart() -> None:
    """A shape may state the kW of one load: two of them in one would have those of one."""
    feeder = balanced_feeder()
    wye = feeder.loads[0]
    metered = replace(wye, daily_shape="meter")
    twin = replace(metered, name="twin")
    meter = Shape("meter", (20.0, 30.0), is_actual=True)
    shaped = feeder.replace(loads=(metered, twin, *feeder.loads[1:]), shapes=(meter,))
    converted = equivalent(shaped)
    assert [load.daily_shape for load in converted.loads] == ["meter", "meter", None]
    assert converted.shapes == (meter,)
    plain = feeder.replace(loads=(wye, replace(wye, name="twin"), *feeder.loads[1:]))
    assert len(equivalent(plain).loads) == 2
