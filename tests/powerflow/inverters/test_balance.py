"""Where curves and a linear grid agree: against one-dimensional root finding, and corners, steep and rising curves."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any, cast

import numpy as np
import pytest
from scipy.optimize import brentq

from tieline.powerflow.inverters.balance import (
    Equations,
    GridPoint,
    Response,
    agreed_pu,
)

X = (0.9, 0.97, 1.0, 1.03, 1.1)
Y = (90.0, 20.0, 0.0, -60.0, -90.0)


class Asked:
    """Inverters of one curve, Q by the voltage, whose steepness is scaled."""

    def __init__(self, scale: float = 1.0) -> None:
        self.scale = scale

    def at(self, v_pu: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        q_kvar = self.scale * np.interp(v_pu, X, Y)
        return np.zeros_like(q_kvar), q_kvar

    def rows(self, rows: np.ndarray) -> Asked:
        return self


def agreed(seen_pu: np.ndarray, by_kvar: np.ndarray, asked: Asked) -> np.ndarray:
    """From no Q and the rated voltage."""
    nothing = np.zeros_like(seen_pu)
    grid = GridPoint(seen_pu, nothing, nothing)
    tolerance_pu = np.full(len(seen_pu), 1e-12)
    start_pu = np.ones_like(seen_pu)
    response = Response(None, by_kvar)
    equations = Equations(grid, response, cast("Any", asked))
    return agreed_pu(start_pu, equations, tolerance_pu)


@pytest.mark.parametrize("scale", [0.1, 1.0, 100.0])
def test_one_inverter_is_where_a_root_finder_has_it(scale: float) -> None:
    seen_pu = np.linspace(0.85, 1.15, 41)[:, None]
    asked = Asked(scale)
    slope = 2e-4
    answer = agreed(seen_pu, np.array([[[slope]]]), asked)
    for seen, v_pu in zip(seen_pu[:, 0], answer[:, 0], strict=True):

        def gap(u: float, seen: float = seen) -> float:
            return u - seen - slope * asked.scale * float(np.interp(u, X, Y))

        assert v_pu == pytest.approx(brentq(gap, 0.0, 3.0, xtol=1e-14), abs=1e-10)


@pytest.mark.parametrize("has_own", [False, True])
def test_many_inverters_agree_with_a_grid_of_their_own_or_a_common_one(
    has_own: bool,
) -> None:
    random = np.random.default_rng(3)
    n_rows, count = 50, 8
    roots = random.uniform(0, 1e-2, (n_rows if has_own else 1, count, count))
    # what a grid answers is symmetric and above zero
    by_kvar = roots @ roots.transpose(0, 2, 1)
    seen_pu = random.uniform(0.88, 1.12, (n_rows, count))
    asked = Asked()
    answer = agreed(seen_pu, by_kvar, asked)
    change = (by_kvar @ asked.at(answer)[1][:, :, None])[:, :, 0]
    np.testing.assert_allclose(answer, seen_pu + change, atol=1e-11)


def test_a_rising_curve_that_cancels_the_grid_ends_without_a_fault() -> None:
    asked = SimpleNamespace(at=lambda v: (0 * v, 100.0 * v))
    asked.rows = lambda rows: asked
    answer = agreed(np.array([[1.0]]), np.array([[[0.01]]]), cast("Any", asked))
    assert answer.shape == (1, 1)
