"""Cost to go by hand, and against trying every level of stored energy."""

from __future__ import annotations

import numpy as np
import pytest

from tieline.opf.cost_to_go import MOST_CURVES, ascending_steps, recede
from tieline.typing import FloatArray


def pieces(*steps: tuple[tuple[float, float], ...]) -> tuple[FloatArray, FloatArray]:
    """(slope, width) of the pieces of each step, as (piece, step, 1)."""
    table = np.array(steps).transpose(1, 0, 2)[:, :, None]
    return table[..., 0], table[..., 1]


def test_stores_what_a_later_step_needs_more() -> None:
    # up to 2 kWh can be stored at 1 each, up to 3 sold at 4 each in the second step only
    slope, width = pieces(((-1.0, 2.0), (9.0, 0.0)), ((-1.0, 0.0), (-4.0, 3.0)))
    limits = np.array([[0.0], [10.0]])
    steps = ascending_steps(slope, width, np.array([2.0]))
    # sees one step: no reason to store
    assert recede(steps, limits, np.zeros(1), np.zeros(1), 1, 2)[:, 0].tolist() == [
        0,
        0,
    ]


def test_tries_no_level_that_is_better() -> None:
    random = np.random.default_rng(5)
    for _ in range(20):
        n = int(random.integers(2, 6))
        charge_cost, sale_value = random.integers(1, 9, (2, n)).astype(float)
        sale_value = np.minimum(sale_value, charge_cost)
        slope = np.stack([-charge_cost, -sale_value])[:, :, None]
        width = random.integers(0, 4, (2, n, 1)).astype(float)
        gain = np.array([3.0])
        width[0] = 3.0  # every step can store 3
        stored = recede(
            ascending_steps(slope, width, gain),
            np.array([[0.0], [5.0]]),
            np.array([1.0]),
            np.array([1.0]),
            n,
            n,
        )
        assert cost(stored[:, 0], charge_cost, sale_value) == pytest.approx(
            least(charge_cost, sale_value, width[1, :, 0], 5, 1)
        )


def cost(stored: FloatArray, charge_cost: FloatArray, sale_value: FloatArray) -> float:
    change = np.diff(stored, prepend=1.0)
    return float(np.sum(np.where(change > 0, charge_cost, sale_value) * change))


def least(
    charge_cost: FloatArray,
    sale_value: FloatArray,
    most_sold: FloatArray,
    high: int,
    due: int,
) -> float:
    """Over whole kWh, which is enough where all numbers are whole."""
    worth = np.where(np.arange(high + 1) >= due, 0.0, np.inf)
    for t in reversed(range(len(charge_cost))):
        before = np.full(high + 1, np.inf)
        for now in range(high + 1):
            for then in range(max(0, now - int(most_sold[t])), min(high, now + 3) + 1):
                step = (then - now) * (charge_cost[t] if then > now else sale_value[t])
                before[now] = min(before[now], step + worth[then])
        worth = before
    return float(worth[1])


def test_a_future_that_is_kept_is_the_one_that_is_worked_out_anew() -> None:
    """Longer than the curves that are kept: step by step, each with nothing kept, the same comes out."""
    n_steps = 2 * MOST_CURVES + 30
    random = np.random.default_rng(5)
    slope = np.sort(random.normal(size=(3, n_steps, 2)), axis=0)
    width = random.uniform(0.0, 2.0, (3, n_steps, 2))
    gain = np.array([1.0, 2.0])
    limits_kwh = np.array([[0.0, 1.0], [6.0, 9.0]])
    stored_kwh = np.array([3.0, 2.0])
    steps = ascending_steps(slope, width, gain)
    at_once = recede(steps, limits_kwh, stored_kwh, stored_kwh, n_steps, n_steps)
    energy_kwh = stored_kwh
    for t in range(n_steps):
        tail = ascending_steps(slope[:, t:], width[:, t:], gain)
        energy_kwh = recede(tail, limits_kwh, energy_kwh, stored_kwh, n_steps - t, 1)[0]
        np.testing.assert_array_equal(energy_kwh, at_once[t])
