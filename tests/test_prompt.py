"""What a user sees who types a name at a Python prompt, and `python -m tieline`."""

from __future__ import annotations

import subprocess
import sys
import webbrowser
from collections.abc import Callable
from dataclasses import replace
from importlib.resources import files

import numpy as np
import pytest

import tieline
from builders import two_wire
from tieline import Network, load_feeder, run_study, solve
from tieline.counted import counted, counted_list
from tieline.errors import InputError
from tieline.reports.numbers import format_number
from tieline.reports.remarks import approximated
from tieline.studies.at_prompt import ROWS_SHOWN

MOST_LINES = 9


@pytest.mark.parametrize(
    ("number", "noun", "words"),
    [
        (0, "load", "0 loads"),
        (1, "bus", "1 bus"),
        (2, "bus", "2 buses"),
        (3, "switch", "3 switches"),
        (1, "DER", "1 DER"),
        (-1, "tap", "-1 taps"),
    ],
)
def test_number_with_its_noun(number: int, noun: str, words: str):
    assert counted(number, noun) == words


def test_things_that_are_not_there_are_left_out():
    assert counted_list({"line": 2, "switch": 0, "load": 1}) == "2 lines, 1 load"
    assert counted_list({}) == ""


def test_feeder_at_a_prompt():
    assert repr(load_feeder("ieee13")).splitlines() == [
        "Feeder 'ieee13'",
        "  IEEE 13-node test feeder: 4.16 kV, short and heavily loaded, one regulator bank",
        "  16 buses, 11 lines, 1 switch, 5 transformers, 3 regulators, 2 capacitors, 15 loads",
        "  load 3,466.0 kW, source 115 kV at bus 'sourcebus'",
    ]


def test_network_in_a_notebook_is_its_text():
    network = load_feeder("ieee13").network
    assert network._repr_html_().startswith("<pre>Network of feeder")


def test_feeder_without_anything_can_be_shown():
    feeder = tieline.Feeder(name="empty", buses=(), sources=())
    assert repr(feeder) == "Feeder 'empty'\n  load 0.0 kW, source missing"


def test_network_at_a_prompt():
    assert repr(Network.from_feeder(load_feeder("ieee33"))).splitlines() == [
        "Network of feeder 'ieee33'",
        "  33 nodes, 37 lines, 1 source",
        "  32 loads",
        "  voltage bases 12.66 kV",
    ]


def test_solution_at_a_prompt_says_how_scenarios_ended_and_where_voltage_is_extreme():
    network = Network.from_feeder(load_feeder("ieee33"))
    solution = solve(network, load_scale=[[0.5], [1.0], [90.0]])
    scenario, node = np.unravel_index(
        np.nanargmin(solution.vm_pu), solution.vm_pu.shape
    )
    lines = repr(solution).splitlines()
    assert lines[1] == "  3 scenarios: 2 converged, 1 diverged"
    assert lines[2] == (
        f"  lowest voltage {solution.vm_pu[scenario, node]:.4f} pu "
        f"at {network.node_names[node]}, scenario {scenario}"
    )
    assert lines[-1].endswith(".failures")


def test_dead_node_is_not_the_lowest_voltage():
    network = Network.from_feeder(load_feeder("ieee33"))
    closed = np.ones(len(network.feeder.lines))
    closed[0] = 0.0  # the one line from the source
    solution = solve(network, line_closed=closed)
    assert (solution.vm_pu == 0).any()
    assert "lowest voltage 1.0000 pu at 1.1" in repr(solution)
    assert "without supply: 32 of 33 voltages" in repr(solution)


def test_without_a_ground_the_extremes_are_those_between_phases():
    feeder = load_feeder("ieee37")
    solution = feeder.solve()
    metrics = run_study("power-flow", feeder=feeder).metrics
    lowest_pu = metrics["v_low_pu"]
    assert f"lowest voltage {lowest_pu:.4f} pu at {metrics['v_low_at']}" in repr(
        solution
    )
    totals = solution.totals().iloc[0]
    assert totals["v_min_pu"] == pytest.approx(lowest_pu)
    assert totals["v_max_pu"] == pytest.approx(metrics["v_high_pu"])


def test_a_neutral_conductor_is_not_the_lowest_voltage():
    solution = two_wire().solve()
    assert solution.neutral_v[0] > 0
    assert solution.totals()["v_min_pu"].iloc[0] > 0.5
    assert " at b.1, scenario 0" in repr(solution)


def test_solution_without_any_answer_can_be_shown():
    network = Network.from_feeder(load_feeder("ieee33"))
    solution = solve(network, load_scale=[[90.0], [91.0]])
    assert "2 scenarios: 2 diverged" in repr(solution)
    assert "voltage" not in repr(solution)


@pytest.mark.parametrize("name", ["ieee123", "ieee34", "ieee13"])
def test_what_is_shown_stays_short(name: str):
    feeder = load_feeder(name)
    network = Network.from_feeder(feeder)
    for thing in (feeder, network, solve(network)):
        assert len(repr(thing).splitlines()) <= MOST_LINES


@pytest.mark.parametrize(
    ("function", "given", "message"),
    [
        (tieline.plot_feeder, ("ieee13",), "Read it first: load_feeder"),
        (tieline.save_tables, ("ieee13", "x"), "Read it first: load_feeder"),
        (
            tieline.plot_voltages,
            (two_wire(),),
            "takes a Solution, not a Feeder. Make one: feeder.solve",
        ),
        (run_study, ("power-flow", ["ieee13"]), "A list is no Feeder"),
        (run_study, ("power-flow", two_wire().network), "A Network is no Feeder"),
    ],
)
def test_another_kind_of_thing_is_refused_with_the_way_to_the_right_one(
    function: Callable[..., object], given: tuple[object, ...], message: str
):
    with pytest.raises(InputError, match=message):
        function(*given)


def test_a_field_by_another_name_is_answered_with_the_nearest():
    with pytest.raises(TypeError, match=r"Unknown field 'pv' .* Did you mean 'pvs'"):
        two_wire().replace(pv=())


def test_a_device_of_a_kind_that_the_feeder_lacks_is_said_so():
    with pytest.raises(InputError, match=r"Unknown DER 'roof' .* There is none\."):
        two_wire().solve(der_kw={"roof": 1.0})


def test_python_m_tieline_is_the_command_line():
    done = subprocess.run(
        [sys.executable, "-m", "tieline", "--version"],
        capture_output=True,
        text=True,
        check=True,
    )
    assert done.stdout.strip() == f"tieline {tieline.__version__}"


def test_package_says_that_it_is_typed():
    """PEP 561; the wheel takes every file of the package."""
    assert files("tieline").joinpath("py.typed").is_file()


def test_result_at_a_prompt_and_in_a_notebook():
    result = run_study("interval", feeder="ieee33")
    lines = repr(result).splitlines()
    assert lines[0] == result.headline.title
    lowest = format_number(result.metrics["v_low_pu"], "pu")
    assert lines[1].startswith(f"  Lowest voltage: {lowest} pu at ")
    assert f"  all {len(result.metrics)} metrics: .metrics" in lines
    page = result._repr_html_()
    tiles = result.headline.tiles
    # the table has a row of headings
    assert page.count("<tr>") == len(tiles) + ROWS_SHOWN + 1
    assert all(label in page and value in page for label, value in tiles)
    assert all(text in page for text in result.warnings)


def test_words_of_a_result_are_escaped_in_a_notebook():
    result = run_study("interval", feeder="ieee33")
    feeder = result.feeder.replace(name="<script>")
    remarks = tuple(approximated(["a < b"]))
    marked = replace(result, feeder=feeder, remarks=remarks)
    assert "<script>" not in marked._repr_html_()
    assert "a &lt; b" in marked._repr_html_()


def test_report_of_a_result_opens_in_the_browser(monkeypatch: pytest.MonkeyPatch):
    pages = []
    monkeypatch.setattr(webbrowser, "open", pages.append)
    path = run_study("interval", feeder="ieee33").open()
    assert pages == [path.as_uri()]
    assert path.name == "interval.html"
    assert "ieee33" in path.read_text(encoding="utf-8")


def test_elements_are_shown_by_the_package():
    pv = tieline.Pv("roof", "18", (1, 0), "wye", 12.66, 50.0, 50.0, p_kw=50.0)
    feeder = load_feeder("ieee33")
    solution = feeder.replace(pvs=(pv,)).solve()
    assert solution.der_kva[0, 0] == pytest.approx(50)
    assert feeder.with_pv("18", 50, name="roof").pvs == (pv,)
