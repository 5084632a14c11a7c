"""Where the curve and a grid agree, on a grid whose voltage is a straight line of q: v = v0 + x q."""

from __future__ import annotations

import numpy as np
import pytest

from tieline.devices.volt_var import CLOSE_ENOUGH, VoltVar, settle
from tieline.typing import BoolArray, FloatArray, IntArray

CURVE = VoltVar()
SLOPE = -0.44 / (1.08 - 1.02)
"""Of the curve between its two upper points [share of kVA per pu]."""


def settled_share(v0_pu: list[float], x_pu: float) -> tuple[FloatArray, BoolArray]:
    """Reactive power of one 50 kVA inverter in each scenario [share of kVA], and whether it settled."""
    q_kvar = np.zeros((len(v0_pu), 1))
    kva = np.full_like(q_kvar, 50.0)
    v0 = np.array(v0_pu)[:, None]

    def asked(scenarios: IntArray, q: FloatArray) -> FloatArray:
        return kva[scenarios] * CURVE.share_at(v0[scenarios] + x_pu * q / 50.0)

    is_settled = settle(q_kvar, kva, asked)
    return q_kvar[:, 0] / 50.0, is_settled


@pytest.mark.parametrize("x_pu", [0.0, 0.1, 0.5, 2.0])
def test_q_is_where_line_and_curve_cross(x_pu: float) -> None:
    # q = SLOPE (v0 + x q - 1.02); at x = 0.5 plain repetition diverges: |SLOPE x| = 3.7
    v0 = np.array([1.0, 1.03, 1.05])
    share, is_settled = settled_share(list(v0), x_pu)
    crossing = np.where(v0 > 1.02, SLOPE * (v0 - 1.02) / (1 - SLOPE * x_pu), 0.0)
    assert is_settled.all()
    assert np.abs(share - crossing).max() <= CLOSE_ENOUGH


def test_a_scenario_without_voltage_keeps_its_q_and_is_not_settled() -> None:
    share, is_settled = settled_share([np.nan, 1.05], 0.1)
    assert is_settled.tolist() == [False, True]
    assert share[0] == 0.0


def test_a_scenario_does_not_depend_on_those_beside_it() -> None:
    alone, _ = settled_share([1.07], 0.5)
    together, _ = settled_share([1.03, 1.07, np.nan, 0.93], 0.5)
    assert together[1] == alone[0]
