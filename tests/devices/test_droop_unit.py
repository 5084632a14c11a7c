"""Droop units: the law both ways, the range of a step, and ratings that no unit can have."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from island_cases import droop_units
from pydantic import ValidationError

from tieline.devices import DroopUnits
from tieline.errors import InputError
from tieline.feeders.islands import DroopUnitSettings


def test_law_by_hand() -> None:
    law = droop_units("a").settings
    assert law.v_pu(np.array([450.0]))[0] == pytest.approx(1.0 - 0.05 * 0.2)
    assert law.frequency_hz(np.array([500.0]))[0] == pytest.approx(59.8)
    assert law.p_kw(59.8)[0] == pytest.approx(500.0)


def test_range_by_rating_ramp_fuel_and_frequency() -> None:
    """The spec's unit: 59.8 to 60.2 Hz at 1 Hz/MW around 300 kW leave 100 to 500 kW; then ramp, then fuel bind."""
    base = droop_units("a", p_max_kw=800.0)
    machines = replace(base.generators, ramp_kw_per_h=np.array([600.0]))
    units = replace(
        base,
        generators=machines,
        f_low_hz=np.array([59.8]),
        f_high_hz=np.array([60.2]),
    )
    last_kw = np.array([[300.0], [450.0], [200.0]])
    fuel_kwh = np.array([[1000.0], [1000.0], [50.0]])
    low, high = units.power_limits_kw(last_kw, 0.25, fuel_kwh)
    np.testing.assert_allclose(low[:, 0], [150.0, 300.0, 100.0])
    np.testing.assert_allclose(high[:, 0], [450.0, 500.0, 200.0])


def test_a_stiff_unit_knows_no_frequency_but_its_own() -> None:
    units = replace(
        droop_units("a", f_droop=0.0, p_max_kw=800.0),
        f_low_hz=np.array([60.0]),
        f_high_hz=np.array([60.2]),
    )
    low, high = units.power_limits_kw(np.array([[300.0]]), 0.25)
    assert (low[0, 0], high[0, 0]) == (0.0, 800.0)


def test_a_table_stands_for_as_many_units_as_it_has_buses() -> None:
    table = DroopUnitSettings(
        name="main",
        buses=("4", "9"),
        p_max_kw=100.0,
        q_max_kvar=50.0,
        ramp_kw_per_h=200.0,
        fuel_kwh=300.0,
        v_droop_pu_per_mvar=0.05,
        f_droop_hz_per_mw=1.0,
    )
    units = DroopUnits.of([table], 50.0)
    assert units.names == ("main_4", "main_9")
    assert units.buses == ("4", "9")
    assert units.settings.f_set_hz.tolist() == [50.0, 50.0]
    one = units.of_units(np.array([1]))
    assert one.names == ("main_9",)
    assert one.generators.p_max_kw.tolist() == [100.0]


def test_impossible_units_are_named_with_what_must_hold() -> None:
    units = droop_units("a", "b")
    wrong = units.settings._replace(v_droop_pu_per_mvar=np.array([0.05, -0.05]))
    with pytest.raises(InputError, match=r"'b': 0 <= v_droop_pu_per_mvar"):
        replace(units, settings=wrong)
    ramp = replace(units.generators, ramp_kw_per_h=np.array([-1.0, 1.0]))
    with pytest.raises(InputError, match=r"'a': ramp_kw_per_h >= 0"):
        replace(units, generators=ramp)
    with pytest.raises(InputError, match="a, b have f_droop_hz_per_mw 0"):
        droop_units("a", "b", f_droop=0.0)
    with pytest.raises(InputError, match="no droop unit"):
        DroopUnits.of([], 60.0)


@pytest.mark.parametrize(
    "wrong",
    [
        {"ramp_kw_per_h": -1.0},
        {"fuel_kwh": 0.0},
        {"f_droop_hz_per_mw": -1.0},
        {"p_max_kw": 0.0},
    ],
)
def test_settings_refuse_them_too(wrong: dict[str, float]) -> None:
    values = {
        "name": "main",
        "buses": ("4",),
        "p_max_kw": 100.0,
        "q_max_kvar": 50.0,
        "ramp_kw_per_h": 200.0,
        "fuel_kwh": 300.0,
        "v_droop_pu_per_mvar": 0.05,
        "f_droop_hz_per_mw": 1.0,
    }
    with pytest.raises(ValidationError, match=next(iter(wrong))):
        DroopUnitSettings.model_validate(values | wrong)
