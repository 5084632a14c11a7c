"""A public function that is given something else than it takes says what it takes, in an error of tieline's own.

The rules by themselves, and then every public door with what a newcomer gives: a path, a feeder or a number where another object
belongs, text for numbers, lists for choices. None of Python's own errors from within may come out.
"""

from __future__ import annotations

import pickle
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import tieline
from tieline import opf
from tieline.arguments import list_of, name_maker, number_of, path_of, whole_number_of
from tieline.envs import BatchedEnv, make_env, make_task
from tieline.errors import InputError, TielineError

untyped: Any = tieline
untyped_opf: Any = opf
"""As somebody uses them whose editor checks no types."""

FEEDER = tieline.load_feeder("ieee13").with_pv("671", 100)
NOTHING_FITS = [None, 5, float("nan"), {}, object(), np.ones((2, 2)), True]
"""What is no path, no name, no feeder, no result, and no choice."""


def test_a_path_is_text_or_a_path():
    assert path_of("runs", "load_run") == path_of(Path("runs"), "load_run")
    with pytest.raises(InputError, match=r"load_run takes a path.*not an int"):
        path_of(5, "load_run")


def test_whole_numbers_may_be_of_numpy_and_nothing_else():
    assert whole_number_of("n", np.int32(3)) == 3
    for value in (True, 1.5, "3", None):
        with pytest.raises(InputError, match="n must be a whole number"):
            whole_number_of("n", value)


def test_numbers_are_finite():
    assert number_of("hours", np.float32(0.5)) == 0.5
    for value in (True, "3", None, float("nan"), float("inf")):
        with pytest.raises(InputError, match="hours must be a"):
            number_of("hours", value)


def test_a_text_is_no_list_of_texts():
    assert list_of("meters", ["a", "b"], str) == ("a", "b")
    for value in ("a", 5, [1]):
        with pytest.raises(InputError, match="meters"):
            list_of("meters", value, str)


@pytest.mark.parametrize(
    ("make", "way"),
    [
        (lambda: untyped.Network(FEEDER), r"Network.from_feeder\(feeder\)"),
        (lambda: untyped.Network(), r"Network.from_feeder\(feeder\)"),
        (lambda: untyped.Feeder("ieee13"), r"load_feeder\('ieee13'\)"),
        (lambda: untyped.Solution(FEEDER), r"feeder.solve\(\)"),
        (lambda: untyped.Solver(FEEDER, load_scale=2), r"solve\(load_scale"),
        (lambda: untyped.Result(), "run_study"),
        (lambda: untyped.Plot(FEEDER), "plot_feeder"),
        (lambda: untyped.Pv("roof", "671"), r"feeder.with_pv\(bus, kw\)"),
        (lambda: untyped.Load(bus="671", kw=3), r"feeder.with_load\(bus, kw\)"),
        (lambda: untyped_opf.Problem(FEEDER), r"make_problem\(network"),
        (lambda: untyped_opf.Answer(), r"solve_nlp\(problem\)"),
    ],
)
def test_a_class_called_wrongly_names_what_makes_it(
    make: Callable[[], object], way: str
):
    with pytest.raises(InputError, match=way):
        make()


def test_classes_with_that_hint_copy_and_travel_as_before():
    load = FEEDER.loads[0]
    assert pickle.loads(pickle.dumps(load)) == replace(load)
    copy = pickle.loads(pickle.dumps(FEEDER.solve()))
    assert (copy.v_pu == FEEDER.solve().v_pu).all()


def test_a_type_error_from_within_stays_one():
    class Sum:
        def __init__(self, value: Any):
            self.value = value + 1

    name_maker(Sum, "Make one: nowhere.")
    with pytest.raises(TypeError, match="unsupported operand"):
        Sum(None)
    with pytest.raises(InputError, match=r"Sum: missing a required argument: 'value'"):
        Sum()  # type: ignore[call-arg]


def _doors() -> dict[str, Callable[[Any], object]]:
    """One call of each public function for each argument that may be of the wrong kind."""
    solution = FEEDER.solve()
    result = tieline.run_study("power-flow", FEEDER)
    plot = FEEDER.plot()
    network = FEEDER.network
    problem = opf.make_problem(network, price=0.1)

    def option(name: str) -> Callable[[Any], object]:
        return lambda value: tieline.solve(network, **{name: value})

    def asked(name: str) -> Callable[[Any], object]:
        return lambda value: untyped_opf.make_problem(
            network, **{"price": 0.1, name: value}
        )

    return {
        "load_feeder": tieline.load_feeder,
        "save_tables": lambda value: tieline.save_tables(value, "folder"),
        "save_tables, folder": lambda value: tieline.save_tables(FEEDER, value),
        "Network.from_feeder": tieline.Network.from_feeder,
        "solve": tieline.solve,
        "Solver": tieline.Solver,
        "controls": option("controls"),
        "load_model": option("load_model"),
        "plot_feeder": tieline.plot_feeder,
        "plot_voltages": tieline.plot_voltages,
        "show": lambda value: solution.plot(show=value),
        "Plot.save": plot.save,
        "run_study": tieline.run_study,
        "load_run": tieline.load_run,
        "Result.save": result.save,
        "Result.write_report": result.write_report,
        "Result.number": result.number,
        "Feeder.bus": FEEDER.bus,
        "Feeder.table": FEEDER.table,
        "Feeder.with_load": lambda value: FEEDER.with_load(value, 5),
        "Feeder.with_switch": lambda value: FEEDER.with_switch(value, closed=True),
        "Feeder.without": FEEDER.without,
        "make_problem": lambda value: opf.make_problem(value, price=0.1),
        "hours": asked("hours"),
        "branch_limits": asked("branch_limits"),
        "solve_lp": opf.solve_lp,
        "solve_socp": opf.solve_socp,
        "NlpModel": opf.NlpModel,
        "voltages of solve_lp": lambda value: opf.solve_lp(problem, voltages=value),
        "rounds": lambda value: opf.solve_lp(problem, rounds=value),
        "replay": lambda value: untyped_opf.replay(value, 0.0, 0.0),
        "make_task": make_task,
        "make_env": make_env,
        "BatchedEnv": BatchedEnv,
    }


DOORS = _doors()
FITS = {("rounds", "5"), ("hours", "5")}
"""What a door does take."""


@pytest.mark.parametrize("door", DOORS)
def test_what_does_not_fit_is_refused_in_words(door: str):
    for value in NOTHING_FITS:
        if (door, repr(value)) in FITS:
            continue
        with pytest.raises(TielineError) as refused:
            DOORS[door](value)
        assert len(str(refused.value)) > 20, value


NUMBER_DOORS = {
    "tolerance": lambda value: tieline.solve(FEEDER, tolerance=value),
    "max_iterations": lambda value: tieline.solve(FEEDER, max_iterations=value),
    "load_scale": lambda value: tieline.solve(FEEDER, load_scale=value),
    "load_kw": lambda value: tieline.solve(FEEDER, load_kw=value),
    "scenario": lambda value: FEEDER.solve().node_table(value),
    "of_scenarios": lambda value: FEEDER.solve().of_scenarios(value),
    "kw": lambda value: FEEDER.with_pv("671", value),
    "price": lambda value: opf.make_problem(FEEDER.network, price=value),
    "v_max_pu": lambda value: opf.make_problem(
        FEEDER.network, price=0.1, v_max_pu=value
    ),
}


@pytest.mark.parametrize("door", NUMBER_DOORS)
@pytest.mark.parametrize("value", ["many", {"nowhere": 1.0}, object(), [[1], [2, 3]]])
def test_what_is_no_number_is_refused_in_words(door: str, value: object):
    with pytest.raises(TielineError):
        NUMBER_DOORS[door](value)


@pytest.mark.parametrize(
    "inputs",
    [
        {"ders": opf.DerInputs(ramp_kw=np.nan)},
        {"flexible": opf.FlexibleInputs(served_before=np.nan)},
        {"flexible": opf.FlexibleInputs(max_drop=np.nan)},
        {"ders": FEEDER},
        {"storage": {}},
        {"neutral_v": "5"},
        {"meters": "650632"},
        {"branch_limits": "none"},
    ],
)
def test_a_problem_takes_no_nan_and_nothing_of_another_kind(inputs: dict[str, Any]):
    with pytest.raises(InputError):
        opf.make_problem(FEEDER.network, price=0.1, **inputs)
