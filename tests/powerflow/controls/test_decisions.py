"""What controls do at given readings, and when a reading is too uncertain to tell; by hand."""

from __future__ import annotations

import numpy as np
import pytest
from numba import njit

from tieline.powerflow.controls.capacitor_decisions import AS_ENTERED, CAPACITOR
from tieline.powerflow.controls.decisions import Settings, act, decide
from tieline.powerflow.controls.memory import MEMORY
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


def bank(steps: float = 2.0, is_voltage: bool = False) -> np.ndarray:
    """Comes in above 150 kvar after 15 s and goes out below -50 after 45 s, overridden beyond 114 to 130 V; by voltage, it comes
    in below 116 V and goes out above 124 V. Dead time 300 s.
    """
    switching = (
        (True, -1.0, 116.0, 124.0, -np.inf, np.inf)
        if is_voltage
        else (False, 1.0, 150.0, -50.0, 114.0, 130.0)
    )
    return np.array(
        [(*switching, 15.0, 45.0, 300.0, steps, False, 0, 2)], dtype=CAPACITOR
    )


SETTINGS = Settings(regulator(IRREVERSIBLE), bank())


def memory(controls: int, **values: object) -> np.ndarray:
    """Memories with nothing entered, (control, LANES), but for some values of the last control."""
    empty = np.zeros((controls, LANES), dtype=MEMORY)
    empty["due_s"] = empty["changeover_due_s"] = np.inf
    for name, value in values.items():
        empty[name][-1] = value
    return empty


def decided(
    readings: tuple[float, float, float],
    errors: tuple[float, float, float],
    tap: int = 0,
    steps_in: int = 1,
    is_open: bool = False,
    settings: Settings = SETTINGS,
) -> list[int] | None:
    """Wishes of regulator and bank, or None where the errors leave them open."""
    seen, error, state = (np.zeros((3, LANES)) for _ in range(3))
    seen[:, 5], error[:, 5] = readings, errors
    state[:, 5] = 1.0, 1.0, steps_in / settings.capacitors["steps"][0]
    wishes = np.zeros(2, dtype=np.int64)
    entered = memory(2, is_open=is_open)
    taps = np.full((1, LANES), tap)
    is_certain = _decide(5, seen, error, taps, entered, state, settings, wishes)
    return wishes.tolist() if is_certain else None


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
    assert decided((100.0, 120.0, 0.0), (0.0, 0.0, 0.0), tap=15) == [1, AS_ENTERED]


@pytest.mark.parametrize(
    ("volt", "kvar", "error", "expected"),
    [
        (120.0, 151.0, 0.5, 1),
        (120.0, 151.0, 2.0, None),
        (120.0, 0.0, 2.0, AS_ENTERED),
        (120.0, -60.0, 2.0, -1),
        (131.0, 151.0, 0.5, -1),  # the voltage comes first
        (113.0, 0.0, 0.5, AS_ENTERED),  # too low, but the bank is closed already
    ],
)
def test_capacitor_control(
    volt: float, kvar: float, error: float, expected: int | None
) -> None:
    wishes = decided((123.0, volt, kvar), (0.0, error, error))
    assert (None if wishes is None else wishes[1]) == expected


def test_an_open_bank_comes_in_at_low_voltage_and_withdraws_between_its_settings() -> (
    None
):
    certain = (0.0, 0.0, 0.0)
    assert decided((123.0, 113.0, 0.0), certain, steps_in=0, is_open=True) == [0, 1]
    assert decided((123.0, 120.0, 0.0), certain, steps_in=0, is_open=True) == [0, 0]
    assert decided((123.0, 113.0, 0.0), certain, steps_in=0, is_open=False) == [
        0,
        AS_ENTERED,
    ]


def test_a_full_bank_and_one_by_voltage_withdraw_between_their_settings() -> None:
    certain, by_voltage = (
        (0.0, 0.0, 0.0),
        Settings(regulator(IRREVERSIBLE), bank(is_voltage=True)),
    )
    assert decided((123.0, 120.0, 0.0), certain, steps_in=2) == [0, 0]
    assert decided((123.0, 120.0, 120.0), certain, settings=by_voltage) == [0, 0]
    assert decided((123.0, 115.0, 115.0), certain, settings=by_voltage) == [0, 1]
    # no override
    assert decided((123.0, 131.0, 123.0), certain, settings=by_voltage) == [
        0,
        0,
    ]


def acted(
    wishes: list[int],
    entered: np.ndarray,
    settings: Settings = SETTINGS,
    steps_in: int = 1,
) -> tuple[int, int] | None:
    """Tap and steps of lane 3 after what is due first; None if nothing is."""
    taps = np.zeros((1, LANES), dtype=np.int64)
    steps = settings.capacitors["steps"][0]
    state = np.tile(np.array([[1.0], [1.0], [steps_in / steps]]), LANES)
    if not _act(3, np.array(wishes), settings, taps, entered, state):
        return None
    assert (taps[0, :3] == 0).all()
    assert state[1, 3] == pytest.approx(1 / (1 + taps[0, 3] * 0.00625))
    return int(taps[0, 3]), round(state[2, 3] * steps)


@pytest.mark.parametrize(
    ("wishes", "expected"),
    [([2, 1], (0, 2)), ([2, -1], (2, 1)), ([0, -1], (0, 0)), ([0, 0], None)],
)
def test_only_the_smallest_delay_acts(
    wishes: list[int], expected: tuple[int, int] | None
) -> None:
    # the regulator waits 30 s, the bank 15 s to come in and 45 s to go out
    assert acted(wishes, memory(2)) == expected


def test_what_waits_keeps_the_time_at_which_it_was_entered() -> None:
    # the bank entered at 45 s that it goes out; that it now wants to come in makes it no sooner than the regulator
    entered = memory(2)
    assert acted([2, -1], entered) == (2, 1)
    assert acted([2, 1], entered) == (2, 1)
    assert acted([0, 1], entered) == (0, 2)


def test_between_its_settings_a_bank_still_does_what_it_has_entered() -> None:
    entered = memory(2)
    assert acted([2, -1], entered) == (2, 1)
    assert acted([0, AS_ENTERED], entered) == (0, 0)
    entered = memory(2)
    assert acted([2, -1], entered) == (2, 1)
    assert acted([0, 0], entered) is None  # withdrawn


def test_a_bank_of_one_step_waits_its_dead_time_before_it_closes_again() -> None:
    settings, entered = Settings(regulator(IRREVERSIBLE), bank(steps=1.0)), memory(2)
    assert acted([0, -1], entered, settings) == (0, 0)
    assert entered["is_open"][1, 3]
    assert entered["was_opened"][1, 3]
    # 30 s are less than 315 s
    assert acted([2, 1], entered, settings, steps_in=0) == (
        2,
        0,
    )
    assert acted([0, 1], entered, settings, steps_in=0) == (0, 1)
    assert not entered["is_open"][1, 3]


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
    settings = Settings(regulator(mode), np.empty(0, dtype=CAPACITOR))
    wishes, entered = np.zeros(1, dtype=np.int64), memory(1, is_reversed=is_reversed)
    taps, state = np.full((1, LANES), tap), np.ones((2, LANES))
    is_certain = _decide(2, seen, errors, taps, entered, state, settings, wishes)
    return int(wishes[0]) if is_certain else None


def test_a_changeover_is_wanted_beside_taps() -> None:
    assert (
        reversible_move(SOURCE_SIDE, False, 120.0, 120.0, into_kw=200.0)
        == CHANGEOVER + 2
    )
    assert (
        reversible_move(SOURCE_SIDE, False, 123.0, 120.0, into_kw=200.0) == CHANGEOVER
    )
    assert reversible_move(SOURCE_SIDE, False, 123.0, 120.0, into_kw=50.0) == 0
    assert (
        reversible_move(SOURCE_SIDE, False, 123.0, 120.0, into_kw=99.0, error=2.0)
        is None
    )


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
        reversible_move(NEUTRAL, True, 123.0, 121.0, into_kw=-150.0, tap=3)
        == CHANGEOVER - 2
    )


def reversible_acts(
    entered: np.ndarray, wish: int, mode: int, delay_s: float = 30.0
) -> int:
    """Tap of lane 3 after what is due first."""
    settings = Settings(regulator(mode), np.empty(0, dtype=CAPACITOR))
    settings.regulators["delay_s"] = delay_s
    taps = np.zeros((1, LANES), dtype=np.int64)
    assert _act(3, np.array([wish]), settings, taps, entered, np.ones((2, LANES)))
    return int(taps[0, 3])


def test_the_sooner_of_taps_and_changeover_comes_first_and_both_at_the_same_time() -> (
    None
):
    for delay_s, tap, is_reversed in (
        (30.0, 2, False),
        (60.0, 2, True),
        (90.0, 0, True),
    ):
        entered = memory(1)
        assert reversible_acts(entered, CHANGEOVER + 2, SOURCE_SIDE, delay_s) == tap
        assert entered["is_reversed"][0].tolist() == [
            lane == 3 and is_reversed for lane in range(LANES)
        ]


def test_taps_entered_before_the_changeover_come_before_those_to_neutral() -> None:
    entered = memory(1)
    assert reversible_acts(entered, CHANGEOVER + 2, NEUTRAL, 90.0) == 0
    assert reversible_acts(entered, -4, NEUTRAL, 90.0) == 2
    assert reversible_acts(entered, -4, NEUTRAL, 90.0) == -4
