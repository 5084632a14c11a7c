"""What controls do at given readings, and when a reading is too uncertain to tell; by hand."""

from __future__ import annotations

import numpy as np
import pytest
from numba import njit

from tieline.powerflow.controls.decisions import CAPACITOR, Settings, act, decide
from tieline.powerflow.controls.regulator_decisions import (
    CHANGEOVER,
    COGENERATION,
    IRREVERSIBLE,
    NEUTRAL,
    REGULATOR,
    SOURCE_SIDE,
)
from tieline.powerflow.kernel.lanes import LANES

_decide = njit(lambda *arguments: decide(*arguments))
_act = njit(lambda *arguments: act(*arguments))


def regulator(reverse_mode: int) -> np.ndarray:
    """Holds 123 +- 1 V, in its reverse mode beyond 100 kW 118 +- 1.5 V; a tap is 0.75 V on the secondary side."""
    forward = (123.0, 2.0, 20.0, 15.0, 16, -16, 16, 1.0, 0.00625, 30.0, 1)
    reverse = (reverse_mode, 1, 100.0, 60.0, 118.0, 3.0, 0, 2.0)
    return np.array([(*forward, *reverse)], dtype=REGULATOR)


SETTINGS = Settings(
    regulator(IRREVERSIBLE),
    # comes in above 150 kvar and goes out below -50; the first of two steps is in
    np.array([(1.0, 150.0, -50.0, 114.0, 130.0, 15.0, 45.0, 2.0, 2)], dtype=CAPACITOR),
)


def decided(
    readings: tuple[float, float, float], errors: tuple[float, float, float], tap: int = 0
) -> list[int] | None:
    """Moves of regulator and bank, or None where the errors leave them open."""
    seen, error, state = (np.zeros((3, LANES)) for _ in range(3))
    seen[:, 5], error[:, 5], state[:, 5] = readings, errors, (1.0, 1.0, 0.5)
    moves = np.zeros(2, dtype=np.int64)
    forward = np.zeros((1, LANES), dtype=np.bool_)
    is_certain = _decide(5, seen, error, np.full((1, LANES), tap), forward, state, SETTINGS, moves)
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


@pytest.mark.parametrize(
    ("moves", "tap", "steps"),
    [([2, 1], 0, 1.0), ([2, -1], 2, 0.5), ([0, -1], 0, 0.0), ([0, 0], 0, 0.5)],
)
def test_only_the_smallest_delay_acts(moves: list[int], tap: int, steps: float) -> None:
    # the regulator waits 30 s, the bank 15 s to come in and 45 s to go out
    taps, state = (
        np.zeros((1, LANES), dtype=np.int64),
        np.tile(np.array([[1.0], [1.0], [0.5]]), LANES),
    )
    forward = np.zeros((1, LANES), dtype=np.bool_)
    assert _act(3, np.array(moves), SETTINGS, taps, forward, state) == any(moves)
    assert taps[0, 3] == tap
    assert state[:, 3] == pytest.approx([1.0, 1 / (1 + tap * 0.00625), steps])
    assert (taps[0, :3] == 0).all()


def reversible_move(
    mode: int,
    is_reversed: bool,
    volt: float,
    reverse_volt: float,
    into_kw: float,
    error: float = 0.0,
    tap: int = 0,
) -> int | None:
    """What a reversible regulator wants at its readings; None where their errors leave that open."""
    seen, errors = np.zeros((3, LANES)), np.full((3, LANES), error)
    seen[:, 2] = volt, reverse_volt, into_kw
    settings, moves = (
        Settings(regulator(mode), np.empty(0, dtype=CAPACITOR)),
        np.zeros(1, dtype=np.int64),
    )
    modes, state = np.full((1, LANES), is_reversed), np.ones((2, LANES))
    is_certain = _decide(2, seen, errors, np.full((1, LANES), tap), modes, state, settings, moves)
    return int(moves[0]) if is_certain else None


def test_taps_come_before_the_changeover_which_waits_longer() -> None:
    assert reversible_move(SOURCE_SIDE, False, 120.0, 120.0, into_kw=200.0) == 2
    assert reversible_move(SOURCE_SIDE, False, 123.0, 120.0, into_kw=200.0) == CHANGEOVER
    assert reversible_move(SOURCE_SIDE, False, 123.0, 120.0, into_kw=50.0) == 0
    assert reversible_move(SOURCE_SIDE, False, 123.0, 120.0, into_kw=99.0, error=2.0) is None


def test_what_it_does_in_its_reverse_mode() -> None:
    # 4 taps too high on its own side are 2 moves down, on the other side 2 up; at a tap of +4 that side has 121 / 1.025 = 118 V
    assert reversible_move(COGENERATION, True, 123.0, 121.0, into_kw=200.0) == -2
    assert reversible_move(SOURCE_SIDE, True, 123.0, 121.0, into_kw=200.0) == 2
    assert reversible_move(SOURCE_SIDE, True, 123.0, 121.0, into_kw=200.0, tap=4) == 0
    assert reversible_move(NEUTRAL, True, 123.0, 121.0, into_kw=200.0, tap=4) == -2
    assert reversible_move(NEUTRAL, True, 123.0, 121.0, into_kw=200.0, tap=0) == 0


def test_it_comes_back_once_power_flows_forward_again() -> None:
    assert reversible_move(NEUTRAL, True, 123.0, 121.0, into_kw=-50.0) == 0
    assert reversible_move(NEUTRAL, True, 123.0, 121.0, into_kw=-150.0) == CHANGEOVER
    assert (
        reversible_move(NEUTRAL, True, 123.0, 121.0, into_kw=-150.0, tap=3) == -2
    )  # neutral waits 2 s, the changeover 60 s


def test_changeover_turns_the_mode_of_its_lane() -> None:
    settings = Settings(regulator(NEUTRAL), np.empty(0, dtype=CAPACITOR))
    taps, modes = np.zeros((1, LANES), dtype=np.int64), np.zeros((1, LANES), dtype=np.bool_)
    assert _act(3, np.array([CHANGEOVER]), settings, taps, modes, np.ones((2, LANES)))
    assert modes[0].tolist() == [lane == 3 for lane in range(LANES)]
    assert not taps.any()
