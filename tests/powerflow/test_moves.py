"""What controls do at given readings, and when a reading is too uncertain to tell; by hand."""

from __future__ import annotations

import numpy as np
import pytest
from numba import njit

from tieline.powerflow.lanes import LANES
from tieline.powerflow.moves import CAPACITOR, REGULATOR, Settings, act, decide

_decide = njit(lambda *arguments: decide(*arguments))
_act = njit(lambda *arguments: act(*arguments))

SETTINGS = Settings(
    # holds 123 +- 1 V; a tap is 0.75 V on the secondary side
    np.array([(123.0, 2.0, 20.0, 15.0, 16, -16, 16, 1.0, 0.00625, 30.0, 1)], dtype=REGULATOR),
    # comes in above 150 kvar and goes out below -50; the first of two steps is in
    np.array([(1.0, 150.0, -50.0, 114.0, 130.0, 15.0, 45.0, 2.0, 2)], dtype=CAPACITOR),
)


def decided(readings: tuple[float, float, float], errors: tuple[float, float, float], tap: int = 0) -> list[int] | None:
    """Moves of regulator and bank, or None where the errors leave them open."""
    seen, error, state = (np.zeros((3, LANES)) for _ in range(3))
    seen[:, 5], error[:, 5], state[:, 5] = readings, errors, (1.0, 1.0, 0.5)
    moves = np.zeros(2, dtype=np.int64)
    is_certain = _decide(5, seen, error, np.full((1, LANES), tap), state, SETTINGS, moves)
    return moves.tolist() if is_certain else None


@pytest.mark.parametrize(
    ("volt", "error_v", "expected"),
    [
        (120.0, 0.0, 2),  # 4 taps missing, 70 % of them are 2.8
        (120.0, 0.3, 2),  # 3.6 to 4.4 taps missing
        (120.0, 0.4, None),  # 3.47 to 4.53: 3 taps would make 2 moves, 5 would make 3
        (121.5, 0.0, 1),  # 2 taps missing, 1.4
        (122.1, 0.05, 0),  # inside the band for certain
        (122.1, 0.2, None),
        (127.5, 0.0, -4),  # 6 taps too many, 4.2
        (float("nan"), 0.0, 0),
    ],
)
def test_regulator(volt: float, error_v: float, expected: int | None) -> None:
    moves = decided((volt, 120.0, 0.0), (error_v, 0.0, 0.0))
    assert (None if moves is None else moves[0]) == expected


def test_regulator_stops_at_its_last_tap() -> None:
    assert decided((100.0, 120.0, 0.0), (0.0, 0.0, 0.0), tap=15) == [1, 0]


@pytest.mark.parametrize(
    ("volt", "kvar", "error", "expected"),
    [
        (120.0, 151.0, 0.5, 1),
        (120.0, 151.0, 2.0, None),
        (120.0, 0.0, 2.0, 0),
        (120.0, -60.0, 2.0, -1),
        (131.0, 151.0, 0.5, -1),  # the voltage comes first
        (113.0, 0.0, 0.5, 0),  # too low, but a step is in already
    ],
)
def test_capacitor_control(volt: float, kvar: float, error: float, expected: int | None) -> None:
    moves = decided((123.0, volt, kvar), (0.0, error, error))
    assert (None if moves is None else moves[1]) == expected


@pytest.mark.parametrize(("moves", "tap", "steps"), [([2, 1], 0, 1.0), ([2, -1], 2, 0.5), ([0, -1], 0, 0.0), ([0, 0], 0, 0.5)])
def test_only_the_smallest_delay_acts(moves: list[int], tap: int, steps: float) -> None:
    # the regulator waits 30 s, the bank 15 s to come in and 45 s to go out
    taps, state = np.zeros((1, LANES), dtype=np.int64), np.tile(np.array([[1.0], [1.0], [0.5]]), LANES)
    assert _act(3, np.array(moves), SETTINGS, taps, state) == any(moves)
    assert taps[0, 3] == tap
    assert state[:, 3] == pytest.approx([1.0, 1 / (1 + tap * 0.00625), steps])
    assert (taps[0, :3] == 0).all()
