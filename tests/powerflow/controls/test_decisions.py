"""What controls do at given readings, and when a reading is too uncertain to tell; by hand."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from numba import njit

from tieline.powerflow.controls.capacitor_decisions import (
    AS_ENTERED,
    CAPACITOR,
    HIGHEST,
    LOWEST,
    MEAN,
)
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


def record(kind: np.dtype, **values: object) -> np.ndarray:
    """One record of settings; what is not given is zero."""
    settings = np.zeros(1, dtype=kind)
    for name, value in values.items():
        settings[name] = value
    return settings


def regulator(reverse_mode: int = IRREVERSIBLE, **values: object) -> np.ndarray:
    """Holds 123 +- 1 V, in its reverse mode beyond 100 kW 118 +- 1.5 V; a tap is 0.75 V on the secondary side."""
    given: dict[str, object] = {
        "set_v": 123.0,
        "band_v": 2.0,
        "pt_ratio": 20.0,
        "tap_v": 15.0,
        "direction": 1.0,
        "most": 16,
        "lowest": -16,
        "highest": 16,
        "neutral_ratio": 1.0,
        "ratio_per_step": 0.00625,
        "delay_s": 30.0,
        "state": 1,
        "is_elaborate": reverse_mode != IRREVERSIBLE,
        "extra": 1,
        "phases": 1,
        "limit_v": np.inf,
        "reverse_mode": reverse_mode,
        "threshold_kw": 100.0,
        "changeover_s": 60.0,
        "reverse_set_v": 118.0,
        "reverse_band_v": 3.0,
        "neutral_s": 2.0,
    }
    return record(REGULATOR, **given | values)


def bank(steps: float = 2.0, is_voltage: bool = False, **values: object) -> np.ndarray:
    """Comes in above 150 kvar after 15 s and goes out below -50 after 45 s, overridden beyond 114 to 130 V; by voltage, it comes
    in below 116 V and goes out above 124 V. Dead time 300 s.
    """
    given: dict[str, object] = {
        "is_voltage": is_voltage,
        "sign": -1.0 if is_voltage else 1.0,
        "on": 116.0 if is_voltage else 150.0,
        "off": 124.0 if is_voltage else -50.0,
        "v_min_v": -np.inf if is_voltage else 114.0,
        "v_max_v": np.inf if is_voltage else 130.0,
        "volt": 1,
        "n_volts": 1,
        "reading": 2,
        "n_readings": 1,
        "delay_on_s": 15.0,
        "delay_off_s": 45.0,
        "dead_time_s": 300.0,
        "steps": steps,
        "state": 2,
    }
    return record(CAPACITOR, **given | values)


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


def elaborate_move(
    settings: np.ndarray,
    phases: list[tuple[float, float, float, float]],
    into_kw: float = 0.0,
    error: float = 0.0,
    tap: int = 0,
    is_reversed: bool = False,
) -> tuple[int, float] | None:
    """What a regulator wants and its delay [s]; None where the errors of its readings leave that open.

    `phases`: of each phase that it looks at the voltage of its winding, as compensated forward and in reverse, and the current.
    """
    column = [0.0, *(value for phase in phases for value in phase), into_kw]
    readings, errors = np.zeros((2, len(column), LANES))
    readings[:, 2] = column
    errors[1:, 2] = error
    controls = Settings(settings, np.empty(0, dtype=CAPACITOR))
    wishes, entered = np.zeros(1, dtype=np.int64), memory(1, is_reversed=is_reversed)
    taps, state = np.full((1, LANES), tap), np.ones((2, LANES))
    is_certain = _decide(2, readings, errors, taps, entered, state, controls, wishes)
    return (int(wishes[0]), entered["delay_s"][0, 2]) if is_certain else None


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
    phase = (volt, volt, reverse_volt, 0.0)
    move = elaborate_move(regulator(mode), [phase], into_kw, error, tap, is_reversed)
    return None if move is None else move[0]


def test_the_highest_or_lowest_phase_is_regulated() -> None:
    phases = [(volt, volt, volt, 0.0) for volt in (123.0, 126.0, 120.0)]
    highest = regulator(is_elaborate=True, phases=3, choice=1.0)
    lowest = regulator(is_elaborate=True, phases=3, choice=-1.0)
    assert elaborate_move(highest, phases) == (-2, 30.0)  # 4 taps too many
    assert elaborate_move(lowest, phases) == (2, 30.0)
    # 126 and 123 V may be the other way round
    assert elaborate_move(highest, phases, error=1.6) is None


def test_the_phase_is_chosen_before_its_voltage_is_compensated() -> None:
    phases = [(124.0, 120.0, 0.0, 0.0), (123.0, 126.0, 0.0, 0.0)]
    highest = regulator(is_elaborate=True, phases=2, choice=1.0)
    assert elaborate_move(highest, phases) == (2, 30.0)


def test_a_highest_voltage_comes_before_the_set_point() -> None:
    # 120 V at the end of the line, but 128 V at the winding, of which 125 V are allowed: 4 taps down
    limited = regulator(is_elaborate=True, limit_v=125.0)
    assert elaborate_move(limited, [(128.0, 120.0, 0.0, 0.0)]) == (-2, 30.0)
    assert elaborate_move(limited, [(124.0, 120.0, 0.0, 0.0)]) == (2, 30.0)
    assert elaborate_move(limited, [(124.9, 120.0, 0.0, 0.0)], error=0.2) is None


def test_compensation_by_magnitudes() -> None:
    # 126 - 1.5 V/A * 4 A = 120 V: 4 taps up; in reverse 0.5 V/A leave 124 V, and the set point there is 118 V: 8 taps down
    settings = regulator(COGENERATION, z_v=1.5, reverse_z_v=0.5)
    assert elaborate_move(settings, [(126.0, 0.0, 0.0, 4.0)]) == (2, 30.0)
    reverse = elaborate_move(
        settings, [(126.0, 0.0, 0.0, 4.0)], into_kw=200.0, is_reversed=True
    )
    assert reverse == (-5, 30.0)


def test_inverse_time_is_shorter_the_farther_the_voltage_is_away() -> None:
    # 30 s at half a band of 1 V; known only with the voltage
    settings = regulator(is_elaborate=True, is_inverse_time=True)
    assert elaborate_move(settings, [(120.0, 120.0, 0.0, 0.0)]) == (2, 10.0)
    assert elaborate_move(settings, [(103.0, 103.0, 0.0, 0.0)]) == (16, 3.0)
    assert elaborate_move(settings, [(120.0, 120.0, 0.0, 0.0)], error=1e-9) is None


def test_another_winding_moves_the_other_way() -> None:
    assert decided(
        (120.0, 120.0, 0.0),
        (0.0, 0.0, 0.0),
        settings=Settings(regulator(direction=-1.0), bank()),
    ) == [-2, AS_ENTERED]


def bank_wish(
    readings: tuple[float, ...], error: float = 0.0, **values: Any
) -> int | None:
    """What a control of a bank of two steps wants, one of them in or the bank open; None where errors leave that open."""
    is_open = bool(values.pop("is_open", False))
    column, errors = np.zeros((2, 1 + len(readings), LANES))
    column[1:, 5], errors[1:, 5] = readings, error
    settings = Settings(regulator(), bank(**values))
    wishes, entered = np.zeros(2, dtype=np.int64), memory(2, is_open=is_open)
    taps, state = np.zeros((1, LANES), dtype=np.int64), np.ones((3, LANES))
    state[2] = 0.0 if is_open else 0.5
    is_certain = _decide(5, column, errors, taps, entered, state, settings, wishes)
    return int(wishes[1]) if is_certain else None


@pytest.mark.parametrize(("rule", "expected"), [(HIGHEST, -1), (LOWEST, 1), (MEAN, 0)])
def test_a_rule_makes_one_voltage_of_several(rule: int, expected: int) -> None:
    several = {"n_volts": 3, "volt_rule": rule, "n_readings": 3, "rule": rule}
    by_voltage = {"is_voltage": True, "reading": 1} | several
    # in below 116 V and out above 124 V
    assert bank_wish((115.0, 125.0, 119.0), **by_voltage) == expected


@pytest.mark.parametrize(
    ("kvar", "kw", "is_open", "expected"),
    [
        (60.0, 80.0, True, 1),  # 0.8
        (40.0, 53.0, True, 0),  # 0.8, but less than the 50 kvar that it needs
        (40.0, 53.0, False, 1),  # a step needs half of its 50 kvar
        (20.0, 15.0, False, AS_ENTERED),
        (0.0, 0.0, True, 0),
        (-60.0, 80.0, False, -1),  # 1.2
        (-20.0, 80.0, False, AS_ENTERED),  # 1.03
        (-60.0, -80.0, False, -1),  # power flows back
    ],
)
def test_power_factor(kvar: float, kw: float, is_open: bool, expected: int) -> None:
    settings: dict[str, Any] = {
        "is_power_factor": True,
        "on": 0.95,
        "off": 1.05,
        "least_kvar": 50.0,
        "least_step_kvar": 25.0,
    }
    readings = (120.0, kvar, kw)
    assert bank_wish(readings, is_open=is_open, **settings) == expected
    # where a power may change its sign nothing is certain
    assert bank_wish(readings, 100.0, is_open=is_open, **settings) is None


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
    entered["delay_s"] = delay_s
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
