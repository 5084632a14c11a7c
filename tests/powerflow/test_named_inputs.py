"""Inputs by name give the answer of the arrays that they stand for, and what is misnamed is refused."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import pytest

from builders import two_bus_holding
from tieline.errors import InputError, NotConvergedError, ShapeError
from tieline.feeders import load_feeder
from tieline.powerflow import solve
from tieline.powerflow.batch import make_batch
from tieline.powerflow.named_inputs import by_position

FEEDER = (
    load_feeder("ieee13").with_pv("671", 300, name="roof").with_battery("680", 50, 100)
)
NETWORK = FEEDER.network
LOAD_KW = np.array([load.p_kw for load in FEEDER.loads])
LOAD_KVAR = np.array([load.q_kvar for load in FEEDER.loads])
LOADS = [load.name for load in FEEDER.loads]


def as_arrays(**inputs: Any) -> dict[str, Any]:
    return dict(by_position(NETWORK, inputs))  # pyright: ignore[reportArgumentType]


def test_arrays_are_left_as_they_are() -> None:
    inputs = {"load_scale": [[1.0], [2.0]], "taps": np.zeros(3), "line_closed": None}
    assert by_position(NETWORK, inputs) is inputs  # pyright: ignore[reportArgumentType]


def test_what_is_not_named_keeps_the_value_of_the_feeder() -> None:
    arrays = as_arrays(load_kw={LOADS[2].upper(): 100})
    expected = LOAD_KW.copy()
    expected[2] = 100
    assert arrays["load_kw"].tolist() == expected.tolist()
    assert arrays["load_kvar"].tolist() == LOAD_KVAR.tolist()
    assert as_arrays(load_scale={LOADS[0]: 2})["load_scale"].tolist() == [2] + [1] * 14
    assert as_arrays(der_kw={"battery_680": -20})["der_kw"].tolist() == [300, -20]
    assert as_arrays(taps={"reg2": 5})["taps"].tolist() == [0, 5, 0]
    assert as_arrays(capacitor_steps={"cap2": 0})["capacitor_steps"].tolist() == [1, 0]
    (switch,) = FEEDER.switches
    closed = as_arrays(line_closed={switch.name: False})["line_closed"]
    assert closed.sum() == len(FEEDER.lines) - 1
    assert closed[FEEDER.lines.index(switch)] == 0
    source = as_arrays(source_pu={"source": 1.02})["source_pu"]
    assert source.tolist() == [1.02, 1.02, 1.02]


def test_names_give_the_voltages_of_the_arrays() -> None:
    load_kw = np.tile(LOAD_KW, (3, 1))
    load_kw[:, 4] = [10, 20, 30]
    by_array = solve(NETWORK, load_kw=load_kw, load_kvar=LOAD_KVAR, taps=[3, 4, 5])
    values = [10, 20, 30]
    taps = pd.Series({"reg3": 5, "reg1": 3, "reg2": 4})
    for named in ({LOADS[4]: values}, pd.DataFrame({LOADS[4]: values})):
        solution = solve(NETWORK, load_kw=named, taps=taps)
        assert (solution.v_pu == by_array.v_pu).all()


def test_a_number_beside_values_stands_for_all_scenarios() -> None:
    array = as_arrays(load_kw={LOADS[0]: [1, 2], LOADS[1]: 7})["load_kw"]
    assert array[:, :2].tolist() == [[1, 7], [2, 7]]


def test_a_single_scenario_by_name_has_no_scenario_axis() -> None:
    assert make_batch(NETWORK, load_kw={LOADS[0]: 5}).is_single
    with pytest.raises(NotConvergedError):
        solve(NETWORK, load_kw={LOADS[0]: 1e7})


def test_frames_that_count_are_arrays() -> None:
    frame = pd.DataFrame(np.tile(LOAD_KW, (2, 1)))
    solution = solve(NETWORK, load_kw=frame, load_kvar=pd.Series(LOAD_KVAR))
    assert (solution.v_pu[0] == solve(NETWORK).v_pu[0]).all()


def test_complex_source_by_name_turns_all_its_nodes() -> None:
    turn = np.exp(1j * np.radians(10))
    solution = solve(NETWORK, source_pu={"source": turn})
    angle = np.degrees(np.angle(solution.v_pu[0, 0] / solve(NETWORK).v_pu[0, 0]))
    assert angle == pytest.approx(10 + np.degrees(0), abs=0.2)


@pytest.mark.parametrize(
    ("inputs", "words"),
    [
        (
            {"load_kw": {"671x": 1}},
            "load_kw: Unknown load '671x' of feeder 'ieee13'. Did",
        ),
        ({"load_kw": {671: 1}}, "Write '671' in quotation marks"),
        ({"load_kw": {None: 1}}, "named by text; got None"),
        (
            {"load_kw": pd.DataFrame([[1, 2]], columns=["671", " 671"])},
            "more than once: 671",
        ),
        ({"der_kw": {"rof": 1}}, "Unknown DER 'rof'"),
        ({"taps": {"reg9": 1}}, "Unknown regulator 'reg9'"),
        ({"line_closed": {"sw": 1}}, "Unknown line 'sw'"),
        ({"capacitor_steps": {"cap9": 1}}, "Unknown capacitor 'cap9'"),
        ({"source_pu": {"grid": 1}}, "Unknown source 'grid'"),
        ({"start_pu": {"671.1": 1}}, "start_pu is an array in the order of the nodes"),
        ({"load_kw": {"671": "much"}}, "load_kw holds something else than numbers"),
        ({"taps": {"reg1": 99}}, "taps of regulator 'reg1' is 99"),
    ],
)
def test_a_name_that_does_not_exist_is_refused(
    inputs: dict[str, Any], words: str
) -> None:
    with pytest.raises(InputError) as caught:
        solve(NETWORK, **inputs)
    assert words in str(caught.value)


def test_values_of_different_length_are_refused() -> None:
    with pytest.raises(ShapeError, match="671: 2, 646: 3"):
        solve(NETWORK, load_kw={"671": [1, 2], "646": [1, 2, 3]})


def test_rows_of_different_names_are_no_scenarios() -> None:
    load_kw = pd.DataFrame({"671": [1, 2]}, index=["noon", "night"])
    der_kw = pd.DataFrame({"roof": [1, 2]}, index=["night", "noon"])
    with pytest.raises(InputError, match=r"der_kw\.reindex\(load_kw\.index\)"):
        solve(NETWORK, load_kw=load_kw, der_kw=der_kw)
    solution = solve(NETWORK, load_kw=load_kw, der_kw=der_kw.reindex(load_kw.index))
    assert solution.der_kva.real[:, 0] == pytest.approx([2, 1])


def test_ders_of_two_kinds_with_one_name_are_named_with_their_kind() -> None:
    network = FEEDER.with_generator("680", 10, name="roof").network
    with pytest.raises(InputError, match=r"Unknown DER 'roof'.*'pv.roof'"):
        solve(network, der_kw={"roof": 1})
    solution = solve(network, der_kw={"generator.roof": 25})
    assert solution.der_kva[0].real == pytest.approx([300, 0, 25])


def test_a_generator_does_not_stop_holding_its_voltage_unnamed() -> None:
    feeder = two_bus_holding().with_pv("b", 10, name="roof")
    with pytest.raises(InputError, match="it says nothing of held"):
        feeder.solve(der_kvar={"roof": 5})
    assert not feeder.solve(der_kvar={"roof": 5, "held": 0}).holds_voltages
    # P by name leaves it holding
    assert feeder.solve(der_kw={"roof": 5}).holds_voltages
