"""What inverters inject at a voltage: each rule by hand."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pytest

from tieline.devices.inverter_curves import Curves, InverterCurves, Points

NOTHING: Points = ((), ())
VOLT_VAR: Points = ((0.92, 0.98, 1.02, 1.08), (0.44, 0.0, 0.0, -0.44))
VOLT_WATT: Points = ((1.05, 1.10), (1.0, 0.2))


def inverter(**fields: Any) -> InverterCurves:
    """One inverter with some curves and limits."""
    names = ("volt_var", "volt_watt", "charge_watt", "watt_var", "watt_pf")
    curves = {name: Curves.of([fields.pop(name, NOTHING)]) for name in names}
    settings: dict[str, Any] = {
        "has_headroom_base": False,
        "p_base_kw": np.nan,
        "q_high_kvar": np.inf,
        "q_low_kvar": np.inf,
        "least_p_kw": 0.0,
        "full_q_kw": 0.0,
        "cuts_q": True,
        "keeps_power_factor": False,
    }
    settings |= fields
    arrays: dict[str, Any] = {
        name: np.array([value]) for name, value in settings.items()
    }
    return InverterCurves(**curves, **arrays)


def powers(
    of: InverterCurves,
    v_pu: float,
    wanted_kw: float = 60.0,
    given_kvar: float = 0.0,
    kva: float = 100.0,
) -> tuple[float, float]:
    numbers = (v_pu, wanted_kw, given_kvar, kva)
    p_kw, q_kvar = of.powers(*(np.array([[number]]) for number in numbers))
    return p_kw[0, 0], q_kvar[0, 0]


@pytest.mark.parametrize(
    ("v_pu", "q_kvar"), [(0.8, 44), (0.95, 22), (1, 0), (1.05, -22), (1.3, -44)]
)
def test_volt_var_is_a_share_of_the_rating(v_pu: float, q_kvar: float) -> None:
    assert powers(inverter(volt_var=VOLT_VAR), v_pu) == pytest.approx((60.0, q_kvar))


def test_a_share_of_the_headroom_is_one_of_what_p_leaves() -> None:
    # sqrt(100^2 - 60^2) = 80
    of = inverter(volt_var=VOLT_VAR, has_headroom_base=True)
    assert powers(of, 0.9) == pytest.approx((60.0, 0.44 * 80))
    # an inverter that P fills has nothing left
    assert powers(of, 0.9, wanted_kw=120.0) == pytest.approx((100.0, 0.0))


def test_a_share_of_the_limits_is_one_of_its_own_side() -> None:
    of = inverter(volt_var=VOLT_VAR, q_high_kvar=50.0, q_low_kvar=20.0)
    assert powers(of, 0.9)[1] == pytest.approx(22.0)
    assert powers(of, 1.2)[1] == pytest.approx(-8.8)


def test_beyond_the_rating_q_or_p_yields() -> None:
    full = ((0.9, 1.1), (1.0, -1.0))
    of_q = inverter(volt_var=full, q_high_kvar=90.0)
    assert powers(of_q, 0.9) == pytest.approx((60.0, 80.0))
    of_p = inverter(volt_var=full, q_high_kvar=90.0, cuts_q=False)
    assert powers(of_p, 0.9) == pytest.approx((math.sqrt(100**2 - 90**2), 90.0))


def test_volt_watt_counts_from_its_base() -> None:
    # half-way between its points: 0.6
    assert powers(inverter(volt_watt=VOLT_WATT), 1.075)[0] == pytest.approx(36.0)
    of_rated = inverter(volt_watt=VOLT_WATT, p_base_kw=80.0)
    assert powers(of_rated, 1.075)[0] == pytest.approx(48.0)
    assert powers(of_rated, 1.0)[0] == pytest.approx(60.0)


def test_charging_has_a_curve_of_its_own() -> None:
    of = inverter(volt_watt=VOLT_WATT, charge_watt=((0.9, 0.95), (0.0, 1.0)))
    assert powers(of, 0.925, wanted_kw=-60.0)[0] == pytest.approx(-30.0)
    assert powers(of, 1.10, wanted_kw=-60.0)[0] == pytest.approx(-60.0)


def test_q_goes_down_with_p_only_where_the_power_factor_is_kept() -> None:
    keeps = inverter(volt_watt=VOLT_WATT, keeps_power_factor=True)
    assert powers(keeps, 1.075, given_kvar=30.0) == pytest.approx((36.0, 18.0))
    stays = inverter(volt_watt=VOLT_WATT)
    assert powers(stays, 1.075, given_kvar=30.0) == pytest.approx((36.0, 30.0))


def test_little_p_allows_little_q() -> None:
    of = inverter(volt_var=VOLT_VAR, least_p_kw=10.0, full_q_kw=50.0, q_high_kvar=40.0)
    assert powers(of, 0.9, wanted_kw=60.0)[1] == pytest.approx(0.44 * 40)
    assert powers(of, 0.9, wanted_kw=20.0)[1] == pytest.approx(16.0)
    assert powers(of, 0.9, wanted_kw=9.0)[1] == 0.0


def test_power_factor_and_watt_var_go_by_p() -> None:
    of_factor = inverter(watt_pf=((0.5, 1.0), (1.0, -0.9)), p_base_kw=60.0)
    tangent = math.sqrt(1 / 0.9**2 - 1)
    assert powers(of_factor, 1.0)[1] == pytest.approx(-60 * tangent)
    of_share = inverter(watt_var=((0.5, 1.0), (0.0, -0.4)), p_base_kw=80.0)
    assert powers(of_share, 1.0)[1] == pytest.approx(-20.0)


def test_curves_of_different_length_stand_side_by_side() -> None:
    curves = Curves.of([VOLT_VAR, NOTHING, ((1.0, 2.0), (0.5, 1.0))])
    x = np.array([[1.05, 1.05, 1.5], [np.nan, 0.0, 9.0]])
    y = curves.at(x)
    assert y[0] == pytest.approx([-0.22, 0.0, 0.75])
    assert np.isnan(y[1, 0])
    assert y[1, 2] == pytest.approx(1.0)
